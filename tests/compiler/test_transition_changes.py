"""Transitions that set and clear context variables: in a conversation, in what the model reads, and in the proofs."""

from __future__ import annotations

import json

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from realtime_scenarios.project.graph import state_graph
from realtime_scenarios.proof import departures, property_proofs
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.trace import ContextChanged, StateEntered, StateRefused, Trace
from support import Answers, Written
from support.conversations import held, of, saying

DESK = """
    scenario: desk
    start: desk
    context:
      name: {type: [string, "null"], default: null}
      before: {type: [string, "null"], default: null}
      tries: {type: integer, default: 0, maximum: 1}
      checked: {type: boolean, default: false}
    agents:
      desk:
        instructions: x
        tools: [check, pay]
        states_mode: tracked
        states:
          - id: a_ask
            description: x
            collect: [name]
            transitions: [{to: b_check, when: y}]
          - id: b_check
            description: x
            tools: [check, pay]
            transitions:
              - {to: a_ask, when: The name was wrong., CHANGES}
              - {to: a_ask, when: Never., clear: [tries]}
    tools:
      check: {description: x, cases: [{when: now, set: {checked: "true"}}]}
      pay: {description: x, requires: context.checked}
    properties:
      - {before: check -> pay}
      - {never: b_check, when: context.checked and context.tries == 1}
"""
BACK = "clear: [name, checked], set: {before: context.name, tries: context.tries + 1}"


def moves(*steps: tuple[str, dict[str, object]]) -> Answers:
    calls = [[CallFunction(name, json.dumps(arguments))] for name, arguments in steps]
    return Answers([*calls, [SayText("Done.")]])


def move(state: str, **given: object) -> tuple[str, dict[str, object]]:
    return "set_conversation_state", {"next_state": state, **given}


def test_the_first_way_that_is_open_changes_the_context_after_the_state_is_entered(written: Written) -> None:
    model = moves(move("b_check", name="Ana"), ("check", {}), move("a_ask"), ("pay", {}), move("b_check"))
    trace, _ = held(written(DESK.replace("CHANGES", BACK)), model, saying("Go"))

    changes = [(event.variable, event.value) for event in of(trace, ContextChanged)]
    assert changes == [
        ("name", "Ana"),
        ("checked", True),
        ("name", None),
        ("checked", False),
        ("before", "Ana"),
        ("tries", 1),
    ]
    entered = of(trace, StateEntered)[1]
    assert [event.seq > entered.seq for event in of(trace, ContextChanged)] == [False, False, True, True, True, True]
    assert of(trace, StateRefused)[0].reason.startswith("Find out name first")


def test_what_was_cleared_is_asked_for_again(written: Written) -> None:
    model = moves(move("b_check", name="Ana"), move("a_ask"))
    held(written(DESK.replace("CHANGES", BACK)), model, saying("Go"))

    known = ["name = " in request.instructions for request in model.requests]
    assert known == [False, True, False]


def test_a_change_that_does_not_fit_its_variable_keeps_the_state(written: Written) -> None:
    model = moves(move("b_check", name="Ana"), move("a_ask"), move("b_check", name="Bo"), move("a_ask"))
    trace, _ = held(written(DESK.replace("CHANGES", BACK)), model, saying("Go"))

    assert of(trace, StateRefused)[0].reason == "'tries' cannot be set to 2: it does not fit the variable"
    assert trace.state_after(1) == "b_check" and trace.context_after(1)["name"] == "Bo"


@pytest.mark.parametrize(
    ("changes", "verdicts"),
    [
        ("requires: 'true'", ["proved", "proved"]),
        ("set: {checked: 'true'}", ["refuted", "proved"]),
        ("set: {checked: 'context.checked'}", ["proved", "proved"]),
        ("set: {tries: 1}", ["proved", "refuted"]),
        ("set: {tries: 1}, clear: [checked]", ["proved", "proved"]),
        ("set: {tries: 1, checked: 'context.name is none'}", ["proved", "proved"]),
        (BACK, ["proved", "proved"]),
    ],
)
def test_the_proof_follows_what_transitions_change(written: Written, changes: str, verdicts: list[str]) -> None:
    scenario = load(written(DESK.replace("CHANGES", changes))).scenario
    assert [proof.verdict for proof in property_proofs(scenario)] == verdicts


def test_the_way_around_a_gate_by_a_transition_is_shown(written: Written) -> None:
    path = written(DESK.replace("CHANGES", "set: {checked: 'true'}"))

    assert property_proofs(load(path).scenario)[0].path == (
        "1. desk: moves to b_check",
        "2. desk: moves to a_ask",
        "3. desk: moves to b_check",
        "4. desk: calls pay",
    )
    assert "gate-opens-by-the-model-alone" in [found.name for found in findings(load(path), warnings=True)]


@pytest.mark.parametrize("changes", [BACK, "requires: 'true'", "set: {tries: 1}"])
def test_a_conversation_never_leaves_the_model(written: Written, changes: str) -> None:
    path = written(DESK.replace("CHANGES", changes))
    steps = [
        ("pay", {}),
        ("check", {}),
        ("pay", {}),
        move("a_ask"),
        ("pay", {}),
        move("b_check"),
        move("b_check", name="Bo"),
    ]
    trace, _ = held(path, moves(move("b_check", name="Ana"), *steps), saying("Go"))

    assert list(departures(load(path).scenario, trace)) == []


def test_a_transition_that_forgets_its_changes_is_a_departure(written: Written) -> None:
    path = written(DESK.replace("CHANGES", BACK))
    trace, _ = held(path, moves(move("b_check", name="Ana"), ("check", {}), move("a_ask")), saying("Go"))
    kept = [event for event in trace if not (isinstance(event, ContextChanged) and event.value is False)]

    found = departures(load(path).scenario, Trace(tuple(kept), trace.start, trace.context, entries=trace.entries))
    assert [message for _, message, _ in found] == ["'desk' entered 'a_ask', but the context is not as it must be then"]


def test_a_picture_of_the_states_tells_what_changes(written: Written) -> None:
    graph = state_graph(load(written(DESK.replace("CHANGES", BACK))).scenario, "desk")

    assert "The name was wrong. [clears name and checked; sets before and tries]" in [
        edge.label for edge in graph.edges
    ]
