"""A dialogue with a client whose function is a tool of its MCP server: the server calls it, and the dialogue sees that."""

from __future__ import annotations

import asyncio

import pytest
from mcp.server import MCPServer
from websockets.asyncio.client import connect

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.trace import ToolCalled, ToolReturned
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.client import Client
from support.mcp_server import served

DESK = """
scenario: desk
start: front
agents: {front: {instructions: Answer what callers ask., tools: [look_up]}}
tools:
  look_up: {description: Looks up sizes., parameters: {what: string}, returns: up to 22 inches}
dialogues:
  - id: sizes
    turns:
      - user: How large may a bag be?
        agent:
          - {call: look_up, args: {what: bag}, returns: {contains: 22 inches}}
          - {say: Up to 22 inches.}
"""


def visited(written: Written, looked_up: str) -> DialogueResult:
    project = load(written(DESK))
    told: list[Rehearsing] = []
    wiki = MCPServer("sizes")

    @wiki.tool()
    def look_up(what: str) -> str:
        """Looks up sizes."""
        if not looked_up:
            raise ValueError("out of order")
        return f"a {what}: {looked_up}"

    async def visit() -> None:
        seconds = asyncio.get_running_loop().time
        cases = cases_of([project])
        stage = Stage([project], cases, cases, tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
        async with (
            served(wiki.streamable_http_app(), lifespan="on") as url,
            serve_visitors(stage.welcome) as server,
            connect(server.url) as socket,
        ):
            client = Client(socket, {})
            tool = {"type": "mcp", "server_label": "sizes", "server_url": url, "require_approval": "never"}
            await client.update(instructions="Answer.", tools=[tool])
            await asyncio.wait_for(client.until("mcp_list_tools.completed"), 20)
            assert await asyncio.wait_for(client.say("How large may a bag be?"), 20) == []
            assert await client.ask() == ["Up to 22 inches."]

    asyncio.run(visit())
    (rehearsing,) = told
    return rehearsing.rehearsed.result


def test_a_call_of_an_mcp_tool_is_the_dialogues_call(written: Written) -> None:
    result = visited(written, "up to 22 inches")
    assert result.passed, result.failures
    calls = [event for event in result.trace if isinstance(event, ToolCalled | ToolReturned)]
    assert [(type(event).__name__, event.tool) for event in calls] == [
        ("ToolCalled", "look_up"),
        ("ToolReturned", "look_up"),
    ]


@pytest.mark.parametrize("looked_up", ["up to 27 inches", ""])
def test_an_mcp_tool_that_answers_wrongly_or_fails_fails_the_dialogue(looked_up: str, written: Written) -> None:
    (failure,) = visited(written, looked_up).failures
    assert "look_up" in failure.message
