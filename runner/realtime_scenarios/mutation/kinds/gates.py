"""Conditions: what must hold before a tool is called, a handoff made, a transition taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from realtime_scenarios.document import Pointer
from realtime_scenarios.mutation.expressions import weaker_and_stronger
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import Change, Part, Subject


@kind("gate-dropped")
def gate_dropped(subject: Subject) -> Iterator[Change]:
    """What had a condition has it no more."""
    for part, what in gated(subject):
        required, pointer = part.data.get("requires"), (*part.pointer, "requires")
        if isinstance(required, list) and len(required) > 1:
            for index in range(len(required)):
                yield subject.dropped((*pointer, index), f"{what} has one condition less", _noticed_by(what))
        elif required is not None:
            yield subject.dropped(pointer, f"{what} has no condition", _noticed_by(what))


@kind("gate-part-dropped")
def gate_part_dropped(subject: Subject) -> Iterator[Change]:
    """A condition lacks one of the parts that `and` or `or` join."""
    for part, what in gated(subject):
        for pointer, expression in _conditions(part.data.get("requires"), (*part.pointer, "requires")):
            for rest, dropped in weaker_and_stronger(expression):
                yield subject.put(pointer, rest, f"{what} does not ask whether {dropped}", _noticed_by(what))


@kind("condition-part-dropped")
def condition_part_dropped(subject: Subject) -> Iterator[Change]:
    """A person is asked, or a branch is chosen, by a condition that lacks one of its parts."""
    for rule in subject.approvals:
        if isinstance(when := rule.data.get("when"), str):
            for rest, dropped in weaker_and_stronger(when):
                yield subject.put(
                    (*rule.pointer, "when"),
                    rest,
                    f"whether somebody is asked about '{rule.name}' does not depend on {dropped}",
                    f"one that calls '{rule.name}' where this part alone decides",
                )
    for tool in subject.tools:
        for index, case in enumerate(tool.data.get("cases", ())):
            if isinstance(when := case.get("when"), str):
                for rest, dropped in weaker_and_stronger(when):
                    yield subject.put(
                        (*tool.pointer, "cases", index, "when"),
                        rest,
                        f"which case of '{tool.name}' answers does not depend on {dropped}",
                        f"one that calls '{tool.name}' where this part alone decides",
                    )


def gated(subject: Subject) -> Iterator[tuple[Part, str]]:
    """All that may have a condition, each with what messages call it."""
    return chain(
        ((tool, f"'{tool.name}'") for tool in subject.tools),
        ((edge, f"the handoff {edge.name}") for edge in subject.handoffs),
        ((way, f"the transition {way.name}") for way in subject.transitions if subject.is_enforced(way)),
    )


def _conditions(required: object, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """The expressions in what is written below `requires`, each with where it stands."""
    if isinstance(required, list):
        for index, each in enumerate(required):
            yield from _conditions(each, (*pointer, index))
    elif isinstance(required, dict):
        if isinstance(required.get("when"), str):
            yield (*pointer, "when"), required["when"]
    elif isinstance(required, str):
        yield pointer, required


def _noticed_by(what: str) -> str:
    refused = "`outcome: refused`" if what.startswith("'") else "`refused: true`"
    return f"one that tries {what} where the condition does not hold, with {refused}"
