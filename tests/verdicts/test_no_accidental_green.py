"""What once passed, though something in it did not hold."""

from __future__ import annotations

import pytest

from realtime_scenarios import replay
from support import Written

APPROVALS = """\
scenario: desk
start: desk
agents: {{desk: {{instructions: "Use pay.", tools: [pay]}}}}
tools:
  pay: {{description: Pay., approval: {{{rule}}}, returns: paid}}
dialogues:
  - id: paid
    turns: {turns}
"""

ASKED_AGAIN = (
    """[{user: Pay, agent: [{call: pay, approval: [{approve: {pin: "47"}}, {approve: {pin: "4711"}}]}, {say: Ok}]}]"""
)
REMEMBERED = """
      - {{user: Pay, agent: [{{call: pay, approval: {decision}}}, {{say: Ok}}]}}
      - {{user: Pay, agent: [{{call: pay{more}}}, {{say: Ok}}], expect: [{{approval: {{{expected}}}}}]}}"""


def _messages(text: str, written: Written) -> list[str]:
    return [failure.message for result in replay(written(text)) for failure in result.failures]


def _paid(rule: str, turns: str, written: Written) -> list[str]:
    return _messages(APPROVALS.format(rule=rule, turns=turns), written)


def test_a_decision_that_nobody_asked_for_is_told(written: Written) -> None:
    pattern = 'fields: {pin: {label: PIN, pattern: "^[0-9]{4}$"}}'
    assert _paid(pattern, ASKED_AGAIN, written) == []
    assert _paid("fields: {pin: {label: PIN}}", ASKED_AGAIN, written) == [
        "nobody asked for this decision: 'pay' was decided before it"
    ]


def test_who_is_asked_nothing_is_not_asked_in_these_words(written: Written) -> None:
    rule = "remember: session, question: Pay 5 euros?"
    decided, asked = (
        REMEMBERED.format(decision="approve", more="", expected=f"tool: pay, {expected}")
        for expected in ("decision: approved", "asks: 5 euros")
    )
    assert _paid(rule, decided, written) == []
    assert _paid(rule, asked, written) == ["nobody was asked to approve 'pay'"]


def test_a_call_that_is_rejected_by_a_remembered_no_was_to_be_made(written: Written) -> None:
    rule = "remember: session"
    known = REMEMBERED.format(decision="reject", more=", outcome: rejected", expected="decision: rejected")
    assert _paid(rule, known, written) == []
    unknown = REMEMBERED.format(decision="reject", more="", expected="decision: rejected")
    (message,) = _paid(rule, unknown, written)
    assert message.startswith("the call of 'pay' was rejected, as was remembered: ")


VALUES = """\
scenario: desk
start: desk
context: {{paid: {{type: object, default: {{euros: [1]}}}}}}
agents: {{desk: {{instructions: "Use look and fail.", tools: [look, fail]}}}}
tools:
  look: {{description: Look., parameters: {{at: {{type: array, items: {{}}}}}}, returns: {{euros: [1]}}}}
  fail: {{description: Fail., raises: There is none.}}
data: {{bills: {{rows: [{{id: 1, paid: true}}]}}}}
dialogues:
  - id: values
    turns: [{{user: Hi, agent: [{{say: Hello}}, {{call: {call}}}, {{say: Ok}}], expect: [{expected}]}}]
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("look, args: {at: [1]}, returns: {equals: {euros: [EURO]}}", ""),
        ("look, args: {at: [1]}", "{called: {tool: look, args: {at: {equals: [EURO]}}}}"),
        ("look, args: {at: [1]}", "{context: {paid: {equals: {euros: [EURO]}}}}"),
    ],
)
def test_true_is_not_the_number_one_inside_of_values_either(call: str, expected: str, written: Written) -> None:
    one, true = (
        _messages(VALUES.format(call=call.replace("EURO", euro), expected=expected.replace("EURO", euro)), written)
        for euro in ("1", "true")
    )
    assert (one, len(true)) == ([], 1)


@pytest.mark.parametrize("returns", ["true", "[{paid: true}]", "{paid: true}", "1", "[{paid: 1}]"])
def test_tables_have_no_yes_but_the_number_one(returns: str, written: Written) -> None:
    expected = f"{{data: {{query: SELECT paid FROM bills, returns: {returns}}}}}"
    assert _messages(VALUES.format(call="look, args: {at: []}", expected=expected), written) == []


def test_nothing_that_was_said_holds_what_is_excluded_alone(written: Written) -> None:
    assert _messages(VALUES.format(call="look, args: {at: []}", expected="{said: {excludes: Bye}}"), written) == []
    (message,) = _messages(VALUES.format(call="look, args: {at: []}", expected="{said: {excludes: Hello}}"), written)
    assert message == "the agent did not say it: expected it not to contain 'Hello', but it is 'Hello'"


def test_a_call_that_failed_is_told_where_its_answer_is_only_to_lack_something(written: Written) -> None:
    (message,) = _messages(VALUES.format(call="fail, returns: {excludes: secret}", expected=""), written)
    assert message.startswith("the call of 'fail' failed: ")
    assert _messages(VALUES.format(call="fail, returns: {contains: There is none}", expected=""), written) == []
    assert _messages(VALUES.format(call="fail, outcome: failed, returns: {excludes: x}", expected=""), written) == []


def test_a_script_in_which_the_agent_does_nothing_has_checked_nothing(written: Written) -> None:
    text = """\
scenario: desk
start: desk
agents: {desk: {instructions: You talk.}}
dialogues: [{id: silent, turns: [{user: Hi, expect: [{never_said: Bye}]}]}]
"""
    (result,) = replay(written(text))
    assert result.status == "skipped"
