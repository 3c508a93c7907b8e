"""A fact to a way there: the shortest one, or one that is followed back and shortened as long as the rest is a way."""

from __future__ import annotations

from collections import deque

from realtime_scenarios.proof.cubes import Cube
from realtime_scenarios.proof.parting import TooManyParts
from realtime_scenarios.proof.reach import COMPARED_AT_ONCE, Arrival, Fact, Question, Reach, Shown
from realtime_scenarios.proof.slices import Graph
from realtime_scenarios.proof.steps import Position, Region, Step

MOST_AT_ONCE = 100
"""How many regions the same steps may lead to while a way is tried."""


def shortest_way(graph: Graph, question: Question, fact: Fact, most: int) -> tuple[Step, ...] | None:
    """The first way to the fact, breadth first; None: it takes more than `most` steps to find one."""
    came: dict[Region, tuple[Region, Step] | None] = {graph.start: None}
    seen: dict[Position, list[Cube]] = {graph.start.position: [graph.start.cube]}
    queue = deque(came)
    steps = compared = 0
    try:
        while queue and steps + compared // COMPARED_AT_ONCE < most:
            region = queue.popleft()
            if any(sight.fact == fact for sight in question.at(region)):
                return _steps_to(region, came)
            for edge in graph.edges(region):
                steps += 1
                step, is_fresh = edge.branch.step, edge.branch.is_fresh
                if question.is_banned(step, is_fresh):
                    continue
                origin = Region(region.position, edge.origin)
                if any(sight.fact == fact for sight in question.on(origin, step, is_fresh)):
                    return (*_steps_to(region, came), step)
                known = seen.setdefault(edge.to.position, [])
                compared += len(known)
                if not any(edge.to.cube & cube == edge.to.cube for cube in known):
                    known.append(edge.to.cube)
                    came[edge.to] = (region, step)
                    queue.append(edge.to)
    except TooManyParts:
        return None
    return None


def _steps_to(region: Region, came: dict[Region, tuple[Region, Step] | None]) -> tuple[Step, ...]:
    steps: list[Step] = []
    while (before := came[region]) is not None:
        region, step = before
        steps.append(step)
    return tuple(reversed(steps))


def lifted(graph: Graph, question: Question, fact: Fact, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Steps of agents who stand for their kinds, as agents take them who really come to it: as many, to the same fact.

    Agents of one kind can do the same (`alike.py`); so whoever is active, there is a step like the one that is wanted.
    """
    if not graph.is_folded:
        return steps
    ways: dict[Region, tuple[Region, tuple[Step, ...]]] = {graph.start: (graph.real_start, ())}
    for number, wanted in enumerate(steps, 1):
        after: dict[Region, tuple[Region, tuple[Step, ...]]] = {}
        for region, way in ways.values():
            for edge in graph.real_edges(region):
                step, is_fresh = edge.branch.step, edge.branch.is_fresh
                if graph.told(step) != graph.told(wanted) or question.is_banned(step, is_fresh):
                    continue
                if number == len(steps):
                    on = question.on(Region(region.position, edge.origin), step, is_fresh)
                    if any(sight.fact == fact for sight in (*on, *question.at(edge.to))):
                        return (*way, step)
                after.setdefault(graph.folded(edge.to), (edge.to, (*way, step)))
        ways = after
    return ()


def way_back(reach: Reach, fact: Fact, most: int) -> tuple[Step, ...]:
    """A way to a fact that was found; none of its stretches can be left out, as far as `most` tried steps tell."""
    return _Trials(reach, fact, most).shortened(_way_there(reach, reach.found[fact]))


def _way_there(reach: Reach, shown: Shown) -> tuple[Step, ...]:
    """The steps to where one conversation shows the fact.

    What is reachable is the union of all arrivals. So each conversation is in one of them, and came there by an edge
    that began in an earlier one: the numbers of arrivals only fall, until the start is reached.
    """
    arrivals: dict[Position, list[tuple[int, Arrival]]] = {}
    for at, arrival in enumerate(reach.arrivals):
        arrivals.setdefault(arrival.region.position, []).append((at, arrival))
    layout = reach.graph.layout
    steps = [] if shown.step is None else [shown.step]
    position, wanted = shown.region
    while True:
        arrival = next(
            arrival
            for _, arrival in arrivals[position]
            if all(arrival.region.cube & wanted & mask for mask in layout.masks_in(wanted))
        )
        if arrival.came is None:
            return tuple(reversed(steps))
        position, edge = arrival.came
        steps.append(edge.branch.step)
        passed = edge.branch.change.origins(edge.passed, wanted & arrival.region.cube, layout)
        wanted = edge.branch.given.origins(edge.origin, passed, layout)


class _Trials:
    """Whether steps lead to a fact, asked for one stretch after the other that is left out."""

    def __init__(self, reach: Reach, fact: Fact, most: int) -> None:
        self._graph = reach.graph
        self._question = reach.question
        self._fact = fact
        self._most = most
        self._tried = 0

    def shortened(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        size = len(steps)
        while size > 0:
            at = 0
            while at + size <= len(steps) and self._tried < self._most:
                shorter = steps[:at] + steps[at + size :]
                if self._lead_there(shorter):
                    steps = shorter
                else:
                    at += 1
            size = min(size - 1, len(steps))
        return steps

    def _lead_there(self, steps: tuple[Step, ...]) -> bool:
        question = self._question
        regions = {self._graph.start}
        is_seen = False
        for wanted in steps:
            after: set[Region] = set()
            is_seen = False
            for region in regions:
                for edge in self._graph.edges(region):
                    self._tried += 1
                    step, is_fresh = edge.branch.step, edge.branch.is_fresh
                    if step == wanted and not question.is_banned(step, is_fresh) and len(after) < MOST_AT_ONCE:
                        origin = Region(region.position, edge.origin)
                        is_seen = is_seen or any(s.fact == self._fact for s in question.on(origin, step, is_fresh))
                        after.add(edge.to)
            regions = after
        return is_seen or any(sight.fact == self._fact for region in regions for sight in question.at(region))
