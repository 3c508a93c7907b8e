"""A slice of a scenario to the agents in it that nothing there tells apart: one of each kind stands for all of them.

Two agents are alike where they can do the same in the slice, and hand off, by the same gates and with the same changes,
to agents that are alike again (a bisimulation). Whatever happens to one can then happen to the other, in as many steps;
so of a mesh of two hundred agents a slice keeps the few that it speaks of, and one more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.model.scenario import HandoffSpec
from realtime_scenarios.proof.cubes import Cube
from realtime_scenarios.proof.model import Model
from realtime_scenarios.proof.steps import Position, Region


@dataclass(slots=True)
class _Bundle:
    """The handoffs of an agent that differ in where they lead only. `targets` has a bit for each agent."""

    gates: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]
    is_to_itself: bool
    targets: int = 0
    edges: dict[int, HandoffSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kinds:
    """The agents of a slice by kind: `first` says of each agent which one stands for its kind.

    `members` has the agents of each kind as bits.
    """

    first: Mapping[str, str]
    members: tuple[int, ...]
    _alike: Alike
    _fields: Cube

    def first_of(self, position: Position) -> Position:
        """Where the conversation would stand with the agent that stands for its kind."""
        first = self.first.get(position.agent, position.agent)
        if first == position.agent:
            return position
        return position._replace(agent=first, state=self._alike.entry(first))

    def handoffs(self, agent: str) -> tuple[HandoffSpec, ...]:
        """One handoff to each kind of agents, of those that differ in nothing else."""
        found: dict[tuple[Any, ...], HandoffSpec] = {}
        for bundle in self._alike.bundles[agent]:
            told = self._alike.told_apart_by(bundle, self._fields)
            for number, members in enumerate(self.members):
                if to := bundle.targets & members:
                    found.setdefault((told, number), bundle.edges[(to & -to).bit_length() - 1])
        return tuple(found.values())


class Alike:
    """The agents of a scenario, with what each of them can do outside its states, and hand off to."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._numbers = {agent: number for number, agent in enumerate(model.scenario.agents)}
        self.entry = model.entry
        self.bundles = {agent: tuple(self._bundles_of(agent)) for agent in self._numbers}
        over = len(model.opening)
        self._tools = {
            agent: frozenset(tool.name for tool in model.callable_tools(Position(over, agent, model.entry(agent))))
            for agent in self._numbers
        }

    def kinds(self, fields: Cube, apart: Collection[str], has_a_say: Callable[[str], bool]) -> Kinds:
        """The kinds of agents that `fields` tell apart.

        Each of `apart` is one by itself; the states of all others stay as they are. `has_a_say`: of a tool, whether its
        calls are looked at.
        """
        kept = frozenset(filter(has_a_say, self._model.scenario.tools))
        told: dict[str, tuple[Any, ...]] = {
            agent: (agent,) if agent in apart else ("", self._tools[agent] & kept) for agent in self._numbers
        }
        members = self._parted(told)
        bundles = {
            agent: [(self.told_apart_by(bundle, fields), bundle.targets) for bundle in self.bundles[agent]]
            for agent in self._numbers
            if agent not in apart
        }
        before = 0
        while before != len(members):
            before = len(members)
            kind_of = self._first_of(members)
            members = self._parted(
                {
                    agent: (kind_of[agent], *self._leads(bundles[agent], members)) if agent in bundles else (agent,)
                    for agent in self._numbers
                }
            )
        return Kinds(self._first_of(members), members, self, fields)

    def told_apart_by(self, bundle: _Bundle, fields: Cube) -> tuple[Any, ...]:
        """What makes handoffs differ: their gates, and what they set of the fields. One that fails lets none pass."""
        changes = []
        for name, text in bundle.changes:
            if not self._field(name):
                continue
            if self._field(name) & fields or self._model.meaning.read(text).variables:
                changes.append((name, text))
            elif self._fails(name, text):
                changes.append((name, ""))
        return bundle.gates, tuple(changes), bundle.is_to_itself

    def _leads(self, bundles: Iterable[tuple[Any, int]], members: tuple[int, ...]) -> tuple[frozenset[Any]]:
        return (
            frozenset(
                (told, number) for told, targets in bundles for number, kind in enumerate(members) if targets & kind
            ),
        )

    def _parted(self, told: Mapping[str, Any]) -> tuple[int, ...]:
        parts: dict[Any, int] = {}
        for agent, sign in told.items():
            parts[sign] = parts.get(sign, 0) | 1 << self._numbers[agent]
        return tuple(parts.values())

    def _first_of(self, members: tuple[int, ...]) -> dict[str, str]:
        names = tuple(self._numbers)
        found: dict[str, str] = {}
        for kind in members:
            first = names[(kind & -kind).bit_length() - 1]
            while kind:
                lowest = kind & -kind
                found[names[lowest.bit_length() - 1]] = first
                kind ^= lowest
        return found

    def _bundles_of(self, agent: str) -> Iterator[_Bundle]:
        found: dict[tuple[Any, ...], _Bundle] = {}
        for edge in self._model.scenario.agents[agent].handoffs:
            if edge.to in self._numbers:
                gates = tuple([condition.expression for condition in edge.requires])
                sign = (gates, tuple(edge.set.items()), edge.to == agent)
                bundle = found.get(sign)
                if bundle is None:
                    bundle = found[sign] = _Bundle(*sign)
                number = self._numbers[edge.to]
                bundle.targets |= 1 << number
                bundle.edges[number] = edge
        yield from found.values()

    @functools.cache  # noqa: B019 - it lives as long as the model, which is kept
    def _field(self, name: str) -> Cube:
        return self._model.meaning.layout.mask_of((name,))

    @functools.cache  # noqa: B019
    def _fails(self, name: str, text: str) -> bool:
        nowhere = Region(self._model.start.position, 0)
        return any(change is None for _, change in self._model.meaning.change_parts({name: text}, nowhere))


@functools.lru_cache(maxsize=32)
def alike_of(model: Model) -> Alike:
    """The one of a model: what was worked out once stays."""
    return Alike(model)
