"""Why an agent may not do something now: the terms of its conditions, each true or false."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.studio.gates import ways_now
from realtime_scenarios.templates.terms import terms_of
from support import Written

DESK = """
scenario: desk
start: main
context:
  name: {type: [string, "null"], default: null}
  signed_in: {type: boolean, default: false}
  tries: {type: integer, default: 0}
agents:
  main:
    instructions: Help.
    tools: [refund]
    handoffs: [{to: other, requires: context.signed_in and context.tries < 3}]
    states_mode: tracked
    states:
      - id: greeting
        description: Say hello.
        collect: [name]
        transitions: [{to: helping, when: They are known., requires: context.signed_in}]
      - id: helping
        description: Help.
        transitions: [{to: greeting, when: It is someone else.}]
  other: {handoff_description: The other desk., instructions: Help., handoffs: [main]}
tools:
  refund:
    description: Pay back.
    parameters: {amount: number}
    requires: context.signed_in and args.amount < 100
"""


@pytest.fixture
def desk(written: Written) -> Scenario:
    return load(written(DESK)).scenario


def ways(scenario: Scenario, state: str | None = None, **context: Any) -> Any:
    known = {name: variable.default for name, variable in scenario.context.items()}
    return ways_now(scenario, "main", state, {**known, **context}, DEFAULT_NOW)


def test_each_term_is_true_or_false_and_leads_to_its_line(desk: Scenario) -> None:
    (handoff,) = ways(desk)["handoffs"]
    assert handoff["open"] is False
    assert [(term["text"], term["holds"]) for term in handoff["terms"]] == [
        ("context.signed_in", False),
        ("context.tries < 3", True),
    ]
    assert (
        handoff["terms"][0]["place"][1]
        == DESK.splitlines().index("    handoffs: [{to: other, requires: context.signed_in and context.tries < 3}]") + 1
    )
    (handoff,) = ways(desk, signed_in=True)["handoffs"]
    assert handoff["open"] is True


def test_what_depends_on_the_arguments_of_a_call_is_left_open(desk: Scenario) -> None:
    (refund,) = ways(desk, signed_in=True)["tools"]
    assert refund["open"] is None and [term["holds"] for term in refund["terms"]] == [True, None]
    (refund,) = ways(desk)["tools"]
    assert refund["open"] is False


def test_what_a_state_has_to_find_out_stands_before_the_condition_but_not_on_the_way_back(desk: Scenario) -> None:
    (on,) = ways(desk, "greeting")["transitions"]
    assert [(term["text"], term["holds"]) for term in on["terms"]] == [
        ("name is known", False),
        ("context.signed_in", False),
    ]
    (on,) = ways(desk, "greeting", name="Riley", signed_in=True)["transitions"]
    assert on["open"] is True
    (back,) = ways(desk, "helping")["transitions"]
    assert back["open"] is True and back["terms"] == []


def test_a_condition_that_cannot_be_evaluated_is_shut_and_says_why(desk: Scenario) -> None:
    (handoff,) = ways(desk, signed_in=True, tries=None)["handoffs"]
    assert handoff["open"] is False and handoff["terms"][1]["why"]


def test_an_unknown_state_is_named(desk: Scenario) -> None:
    with pytest.raises(UsageError, match="no state 'greting'"):
        ways(desk, "greting")


@pytest.mark.parametrize(
    ("expression", "terms"),
    [
        ("a and (b or c) and d == 'you and me'", ["a", "(b or c)", "d == 'you and me'"]),
        ("a or b and c", ["a or b and c"]),
        ("a and b if c else d", ["a and b if c else d"]),
        ("not a and b", ["not a", "b"]),
        ("a[b and c] and d", ["a[b and c]", "d"]),
        ("x =", ["x ="]),
    ],
)
def test_terms_are_what_stands_between_the_outermost_ands(expression: str, terms: list[str]) -> None:
    assert terms_of(expression) == terms
