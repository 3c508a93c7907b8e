"""A scenario to the graph of everything that can happen next: which actions there are at each position.

A position is where a conversation stands, and a cube which values its variables may have there, each by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from realtime_scenarios.model.scenario import HandoffSpec, Scenario, State, StateMachine
from realtime_scenarios.model.tool import Condition, ToolSpec, functions_of, specs_of
from realtime_scenarios.proof.actions import Answering, Call, Handoff, Move
from realtime_scenarios.proof.cubes import Cube
from realtime_scenarios.proof.meaning import Meaning
from realtime_scenarios.proof.steps import Action, Branch, Edge, Position, Region


class Influence(NamedTuple):
    """What an action has a say in: see `Action`."""

    spec: str | None
    moved: str | None
    reads: Cube
    writes: Cube


class Model:
    """The graph of a scenario. What can happen is worked out when it is asked for, and kept."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.specs = specs_of(scenario.tools)
        self.machines: dict[str, StateMachine] = {
            agent.id: agent.states
            for agent in scenario.agents.values()
            if agent.states is not None and agent.states.is_enforced and agent.states.states
        }
        self.meaning = Meaning(scenario, self.machines)
        self._agents = scenario.agents
        self.opening = scenario.opening.calls if scenario.opening else ()
        self._actions: dict[Position, tuple[Action, ...]] = {}
        self._own: dict[Position, tuple[Action, ...]] = {}
        self._handoffs: dict[tuple[Position, int], Handoff] = {}
        self._branches: dict[tuple[int, Cube], tuple[Branch, ...]] = {}

    @property
    def start(self) -> Region:
        return Region(Position(0, self.scenario.start, self.entry(self.scenario.start)), self.meaning.first_cube)

    def entry(self, agent: str) -> str | None:
        """The state in which the agent begins."""
        return self.machines[agent].entry if agent in self.machines else None

    def edges(self, region: Region, actions: Iterable[Action] | None = None) -> Iterator[Edge]:
        """All that can happen next, or as much of it as comes of these actions."""
        position, cube = region
        for action in self.actions(position) if actions is None else actions:
            read = cube & action.reads
            memo = (id(action), read)  # actions are kept, so that an id is one action's as long as this model lives
            found = self._branches.get(memo)
            if found is None:
                found = self._branches[memo] = tuple(dict.fromkeys(action.branches(read)))
            rest = cube & ~action.reads
            for branch in found:
                origin = rest | branch.origin
                passed = branch.given.of(origin) & (branch.source | ~action.reads)
                yield Edge(branch, origin, passed, Region(branch.to, branch.change.of(passed)))

    def actions(self, position: Position) -> tuple[Action, ...]:
        """All that may happen there."""
        found = self._actions.get(position)
        if found is None:
            handed = (self._handoff(position, *way) for way in self.handoffs(position) if way[0].to in self._agents)
            own = self.own_actions(position)
            calls, moves = (action for action in own if not action.moved), (action for action in own if action.moved)
            found = self._actions[position] = (*calls, *handed, *moves)
        return found

    def own_actions(self, position: Position) -> tuple[Action, ...]:
        """All that may happen there but handoffs."""
        found = self._own.get(position)
        if found is None:
            found = self._own[position] = tuple(self._own_at(position)) if position.agent in self._agents else ()
        return found

    def handoffs_among(self, position: Position, edges: Iterable[HandoffSpec]) -> tuple[Action, ...]:
        """These handoffs, of an agent whose states do not decide about them."""
        if position.inside or position.opening < len(self.opening):
            return ()
        return tuple(self._handoff(position, edge, ((),)) for edge in edges)

    def starts(self) -> tuple[Region, ...]:
        """Where the conversation may stand when the opening calls are over."""
        regions = [self.start]
        for _ in self.opening:
            regions = list(dict.fromkeys(edge.to for region in regions for edge in self.edges(region)))
        return tuple(regions)

    def callable_tools(self, position: Position) -> Iterator[ToolSpec]:
        """The tools that are within reach there, whether their gates are open or not."""
        tools = self.scenario.tools
        if position.agent not in self.scenario.agents:
            return
        if position.opening < len(self.opening):
            yield from (tools[name] for name in self.opening[position.opening : position.opening + 1] if name in tools)
        elif position.inside:
            supervisor = self.specs[position.inside[-1]].stub.supervisor
            assert supervisor is not None
            yield from (tools[name] for name in self.scenario.supervisors[supervisor].tools if name in tools)
        else:
            machine = self.machines.get(position.agent)
            homes = machine.homes_of_tools if machine else {}
            for name in dict.fromkeys(self.scenario.agents[position.agent].tools):
                if name in tools and (name not in homes or position.state in homes[name]):
                    yield tools[name]

    def handoffs(self, position: Position) -> Iterator[tuple[HandoffSpec, tuple[tuple[Condition, ...], ...]]]:
        """The handoffs that are within reach there, each with the gates of the transitions that name it.

        One of those gates must be open beside the handoff's own.
        """
        if position.inside or position.opening < len(self.opening) or position.agent not in self.scenario.agents:
            return
        machine = self.machines.get(position.agent)
        for edge in self.scenario.agents[position.agent].handoffs:
            if machine is None or edge.to not in machine.homes_of_handoffs:
                yield edge, ((),)
            elif position.state in machine.homes_of_handoffs[edge.to]:
                ways = machine.states[position.state].transitions
                yield edge, tuple(way.requires for way in ways if way.handoff == edge.to)

    def state_at(self, position: Position) -> State | None:
        """The state that can be left there."""
        if position.agent not in self.machines or position.state is None:
            return None
        if position.inside or position.opening < len(self.opening):
            return None
        return self.machines[position.agent].states[position.state]

    def ways_open(self, region: Region) -> Iterator[tuple[int, bool]]:
        """The transitions to other states that have gates, by their number, with whether these may open."""
        meaning, position = self.meaning, region.position
        state = self.state_at(position)
        for number, way in enumerate(state.transitions if state is not None else ()):
            if state is not None and way.to is not None and way.requires:
                changes = meaning.given_on_leaving(position.agent, state, way)
                cubes = (meaning.given_cube(region.cube, given) for given in changes)
                left = [Region(position, cube) for cube in cubes if cube is not None]
                yield number, any(meaning.may_open(way.requires, after) for after in left)

    def agents_that_decide(self, action: Action | Influence) -> Iterable[str]:
        """The agents whose states decide whether the action is within reach."""
        if action.moved is not None:
            return (action.moved,)
        return self._homes.get(action.spec, ()) if action.spec is not None else ()

    @functools.cached_property
    def agents_that_lead_on(self) -> frozenset[str]:
        """The agents whose states decide where the conversation can go: by handoffs, and by what asks a supervisor."""
        ask = {
            tool.name
            for tool in self.scenario.tools.values()
            if any(spec.stub.supervisor is not None for _, spec in functions_of(tool))
        }
        return frozenset(
            agent
            for agent, machine in self.machines.items()
            if machine.homes_of_handoffs or ask & machine.homes_of_tools.keys()
        )

    @functools.cached_property
    def declared(self) -> int:
        """How many things may happen anywhere."""
        return sum(
            sum(len(functions_of(tool)) for tool in self.callable_tools(position))
            + sum(edge.to in self.scenario.agents for edge, _ in self.handoffs(position))
            + (len(state.transitions) if (state := self.state_at(position)) is not None else 0)
            for position in self._positions()
        )

    @functools.cached_property
    def influences(self) -> frozenset[Influence]:
        """What has a say in what, of all that may happen anywhere; the handoffs, which always have one, together."""
        found: set[Influence] = set()
        led_to: set[str] = set()
        texts: set[str] = set()
        for position in self._positions():
            for action in self.own_actions(position):
                found.add(Influence(action.spec, action.moved, action.reads, action.writes))
            for edge, gates in self.handoffs(position):
                if edge.to != position.agent:
                    led_to.add(edge.to)
                if edge.requires or edge.set or any(gates):
                    conditions = [condition.expression for gate in (edge.requires, *gates) for condition in gate]
                    texts.update(conditions, edge.set.values())
        read = self.meaning.left_mask_of(led_to) | self.meaning.mask_of(texts)
        return frozenset((*found, Influence(None, None, read, 0)))

    @functools.cache  # noqa: B019 - it lives as long as the model, which is kept
    def influences_of(self, tool: str) -> tuple[Influence, ...]:
        """What a call of the tool, or of a function of its catalogue, has a say in."""
        place = Position(len(self.opening), self.scenario.start, self.entry(self.scenario.start))
        calls = self._calls(self.scenario.tools[tool], place)
        return tuple(Influence(call.spec, call.moved, call.reads, call.writes) for call in calls)

    @functools.cached_property
    def _homes(self) -> dict[str, tuple[str, ...]]:
        """What belongs to states, with the agents whose states they are."""
        machines = self.machines.items()
        return {
            spec.name: tuple(agent for agent, machine in machines if tool.name in machine.homes_of_tools)
            for tool in self.scenario.tools.values()
            for _, spec in functions_of(tool)
        }

    def _positions(self) -> Iterator[Position]:
        """Positions at which everything that is declared may happen once."""
        over = len(self.opening)
        for at in range(over):
            yield Position(at, self.scenario.start, self.entry(self.scenario.start))
        for agent in self.scenario.agents:
            for state in self.machines[agent].states if agent in self.machines else (None,):
                yield Position(over, agent, state)
        for spec in self.specs.values():
            if spec.stub.supervisor in self.scenario.supervisors:
                yield Position(over, self.scenario.start, self.entry(self.scenario.start), (spec.name,))

    def _own_at(self, position: Position) -> Iterator[Action]:
        meaning = self.meaning
        for tool in self.callable_tools(position):
            yield from self._calls(tool, position)
        if position.opening < len(self.opening):
            return
        if position.inside:
            back = position._replace(inside=position.inside[:-1])
            yield Answering(meaning, self.specs[position.inside[-1]], back=back)
            return
        state = self.state_at(position)
        for way in state.transitions if state is not None else ():
            if state is not None and way.to is not None and way.to in self.machines[position.agent].states:
                yield Move(meaning, position, state, way, way.to)

    def _calls(self, tool: ToolSpec, position: Position) -> Iterator[Call]:
        is_opening = position.opening < len(self.opening)
        after = position._replace(opening=position.opening + 1) if is_opening else position
        for function, spec in functions_of(tool):
            inside = self._position_inside(position, spec)
            yield Call(self.meaning, position, tool.name, function, spec, after=after, inside=inside)

    def _handoff(self, position: Position, edge: HandoffSpec, gates: tuple[tuple[Condition, ...], ...]) -> Handoff:
        memo = (position, id(edge))
        found = self._handoffs.get(memo)
        if found is None:
            state_there = position.state if edge.to == position.agent else self.entry(edge.to)
            entry = Position(position.opening, edge.to, state_there)
            found = self._handoffs[memo] = Handoff(self.meaning, position, edge, gates, entry=entry)
        return found

    def _position_inside(self, position: Position, spec: ToolSpec) -> Position | None:
        """Where the supervisor behind the tool is at work; None: it has none, or that cannot be asked there."""
        # none is entered within itself: `inside` must come to an end for the graph to be finite
        if spec.name in position.inside or spec.stub.supervisor not in self.scenario.supervisors:
            return None
        return position._replace(inside=(*position.inside, spec.name))


@functools.lru_cache(maxsize=32)
def model_of(scenario: Scenario) -> Model:
    """The one model of a scenario: what was worked out once stays."""
    return Model(scenario)
