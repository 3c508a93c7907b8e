"""What a check says, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from realtime_scenarios.core import Registry
from realtime_scenarios.document import Place
from realtime_scenarios.trace import Trace, TraceEvent

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`place` is the line that was checked, `at` the number of the event in question; None: no single one."""

    place: Place
    passed: bool
    message: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an expectation does not hold, and at which event (None: no single one)."""

    message: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The events that an expectation is about: those of one `turn`, or all of them (None)."""

    trace: Trace
    turn: int | None
    events: tuple[TraceEvent, ...]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def end(self) -> int:
        """The turn at whose end things are looked at."""
        return self.turn if self.turn is not None else max((event.turn for event in self.trace), default=0)

    @property
    def last(self) -> int | None:
        return self.events[-1].seq if self.events else None


Check = Callable[[Any, Scope, Place], Failure | None]
"""Holds the value of an expectation against a scope: why it fails, or None."""

EXPECTATIONS: Registry[Check] = Registry("expectation")


def expectation(kind: str) -> Callable[[Check], Check]:
    """Registers a check under the key that files use."""

    def register(check: Check) -> Check:
        return EXPECTATIONS.add(kind, check)

    return register
