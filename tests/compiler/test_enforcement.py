"""What is enforced at the moment of a call: gates, remembered approvals, tracked states, payloads, secrets."""

from __future__ import annotations

from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import ApprovalAnswer
from realtime_scenarios.trace import (
    ApprovalDecided,
    ApprovalRequested,
    HandedOff,
    HandoffRefused,
    StateEntered,
    ToolReturned,
)
from support import Answers, Written
from support.conversations import Person, held, of, saying

OFFICE = """
    scenario: office
    start: main
    context: {named: {type: boolean, default: false}, topic: {type: [string, "null"], default: null}}
    agents:
      main:
        instructions: x
        tools: [odd_gate, odd_when, once, name, leak]
        handoffs: [{to: other, inputs: {topic: [bills, repairs], urgent?: boolean}, set: {topic: args.topic}}]
        states_mode: tracked
        states:
          - {id: start, description: a, instructions: b, examples: [c], transitions: [{to: named, when: known, requires: context.named}, {to: end, when: bye}]}
          - {id: named, description: a, instructions: b, examples: [c], transitions: [{to: end, when: bye}]}
          - {id: end, description: a, instructions: b, examples: [c]}
      other: {instructions: "The topic is {{ context.topic }}.", handoffs: [main]}
    tools:
      odd_gate: {description: x, requires: "args.missing.thing > 1", returns: open}
      odd_when: {description: x, approval: {when: "args.missing > 1"}, returns: done}
      once: {description: x, approval: {remember: session, fields: {pin: {label: PIN, secret: true}}}, returns: done}
      name: {description: x, set: {named: "true"}}
      leak: {description: x, approval: {fields: {pin: {label: PIN, secret: true}}}, python: "code:leak"}
"""
CODE = "def leak(call):\n    return {'told': 'the pin is ' + call.approval['pin'] + '!'}\n"


def office(written: Written):  # type: ignore[no-untyped-def]
    written(CODE, "code.py")
    text = OFFICE.replace('requires: "args.missing.thing > 1"', "requires: context.topic | length > 3")
    return written(text.replace('when: "args.missing > 1"', "when: context.topic | length > 3"))


def test_a_gate_that_cannot_be_evaluated_stays_shut(written: Written) -> None:
    model = Answers([[CallFunction("odd_gate", "{}")], [SayText("No.")]])
    trace, _ = held(office(written), model, saying("Open"))
    assert [event.outcome for event in of(trace, ToolReturned)] == ["refused"]


def test_an_approval_whose_condition_cannot_be_evaluated_asks(written: Written) -> None:
    model = Answers([[CallFunction("odd_when", "{}")], [SayText("No.")]])
    trace, _ = held(office(written), model, saying("Go"), person=Person(ApprovalAnswer("reject")))
    assert len(of(trace, ApprovalRequested)) == 1


def test_a_decision_for_the_session_is_asked_for_once_and_used_again(written: Written) -> None:
    person = Person(ApprovalAnswer("approve", {"pin": "8812"}))
    model = Answers([[CallFunction("once", "{}")], [CallFunction("once", "{}")], [SayText("Done.")]])
    trace, _ = held(office(written), model, saying("Twice"), person=person)
    assert len(of(trace, ApprovalRequested)) == 1
    assert [event.remembered for event in of(trace, ApprovalDecided)] == [False, True]
    assert [event.outcome for event in of(trace, ToolReturned)] == ["answered", "answered"]


def test_a_no_for_the_session_holds_as_well(written: Written) -> None:
    model = Answers([[CallFunction("once", "{}")], [CallFunction("once", "{}")], [SayText("No.")]])
    trace, _ = held(office(written), model, saying("Twice"), person=Person(ApprovalAnswer("reject")))
    assert len(of(trace, ApprovalRequested)) == 1
    assert [event.outcome for event in of(trace, ToolReturned)] == ["rejected", "rejected"]


def test_only_the_legal_next_states_are_offered_and_a_gated_one_is_refused(written: Written) -> None:
    move = '{"next_state": "named"}'
    model = Answers(
        [
            [CallFunction("set_conversation_state", move)],
            [CallFunction("name", "{}")],
            [CallFunction("set_conversation_state", move)],
            [CallFunction("set_conversation_state", '{"next_state": "start"}')],
            [CallFunction("set_conversation_state", '{"next_state": "end"}')],
            [SayText("Bye.")],
        ]
    )
    trace, _ = held(office(written), model, saying("Go"))
    offered = [
        next(
            (
                tool["parameters"]["properties"]["next_state"]["enum"]
                for tool in request.tools
                if tool["name"] == "set_conversation_state"
            ),
            None,
        )
        for request in model.requests
    ]
    assert offered == [["named", "end"], ["named", "end"], ["named", "end"], ["end"], ["end"], None]
    assert [event.state for event in of(trace, StateEntered)] == ["named", "end"]
    outcomes = [event.outcome for event in of(trace, ToolReturned) if event.tool == "set_conversation_state"]
    assert outcomes == ["refused", "answered", "invalid", "answered"]


def test_a_payload_that_does_not_fit_is_refused_with_words(written: Written) -> None:
    name = "transfer_to_other"
    model = Answers(
        [[CallFunction(name, '{"topic": "cats"}')], [CallFunction(name, '{"topic": "bills"}')], [SayText("Hi.")]]
    )
    trace, _ = held(office(written), model, saying("Bills"))
    assert "must be one of" in of(trace, HandoffRefused)[0].reason
    assert of(trace, HandedOff)[0].arguments == {"topic": "bills"}
    assert model.requests[2].instructions == "The topic is bills."
    assert "must be one of" in model.requests[1].items[-1]["output"]


def test_a_stub_that_tells_a_secret_tells_the_model_nothing(written: Written) -> None:
    person = Person(ApprovalAnswer("approve", {"pin": "8812"}))
    model = Answers([[CallFunction("leak", "{}")], [SayText("It is 8812.")]])
    trace, _ = held(office(written), model, saying("Tell"), person=person)
    assert of(trace, ToolReturned)[0].output == '{"told": "the pin is [secret]!"}'
    assert "8812" not in str(model.requests)
    assert "8812" not in str(trace.events)
