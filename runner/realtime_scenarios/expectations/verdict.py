"""An expectation held against a trace, to a verdict."""

from __future__ import annotations

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.expectation import Expectation, Scope
from realtime_scenarios.trace import Trace


class Verdict(Struct, frozen=True):
    """`place` is the line that was checked, `at` the number of the event in question; None: no single one.

    `diff` are the lines that differ between what was expected and what was found, each with its sign before it; empty
    where the message says it all.
    """

    place: Place
    passed: bool
    message: str
    at: int | None = None
    diff: tuple[str, ...] = ()


def check(expectation: Expectation, trace: Trace, turn: int | None) -> Verdict:
    """Hold an expectation against a turn of the trace, or against the whole of it (None)."""
    failure = expectation.check(scope_of(trace, turn))
    if failure is None:
        return Verdict(expectation.place, True, "")
    return Verdict(expectation.place, False, failure.message, failure.at, failure.diff)


def scope_of(trace: Trace, turn: int | None) -> Scope:
    """What an expectation of a turn is about, or one of the whole conversation (None)."""
    before = trace.of_turn(0) if turn == 1 else ()
    events = trace.events if turn is None else (*before, *trace.of_turn(turn))
    return Scope(trace, turn, events)
