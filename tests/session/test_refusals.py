"""A refusal that a dialogue expects is the one that it means: by a gate, or for arguments that do not fit."""

from __future__ import annotations

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.dialogues import played

SCENARIO = """\
scenario: s
start: a
context: {ok: {type: boolean, default: false}, name: {type: [string, "null"], default: null, pattern: "^[A-Z]"}}
agents:
  a:
    instructions: x
    handoffs: [{to: b, inputs: {reason: string}%GATE%}]
    states_mode: tracked
    states:
      - {id: one, description: x, instructions: [x], collect: [name], transitions: [{to: two, when: x}]}
      - {id: two, description: x, instructions: [x]}
  b: {instructions: x}
dialogues:
  - {id: d, turns: [{user: Hi, agent: [%MOVE%, {say: Well.}]}]}
"""
GATE = ", requires: context.ok"


def outcome(written: Written, move: str, gate: str = "") -> DialogueResult:
    path = written(SCENARIO.replace("%GATE%", gate).replace("%MOVE%", move))
    project = load(path)
    assert project.errors == []
    return played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())


@pytest.mark.parametrize(
    ("move", "gate"),
    [
        ("{handoff: b, args: {reason: x}, refused: true}", GATE),
        ("{handoff: b, args: {reason: 5}, refused: invalid}", ""),
        ("{handoff: b, refused: invalid}", GATE),
        ("{state: two, args: {name: ann}, refused: invalid}", ""),
        ("{state: two, refused: true}", ""),
    ],
)
def test_the_refusal_that_is_meant_is_expected(written: Written, move: str, gate: str) -> None:
    result = outcome(written, move, gate)
    assert result.passed, [verdict.message for verdict in result.failures]


@pytest.mark.parametrize(
    ("move", "gate", "message"),
    [
        ("{handoff: b, args: {reason: x}, refused: true}", "", "was to be refused, but it was made"),
        ("{handoff: b, refused: true}", "", "was refused for its arguments, not by a gate"),
        ("{handoff: b, args: {reason: x}, refused: invalid}", GATE, "was refused by a gate, not for its arguments"),
        ("{state: two, args: {name: ann}, refused: true}", "", "was refused for its arguments, not by a gate"),
        ("{state: two, refused: invalid}", "", "was refused by a gate, not for its arguments"),
    ],
)
def test_another_refusal_is_not_taken_for_it(written: Written, move: str, gate: str, message: str) -> None:
    result = outcome(written, move, gate)
    assert not result.passed and message in result.failures[0].message
