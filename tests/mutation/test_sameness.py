"""Changes that nobody can notice: what is built is the same, or the proof knows that gates open as before."""

from __future__ import annotations

import pytest

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.mutation.sameness import is_same, is_same_by_proof
from realtime_scenarios.project import load
from realtime_scenarios.project.variation import Edit, Variation, variation_of, varied_scenario
from support import Written

DESK = """
    scenario: desk
    start: desk
    context:
      name: {type: [string, "null"], default: null}
      number: {type: [string, "null"], default: null}
      checked: {type: boolean, default: false}
    agents:
      desk:
        instructions: x
        tools: [check, pay, free]
        handoffs: [{to: back, requires: context.checked and context.name}]
        states_mode: tracked
        states:
          - {id: a_ask, description: x, collect: [name], transitions: [{to: b_more, when: y}]}
          - id: b_more
            description: x
            collect: ["number?"]
            transitions:
              - {to: c_end, when: y, requires: context.name}
              - {to: a_ask, when: z, clear: [name]}
          - {id: c_end, description: x, tools: [check, pay]}
      back: {instructions: y}
    tools:
      check: {description: x, timeout: 30s, cases: [{when: now, set: {checked: "true"}}, {returns: false}]}
      pay: {description: x, requires: [context.checked, context.name, context.number]}
      free: {description: x, requires: {when: context.name or true}, returns: true}
"""


@pytest.fixture
def desk(written: Written) -> Scenario:
    return load(written(DESK)).scenario


def changed(scenario: Scenario, *edits: Edit) -> Scenario:
    return varied_scenario(scenario, edits)


def test_what_is_written_out_and_is_the_default_is_the_same(desk: Scenario) -> None:
    assert is_same(desk, changed(desk, Edit(("tools", "check", "timeout"), removed=True)))
    assert is_same(desk, changed(desk, Edit(("tools", "check", "timeout"), "0.5m")))
    assert not is_same(desk, changed(desk, Edit(("tools", "check", "timeout"), "31s")))
    assert not is_same(desk, changed(desk, Edit(("tools", "free", "returns"), 1)))
    assert not is_same(desk, changed(desk, Edit(("agents", "desk", "tools"), ["pay", "check", "free"])))


WAY = ("agents", "desk", "states", 1, "transitions", 0, "requires")
PAY = ("tools", "pay", "requires")
HANDOFF = ("agents", "desk", "handoffs", 0, "requires")


@pytest.mark.parametrize(
    ("edit", "is_the_same"),
    [
        (Edit(WAY, removed=True), True),  # behind a_ask there is a name
        (Edit(WAY, "context.number"), False),
        (Edit((*PAY, 0), removed=True), False),
        (Edit((*PAY, 1), removed=True), True),
        (Edit((*PAY, 2), removed=True), False),  # it need not be found out
        (Edit(HANDOFF, "context.checked"), True),  # nothing is checked before there is a name
        (Edit(HANDOFF, "context.name"), False),
        (Edit(HANDOFF, "context.name and context.checked"), True),
        (Edit(("tools", "free", "requires"), removed=True), True),
        (Edit(("tools", "free", "requires", "when"), "context.name"), False),
    ],
)
def test_a_gate_is_the_same_where_it_opens_as_before_on_every_way(
    desk: Scenario, edit: Edit, is_the_same: bool
) -> None:
    assert is_same_by_proof(desk, changed(desk, edit), edit.pointer) is is_the_same


def test_what_depends_on_arguments_is_never_the_same(written: Written) -> None:
    text = DESK.replace("requires: {when: context.name or true}", "parameters: {n: integer}, requires: 'args.n > 0'")
    scenario = load(written(text)).scenario
    edit = Edit(("tools", "free", "requires"), "args.n >= 1")

    assert not is_same_by_proof(scenario, changed(scenario, edit), edit.pointer)


def test_only_gates_are_looked_at(desk: Scenario) -> None:
    edit = Edit(("tools", "free", "returns"), 1)

    assert not is_same_by_proof(desk, changed(desk, edit), edit.pointer)


def test_a_variation_is_what_the_file_would_be_with_the_change_in_it(written: Written) -> None:
    project = load(written(DESK))
    edits = (Edit(("tools", "free", "returns"), "no"), Edit(PAY, removed=True))
    varied = variation_of(project, edits)
    text = DESK.replace("or true}, returns: true", "or true}, returns: 'no'")
    text = text.replace(", requires: [context.checked, context.name, context.number]", "")
    written_out = load(written(text, "other.yaml"))

    assert isinstance(varied, Variation) and varied.dialogues == project.dialogues
    assert is_same(varied.scenario, written_out.scenario)
    assert is_same(varied_scenario(project.scenario, edits), varied.scenario)
    assert project.scenario.tools["pay"].requires
    assert variation_of(project, (Edit(("start",), removed=True),)) is None
