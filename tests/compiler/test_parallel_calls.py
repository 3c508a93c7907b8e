"""Several calls in one response: what stands behind a handoff or a change of state is not done."""

from __future__ import annotations

import json

from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.trace import ContextChanged, HandedOff, HandoffRefused, StateEntered, StateRefused, ToolReturned
from support import Answers, Written
from support.conversations import held, of, saying

FLOORS = """
    scenario: floors
    start: first
    context: {paid: {type: boolean, default: false}}
    agents:
      first:
        instructions: First.
        tools: [pay]
        handoffs: [second, third]
      second:
        instructions: Second.
        states_mode: tracked
        states:
          - {id: one, description: One., transitions: [{to: two, when: Go on.}]}
          - {id: two, description: Two., tools: [ship], transitions: [{to: three, when: Go on.}]}
          - {id: three, description: Three., terminal: true}
        tools: [ship]
      third: {instructions: Third.}
    tools:
      pay: {description: Pay., set: {paid: "true"}}
      ship: {description: Ship., returns: shipped}
"""
DONE = [SayText("Done.")]
PAY, SHIP = CallFunction("pay", "{}"), CallFunction("ship", "{}")
TO_SECOND, TO_THIRD = CallFunction("transfer_to_second", "{}"), CallFunction("transfer_to_third", "{}")


def state(name: str) -> CallFunction:
    return CallFunction("set_conversation_state", json.dumps({"next_state": name}))


def test_a_tool_behind_a_handoff_is_not_done_in_the_name_of_the_new_agent(written: Written) -> None:
    trace, _ = held(written(FLOORS), Answers([[TO_SECOND, PAY], DONE, DONE]), saying("Go"))
    assert [event.to for event in of(trace, HandedOff)] == ["second"]
    assert [(event.tool, event.outcome) for event in of(trace, ToolReturned)] == [("pay", "refused")]
    assert not of(trace, ContextChanged)


def test_a_tool_before_a_handoff_is_done(written: Written) -> None:
    trace, _ = held(written(FLOORS), Answers([[PAY, TO_SECOND], DONE, DONE]), saying("Go"))
    assert [(event.tool, event.outcome) for event in of(trace, ToolReturned)] == [("pay", "answered")]
    assert [event.to for event in of(trace, HandedOff)] == ["second"]


def test_a_second_handoff_of_one_response_is_refused(written: Written) -> None:
    trace, _ = held(written(FLOORS), Answers([[TO_SECOND, TO_THIRD], DONE, DONE]), saying("Go"))
    assert [event.to for event in of(trace, HandedOff)] == ["second"]
    assert [event.to for event in of(trace, HandoffRefused)] == ["third"]


def test_only_one_step_between_states_is_made_in_one_response_of_which_the_second_follows_the_first(
    written: Written,
) -> None:
    answers = Answers([[TO_SECOND], [state("three"), SHIP], [state("two"), SHIP], DONE])
    trace, _ = held(written(FLOORS), answers, saying("Go"))
    assert [event.state for event in of(trace, StateEntered)][-1] == "two"
    assert [event.state for event in of(trace, StateRefused)] == ["three"]
    shipped = [event.outcome for event in of(trace, ToolReturned) if event.tool == "ship"]
    assert shipped == ["refused", "answered"]
