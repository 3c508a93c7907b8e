"""MCP tools in a session: listed once, called by the server for the client, and asked for where the client wants that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime_scenarios.realtime.mcp_servers import CallTool, ListTools, McpAnswer, McpFailed, McpTool
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from support.talk import Event, Talk, error_of, kinds, only

FUNCTION = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
WIKI = {"type": "mcp", "server_label": "wiki", "server_url": "http://127.0.0.1:9/mcp"}
ASK = McpTool("ask", "Asks the wiki.", {"type": "object"}, {"readOnlyHint": True})
WRITE = McpTool("write", None, {"type": "object"})
QUESTION = '{"question": "How big?"}'


class McpTalk(Talk):
    """A talk whose MCP servers answer when they are told to."""

    def work(self) -> Any:
        """The one thing that a server is asked for."""
        (work,) = self.engine.take_mcp_work()
        return work

    def mcp_answers(self, work: Any, answer: McpAnswer) -> list[Event]:
        return self.read(self.engine.mcp_answered(work, answer, self.now_ms))


def with_wiki(*answers: list[Output], tools: tuple[McpTool, ...] = (ASK, WRITE), **wiki: Any) -> McpTalk:
    """A session in which the wiki's tools have been listed."""
    talk = McpTalk(*answers)
    talk.text_only()
    talk.send("session.update", session={"type": "realtime", "tools": [FUNCTION, {**WIKI, **wiki}]})
    talk.mcp_answers(talk.work(), tools)
    return talk


def names(talk: Talk) -> list[str]:
    """What the response that is asked for next may call."""
    talk.send("response.create")
    return [tool["name"] for tool in talk.requests[-1].tools]


def test_the_tools_of_a_server_are_listed_once_and_offered_as_functions() -> None:
    talk = McpTalk()
    events = talk.send("session.update", session={"type": "realtime", "tools": [FUNCTION, WIKI]})
    assert kinds(events) == ["session.updated", "conversation.item.added", "mcp_list_tools.in_progress"]
    work = talk.work()
    assert isinstance(work, ListTools) and work.server.url == WIKI["server_url"]
    events = talk.mcp_answers(work, [ASK, WRITE])
    assert kinds(events) == ["mcp_list_tools.completed", "conversation.item.done"]
    assert events[1]["item"] == {
        "id": work.item_id,
        "type": "mcp_list_tools",
        "server_label": "wiki",
        "tools": [
            {"name": "ask", "description": "Asks the wiki.", "input_schema": {"type": "object"},
             "annotations": {"readOnlyHint": True}},
            {"name": "write", "description": None, "input_schema": {"type": "object"}, "annotations": None},
        ],
    }  # fmt: skip
    talk.send("session.update", session={"type": "realtime", "tools": [FUNCTION, WIKI], "instructions": "Be brief."})
    assert talk.engine.take_mcp_work() == []
    talk.send("response.create")
    asked = {"type": "function", "name": "ask", "description": "Asks the wiki.", "parameters": {"type": "object"}}
    written = {"type": "function", "name": "write", "description": "", "parameters": {"type": "object"}}
    assert talk.requests[0].tools == [FUNCTION, asked, written]
    assert talk.requests[0].items == ()


def test_a_response_may_call_only_what_has_been_listed_by_then() -> None:
    talk = McpTalk()
    talk.send("session.update", session={"type": "realtime", "tools": [FUNCTION, WIKI]})
    work = talk.work()
    assert names(talk) == ["look_up"]
    talk.send("response.cancel")
    talk.mcp_answers(work, [ASK])
    assert names(talk) == ["look_up", "ask"]


def test_a_call_runs_in_its_response_and_its_item_holds_what_the_server_says() -> None:
    talk = with_wiki([SayText("One moment."), CallFunction("ask", QUESTION)], require_approval="never")
    events = talk.send("response.create")
    assert [kind for kind in kinds(events) if not kind.endswith(".delta")][-4:] == [
        "response.output_item.added",
        "conversation.item.added",
        "response.mcp_call_arguments.done",
        "response.mcp_call.in_progress",
    ]
    call = talk.work()
    assert (call.name, call.arguments, call.server.label) == ("ask", QUESTION, "wiki")
    retrieved = only(talk.send("conversation.item.retrieve", item_id=call.item_id), "conversation.item.retrieved")
    assert (retrieved["item"]["type"], retrieved["item"]["output"]) == ("mcp_call", None)
    events = talk.mcp_answers(call, "22 inches.")
    assert kinds(events) == [
        "response.mcp_call.completed",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    item = {
        "id": call.item_id,
        "type": "mcp_call",
        "server_label": "wiki",
        "name": "ask",
        "arguments": QUESTION,
        "approval_request_id": None,
        "output": "22 inches.",
        "error": None,
    }
    assert only(events, "response.output_item.done")["item"] == item
    assert only(events, "response.done")["response"]["output"][1] == item
    talk.strict.finished()
    talk.send("response.create")
    called, output = talk.requests[-1].items[-2:]
    assert (called["type"], called["name"], called["arguments"]) == ("function_call", "ask", QUESTION)
    assert (output["type"], output["output"], output["call_id"]) == ("function_call_output", "22 inches.", call.item_id)


def test_a_call_that_fails_says_why_and_the_response_is_none_the_worse() -> None:
    talk = with_wiki([CallFunction("ask", "{}"), SayText("Sorry.")], require_approval="never")
    talk.send("response.create")
    events = talk.mcp_answers(talk.work(), McpFailed("http_error", "It is out of order.", 503))
    assert kinds(events)[0] == "response.mcp_call.failed"
    done = only(events, "response.done")["response"]
    assert done["status"] == "completed"
    assert done["output"][0]["error"] == {"type": "http_error", "code": 503, "message": "It is out of order."}
    assert done["output"][1]["content"][0]["text"] == "Sorry."
    talk.send("response.create")
    outputs = [item["output"] for item in talk.requests[-1].items if item["type"] == "function_call_output"]
    assert outputs == ["Failed: It is out of order."]


def test_a_cancel_ends_a_call_whose_answer_is_dropped() -> None:
    talk = with_wiki([CallFunction("ask", "{}")], require_approval="never")
    talk.send("response.create")
    call = talk.work()
    events = talk.send("response.cancel")
    assert kinds(events)[:3] == ["response.mcp_call.failed", "conversation.item.done", "response.output_item.done"]
    assert only(events, "response.done")["response"]["status"] == "cancelled"
    assert "is unknown" in only(events, "conversation.item.done")["item"]["error"]["message"]
    assert talk.mcp_answers(call, "22 inches.") == []
    talk.strict.finished()


def test_a_call_that_is_cut_off_by_the_budget_is_not_made() -> None:
    talk = with_wiki([CallFunction("ask", '{"question": "' + "x" * 400 + '"}')], require_approval="never")
    events = talk.send("response.create", response={"max_output_tokens": 20})
    assert talk.engine.take_mcp_work() == []
    assert only(events, "response.done")["response"]["status_details"]["reason"] == "max_output_tokens"
    assert "max_output_tokens" in only(events, "response.output_item.done")["item"]["error"]["message"]


def asked_for(talk: McpTalk) -> Event:
    """The approval request that a response ends with."""
    events = talk.send("response.create")
    assert only(events, "response.done")["response"]["status"] == "completed"
    assert talk.engine.take_mcp_work() == []
    (request,) = [
        event["item"] for event in events
        if event["type"] == "conversation.item.done" and event["item"]["type"] == "mcp_approval_request"
    ]  # fmt: skip
    found: Event = request
    return found


def decided(talk: McpTalk, request: Event, approve: bool, **more: Any) -> list[Event]:
    item = {"type": "mcp_approval_response", "approval_request_id": request["id"], "approve": approve, **more}
    return talk.send("conversation.item.create", item=item, previous_item_id=request["id"])


def test_what_is_asked_for_is_called_once_it_is_approved() -> None:
    talk = with_wiki([CallFunction("ask", QUESTION)])
    request = asked_for(talk)
    assert request == {
        "id": request["id"],
        "type": "mcp_approval_request",
        "server_label": "wiki",
        "name": "ask",
        "arguments": QUESTION,
    }
    events = decided(talk, request, approve=True, reason="Go on.")
    assert kinds(events) == ["conversation.item.added", "conversation.item.done", "response.mcp_call.in_progress"]
    assert events[0]["item"] == {
        "id": events[0]["item"]["id"],
        "type": "mcp_approval_response",
        "approval_request_id": request["id"],
        "approve": True,
        "reason": "Go on.",
    }
    assert events[0]["previous_item_id"] == request["id"]
    call = talk.work()
    assert isinstance(call, CallTool) and (call.name, call.arguments) == ("ask", QUESTION)
    events = talk.mcp_answers(call, "22 inches.")
    assert kinds(events) == ["response.mcp_call.completed", "conversation.item.done"]
    item = events[1]["item"]
    assert (item["id"], item["output"], item["approval_request_id"]) == (call.item_id, "22 inches.", request["id"])
    talk.strict.finished()
    error = error_of(decided(talk, request, approve=True))
    assert (error["code"], error["param"]) == ("invalid_value", "item.approval_request_id")
    talk.send("response.create")
    assert talk.requests[-1].items[-1]["output"] == "22 inches."


def test_what_is_refused_is_not_called_and_whoever_answers_reads_why() -> None:
    talk = with_wiki([CallFunction("ask", QUESTION)])
    events = decided(talk, asked_for(talk), approve=False, reason="Not now.")
    assert kinds(events)[2:] == ["response.mcp_call.failed", "conversation.item.done"]
    assert events[-1]["item"]["error"] == {
        "type": "tool_execution_error",
        "message": "The call was not approved: Not now.",
    }
    assert talk.engine.take_mcp_work() == []
    talk.send("response.create")
    assert talk.requests[-1].items[-1]["output"] == "Failed: The call was not approved: Not now."


def test_while_an_answer_is_outstanding_nothing_has_come_of_the_call() -> None:
    talk = with_wiki([CallFunction("ask", QUESTION)])
    asked_for(talk)
    talk.send("response.create")
    assert talk.requests[-1].items[-1]["output"] == "Nothing has come of it yet."


@pytest.mark.parametrize(
    ("asks", "without_asking"),
    [
        (None, []),
        ("always", []),
        ("never", ["ask", "write"]),
        ({"never": {"tool_names": ["ask"]}}, ["ask"]),
        ({"never": {"read_only": True}}, ["ask"]),
        ({"always": {"tool_names": ["write"]}, "never": {"read_only": False}}, []),
        ({"always": {"tool_names": ["write"]}, "never": {}}, ["ask"]),
        ({"always": {"tool_names": ["write"]}}, []),
    ],
)
def test_the_client_says_for_which_tools_it_is_asked(asks: Any, without_asking: list[str]) -> None:
    called = []
    for tool in ("ask", "write"):
        talk = with_wiki([CallFunction(tool, "{}")], require_approval=asks)
        talk.send("response.create")
        called += [work.name for work in talk.engine.take_mcp_work()]
    assert called == without_asking


@pytest.mark.parametrize(
    ("allowed", "offered"),
    [
        (None, ["look_up", "ask", "write"]),
        (["write"], ["look_up", "write"]),
        ({"tool_names": ["ask"]}, ["look_up", "ask"]),
        ({"read_only": True}, ["look_up", "ask"]),
        ({"read_only": False, "tool_names": ["ask", "write"]}, ["look_up", "write"]),
    ],
)
def test_only_the_tools_that_the_client_allows_are_listed(allowed: Any, offered: list[str]) -> None:
    assert names(with_wiki(allowed_tools=allowed)) == offered


def test_a_tool_that_is_allowed_and_does_not_exist_fails_the_listing() -> None:
    talk = McpTalk()
    talk.send("session.update", session={"type": "realtime", "tools": [{**WIKI, "allowed_tools": ["aks"]}]})
    assert kinds(talk.mcp_answers(talk.work(), [ASK])) == ["mcp_list_tools.failed", "conversation.item.done"]
    assert names(talk) == []


@pytest.mark.parametrize(
    "where",
    [
        {"server_url": "https://wiki.example/mcp"},
        {"server_url": "http://10.0.0.1/mcp"},
        {"server_url": "http://127.0.0.1.wiki.example/mcp"},
        {"connector_id": "connector_gmail"},
        {"tunnel_id": "tunnel_1"},
    ],
)
def test_a_server_beyond_this_machine_is_not_asked(where: dict[str, str]) -> None:
    talk = McpTalk()
    tool = {"type": "mcp", "server_label": "wiki", **where}
    events = talk.send("session.update", session={"type": "realtime", "tools": [tool]})
    assert kinds(events)[-2:] == ["mcp_list_tools.failed", "conversation.item.done"]
    assert talk.engine.take_mcp_work() == []


@pytest.mark.parametrize("url", ["http://localhost:9/mcp", "http://127.3.2.1/mcp", "http://[::1]:9/mcp"])
def test_every_name_of_this_machine_will_do(url: str) -> None:
    talk = McpTalk()
    talk.send("session.update", session={"type": "realtime", "tools": [{**WIKI, "server_url": url}]})
    assert talk.work().server.url == url


def test_a_label_that_was_defined_before_is_enough_and_keeps_its_keys() -> None:
    talk = with_wiki(authorization="token-1", require_approval="never", allowed_tools=["ask"])
    talk.update(tools=[])
    assert names(talk) == []
    talk.send("response.cancel")
    label = {"type": "mcp", "server_label": "wiki"}
    (updated,) = talk.send("session.update", session={"type": "realtime", "tools": [label]})  # it has been listed
    assert updated["session"]["tools"] == [
        {**WIKI, "require_approval": "never", "allowed_tools": ["ask"]},
    ]
    assert names(talk) == ["ask"]
    talk.send("response.cancel")
    talk.send("response.create", response={"tools": [FUNCTION, label]})
    assert [tool["name"] for tool in talk.requests[-1].tools] == ["look_up", "ask"]
    assert "token-1" not in json.dumps(talk.strict.events)


def test_another_definition_of_a_label_is_listed_anew() -> None:
    talk = with_wiki()
    talk.send("session.update", session={"type": "realtime", "tools": [{**WIKI, "server_url": "http://[::1]/mcp"}]})
    work = talk.work()
    assert names(talk) == []
    talk.send("response.cancel")
    talk.mcp_answers(work, [WRITE])
    assert names(talk) == ["write"]


def test_a_server_may_be_named_for_one_response_and_is_listed_for_the_next() -> None:
    talk = McpTalk()
    events = talk.send("response.create", response={"tools": [WIKI]})
    assert kinds(events) == ["response.created", "conversation.item.added", "mcp_list_tools.in_progress"]
    talk.mcp_answers(talk.work(), [ASK])
    talk.send("response.cancel")
    talk.send("response.create", response={"tools": [{"type": "mcp", "server_label": "wiki"}]})
    assert [tool["name"] for tool in talk.requests[-1].tools] == ["ask"]
    talk.send("response.cancel")
    assert names(talk) == []


def test_a_response_out_of_band_is_offered_only_what_needs_no_asking() -> None:
    talk = with_wiki(require_approval={"never": {"tool_names": ["ask"]}})
    talk.send("response.create", response={"conversation": "none"})
    assert [tool["name"] for tool in talk.requests[-1].tools] == ["look_up", "ask"]


def test_the_choice_of_a_server_is_the_choice_among_its_functions() -> None:
    talk = with_wiki()
    talk.send("response.create", response={"tool_choice": {"type": "mcp", "server_label": "wiki"}})
    asked = talk.requests[-1]
    assert ([tool["name"] for tool in asked.tools], asked.tool_choice) == (["ask", "write"], "required")
    talk.send("response.cancel")
    talk.send("response.create", response={"tool_choice": {"type": "mcp", "server_label": "wiki", "name": "write"}})
    assert talk.requests[-1].tool_choice == {"type": "function", "name": "write"}


def test_where_two_tools_have_one_name_the_function_keeps_it() -> None:
    talk = with_wiki(
        [CallFunction("wiki__look_up", "{}")], tools=(McpTool("look_up", None, {}),), require_approval="never"
    )
    assert names(talk) == ["look_up", "wiki__look_up"]
    assert talk.work().name == "look_up"


@pytest.mark.parametrize(
    ("tools", "code", "param"),
    [
        ([{**WIKI, "server_url": None}], "missing_required_parameter", "session.tools[0].server_url"),
        ([WIKI, {**WIKI, "server_url": "http://localhost/"}], "invalid_value", "session.tools[1].server_label"),
        ([{**WIKI, "connector_id": "connector_gmail"}], "invalid_value", "session.tools[0].connector_id"),
        ([{**WIKI, "server_url": None, "connector_id": "connector_x"}], "invalid_value", "session.tools[0].connector_id"),
        ([{**WIKI, "authorization": "a", "headers": {"authorization": "b"}}], "invalid_value",
         "session.tools[0].headers"),
        ([{**WIKI, "server_url": "file:///etc/passwd"}], "invalid_value", "session.tools[0].server_url"),
        ([{**WIKI, "server_url": "http://[::1/mcp"}], "invalid_value", "session.tools[0].server_url"),
        ([{**WIKI, "require_approval": {"sometimes": {}}}], "unknown_parameter",
         "session.tools[0].require_approval.sometimes"),
        ([{**WIKI, "allowed_tools": {"names": []}}], "unknown_parameter", "session.tools[0].allowed_tools.names"),
    ],
)  # fmt: skip
def test_a_wrong_definition_is_refused_before_anything_is_asked(tools: Any, code: str, param: str) -> None:
    talk = McpTalk()
    error = error_of(talk.send("session.update", session={"type": "realtime", "tools": tools}))
    assert (error["code"], error["param"]) == (code, param)
    assert talk.engine.take_mcp_work() == []


def test_items_that_a_client_deletes_in_the_meantime_are_not_told_again() -> None:
    talk = McpTalk([CallFunction("ask", "{}")])
    talk.text_only()
    talk.send("session.update", session={"type": "realtime", "tools": [WIKI]})
    listing = talk.work()
    talk.send("conversation.item.delete", item_id=listing.item_id)
    assert kinds(talk.mcp_answers(listing, [ASK])) == ["mcp_list_tools.completed"]
    request = asked_for(talk)
    decided(talk, request, approve=True)
    call = talk.work()
    talk.send("conversation.item.delete", item_id=call.item_id)
    assert kinds(talk.mcp_answers(call, "22 inches.")) == ["response.mcp_call.completed"]


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("http://localhost/mcp", True),
        ("HTTPS://wiki.example:443", True),
        ("http://[::1]:9/mcp?a=[b]#c", True),
        ("http://wiki.example:59999/a b", True),
        ("http://wiki.example:65535", True),
        ("http://wiki.example:65536", False),
        ("http://wiki.example:99999/mcp", False),
        ("http://wiki.example:0/mcp", False),
        ("http://wiki.example:x/mcp", False),
        ("http://:9/mcp", False),
        ("http:///mcp", False),
        ("ftp://wiki.example/mcp", False),
        ("http://[::1/mcp", False),
    ],
)
def test_the_address_of_a_server_is_one_of_http_with_a_host_and_a_port_that_there_is(url: str, is_one: bool) -> None:
    events = Talk().send("session.update", session={"type": "realtime", "tools": [{**WIKI, "server_url": url}]})
    assert ("session.updated" in kinds(events)) == is_one
