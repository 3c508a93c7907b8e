"""A scenario's graph to the facts that can be reached in it, and to the shortest way to one of them.

Theory of operation. The graph is built in three floors: what conditions, answers and changes mean for many combinations
of values at once (`meaning.py`), what may become of an action (`actions.py`), and which actions there are at a position
(`model.py`). All that can happen is a set of positions, each with the values that the variables may have there, and
with the state in which every other agent was left, since one that is handed back to goes on there. Both multiply; so
nothing here goes through them one by one. A `Region` is a position with a cube of values, and what is known to be
reachable is a few regions for each position. Whether a fact can be reached, and how, are two questions:

    whether  `Reach` collects the regions that can be reached. One that lies within another is dropped, and where two
             are one cube together, that takes their place. The union stays exactly what can be reached: the order in
             which independent things happen is forgotten, and with it most of what multiplies.
    above    where that takes too long, one cube for each position (`Reach`, which is `rough` then): at least all that
             can happen, whatever belongs together. It is always small.
    slices   what was found from above alone is then looked for by itself, in the part of the scenario that has a say
             in it (`slices.py`): what that leaves out changes nothing that the fact depends on.
    how      `way_to` goes breadth first through the slice of the one fact that is to be shown, so that the way is the
             shortest. Where that takes too long, the regions of `Reach` are followed back to the start, and steps are
             left out as long as the rest is a way (`ways.py`): it is a real one without a step to spare.

What is not found from above cannot happen. What was found does happen. What is in between when the search gives up is
`undecided`: it is never said to be impossible (docs/decisions/0007 and 0019). All of this counts steps, not time: the
same file is told the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from realtime_scenarios.proof.reach import Fact, Question, Reach, Rough
from realtime_scenarios.proof.slices import Cone, Graph
from realtime_scenarios.proof.steps import Step
from realtime_scenarios.proof.ways import lifted, shortest_way, way_back

MOST_STEPS = 40_000
"""How many steps are looked at in all the slices of a question before the search gives up.

A scenario has three questions: its gates, what the model alone can open, and its properties. So this bounds what a
proof costs: to about two seconds of CPU time.
"""

FIRST_LOOK = 10_000
"""How many steps are looked at before the question is put in parts, which that of a large scenario is at once."""

STEPS_OF_WAY = 30_000
"""How many steps are looked at for the shortest ways to all facts of a kind."""

STEPS_PER_ACTION = 5
"""How many steps more are looked at for each thing that the scenario declares."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The facts that can be reached, each with the search that `found` it, and those that may or may not be.

    `steps` were looked at, from `regions`.
    """

    found: Mapping[Fact, Reach]
    undecided: frozenset[Fact]
    regions: int
    steps: int

    @property
    def is_complete(self) -> bool:
        return not self.undecided

    @property
    def extent(self) -> str:
        """How far was looked, for a person."""
        return f"undecided after {self.steps:,} steps from {self.regions:,} sets of states"


ROUGH_FIRST: tuple[Rough | None, ...] = ("above", None, "below")
"""The order in which a fact is looked for by itself: what cannot happen even roughly is settled soonest."""


def reached(graph: Graph, question: Question, *, most: int = MOST_STEPS) -> Reached:
    """All the facts that the question can be answered with; after `most` steps, the rest of them is undecided."""
    together = Reach(graph, question)
    if not graph.is_large and together.run(min(FIRST_LOOK, most) + STEPS_PER_ACTION * graph.size):
        return Reached(dict.fromkeys(together.found, together), frozenset(), together.regions, together.steps)
    found = dict.fromkeys(together.found, together)
    cones: dict[Cone, set[Fact]] = {}
    for fact in question.facts:
        if fact not in found:
            cones.setdefault(graph.closed(question.cone(fact)), set()).add(fact)
    undecided: set[Fact] = set()
    looked = [together]
    rest = most
    for at, (cone, facts) in enumerate(sorted(cones.items(), key=lambda pair: pair[0].size)):
        part = _Part(graph.within(cone), question, facts, rest // (len(cones) - at))
        rest -= sum(reach.steps for reach in part.looked)
        looked += part.looked
        found |= part.found
        undecided |= part.undecided
    regions, steps = sum(reach.regions for reach in looked), sum(reach.steps for reach in looked)
    return Reached(found, frozenset(undecided), regions, steps)


class _Part:
    """Which of a few facts can be reached in the slice that belongs to them, by three searches for a third each."""

    def __init__(self, graph: Graph, question: Question, facts: set[Fact], most: int) -> None:
        self.found: dict[Fact, Reach] = {}
        self.undecided = set(facts)
        self.looked: list[Reach] = []
        for rough in ROUGH_FIRST:
            reach = Reach(graph, question, rough)
            self.looked.append(reach)
            is_complete = reach.run(most // len(ROUGH_FIRST), until=self.undecided)
            if rough != "above":
                self.found |= dict.fromkeys(self.undecided & reach.found.keys(), reach)
            if is_complete and rough != "below":
                self.undecided &= reach.found.keys()
            self.undecided -= self.found.keys()
            if not self.undecided:
                return


def way_to(graph: Graph, question: Question, fact: Fact, found: Reached, *, among: int = 1) -> tuple[Step, ...]:
    """The shortest way to a fact that was found; where that takes too long, one without a step to spare.

    `among` is how many ways are asked for: they share the time that may be spent.
    """
    graph = graph.within(graph.closed(question.cone(fact)))
    shortest = shortest_way(graph, question, fact, STEPS_OF_WAY // among)
    if shortest is not None:
        return lifted(graph, question, fact, shortest)
    reach = found.found[fact]
    return lifted(reach.graph, question, fact, way_back(reach, fact, STEPS_OF_WAY // among))


def lines(path: Iterable[Step]) -> tuple[str, ...]:
    """The steps as people read them, counted from 1."""
    return tuple(f"{number}. {step}" for number, step in enumerate(path, 1))
