"""Conditions that no conversation can change, and cases that are never come to."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.core import Related
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import choices_of, gates_of
from realtime_scenarios.model.tool import Answer, Condition, specs_of
from realtime_scenarios.templates import Constant, constants_in

_ELSE = "true"
"""A last case may say so: it is read as what it is."""


@rule("SC525", "constant-condition", "warning")
def constant_condition(subject: Subject) -> Iterator[Finding]:
    """A gate or a `when` asks for nothing that a conversation could change.

    Problem: a text in quotes holds always, so that `"'context.known'"` is a gate which is always open, and
    `context.plan == 'gold' or 'silver'` holds for everybody. Others never hold.
    Instead: write names without quotes, and repeat the comparison: `context.plan in ('gold', 'silver')`.
    """
    for gate in gates_of(subject.scenario):
        for constant in constants_in(gate.expression):
            if constant.holds or not constant.is_all:  # that a gate never opens is told as such (SC701)
                yield _finding(constant, gate)
    for choice in choices_of(subject.scenario):
        for constant in constants_in(choice.expression) if choice.expression.strip() != _ELSE else ():
            yield _finding(constant, choice)


@rule("SC526", "unreachable-case", "warning")
def unreachable_case(subject: Subject) -> Iterator[Finding]:
    """A case stands behind one that always holds, or asks for the same as one before it.

    Problem: the first case that holds is the answer, so this one never is.
    Instead: move the case without `when` to the end, or mend the condition.
    """
    for tool in specs_of(subject.scenario.tools).values():
        if tool.stub.assumptions.in_order:
            yield from _never_come_to(tool.stub.answers)


def _never_come_to(cases: tuple[Answer, ...]) -> Iterator[Finding]:
    before: dict[str, Answer] = {}
    for case in cases:
        condition = _ELSE if case.when is None or _always_holds(case.when) else " ".join(case.when.expression.split())
        earlier = before.get(_ELSE) or before.get(condition)
        if earlier is None:
            before[condition] = case
        elif _ELSE in before:
            related = Related("this one always holds", earlier.place.span)
            yield Finding("this case is never come to", case.place.span, "move it before the other", (related,))
        else:
            related = Related("the first one is here", earlier.place.span)
            yield Finding(f"'{condition}' is asked before", case.place.span, "mend the condition", (related,))


def _always_holds(condition: Condition) -> bool:
    return any(constant.is_all and constant.holds for constant in constants_in(condition.expression))


def _finding(constant: Constant, condition: Condition) -> Finding:
    always = "always holds" if constant.holds else "never holds"
    if constant.text is not None:
        names = "take the inner quotes away" if constant.is_all else "compare it with something, or write x in (a, b)"
        return Finding(f"'{constant.text}' is a text, which {always}", condition.place.span, names)
    if constant.is_all:
        hint = "ask for something that a conversation changes, or leave it out"
        return Finding(f"this {always}, whatever the conversation", condition.place.span, hint)
    return Finding(f"a part of this {always}", condition.place.span, "compare it with something, or leave it out")
