"""What an expectation is to everybody else: it is read once, says what it speaks of, and is held against a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, Self, TypeVar

from msgspec import Struct

from realtime_scenarios.core import Registry
from realtime_scenarios.document import Place
from realtime_scenarios.model.mention import Mention, Renaming
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import Trace, TraceEvent, TurnMeasures

E = TypeVar("E")


class Failure(Struct, frozen=True):
    """Why an expectation does not hold, and at which event (None: no single one).

    `diff` are the lines that differ, each with its sign before it; empty where the message says it all.
    """

    message: str
    at: int | None = None
    diff: tuple[str, ...] = ()


class Scope(Struct, frozen=True, eq=False):
    """The events that an expectation is about: those of one `turn`, or all of them (None)."""

    trace: Trace
    turn: int | None
    events: tuple[TraceEvent, ...]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def measures(self) -> tuple[TurnMeasures, ...]:
        """What was measured in the turn, or in each of them."""
        measured = self.trace.measures
        return tuple(measured.values()) if self.turn is None else tuple(filter(None, [measured.get(self.turn)]))

    @property
    def end(self) -> int:
        """The turn at whose end things are looked at."""
        return self.turn if self.turn is not None else max((event.turn for event in self.trace), default=0)

    @property
    def last(self) -> int | None:
        return self.events[-1].seq if self.events else None


class Expectation(Protocol):
    """One thing that must be true of a turn or of a whole conversation. `expectations.Expected` is a base for kinds.

    What the schema allows below its key comes in through `read`, and ends there: everybody else asks the expectation.
    """

    @property
    def place(self) -> Place:
        """Where it stands: the value below its key."""
        ...

    @property
    def needs_scripted_model(self) -> bool:
        """Only a model that does as the dialogue says can be made to do this; with any other it is not looked at."""
        ...

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        """The expectation that a checked file states; `source` finds what only the reading of it shows."""
        ...

    def names(self) -> Iterable[Mention]:
        """All that it speaks of: what does not exist is found by lint."""
        ...

    def renamed(self, rename: Renaming) -> Self:
        """The same with its agents, tools, states and guardrails renamed: people may write other spellings of ids."""
        ...

    def check(self, scope: Scope) -> Failure | None:
        """Why it does not hold; None where it does."""
        ...


EXPECTATIONS: Registry[type[Expectation]] = Registry("expectation")
"""Every kind under the key that files use. `realtime_scenarios.expectations` fills it."""

K = TypeVar("K", bound=type[Expectation])


_OURS: set[type[Expectation]] = set()


def expectation(key: str) -> Callable[[K], K]:
    """Registers a kind of expectation of ours under the key that files use. Plug-ins register theirs by themselves."""

    def register(kind: K) -> K:
        EXPECTATIONS.add(key, kind)
        _OURS.add(kind)
        return kind

    return register


def is_judged_where_played(wanted: Expectation) -> bool:
    """Whether it is checked in the process that plays: code of others has no business in the one that judges."""
    return type(wanted) not in _OURS
