"""A graph to the part of it that has a say in a fact: the fields and the calls in its cone of influence.

A call outside the cone changes neither the position nor any value that decides about something in it. Leaving it out of
a way leaves a way, and a shorter one; so what can be reached of the fact, and the shortest way to it, stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from realtime_scenarios.proof.cubes import Cube, Layout
from realtime_scenarios.proof.model import Model
from realtime_scenarios.proof.steps import Action, Edge, Position, Region


class Cone(NamedTuple):
    """What has a say: fields, the names of calls that are looked at whatever they change, and agents that are `moving`.

    All other agents stay in the state in which they begin: it makes no difference in which one they are.
    """

    fields: Cube
    calls: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """How much has to be told apart."""
        return self.fields.bit_count()


class Graph:
    """What a search walks through: a model, or the slice of it within a cone, which must be closed."""

    def __init__(self, model: Model, cone: Cone | None = None) -> None:
        self._model = model
        self._cone = cone
        self._actions: dict[Position, tuple[Action, ...]] = {}

    @property
    def layout(self) -> Layout:
        return self._model.meaning.layout

    @property
    def size(self) -> int:
        """How many things are declared that may happen."""
        return len(self._model.declared_actions)

    @property
    def evaluated(self) -> int:
        """How many expressions were looked at so far."""
        return self._model.meaning.evaluated

    @property
    def left_mask(self) -> Cube:
        return self._model.meaning.left_mask

    @property
    def start(self) -> Region:
        return self._kept(self._model.start)

    def edges(self, region: Region) -> Iterator[Edge]:
        """All that can happen next."""
        if self._cone is None:
            return self._model.edges(region)
        edges = self._model.edges(region, self._actions_at(region.position, self._cone))
        return (edge._replace(to=self._kept(edge.to)) for edge in edges)

    def within(self, cone: Cone) -> Graph:
        """The slice that belongs to a cone."""
        return Graph(self._model, cone)

    def closed(self, cone: Cone) -> Cone:
        """The cone with all that has a say in it: what decides about positions, and about the fields of the cone."""
        model, meaning = self._model, self._model.meaning
        all_left = meaning.left_mask
        if meaning.reads_positions:
            cone = cone._replace(moving=frozenset(model.machines))
        cone = cone._replace(moving=cone.moving | model.agents_that_lead_on)
        before = None
        while cone != before:
            before = cone
            fields, moving = cone.fields, set(cone.moving)
            left = meaning.left_mask_of(moving)
            for action in model.declared_actions:
                if self._has_a_say(action, cone):
                    fields |= action.reads & (~all_left | left)
                    moving.update(model.agents_that_decide(action))
            cone = Cone(fields, cone.calls, frozenset(moving))
        return cone

    def _has_a_say(self, action: Action, cone: Cone) -> bool:
        if action.moved in cone.moving or action.writes & cone.fields or action.spec in cone.calls:
            return True
        return action.moved is None and action.spec is None

    def _actions_at(self, position: Position, cone: Cone) -> tuple[Action, ...]:
        if position not in self._actions:
            actions = self._model.actions(position)
            self._actions[position] = tuple(action for action in actions if self._has_a_say(action, cone))
        return self._actions[position]

    def _kept(self, region: Region) -> Region:
        return region if self._cone is None else Region(region.position, region.cube & self._cone.fields)
