"""What a mutant is, and the catalogue of the kinds of change that make them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from realtime_scenarios.core import Registry
from realtime_scenarios.mutation.subject import Change, Subject


class Mutant(Struct, frozen=True):
    """A scenario with one change. `line` is the source line where its change begins; empty where there is none."""

    kind: str
    change: Change
    line: str


Changes = Callable[[Subject], Iterator[Change]]


class Kind(Struct, frozen=True):
    """A kind of change. `meaning` is one sentence that says what is otherwise in its mutants."""

    name: str
    meaning: str
    changes: Changes


KINDS: Registry[Kind] = Registry("kind of change")


def kind(name: str) -> Callable[[Changes], Changes]:
    """Enters a function as a kind of change; the first line of its docstring is what it means."""

    def entered(changes: Changes) -> Changes:
        KINDS.add(name, Kind(name, (inspect.getdoc(changes) or "").partition("\n")[0], changes))
        return changes

    return entered


def mutants_of(subject: Subject, names: Iterable[str] = ()) -> Iterator[Mutant]:
    """All mutants of a scenario, kind by kind. `names` are the kinds that are wanted; none: all."""
    wanted = frozenset(names)
    for name, known in KINDS.items():
        if wanted and name not in wanted:
            continue
        for change in known.changes(subject):
            yield Mutant(name, change, subject.line(change.span))
