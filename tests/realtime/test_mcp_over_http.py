"""MCP servers on this machine over real sockets: what is listed and called, and what becomes of those that fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp.server import MCPServer
from websockets.asyncio.client import ClientConnection, connect

from realtime_scenarios.realtime import serve
from realtime_scenarios.realtime.mcp_client import McpClients
from realtime_scenarios.realtime.mcp_servers import CallTool, ListTools, McpServer
from realtime_scenarios.realtime.responder import CallFunction, Output
from support.mcp_server import Wiki, served
from support.responders import CallsOnce
from support.strict import Strict

Event = dict[str, Any]


class Caller:
    """A client of the engine."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.strict = Strict()

    async def send(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def until(self, kind: str) -> Event:
        """The next event of that kind."""
        while True:
            event = self.strict.read(await asyncio.wait_for(self._socket.recv(), 20))
            assert event["type"] != "error", event
            if event["type"] == kind:
                return event

    async def lists(self, url: str, **more: Any) -> list[str]:
        """The tools of the server, by its item."""
        wiki = {"type": "mcp", "server_label": "wiki", "server_url": url, "require_approval": "never", **more}
        session = {"type": "realtime", "output_modalities": ["text"], "tools": [wiki]}
        await self.send("session.update", session=session)
        await self.until("session.updated")
        while (item := (await self.until("conversation.item.done"))["item"])["type"] != "mcp_list_tools":
            pass
        return [tool["name"] for tool in item["tools"]]

    async def asks(self) -> list[Event]:
        """What one response puts out."""
        await self.send("response.create")
        output: list[Event] = (await self.until("response.done"))["response"]["output"]
        return output


def talking(
    visit: Callable[[Caller, Wiki, str], Awaitable[None]], *calls: Output, host: str = "127.0.0.1", **seconds: float
) -> Wiki:
    """A visit to an engine beside which a wiki stands, at the address that the visit is given."""

    async def visited() -> Wiki:
        wiki = Wiki()
        async with (
            served(wiki.app()) as url,
            serve(
                lambda: CallsOnce(*(calls or (CallFunction("ask", '{"question": "How big?"}'),))),
                host=host,
                hosts=["127.0.0.1"],
                mcp_factory=lambda: McpClients(**seconds),
            ) as server,
            connect(f"ws://127.0.0.1:{server.port}/v1/realtime") as socket,
        ):
            await visit(Caller(socket), wiki, url)
            wiki.has_hung.set()
        return wiki

    return asyncio.run(visited())


def test_a_tool_is_listed_and_called_with_the_keys_of_the_client() -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        assert await caller.lists(url, authorization="token-1", headers={"X-Key": "key-1"}) == ["ask", "write"]
        (call,) = await caller.asks()
        assert (call["type"], call["output"]) == ("mcp_call", "The wiki says: How big?")
        (said,) = await caller.asks()
        assert said["content"][0]["text"] == "The wiki says: How big?"
        caller.strict.finished()

    wiki = talking(visit)
    assert wiki.calls == [("ask", {"question": "How big?"})]
    assert wiki.requests.count("initialize") == 1, "listing and calling share a connection"
    assert all((shown["authorization"], shown["x-key"]) == ("Bearer token-1", "key-1") for shown in wiki.headers)


def test_a_tool_of_a_server_of_the_mcp_library_is_approved_and_called() -> None:
    wiki = MCPServer("wiki")

    @wiki.tool()
    def ask(question: str) -> str:
        """Asks the wiki."""
        return f"The library says: {question}"

    async def visit(caller: Caller, _: Wiki, __: str) -> None:
        async with served(wiki.streamable_http_app(), lifespan="on") as url:
            assert await caller.lists(url, require_approval="always") == ["ask"]
            (call,) = await caller.asks()
            assert call["output"] is None
            (request,) = [
                event["item"]["id"]
                for event in caller.strict.events
                if event["type"] == "conversation.item.done" and event["item"]["type"] == "mcp_approval_request"
            ]
            answer = {"type": "mcp_approval_response", "approval_request_id": request, "approve": True}
            await caller.send("conversation.item.create", item=answer)
            completed = await caller.until("response.mcp_call.completed")
            assert completed["item_id"] == call["id"]
            done = await caller.until("conversation.item.done")
            assert done["item"]["output"] == "The library says: How big?"
            caller.strict.finished()

    talking(visit)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ('{"question": "wrong"}', {"type": "tool_execution_error", "message": "The wiki says: wrong"}),
        ('{"question": "broken"}', {"type": "protocol_error", "code": -32000, "message": "the wiki is broken"}),
        ('{"question"', {"type": "tool_execution_error",
                         "message": "The arguments are not a JSON object: nothing was called."}),
    ],
)  # fmt: skip
def test_a_call_that_fails_says_in_which_of_three_ways(arguments: str, error: Event) -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        await caller.lists(url)
        (call,) = await caller.asks()
        assert (call["output"], call["error"]) == (None, error)

    talking(visit, CallFunction("ask", arguments))


def test_a_server_that_refuses_and_then_does_not_is_reached_anew() -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        wiki.status = 401
        assert await caller.lists(url) == []
        assert caller.strict.events[-2]["type"] == "mcp_list_tools.failed"
        wiki.status = 200
        assert await caller.lists(url, authorization="token-1") == ["ask", "write"]
        wiki.status = 503
        (call,) = await caller.asks()
        message = "The server has refused it with HTTP status 503."
        assert call["error"] == {"type": "http_error", "code": 503, "message": message}

    talking(visit)


def test_a_server_that_is_not_there_costs_nothing_but_its_tools() -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        assert await caller.lists("http://127.0.0.1:9/mcp") == []
        (said,) = await caller.asks()
        assert said["content"][0]["text"] == "Nothing."

    talking(visit)


def test_a_client_that_names_a_server_anew_each_time_holds_few_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_scenarios.realtime.mcp_client._MOST_LINES", 2)

    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        for at in range(6):
            assert await caller.lists(url, headers={"X-Name": str(at)}) == ["ask", "write"]
        held = [task for task in asyncio.all_tasks() if "_Line._hold" in repr(task.get_coro())]
        assert 1 <= len(held) <= 3  # one of them is hanging up

    talking(visit)


def test_a_line_that_is_being_used_is_not_hung_up_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_scenarios.realtime.mcp_client._MOST_LINES", 2)

    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        clients = McpClients()
        servers = [McpServer.of({"server_label": str(at), "server_url": url}) for at in range(4)]
        wiki.hangs_in = "tools/call"
        calling = asyncio.create_task(clients.answer(CallTool("i", servers[0], "ask", '{"question": "How big?"}')))
        await wiki.is_asked.wait()
        for server in servers[1:]:
            assert isinstance(await clients.answer(ListTools("i", server)), list)
        wiki.has_hung.set()
        assert await calling == "The wiki says: How big?"
        await clients.close()

    talking(visit)


def test_a_server_that_hangs_is_given_up_and_the_next_call_is_made_anew() -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        await caller.lists(url)
        wiki.hangs_in = "tools/call"
        (call,) = await caller.asks()
        message = "The server has not answered within 2 seconds."
        assert call["error"] == {"type": "tool_execution_error", "message": message}
        wiki.hangs_in = ""
        (call,) = await caller.asks()
        assert call["output"] == "The wiki says: again"

    talking(
        visit,
        CallFunction("ask", '{"question": "How big?"}'),
        CallFunction("ask", '{"question": "again"}'),
        call_seconds=2,
    )


def test_a_listing_that_hangs_fails_and_holds_nobody_up() -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        wiki.hangs_in = "tools/list"
        tool = {"type": "mcp", "server_label": "wiki", "server_url": url}
        await caller.send(
            "session.update", session={"type": "realtime", "output_modalities": ["text"], "tools": [tool]}
        )
        await caller.until("mcp_list_tools.in_progress")
        (said,) = await caller.asks()
        assert said["content"][0]["text"] == "Nothing."
        await caller.until("mcp_list_tools.failed")

    talking(visit, list_seconds=1)


def test_a_client_that_leaves_during_a_call_takes_the_connection_with_it() -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        await caller.lists(url)
        wiki.hangs_in = "tools/call"
        await caller.send("response.create")
        await asyncio.wait_for(wiki.is_asked.wait(), 20)

    wiki = talking(visit)
    assert wiki.calls == [] or wiki.calls == [("ask", {"question": "How big?"})]


def test_nothing_is_reached_for_those_who_come_from_elsewhere() -> None:
    async def visit(caller: Caller, wiki: Wiki, url: str) -> None:
        assert await caller.lists(url) == []

    assert talking(visit, host="0.0.0.0").requests == []
