"""A saved log of Realtime events is read as a dialogue, whichever form its lines have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.model import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.suite.wire_log import NOT_WRITTEN_DOWN, Draft, draft_of, is_wire_log, wire_events

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk: {instructions: x, tools: [hours, refund], handoffs: [bills]}
  bills: {instructions: x, tools: [ask], handoffs: [desk], handoff_style: transfer_agents}
tools:
  hours: {description: x, returns: nine}
  refund:
    description: x
    parameters: {amount: number}
    approval: {fields: {pin: {label: PIN, secret: true, pattern: "[0-9]{4}"}}, reject_message: Not today.}
  ask: {description: x, supervisor: wise}
supervisors:
  wise: {instructions: Think.}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    path = tmp_path_factory.mktemp("shop") / "shop.yaml"
    path.write_text(SCENARIO)
    return load(path).scenario


def user(text: str, item: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {
        "type": "conversation.item.added",
        "item": {"id": item, "type": "message", "role": "user", "content": content},
    }


def said(text: str, item: str, status: str = "completed") -> dict[str, Any]:
    content = [{"type": "output_audio", "transcript": text}]
    about = {"id": item, "type": "message", "role": "assistant", "status": status, "content": content}
    return {"type": "response.output_item.done", "item": about}


def called(name: str, arguments: dict[str, Any], call: str) -> dict[str, Any]:
    about = {"id": f"item_{call}", "type": "function_call", "name": name, "call_id": call}
    return {"type": "response.output_item.done", "item": {**about, "arguments": json.dumps(arguments)}}


def answered(output: str, call: str) -> dict[str, Any]:
    return {
        "type": "conversation.item.create",
        "item": {"type": "function_call_output", "call_id": call, "output": output},
    }


def draft(scenario: Scenario, *events: dict[str, Any], agent: str | None = None) -> Draft:
    return draft_of(wire_events("\n".join(map(json.dumps, events))), scenario, agent)


def test_lines_calls_and_handoffs_become_moves(scenario: Scenario) -> None:
    found = draft(
        scenario,
        {"type": "session.created", "session": {}},
        said("Welcome.", "a0"),
        user("When are you open?", "u1"),
        called("hours", {}, "c1"),
        answered("nine", "c1"),
        said("At nine.", "a1"),
        user("My bill?", "u2"),
        called("transfer_to_bills", {}, "c2"),
        called(
            "transferAgents",
            {"destination_agent": "desk", "rationale_for_transfer": "x", "conversation_context": "y"},
            "c3",
        ),
        said("Here I am.", "a2"),
    )
    assert found.agent == "desk" and found.notes == ()
    assert found.turns == [
        {"agent": [{"say": "Welcome."}]},
        {"user": "When are you open?", "agent": [{"call": "hours"}, {"say": "At nine."}]},
        {"user": "My bill?", "agent": [{"handoff": "bills"}, {"handoff": "desk"}, {"say": "Here I am."}]},
    ]


def test_what_a_log_tells_three_times_is_said_once(scenario: Scenario) -> None:
    line = said("Hello.", "a1")
    done = {"type": "response.done", "response": {"output": [line["item"]]}}
    found = draft(scenario, user("Hi", "u1"), {**user("Hi", "u1"), "type": "conversation.item.done"}, line, done)
    assert found.turns == [{"user": "Hi", "agent": [{"say": "Hello."}]}]


def test_a_secret_that_a_person_gave_has_a_stand_in_of_its_form(scenario: Scenario) -> None:
    found = draft(scenario, user("Refund", "u1"), called("refund", {"amount": 5}, "c1"), answered("true", "c1"))
    (move,) = found.turns[0]["agent"]
    assert move["args"] == {"amount": 5} and move["approval"]["approve"]["pin"].isdecimal()


def test_a_no_is_known_by_what_the_model_was_told(scenario: Scenario) -> None:
    found = draft(scenario, user("Refund", "u1"), called("refund", {"amount": 5}, "c1"), answered("Not today.", "c1"))
    assert found.turns[0]["agent"] == [{"call": "refund", "args": {"amount": 5}, "approval": "reject"}]


def test_what_a_text_model_said_behind_a_tool_is_its_nested_answer(scenario: Scenario) -> None:
    events = user("Why?", "u1"), called("ask", {}, "c1"), answered("Because.", "c1"), said("Because.", "a1")
    found = draft(scenario, *events, agent="bills")
    assert found.turns[0]["agent"][0] == {"call": "ask", "nested": [{"answer": "Because."}]}


def test_an_answer_that_was_cut_off_is_cut_off_at_its_last_word(scenario: Scenario) -> None:
    found = draft(scenario, user("Hi", "u1"), said("We are open from", "a1", "incomplete"))
    assert found.turns[0]["agent"] == [{"say": "We are open from", "interrupt": {"after_words": 4}}]


def test_words_that_are_written_down_late_find_their_turn(scenario: Scenario) -> None:
    spoken = {"id": "u1", "type": "message", "role": "user", "content": [{"type": "input_audio", "transcript": None}]}
    late = {
        "type": "conversation.item.input_audio_transcription.completed",
        "item_id": "u1",
        "transcript": "Hello there",
    }
    added = {"type": "conversation.item.created", "item": spoken}
    assert draft(scenario, added, said("Hi.", "a1"), late).turns[0]["user"] == "Hello there"
    lost = draft(scenario, added, said("Hi.", "a1"))
    assert lost.turns[0]["user"] == NOT_WRITTEN_DOWN and "turn 1" in lost.notes[0]


def test_a_function_that_the_scenario_lacks_is_told(scenario: Scenario) -> None:
    found = draft(scenario, user("Hi", "u1"), called("weather", {}, "c1"), said("Sunny.", "a1"))
    assert found.turns == [{"user": "Hi", "agent": [{"say": "Sunny."}]}] and "'weather'" in found.notes[0]


def test_the_agent_whose_functions_the_session_has_is_the_first(scenario: Scenario) -> None:
    tools = [{"type": "function", "name": name} for name in ("ask", "transfer_agents")]
    found = draft(
        scenario, {"type": "session.update", "session": {"tools": tools}}, user("Hi", "u1"), said("Hi.", "a1")
    )
    assert found.agent == "bills"


def test_our_own_logs_and_those_of_pages_are_read_alike(scenario: Scenario) -> None:
    events = [user("Hi", "u1"), said("Hello.", "a1")]
    ours = [
        {"at": "2026-03-01T09:00:00Z", "connection": 1, "session": None, "from": "server", "event": event}
        for event in events
    ]
    pages = [{"direction": "server", "eventName": event["type"], "eventData": event} for event in events]
    for log in ("\n".join(map(json.dumps, ours)), json.dumps(pages), "\n".join(map(json.dumps, events))):
        assert is_wire_log(log)
        assert draft_of(wire_events(log), scenario).turns == [{"user": "Hi", "agent": [{"say": "Hello."}]}]


def test_a_client_that_logs_only_what_it_sends_and_what_the_model_says_is_understood(scenario: Scenario) -> None:
    sent = {**user("Hi", "u1"), "type": "conversation.item.create"}
    assert draft(scenario, sent, said("Hello.", "a1")).turns == [{"user": "Hi", "agent": [{"say": "Hello."}]}]


def test_of_several_sessions_one_must_be_named() -> None:
    log = "\n".join(json.dumps({"connection": number, "from": "server", "event": user("Hi", "u")}) for number in (1, 2))
    with pytest.raises(UsageError, match="2 sessions"):
        wire_events(log)
    assert len(wire_events(log, "2")) == 1
    with pytest.raises(UsageError, match="no session '3'"):
        wire_events(log, "3")


@pytest.mark.parametrize(
    ("text", "said_of_it"), [("{", "line 1 is no JSON"), ("3", "line 1 is no event"), ("", "no Realtime events")]
)
def test_what_is_no_log_is_told_by_its_line(text: str, said_of_it: str) -> None:
    with pytest.raises(UsageError, match=said_of_it):
        wire_events(text)


def test_a_trace_is_no_log_of_events(tmp_path: Path) -> None:
    assert not is_wire_log('{"type": "UserSaid", "seq": 1, "turn": 1, "agent": "desk", "text": "Hi"}')
