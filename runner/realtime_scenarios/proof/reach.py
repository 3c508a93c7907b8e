"""A graph to the regions that can be reached in it, as few as possible, and to the facts that show there.

Regions that lie within others are dropped, and two that are one cube together become one. `search.py` says what for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from realtime_scenarios.proof.cubes import Cube
from realtime_scenarios.proof.parting import TooManyParts
from realtime_scenarios.proof.slices import Cone, Graph
from realtime_scenarios.proof.steps import Edge, Position, Region, Step

COMPARED_AT_ONCE = 64
"""How many regions are compared in the time that one step takes."""

EVALUATED_AT_ONCE = 2
"""How many expressions are evaluated in the time that one step takes."""

Fact = tuple[str, ...]

Rough = Literal["above", "below"]


class Sight(NamedTuple):
    """A fact, and the part of a cube in which it shows."""

    fact: Fact
    cube: Cube


@dataclass(frozen=True, slots=True)
class Question:
    """What a search looks for: which of the `facts` can be reached.

    `at` are those that a region shows, `on` those of a step from a region. `cone` is what has a say in a fact. No
    way goes on with a step that `is_banned`. The flag: the step is a handoff to an agent that was never active.
    """

    facts: Collection[Fact]
    at: Callable[[Region], Iterable[Sight]]
    on: Callable[[Region, Step, bool], Iterable[Sight]]
    cone: Callable[[Fact], Cone]
    is_banned: Callable[[Step, bool], bool] = lambda step, is_fresh: False


class Shown(NamedTuple):
    """Where a fact shows: in a region, or in a step from there."""

    region: Region
    step: Step | None = None


class Arrival(NamedTuple):
    """That a region was reached, and by which edge from where; None: it is the start."""

    region: Region
    came: tuple[Position, Edge] | None


class Reach:
    """All regions that can be reached, as few as possible.

    `rough`: it finds more than can be reached, since all of a position are taken together as one cube (`above`), or
    less, since those are taken for the same that differ in where other agents were left alone (`below`).
    """

    def __init__(self, graph: Graph, question: Question, rough: Rough | None = None) -> None:
        self.graph = graph
        self.question = question
        self.found: dict[Fact, Shown] = {}
        self.arrivals: list[Arrival] = []
        """In the order of time; the union of those of a position is what is known to be reachable there."""
        self.regions = 0
        self.steps = 0
        self._rough = rough
        self._compared_mask = ~graph.left_mask if rough == "below" else -1
        self._cover: dict[Position, list[Cube]] = {}
        self._waiting: list[tuple[int, int, Region]] = []
        self._compared = 0
        self._arrive(graph.start, None)

    def run(self, most: int, *, until: set[Fact] | None = None) -> bool:
        """Looks at up to `most` steps; whether that was all there is, or all of `until` was found."""
        evaluated = self.graph.evaluated
        try:
            while self._waiting:
                rest = self._compared // COMPARED_AT_ONCE + (self.graph.evaluated - evaluated) // EVALUATED_AT_ONCE
                if self.steps + rest > most:
                    return False
                _, _, region = heappop(self._waiting)
                if region.cube in self._cover[region.position]:  # otherwise it has become part of a larger one
                    self._expand(region)
                    if until is not None and until <= self.found.keys():
                        return True
        except TooManyParts:
            return False
        return True

    def _expand(self, region: Region) -> None:
        self.regions += 1
        question = self.question
        for fact, cube in question.at(region):
            self.found.setdefault(fact, Shown(Region(region.position, cube)))
        for edge in self.graph.edges(region):
            self.steps += 1
            step, is_fresh = edge.branch.step, edge.branch.is_fresh
            if question.is_banned(step, is_fresh):
                continue  # it is not taken, so it shows nothing either
            origin = Region(region.position, edge.origin)
            for fact, cube in question.on(origin, step, is_fresh):
                self.found.setdefault(fact, Shown(Region(region.position, cube), step))
            self._arrive(edge.to, (region.position, edge))

    def _arrive(self, region: Region, came: tuple[Position, Edge] | None) -> None:
        position, cube = region
        cover = self._cover.setdefault(position, [])
        self._compared += len(cover)
        for known in cover:
            if not cube & ~known & self._compared_mask:
                return
        self.arrivals.append(Arrival(region, came))
        if self._rough == "above":
            for known in cover:
                cube |= known
            cover.clear()
        else:
            cube = self._grown(cube, cover)
            cover[:] = [known for known in cover if known & cube != known]
        cover.append(cube)
        # the largest first: small ones have often become part of a larger one before it is their turn
        heappush(self._waiting, (-cube.bit_count(), len(self.arrivals), Region(position, cube)))

    def _grown(self, cube: Cube, cover: list[Cube]) -> Cube:
        """The largest cube that can be made of this one with what is known; nothing comes in that is not reachable."""
        layout = self.graph.layout
        before = 0
        while before != cube:
            before = cube
            self._compared += len(cover)
            for known in cover:
                if cube & ~known:
                    cube = layout.grown(cube, known)
        return cube
