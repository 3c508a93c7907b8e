"""States that are enforced: what is on the wire in each, what they collect, and what belongs to them."""

from __future__ import annotations

import json

import pytest

from realtime_scenarios.realtime.responder import CallFunction, ResponseRequest, SayText
from realtime_scenarios.trace import (
    ContextChanged,
    HandedOff,
    HandoffRefused,
    StateEntered,
    StateRefused,
    ToolReturned,
    to_json_lines,
)
from support import Answers, Written
from support.conversations import held, of, saying

DESK = """
    scenario: desk
    start: desk
    context:
      name: {type: [string, "null"], default: null, description: The caller's first name.}
      phone: {type: [string, "null"], default: null}
      checked: {type: boolean, default: false}
    agents:
      desk:
        instructions: You are the desk.
        tools: [check, hours]
        handoffs: [tours, human]
        states_mode: MODE
        states:
          - id: 1_name
            description: Find out who is calling.
            instructions: [Ask for the first name.]
            examples: [May I have your first name?]
            collect: [name, phone?]
            transitions: [{to: 2_check, when: The name is known.}]
          - id: 2_check
            description: Check the caller.
            instructions: [Call check.]
            tools: [check]
            transitions:
              - {to: 3_done, when: The check went well., requires: {when: context.checked, message: Check first.}}
              - {to: 1_name, when: The name was wrong.}
          - id: 3_done
            description: Hand over.
            terminal: true
            transitions: [{handoff: tours, when: The caller wants a tour.}]
      tours: {instructions: You are the tour guide., handoffs: [desk]}
      human: {instructions: You are a person., handoffs: [desk]}
    tools:
      check: {description: Check the caller., set: {checked: "true"}}
      hours: {description: When we are open., returns: nine to five}
"""


def move(state: str, **collected: str) -> CallFunction:
    return CallFunction("set_conversation_state", json.dumps({"next_state": state, **collected}))


def desk(written: Written, mode: str):  # type: ignore[no-untyped-def]
    return written(DESK.replace("MODE", mode))


def names(request: ResponseRequest) -> list[str]:
    return [tool["name"] for tool in request.tools]


WHOLE_WAY = [
    [move("2_check", name="Maya")],
    [CallFunction("check", "{}")],
    [move("3_done")],
    [CallFunction("transfer_to_tours", "{}")],
    [SayText("Welcome to the tour.")],
]


def test_in_focused_mode_only_the_current_state_is_on_the_wire(written: Written) -> None:
    model = Answers(WHOLE_WAY)
    held(desk(written, "focused"), model, saying("Hello"))
    first, second, third, fourth, fifth = model.requests
    assert "Ask for the first name" in first.instructions and "Call check" not in first.instructions
    assert names(first) == ["hours", "set_conversation_state", "transfer_to_human"]
    assert "Call check" in second.instructions and "Ask for the first name" not in second.instructions
    assert names(second) == ["check", "hours", "set_conversation_state", "transfer_to_human"]
    assert third.instructions == second.instructions
    assert names(fourth) == ["hours", "transfer_to_tours", "transfer_to_human"]
    assert fifth.instructions == "You are the tour guide."


def test_in_tracked_mode_the_whole_machine_is_in_the_prompt_and_valid_json(written: Written) -> None:
    model = Answers([[SayText("Hello.")]])
    held(desk(written, "tracked"), model, saying("Hello"))
    states = json.loads(model.requests[0].instructions.partition("# Conversation States\n")[2])
    assert [state["id"] for state in states] == ["1_name", "2_check", "3_done"]
    assert states[0]["collect"] == ["name", "phone (if the caller gives it)"]
    assert states[2]["transitions"] == [{"next_step": "transfer_to_tours", "condition": "The caller wants a tour."}]
    assert names(model.requests[0])[:2] == ["check", "hours"]


@pytest.mark.parametrize("mode", ["tracked", "focused"])
def test_what_a_state_collects_is_typed_context_when_it_is_left(written: Written, mode: str) -> None:
    trace, _ = held(desk(written, mode), Answers(WHOLE_WAY), saying("Hello"))
    assert [(event.variable, event.value) for event in of(trace, ContextChanged)] == [
        ("name", "Maya"),
        ("checked", True),
    ]
    assert [event.state for event in of(trace, StateEntered)] == ["2_check", "3_done"]
    assert [event.to for event in of(trace, HandedOff)] == ["tours"]


@pytest.mark.parametrize("mode", ["tracked", "focused"])
def test_a_state_is_not_left_before_it_has_found_out_what_it_must(written: Written, mode: str) -> None:
    model = Answers([[move("2_check")], [move("2_check", name="Maya")], [SayText("Thank you.")]])
    trace, _ = held(desk(written, mode), model, saying("Hello"))
    assert [event.reason for event in of(trace, StateRefused)] == [
        "Find out name first: ask the caller, and give it with the call."
    ]
    assert [event.outcome for event in of(trace, ToolReturned)] == ["refused", "answered"]


def test_a_collected_value_of_the_wrong_type_is_refused_and_kept_nowhere(written: Written) -> None:
    bad = CallFunction("set_conversation_state", '{"next_state": "2_check", "name": 5}')
    trace, _ = held(desk(written, "tracked"), Answers([[bad], [SayText("Hm.")]]), saying("Hello"))
    assert [event.outcome for event in of(trace, ToolReturned)] == ["invalid"]
    assert [event.state for event in of(trace, StateRefused)] == ["2_check"]
    assert of(trace, ContextChanged) == []


def test_a_gated_transition_stays_shut_until_its_condition_holds(written: Written) -> None:
    model = Answers([[move("2_check", name="Maya")], [move("3_done")], [SayText("One moment.")]])
    trace, _ = held(desk(written, "tracked"), model, saying("Hello"))
    assert [event.reason for event in of(trace, StateRefused)] == ["Check first."]


def test_a_tool_of_another_state_is_refused_and_told_where_it_belongs(written: Written) -> None:
    model = Answers([[CallFunction("check", "{}")], [SayText("No.")]])
    trace, _ = held(desk(written, "tracked"), model, saying("Check me"))
    assert [(event.outcome, event.output) for event in of(trace, ToolReturned)] == [
        ("refused", "This belongs to '2_check'; the conversation is in '1_name'.")
    ]


def test_a_handoff_that_a_state_names_is_refused_elsewhere_and_the_others_are_not(written: Written) -> None:
    model = Answers(
        [[CallFunction("transfer_to_tours", "{}")], [CallFunction("transfer_to_human", "{}")], [SayText("Hello.")]]
    )
    trace, _ = held(desk(written, "tracked"), model, saying("A tour. No, a person!"))
    assert [event.reason for event in of(trace, HandoffRefused)] == [
        "This belongs to '3_done'; the conversation is in '1_name'."
    ]
    assert [event.to for event in of(trace, HandedOff)] == ["human"]


def test_in_prompt_mode_nothing_is_enforced(written: Written) -> None:
    model = Answers([[CallFunction("check", "{}")], [CallFunction("transfer_to_tours", "{}")], [SayText("Hello.")]])
    trace, _ = held(desk(written, "prompt"), model, saying("A tour"))
    assert [event.outcome for event in of(trace, ToolReturned)] == ["answered"]
    assert [event.to for event in of(trace, HandedOff)] == ["tours"]
    assert "set_conversation_state" not in names(model.requests[0])


def test_a_caller_who_comes_back_finds_the_state_they_left(written: Written) -> None:
    model = Answers(
        [
            [move("2_check", name="Maya")],
            [CallFunction("transfer_to_human", "{}")],
            [CallFunction("transfer_to_desk", "{}")],
            [SayText("Where were we?")],
        ]
    )
    held(desk(written, "focused"), model, saying("Hello"))
    assert "Call check" in model.requests[-1].instructions


def test_a_leap_over_a_state_is_refused(written: Written) -> None:
    trace, _ = held(desk(written, "tracked"), Answers([[move("3_done")], [SayText("Hm.")]]), saying("Hello"))
    assert [event.state for event in of(trace, StateRefused)] == ["3_done"]
    assert of(trace, StateEntered) == []


def test_nothing_has_to_be_found_out_to_go_back(written: Written) -> None:
    path = desk(written, "tracked")
    text = path.read_text(encoding="utf-8").replace("instructions: [Call check.]", "collect: [phone]")
    path.write_text(text, encoding="utf-8")
    model = Answers([[move("2_check", name="Maya")], [move("1_name")], [SayText("Your name again?")]])
    trace, _ = held(path, model, saying("Hello"))
    assert [event.state for event in of(trace, StateEntered)] == ["2_check", "1_name"]


def test_the_state_at_the_end_is_the_first_one_until_there_is_another(written: Written) -> None:
    trace, _ = held(desk(written, "tracked"), Answers([[SayText("Hello.")]]), saying("Hello"))
    assert trace.state_after(1) == "1_name"
    trace, _ = held(desk(written, "tracked"), Answers([*WHOLE_WAY[:1], [SayText("Hm.")]]), saying("Hello"))
    assert trace.state_after(1) == "2_check"


def test_a_secret_variable_is_in_no_trace_once_it_is_known(written: Written) -> None:
    path = desk(written, "tracked")
    text = path.read_text(encoding="utf-8").replace(
        'phone: {type: [string, "null"],', 'phone: {secret: true, type: [string, "null"],'
    )
    path.write_text(text, encoding="utf-8")
    model = Answers([[move("2_check", name="Maya", phone="555-0199")], [SayText("I noted 555-0199.")]])
    trace, _ = held(path, model, saying("Hello"))
    assert "555-0199" not in to_json_lines(trace)


@pytest.mark.parametrize("mode", ["tracked", "focused"])
def test_what_was_found_out_is_in_the_prompt_and_a_secret_only_by_its_name(written: Written, mode: str) -> None:
    path = desk(written, mode)
    text = path.read_text(encoding="utf-8").replace("phone: {type:", "phone: {secret: true, type:")
    path.write_text(text, encoding="utf-8")
    model = Answers([[move("2_check", name="Maya", phone="555-0199")], [SayText("Thank you.")]])
    held(path, model, saying("Hello"))
    first, second = (request.instructions for request in model.requests)
    assert "Already known" not in first
    assert second.endswith('Already known, do not ask again: name = "Maya"; phone\n')
