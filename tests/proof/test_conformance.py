"""Real conversations against the model that the proofs are about; `tests/scenarios` holds our own dialogues to it."""

from __future__ import annotations

import pytest

from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.proof import departures
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import ApprovalAnswer
from realtime_scenarios.trace import HandedOff, StateEntered, ToolCalled, ToolReturned, Trace
from support import Answers, Written
from support.conversations import Person, held, saying

DESK = """
    scenario: desk
    start: desk
    context: {checked: {type: boolean, default: false}}
    agents:
      desk:
        instructions: x
        tools: [check, vault, pay]
        handoffs: [{to: back, requires: context.checked}]
        states_mode: tracked
        states:
          - {id: a, description: x, tools: [check], transitions: [{to: b, when: y, requires: context.checked}]}
          - {id: b, description: x, terminal: true}
      back: {instructions: x, handoffs: [desk]}
    tools:
      check: {description: x, set: {checked: "true"}}
      vault: {description: x, requires: context.checked}
      pay: {description: x, approval: always}
"""


def messages(scenario: Scenario, trace: Trace) -> list[str]:
    return [message for _, message, _ in departures(scenario, trace)]


def called(tool: str, number: int = 1) -> tuple[ToolCalled, ToolReturned]:
    call = ToolCalled(number * 2 - 1, 1, "desk", f"c{number}", tool, {})
    return call, ToolReturned(number * 2, 1, "desk", f"c{number}", tool, "answered", "true")


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (called("vault"), "'vault' answered, though its gate was shut"),
        (called("pay"), "'pay' answered, though nobody had approved it"),
        ((StateEntered(1, 1, "desk", "b", "a"),), "'desk' went from 'a' to 'b', which is no way"),
        ((HandedOff(1, 1, "desk", "c1", "back"),), "'desk' handed off to 'back', though the gate was shut"),
        ((HandedOff(1, 1, "desk", "c1", "nobody"),), "'desk' handed off to 'nobody', which is out of reach there"),
    ],
)
def test_what_cannot_happen_in_the_model_is_told(written: Written, events: tuple[object, ...], message: str) -> None:
    scenario = load(written(DESK)).scenario
    trace = Trace(events, "desk", {"checked": False})  # type: ignore[arg-type]
    assert messages(scenario, trace) == [message]
    assert all(isinstance(place, Place) for place, _, _ in departures(scenario, trace))


def test_a_conversation_of_the_runner_never_leaves_the_model(written: Written) -> None:
    path = written(DESK)
    wild = ["vault", "check", "vault", "pay", "transfer_to_back", "transfer_to_desk", "check", "nothing"]
    model = Answers([*([CallFunction(name, "{}")] for name in wild), [SayText("Done.")]])
    trace, _ = held(path, model, saying("Go"), person=Person(ApprovalAnswer("approve")))
    assert messages(load(path).scenario, trace) == []
