"""A cube of values to the parts in each of which an expression has one outcome: nothing is told apart in vain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from realtime_scenarios.proof.conditions import Fails, Moment, Read
from realtime_scenarios.proof.cubes import Cube, Layout
from realtime_scenarios.proof.domains import Domain
from realtime_scenarios.proof.steps import Position

MOST_PARTS = 4_000
"""Into how many parts one expression may part a cube before the search gives up."""

Outcome = TypeVar("Outcome")


class _Failing:
    """What comes of an expression that certainly fails."""


FAILS = _Failing()


class TooManyParts(Exception):
    """An expression tells too many combinations of values apart."""


class _Undetermined(Exception):
    """An expression looked at a variable that may have several values."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Space(NamedTuple):
    """The variables that are followed: the values that are told apart of each, and where their bits stand."""

    domains: Mapping[str, Domain]
    layout: Layout


class Splitting(Generic[Outcome]):
    """A cube into parts in each of which an expression has one outcome: parted only where the expression looks."""

    def __init__(self, space: Space, read: Read, position: Position, told: Callable[[Any], Outcome]) -> None:
        self._space = space
        self._read = read
        self._place = position
        self._told = told
        self.count = 0

    def parts(self, cube: Cube) -> list[tuple[Cube, Outcome]]:
        """The parts of the cube; no two of them are alike in all but one variable and in their outcome.

        Raises:
            TooManyParts: there are more than `MOST_PARTS`.
        """
        self.count += 1
        if self.count > MOST_PARTS:
            raise TooManyParts
        values = _Values(self._space, cube)
        try:
            return [(cube, self._told(self._read.evaluate(Moment(values, self._place.state, self._place.agent))))]
        except Fails:
            return [(cube, self._told(FAILS))]
        except _Undetermined as open_:
            field = self._space.layout[open_.name]
        joined: dict[tuple[Cube, Outcome], Cube] = {}
        for at in field.indexes(cube):
            for part, outcome in self.parts((cube & ~field.mask) | field.bit(at)):
                alike = (part & ~field.mask, outcome)
                joined[alike] = joined.get(alike, 0) | (part & field.mask)
        return [(rest | own, outcome) for (rest, outcome), own in joined.items()]


class _Values(Mapping[str, Any]):
    """The context in a cube: a variable that may have several values there cannot be looked at."""

    def __init__(self, space: Space, cube: Cube) -> None:
        self._space = space
        self._cube = cube

    def __getitem__(self, name: str) -> Any:
        if name not in self._space.domains:
            raise KeyError(name)
        field = self._space.layout[name]
        own = (self._cube & field.mask) >> field.first
        if own.bit_count() != 1:
            raise _Undetermined(name)
        return self._space.domains[name].values[own.bit_length() - 1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._space.domains)

    def __len__(self) -> int:
        return len(self._space.domains)
