"""A graph to the part of it that has a say in a fact: the fields and the calls in its cone of influence.

A call outside the cone changes neither the position nor any value that decides about something in it. Leaving it out of
a way leaves a way, and a shorter one; so what can be reached of the fact, and the shortest way to it, stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from realtime_scenarios.proof.alike import Kinds, alike_of
from realtime_scenarios.proof.cubes import Cube, Layout
from realtime_scenarios.proof.model import Influence, Model
from realtime_scenarios.proof.steps import Action, Edge, Position, Region, Step

LARGE = 1_000
"""How many things may happen in a scenario whose agents are taken together where nothing tells them apart."""


class Cone(NamedTuple):
    """What has a say: fields, the names of calls that are looked at whatever they change, and agents that are `moving`.

    All other agents stay in the state in which they begin: it makes no difference in which one they are. The fact is
    about those that are `named`.
    """

    fields: Cube
    calls: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """How much has to be told apart."""
        return self.fields.bit_count()


class Graph:
    """What a search walks through: a model, or the slice of it within a cone, which must be closed.

    `kinds`: of agents that are alike in the slice, one stands for all.
    """

    def __init__(self, model: Model, cone: Cone | None = None, kinds: Kinds | None = None) -> None:
        self._model = model
        self._cone = cone
        self._kinds = kinds
        self._actions: dict[Position, tuple[Action, ...]] = {}
        self._closed: dict[Cone, Cone] = {}
        self._slices: dict[Cone, Graph] = {}

    @property
    def layout(self) -> Layout:
        return self._model.meaning.layout

    @property
    def size(self) -> int:
        """How many things are declared that may happen."""
        return self._model.declared

    @property
    def is_large(self) -> bool:
        return self.size > LARGE

    @property
    def evaluated(self) -> int:
        """How many expressions were looked at so far."""
        return self._model.meaning.evaluated

    @property
    def left_mask(self) -> Cube:
        return self._model.meaning.left_mask

    @property
    def start(self) -> Region:
        return self.folded(self.real_start)

    @property
    def real_start(self) -> Region:
        """The start with the agent that is active there, whoever stands for its kind."""
        return self._kept(self._model.start)

    def edges(self, region: Region) -> Iterator[Edge]:
        """All that can happen next."""
        edges = self.real_edges(region)
        return edges if self._kinds is None else (edge._replace(to=self.folded(edge.to)) for edge in edges)

    def real_edges(self, region: Region) -> Iterator[Edge]:
        """All that can happen next, to agents who really come next; one of each kind."""
        if self._cone is None:
            return self._model.edges(region)
        edges = self._model.edges(region, self._actions_at(region.position, self._cone))
        return (edge._replace(to=self._kept(edge.to)) for edge in edges)

    def folded(self, region: Region) -> Region:
        """The region with the agent that stands for its kind."""
        return region if self._kinds is None else Region(self._kinds.first_of(region.position), region.cube)

    @property
    def is_folded(self) -> bool:
        """Whether one agent may stand for others."""
        return self._kinds is not None

    def within(self, cone: Cone) -> Graph:
        """The slice that belongs to a cone."""
        if cone not in self._slices:
            self._slices[cone] = Graph(self._model, cone, self._kinds_in(cone) if self.is_large else None)
        return self._slices[cone]

    def closed(self, cone: Cone) -> Cone:
        """The cone with all that has a say in it: what decides about positions, and about the fields of the cone."""
        if cone not in self._closed:
            self._closed[cone] = self._closure(cone)
        return self._closed[cone]

    def told(self, step: Step) -> tuple[object, ...]:
        """What is the same of a step whichever agent of a kind takes it, or is handed off to."""
        name = step.name
        if step.kind == "handoff" and self._kinds is not None:
            name = self._kinds.first[name]
        return step.kind, name, step.function, step.approval, step.answered, step.checked

    def _kinds_in(self, cone: Cone) -> Kinds | None:
        model = self._model
        if model.meaning.reads_positions:
            return None

        def has_a_say(tool: str) -> bool:
            return any(self._has_a_say(influence, cone) for influence in model.influences_of(tool))

        return alike_of(model).kinds(cone.fields, cone.moving | cone.named, has_a_say)

    def _closure(self, cone: Cone) -> Cone:
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
            for action in model.influences:
                if self._has_a_say(action, cone):
                    fields |= action.reads & (~all_left | left)
                    moving.update(model.agents_that_decide(action))
            cone = cone._replace(fields=fields, moving=frozenset(moving))
        return cone

    def _has_a_say(self, action: Action | Influence, cone: Cone) -> bool:
        if action.moved in cone.moving or action.writes & cone.fields or action.spec in cone.calls:
            return True
        return action.moved is None and action.spec is None

    def _actions_at(self, position: Position, cone: Cone) -> tuple[Action, ...]:
        if position not in self._actions:
            model = self._model
            if self._kinds is None or position.agent in model.agents_that_lead_on:
                actions = model.actions(position)
            else:
                handoffs = model.handoffs_among(position, self._kinds.handoffs(position.agent))
                actions = (*model.own_actions(position), *handoffs)
            self._actions[position] = tuple(action for action in actions if self._has_a_say(action, cone))
        return self._actions[position]

    def _kept(self, region: Region) -> Region:
        return region if self._cone is None else Region(region.position, region.cube & self._cone.fields)
