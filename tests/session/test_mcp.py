"""MCP servers: their tools are tools of the agents, and a server that does not start is told in one line."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from realtime_scenarios import replay
from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import ApprovalAnswer, Conversation, LoopClock
from realtime_scenarios.trace import ApprovalRequested, ToolCalled, ToolReturned, Trace
from support import Answers, Written
from support.conversations import Person, of
from support.light_mcp import lighten_mcp

WIKI = """
    scenario: wiki
    start: main
    agents: {main: {instructions: Use the wiki., mcp: [wiki]}}
    mcp:
      wiki: {command: COMMAND, approval: APPROVAL, TOOLS}
"""
SERVER = """
from mcp.server import MCPServer

server = MCPServer("wiki")


@server.tool()
def ask(question: str) -> str:
    \"\"\"Ask the wiki.\"\"\"
    return f"The wiki says: {question}"


@server.tool()
def breaks() -> str:
    \"\"\"Fails.\"\"\"
    raise ValueError("out of order")


if __name__ == "__main__":
    server.run()
"""


def held(
    written: Written,
    *calls: Any,
    person: Person | None = None,
    light: bool = True,
    server_text: str = SERVER,
    **words: str,
) -> tuple[Trace, Answers]:
    """`light`: the server is not the real library's, which takes a second to start."""
    server = written(server_text, "server.py")
    if light:
        lighten_mcp(server.parent)
    text = WIKI
    known = {"COMMAND": "[python, server.py]", "APPROVAL": "never", "TOOLS": "timeout: 20s"}
    for word, value in {**known, **words}.items():
        text = text.replace(word, value)
    model = Answers([*([call] for call in calls), [SayText("Done.")]])
    return conversation_with(load(written(text)).scenario, model, person), model


def conversation_with(scenario: Scenario, model: Answers, person: Person | None = None) -> Trace:
    async def conversation() -> Trace:
        opened = PROVIDERS["offline"].open(ProviderRequest(responder=model))
        talk = Conversation(compiled(scenario), opened, clock=LoopClock(), approver=person)
        async with talk:
            await talk.user_says("Ask the wiki")
            return talk.finished("over")

    return asyncio.run(conversation())


TWO_AGENTS = """agents:
      main: {instructions: Use the wiki., mcp: [wiki], handoffs: [other]}
      other: {instructions: Talk.}"""
ASK = CallFunction("ask", '{"question": "why?"}')


@pytest.mark.parametrize("light", [False, True])
def test_a_servers_tools_are_on_the_wire_and_are_called(written: Written, light: bool) -> None:
    trace, model = held(written, ASK, CallFunction("breaks", "{}"), CallFunction("ask", "[]"), light=light)
    assert [tool["name"] for tool in model.requests[0].tools] == ["ask", "breaks"]
    assert model.requests[0].tools[0]["parameters"]["required"] == ["question"]
    assert [event.tool for event in of(trace, ToolCalled)] == ["ask", "breaks", "ask"]
    answered, failed, invalid = of(trace, ToolReturned)
    assert (answered.outcome, answered.output) == ("answered", "The wiki says: why?")
    assert failed.outcome == "failed" and "breaks" in failed.output
    assert invalid.outcome == "invalid"


def test_a_call_behind_a_handoff_is_not_done_in_the_name_of_the_new_agent(written: Written) -> None:
    lighten_mcp(written(SERVER, "server.py").parent)
    text = WIKI.replace("agents: {main: {instructions: Use the wiki., mcp: [wiki]}}", TWO_AGENTS)
    for word, value in {"COMMAND": "[python, server.py]", "APPROVAL": "never", "TOOLS": "timeout: 20s"}.items():
        text = text.replace(word, value)
    model = Answers([[CallFunction("transfer_to_other", "{}"), ASK], [SayText("Done.")], [SayText("Done.")]])
    trace = conversation_with(load(written(text)).scenario, model)
    assert [(event.tool, event.outcome) for event in of(trace, ToolReturned)] == [("ask", "refused")]


def test_a_tool_that_somebody_else_has_too_is_told_before_the_first_word(written: Written) -> None:
    own = "timeout: 20s}\n    tools:\n      ask: {description: Ours."
    with pytest.raises(ScenarioError, match="the MCP server 'wiki' has a tool 'ask', and so has somebody else here"):
        held(written, ASK, TOOLS=own)


def test_only_the_tools_that_are_named_are_lent_and_a_person_is_asked(written: Written) -> None:
    person = Person(ApprovalAnswer("approve"), ApprovalAnswer("reject"))
    trace, model = held(written, ASK, ASK, person=person, APPROVAL="always", TOOLS="tools: [ask]")
    assert [tool["name"] for tool in model.requests[0].tools] == ["ask"]
    assert len(of(trace, ApprovalRequested)) == 2
    assert [event.outcome for event in of(trace, ToolReturned)] == ["answered", "rejected"]


DOTTED = SERVER.replace("@server.tool()\ndef ask", '@server.tool(name="files.read")\ndef ask')


def test_a_tool_whose_name_the_api_refuses_is_told_before_the_first_word(written: Written) -> None:
    with pytest.raises(ScenarioError) as caught:
        held(written, ASK, server_text=DOTTED)
    assert caught.value.message.startswith("the tool 'files.read' of the MCP server 'wiki' cannot be lent")
    assert caught.value.hint is not None and caught.value.hint.endswith("tools: [breaks]")


def test_a_tool_whose_name_the_api_refuses_may_be_left_out(written: Written) -> None:
    _, model = held(written, server_text=DOTTED, TOOLS="tools: [breaks]")
    assert [tool["name"] for tool in model.requests[0].tools] == ["breaks"]


def test_a_dialogue_fails_with_the_tool_that_cannot_be_lent(written: Written) -> None:
    lighten_mcp(written(DOTTED, "server.py").parent)
    scenario = written(
        """
        scenario: wiki
        start: main
        agents: {main: {instructions: Use the wiki., tools: [own], mcp: [wiki]}}
        tools: {own: {description: Ours., returns: ours}}
        mcp: {wiki: {command: [python, server.py], timeout: 20s}}
        dialogues: [{id: own-tool, turns: [{user: hi, agent: [{call: own, returns: ours}, {say: ok}]}]}]
        """
    )
    [result] = replay(scenario)
    assert not result.passed and result.error is not None
    assert "'files.read' of the MCP server 'wiki'" in result.error.message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"COMMAND": "[no-such-program-anywhere]"}, "there is no program 'no-such-program-anywhere'"),
        ({"COMMAND": '[python, -c, "print(1)"]'}, "does not start: "),
        ({"TOOLS": "tools: [asks]"}, "has no tool 'asks'"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_in_one_line(
    written: Written, words: dict[str, str], message: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(ScenarioError) as caught:
        held(written, ASK, **words)
    assert message in caught.value.message and "\n" not in caught.value.message
    assert not [record for record in caplog.records if record.exc_info]
