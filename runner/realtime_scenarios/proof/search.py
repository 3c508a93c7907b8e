"""A scenario's graph to the facts that can be reached in it, each with the shortest way there that was found.

Theory of operation. A place is a `Key` (the active agent, its state, the values that conditions read) and `Left`: the
state in which every other agent was left, since one that is handed back to goes on there. Places that differ in `Left`
alone offer the same steps now, but lead to different ones later; so they must be told apart, and they multiply with
every agent that has states. `reached` therefore asks three questions, each of which is right by itself:

    exactly      all places, breadth first: the first way to anything is the shortest. Where it comes to its end, that
                 is the whole answer.
    from above   an agent may be found in any state in which it was ever left, on whatever way (`_possible_facts`). That
                 is at least all that can happen, for the price of keys alone.
    from below   places with the same `Key` are taken for the one that came first (`by_key`). Every way is a real one,
                 but some are missed, and those found need not be the shortest.

What is not found from above cannot happen. What is found exactly or from below does happen. Where all of the former is
among the latter the answer is whole; otherwise the exact search goes on to `most` places, and what is still in between
is `undecided`: it is never said to be impossible. Where there are too many places even for keys alone, nothing that was
not found is known (docs/decisions/0007).

A fact of a step depends on the edge and on whether its agent is fresh, a fact of a place on its key; so each is looked
at once, however many places share it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from realtime_scenarios.proof.model import Edge, Key, Model, Step

MOST_STATES = 20_000
"""How many abstract states are looked at before the search gives up."""

FIRST_LOOK = 1_000
"""How many states are looked at before parts of the question are answered by rougher means."""

STEPS_PER_STATE = 10
"""How many steps a state may have on average before the search gives up: variables with many values have many."""

Fact = Hashable
Looked = Callable[[Key, Step | None, bool], Iterable[Fact]]
"""The facts that a step from a place shows, or the place itself (None).

The flag: the step is a handoff to an agent that was never active.
"""

Banned = Callable[[Key, Step, bool], bool]

Left = tuple[tuple[str, str], ...]
"""The states in which agents were left, by agent; one that is not here was never active."""

Node = tuple[Key, Left]


@dataclass(frozen=True, slots=True)
class Reached:
    """The steps that lead to each fact that was found. `undecided` are facts that may be true but were not found.

    `is_complete`: everything that is not found cannot happen, but for the undecided. `states` were looked at.
    """

    paths: Mapping[Fact, tuple[Step, ...]]
    undecided: frozenset[Fact]
    is_complete: bool
    states: int


def reached(model: Model, looked: Looked, banned: Banned | None = None, *, most: int = MOST_STATES) -> Reached:
    """All the facts that `looked` shows on any way from the start that takes no banned step."""
    search = _Search(model, looked, banned)
    if search.run(min(FIRST_LOOK, most)):
        return Reached(search.paths(), frozenset(), True, search.count)
    possible = _possible_facts(model, looked, banned, most)
    if possible is not None and possible <= search.found.keys():
        return Reached(search.paths(), frozenset(), True, search.count)
    shortcut = _Search(model, looked, banned, by_key=True)
    shortcut.run(most)
    paths = {**shortcut.paths(), **search.paths()}
    if possible is not None and possible <= paths.keys():
        return Reached(paths, frozenset(), True, search.count + shortcut.count)
    is_complete = search.run(most)
    paths.update(search.paths())
    if is_complete:
        return Reached(paths, frozenset(), True, search.count)
    undecided = frozenset(possible - paths.keys()) if possible is not None else frozenset()
    return Reached(paths, undecided, possible is not None, search.count)


def lines(path: Iterable[Step]) -> tuple[str, ...]:
    """The steps as people read them, counted from 1."""
    return tuple(f"{number}. {step}" for number, step in enumerate(path, 1))


class _Search:
    """Breadth first, so that the first way to anything is the shortest. It can be stopped and run on.

    `by_key` takes places for the same where only the states of other agents differ: it finds real ways, but not all.
    """

    def __init__(self, model: Model, looked: Looked, banned: Banned | None, *, by_key: bool = False) -> None:
        self._model = model
        self._looked = looked
        self._banned = banned
        self._by_key = by_key
        start: Node = (model.start, ())
        self._came: dict[Node, tuple[Node, Step] | None] = {start: None}
        self._keys = {model.start}
        self._steps = 0
        self._queue = deque([start])
        self._facts: dict[tuple[int, bool], tuple[Fact, ...]] = {}
        self._looked_at: set[Key] = set()
        self.found: dict[Fact, tuple[Node, Step | None]] = {}

    @property
    def count(self) -> int:
        return len(self._came)

    def run(self, most: int) -> bool:
        """Looks at up to `most` states; whether that was all of them."""
        while self._queue:
            if len(self._came) > most or self._steps > most * STEPS_PER_STATE:
                return False
            self._expand(self._queue.popleft())
        return True

    def paths(self) -> dict[Fact, tuple[Step, ...]]:
        return {fact: self._steps_to(*at) for fact, at in self.found.items()}

    def _expand(self, node: Node) -> None:
        key, left = node
        if key not in self._looked_at:
            self._looked_at.add(key)
            for fact in self._looked(key, None, False):
                self.found.setdefault(fact, (node, None))
        for edge in self._model.edges(key):
            self._steps += 1
            step = edge.step
            to, fresh = _arrival(self._model, key, edge, left) if step.kind == "handoff" else ((edge.to, left), False)
            if self._banned is not None and self._banned(key, step, fresh):
                continue  # it is not taken, so it shows nothing either
            for fact in self._facts_of_step(key, edge, fresh):
                self.found.setdefault(fact, (node, step))
            if to not in self._came and not (self._by_key and to[0] in self._keys):
                self._came[to] = (node, step)
                self._keys.add(to[0])
                self._queue.append(to)

    def _facts_of_step(self, key: Key, edge: Edge, fresh: bool) -> tuple[Fact, ...]:
        memo = (id(edge), fresh)  # the model keeps its edges, so that an id is one edge's as long as this search lives
        if memo not in self._facts:
            self._facts[memo] = tuple(self._looked(key, edge.step, fresh))
        return self._facts[memo]

    def _steps_to(self, node: Node, last: Step | None) -> tuple[Step, ...]:
        steps = [] if last is None else [last]
        came = self._came[node]
        while came is not None:
            node, step = came
            steps.append(step)
            came = self._came[node]
        return tuple(reversed(steps))


def _arrival(model: Model, key: Key, edge: Edge, left: Left) -> tuple[Node, bool]:
    """Where a handoff arrives, and whether the agent was never active before."""
    states = dict(left)
    states[key.agent] = key.state or ""  # "": it has no states, but it has been active
    fresh = edge.to.agent not in states
    state = states.pop(edge.to.agent, None) or model.entry(edge.to.agent)
    return (edge.to._replace(state=state), tuple(sorted(states.items()))), fresh


def _possible_facts(model: Model, looked: Looked, banned: Banned | None, most: int) -> set[Fact] | None:
    """At least all the facts that can be reached: an agent may be found in any state in which it was ever left.

    None: there are more than `most` places.
    """
    facts: set[Fact] = set()
    steps = 0
    seen = {model.start}
    queue = deque(seen)
    resumed: dict[str, set[str | None]] = {agent: {model.entry(agent)} for agent in model.scenario.agents}
    waiting: dict[str, set[Key]] = {agent: set() for agent in model.scenario.agents}

    def visit(key: Key) -> None:
        if key not in seen:
            seen.add(key)
            queue.append(key)

    while queue:
        if len(seen) > most or steps > most * STEPS_PER_STATE:
            return None
        key = queue.popleft()
        facts.update(looked(key, None, False))
        for edge in model.edges(key):
            steps += 1
            is_handoff = edge.step.kind == "handoff"
            either = (False, True) if is_handoff else (False,)
            ways = tuple(fresh for fresh in either if banned is None or not banned(key, edge.step, fresh))
            for fresh in ways:
                facts.update(looked(key, edge.step, fresh))
            if not ways:
                continue
            if not is_handoff:
                visit(edge.to)
                continue
            # whoever hands off is left in this state: all handoffs to that agent, also earlier ones, may find it there
            if key.state not in resumed[key.agent]:
                resumed[key.agent].add(key.state)
                for arrival in waiting[key.agent]:
                    visit(arrival._replace(state=key.state))
            waiting[edge.to.agent].add(edge.to)
            for state in resumed[edge.to.agent]:
                visit(edge.to._replace(state=state))
    return facts
