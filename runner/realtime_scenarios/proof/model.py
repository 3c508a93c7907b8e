"""A scenario to the graph of everything that can happen next, with each context variable as one of a few values.

A position is where a conversation stands, and a cube which values its variables may have there, each by itself.
Nothing is enumerated before something reads it: a condition parts a cube only as far as its outcome differs, so that
twenty values that a state collects are one cube until a gate looks, and then as many as the gate can tell apart.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from realtime_scenarios.core import is_unsaid
from realtime_scenarios.model.scenario import HandoffSpec, Scenario, State, StateMachine, Transition
from realtime_scenarios.model.tool import Condition, ToolSpec, functions_of, specs_of
from realtime_scenarios.proof.conditions import UNKNOWN, Read, Some, read_expression, truth
from realtime_scenarios.proof.cubes import UNCHANGED, Change, Cube, Field, Layout
from realtime_scenarios.proof.domains import domains_of
from realtime_scenarios.proof.parting import FAILS, Outcome, Space, Splitting
from realtime_scenarios.proof.steps import Action, Branch, Edge, Position, Region, Step
from realtime_scenarios.proof.tools import assumptions_of, is_checked


class Model:
    """The graph of a scenario. What can happen is worked out when it is asked for, and kept."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.specs = specs_of(scenario.tools)
        self._read: dict[str, Read] = {}
        self.domains = domains_of(scenario, self.read)
        self.machines: dict[str, StateMachine] = {
            agent.id: agent.states
            for agent in scenario.agents.values()
            if agent.states is not None and agent.states.is_enforced and agent.states.states
        }
        # beside the variables, the state in which each agent was left, since one that is handed back to goes on there
        sizes: dict[Hashable, int] = {name: len(domain.values) for name, domain in self.domains.items()}
        sizes |= {_Left(agent): 1 + len(machine.states) for agent, machine in self.machines.items()}
        self.layout = Layout(sizes)
        self._space = Space(self.domains, self.layout)
        self.opening = scenario.opening.calls if scenario.opening else ()
        self.evaluated = 0
        """How many expressions were looked at so far: nearly all that a proof costs beside its steps."""
        self._masks: dict[str, Cube] = {}
        self._parts: dict[tuple[Any, ...], tuple[tuple[Cube, Any], ...]] = {}
        self._actions: dict[Position, tuple[Action, ...]] = {}
        self._branches: dict[tuple[int, Cube], tuple[Branch, ...]] = {}

    @property
    def start(self) -> Region:
        cube = sum(self.first_bit(name) for name in self.domains)
        cube |= sum(self.left_bit(agent, None) for agent in self.machines)
        return Region(Position(0, self.scenario.start, self.entry(self.scenario.start)), cube)

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
            known = position.agent in self.scenario.agents
            found = self._actions[position] = tuple(self._actions_at(position)) if known else ()
        return found

    @property
    def reads_positions(self) -> bool:
        """Whether any condition looks at the state of an agent."""
        return any(read.reads_position for read in self._read.values())

    @property
    def left_mask(self) -> Cube:
        """The fields that keep in which states agents were left."""
        return self.layout.mask_of(map(_Left, self.machines))

    def agents_that_decide(self, action: Action) -> Iterable[str]:
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
    def declared_actions(self) -> tuple[Action, ...]:
        """All that may happen anywhere."""
        return tuple(action for position in self._positions() for action in self.actions(position))

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

    def read(self, expression: str) -> Read:
        if expression not in self._read:
            self._read[expression] = read_expression(expression)
        return self._read[expression]

    def mask_of(self, expressions: Iterable[str]) -> Cube:
        """The fields of all variables that these expressions read."""
        found = 0
        for text in expressions:
            if text not in self._masks:
                self._masks[text] = self.layout.mask_of(self.read(text).variables)
            found |= self._masks[text]
        return found

    def truths(
        self, condition: Condition, region: Region, *, failing: bool = False
    ) -> Iterator[tuple[Cube, bool | None]]:
        """The cube in parts, each with whether the condition holds there.

        None: it depends on what is not known, such as the arguments. `failing` is what a condition means that cannot
        be evaluated.
        """

        def told(value: Any) -> bool | None:
            return failing if value is FAILS else truth(value)

        return self._parted(condition.expression, region, told, failing)

    def gate_parts(self, conditions: Iterable[Condition], region: Region) -> list[tuple[Cube, bool | None]]:
        """The cube in parts, each with whether a gate with these conditions opens there; None where it may."""
        parts: list[tuple[Cube, bool | None]] = [(region.cube, True)]
        for condition in conditions:
            parts = [
                (part, False if holds is False else None if None in (holds, before) else True)
                for cube, before in parts
                for part, holds in (
                    [(cube, False)]
                    if before is False  # shut is shut: nothing more is told apart
                    else self.truths(condition, Region(region.position, cube))
                )
            ]
        return parts

    def asked_parts(self, tool: ToolSpec, region: Region) -> Iterable[tuple[Cube, bool | None]]:
        """The cube in parts, each with whether a person is asked before the tool runs; None where it depends."""
        if tool.approval is None:
            return [(region.cube, False)]
        if tool.approval.when is None:
            return [(region.cube, True)]
        return self.truths(tool.approval.when, region, failing=True)

    def opens(self, conditions: Iterable[Condition], region: Region) -> bool | None:
        """Whether a gate with these conditions opens everywhere in the region, or nowhere; None: it depends."""
        found = {opens for _, opens in self.gate_parts(conditions, region)}
        return found.pop() if len(found) == 1 else None

    def may_open(self, conditions: Iterable[Condition], region: Region) -> bool:
        """Whether a gate with these conditions may open anywhere in the region."""
        return any(opens is not False for _, opens in self.gate_parts(conditions, region))

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

    def given_on_leaving(self, agent: str, state: State, way: Transition) -> Iterator[Change]:
        """What the model may bring along when it takes the transition: what is collected; nothing, on the way back."""
        if way.to is not None and self.machines[agent].leads_back(state.id, way.to):
            yield UNCHANGED
        stay, bits = -1, 0
        for collected in state.collect:
            if collected.variable in self.domains:
                domain, field = self.domains[collected.variable], self.layout[collected.variable]
                unsaid = [at for at, value in enumerate(domain.values) if collected.required and is_unsaid(value)]
                stay &= ~field.bits(unsaid)
                bits |= field.bits(domain.settable) & ~field.bits(unsaid)
        yield Change(stay, bits)

    def given_cube(self, cube: Cube, given: Change) -> Cube | None:
        """What the values are when these were given; None where a variable would have none."""
        after = given.of(cube)
        return after if all(after & mask for mask in self.layout.masks_in(cube)) else None

    def ways_open(self, region: Region) -> Iterator[tuple[int, bool]]:
        """The transitions to other states that have gates, by their number, with whether these may open."""
        state = self.state_at(region.position)
        for number, way in enumerate(state.transitions if state is not None else ()):
            if state is not None and way.to is not None and way.requires:
                cubes = (
                    self.given_cube(region.cube, given)
                    for given in self.given_on_leaving(region.position.agent, state, way)
                )
                left = [Region(region.position, cube) for cube in cubes if cube is not None]
                yield number, any(self.may_open(way.requires, after) for after in left)

    def first_bit(self, name: str) -> Cube:
        """The value that the variable begins with."""
        at = self.domains[name].index(self.scenario.context[name].default) or 0
        return self.layout[name].bit(at)

    def left_field(self, agent: str) -> Field:
        """Where it is kept in which state the agent was left."""
        return self.layout[_Left(agent)]

    def left_bit(self, agent: str, state: str | None) -> Cube:
        """That the agent was left in that state. None: it was never active, or is so now."""
        at = 0 if state is None else 1 + list(self.machines[agent].states).index(state)
        return self.left_field(agent).bit(at)

    def cube_of(self, context: Mapping[str, Any]) -> Cube | None:
        """One combination of values; None where the domain of a variable does not tell one of them apart."""
        indexes = {name: domain.index(context.get(name)) for name, domain in self.domains.items()}
        if None in indexes.values():
            return None
        return sum(self.layout[name].bit(at or 0) for name, at in indexes.items())

    def starts(self) -> tuple[Region, ...]:
        """Where the conversation may stand when the opening calls are over."""
        regions = [self.start]
        for _ in self.opening:
            regions = list(dict.fromkeys(edge.to for region in regions for edge in self.edges(region)))
        return tuple(regions)

    def answer_parts(self, tool: ToolSpec, region: Region) -> Iterator[tuple[Cube, tuple[Change, ...]]]:
        """The cube in parts, each with what the tool's answers may change there; nothing: no answer comes."""
        in_order = assumptions_of(tool).in_order
        parts: list[_Answered] = [_Answered(region.cube)]
        for answer in tool.stub.answers:
            after: list[_Answered] = []
            for part in parts:
                if part.is_over:
                    after.append(part)
                    continue
                here = Region(region.position, part.cube)
                held = [(part.cube, True)] if answer.when is None else self.truths(answer.when, here)
                for cube, holds in held:
                    if holds is False:
                        after.append(replace(part, cube=cube))
                        continue
                    is_over = bool(holds) and in_order  # what certainly holds hides all that stands behind it
                    if answer.fails:
                        after.append(replace(part, cube=cube, is_over=is_over))
                        continue
                    for changed, change in self.change_parts(answer.set, Region(region.position, cube)):
                        changes = part.changes if change is None else (*part.changes, change)
                        after.append(_Answered(changed, changes, is_over))
            parts = after
        return ((part.cube, part.changes) for part in parts)

    def change_parts(
        self, assignments: Mapping[str, str], region: Region, *, cleared: Collection[str] = ()
    ) -> list[tuple[Cube, Change | None]]:
        """The cube in parts, each with the change that these assignments make there; None: one of them fails.

        What is `cleared` becomes again what the conversation began with, unless it is set.
        """
        names = [name for name in assignments if name in self.domains]
        plain = Change()
        for name in cleared:
            if name in self.domains and name not in names:
                plain = Change(plain.stay & ~self.layout[name].mask, plain.bits | self.first_bit(name))
        parts: list[tuple[Cube, Change | None]] = [(region.cube, plain)]
        for name in names:
            told = functools.partial(self._assigned_bits, name)
            mask = self.layout[name].mask
            after: list[tuple[Cube, Change | None]] = []
            for cube, change in parts:
                if change is None:
                    after.append((cube, None))
                    continue
                for part, bits in self._parted(assignments[name], Region(region.position, cube), told, name):
                    after.append((part, Change(change.stay & ~mask, change.bits | bits) if bits else None))
            parts = after
        return parts

    def _actions_at(self, position: Position) -> Iterator[Action]:
        for tool in self.callable_tools(position):
            for function, spec in functions_of(tool):
                yield _Call(self, position, tool.name, function, spec)
        if position.opening < len(self.opening):
            return
        if position.inside:
            yield _Answering(self, position, self.specs[position.inside[-1]])
            return
        for edge, gates in self.handoffs(position):
            if edge.to in self.scenario.agents:
                yield _Handoff(self, position, edge, gates)
        state = self.state_at(position)
        for way in state.transitions if state is not None else ():
            if state is not None and way.to is not None and way.to in self.machines[position.agent].states:
                yield _Move(self, position, state, way, way.to)

    def _assigned_bits(self, name: str, value: Any) -> Cube:
        """The values that the variable may have when it is set to this; 0: none, so that nothing is set at all."""
        domain, field = self.domains[name], self.layout[name]
        if value is FAILS:  # the stub fails with it (`stubs.answers.updates`)
            return 0
        at = None if value is UNKNOWN or isinstance(value, Some) else domain.index(value)
        if at is None:
            return field.bits(domain.settable)
        return field.bit(at) if at in domain.settable else 0

    def _parted(
        self, expression: str, region: Region, told: Callable[[Any], Outcome], purpose: Any
    ) -> Iterator[tuple[Cube, Outcome]]:
        """The cube in parts, each with what is told of the expression's value there; `purpose` stands for `told`."""
        mask = self.mask_of((expression,))
        position, cube = region
        read = self.read(expression)
        seen = (position.agent, position.state) if read.reads_position else None
        memo = (expression, purpose, seen, cube & mask)
        parts = self._parts.get(memo)
        if parts is None:
            splitting = Splitting(self._space, read, position, told)
            parts = self._parts[memo] = tuple(splitting.parts(cube & mask))
            self.evaluated += splitting.count
        rest = cube & ~mask
        return ((rest | part, outcome) for part, outcome in parts)


@functools.lru_cache(maxsize=32)
def model_of(scenario: Scenario) -> Model:
    """The one model of a scenario: what was worked out once stays."""
    return Model(scenario)


class _Left(NamedTuple):
    """The name of the field that says in which state an agent was left."""

    agent: str


@dataclass(frozen=True, slots=True)
class _Answered:
    """Part of a cube, with the changes of the answers that may come. `is_over`: no further answer is looked at."""

    cube: Cube
    changes: tuple[Change, ...] = ()
    is_over: bool = False


class _Call:
    """A tool, or a function of its catalogue, is called."""

    def __init__(self, model: Model, position: Position, tool: str, function: str | None, spec: ToolSpec) -> None:
        self._model = model
        self._place = position
        self._tool = tool
        self._function = function
        self._spec = spec
        self._is_opening = position.opening < len(model.opening)
        asks = spec.approval.when if spec.approval is not None else None
        gates = [*spec.requires, *([asks] if asks is not None else [])]
        self.reads, self.writes = _answers_touch(model, spec)
        self.reads |= model.mask_of(gate.expression for gate in gates)
        self.spec = None if spec.stub.supervisor is not None or self._is_opening else spec.name
        self.moved = None

    def branches(self, cube: Cube) -> Iterator[Branch]:
        position, spec = self._place, self._spec
        by = (
            "opening"
            if self._is_opening
            else f"{position.agent} ({position.inside[-1]})"
            if position.inside
            else position.agent
        )
        after = position._replace(opening=position.opening + 1) if self._is_opening else position
        for gated, gate in self._model.gate_parts(spec.requires, Region(position, cube)):
            for part, asked in self._model.asked_parts(spec, Region(position, gated)):
                if self._is_opening and (gate is not True or asked is not False or assumptions_of(spec).may_fail):
                    yield Branch(Step("skip", by, self._tool), part, after)
                if gate is not False:
                    # where it depends on what is not known, such as arguments, both are ways
                    for approval in {True: (True,), False: (False,), None: (False, True)}[asked]:
                        yield from self._answered(part, by, after, approval=approval)

    def _answered(self, cube: Cube, by: str, after: Position, *, approval: bool) -> Iterator[Branch]:
        position, spec, model = self._place, self._spec, self._model
        step = Step("call", by, self._tool, self._function, approval, True, is_checked(spec))
        if spec.stub.supervisor is None:
            for part, changes in model.answer_parts(spec, Region(position, cube)):
                yield from (Branch(step, part, after, change) for change in changes)
                if not changes:  # where nothing but failures come back, the call was made all the same
                    yield Branch(replace(step, answered=False), part, after)
        elif self._is_opening:
            yield Branch(replace(step, checked=True), cube, after)
        elif spec.name not in position.inside and spec.stub.supervisor in model.scenario.supervisors:
            # none is entered within itself: `inside` must come to an end for the graph to be finite
            yield Branch(replace(step, answered=False), cube, after._replace(inside=(*position.inside, spec.name)))


class _Answering:
    """The supervisor behind a tool comes to an answer."""

    def __init__(self, model: Model, position: Position, tool: ToolSpec) -> None:
        self._model = model
        self._back = position._replace(inside=position.inside[:-1])
        self._tool = tool
        self.reads, self.writes = _answers_touch(model, tool)
        self.spec = self.moved = None

    def branches(self, cube: Cube) -> Iterator[Branch]:
        name = self._tool.name
        step = Step("answer", name, name, answered=True, checked=is_checked(self._tool))
        for part, changes in self._model.answer_parts(self._tool, Region(self._back, cube)):
            yield from (Branch(step, part, self._back, change) for change in changes)
        # a text model may always fail: then nothing is set
        yield Branch(replace(step, answered=False), cube, self._back)


class _Handoff:
    """An agent hands off to another one, which begins, or goes on where it was left."""

    def __init__(
        self, model: Model, position: Position, edge: HandoffSpec, gates: tuple[tuple[Condition, ...], ...]
    ) -> None:
        self._model = model
        self._place = position
        self._edge = edge
        self._gates = gates
        conditions = [condition for gate in (edge.requires, *gates) for condition in gate]
        self._resumes = edge.to in model.machines and edge.to != position.agent
        resumed = model.left_field(edge.to).mask if self._resumes else 0
        left = model.left_field(position.agent).mask if position.agent in model.machines else 0
        self.reads = resumed | model.mask_of((*(condition.expression for condition in conditions), *edge.set.values()))
        self.writes = resumed | left | model.layout.mask_of(edge.set)
        self.spec = self.moved = None

    def branches(self, cube: Cube) -> Iterator[Branch]:
        model, position, edge = self._model, self._place, self._edge
        step = Step("handoff", position.agent, edge.to)
        for gated, opens in model.gate_parts(edge.requires, Region(position, cube)):
            for part in self._open_parts(gated) if opens is not False else ():
                for origin, change in model.change_parts(edge.set, Region(position, part)):
                    if change is not None:
                        yield from self._arrivals(step, origin, change)

    def _open_parts(self, cube: Cube) -> Iterator[Cube]:
        """Where one of the gates of the transitions that name the agent may open."""
        shut = [cube]
        for gate in self._gates:
            parts = [part for rest in shut for part in self._model.gate_parts(gate, Region(self._place, rest))]
            yield from (part for part, opens in parts if opens is not False)
            shut = [part for part, opens in parts if opens is False]

    def _arrivals(self, step: Step, origin: Cube, change: Change) -> Iterator[Branch]:
        model, position, to = self._model, self._place, self._edge.to
        there = Position(position.opening, to, position.state if to == position.agent else model.entry(to))
        if position.agent in model.machines and to != position.agent:
            mask = model.left_field(position.agent).mask
            change = Change(change.stay & ~mask, change.bits | model.left_bit(position.agent, position.state))
        mask = model.left_field(to).mask if self._resumes else 0
        if not origin & mask:  # in a slice in which it stays where it begins
            yield Branch(step, origin, there, change, is_fresh=self._resumes)
            return
        change = Change(change.stay & ~mask, change.bits | model.left_bit(to, None))
        for state in (None, *model.machines[to].states):
            if found := origin & model.left_bit(to, state):
                arrival = there if state is None else there._replace(state=state)
                yield Branch(step, (origin & ~mask) | found, arrival, change, is_fresh=state is None)


class _Move:
    """An agent takes a transition to another of its states."""

    def __init__(self, model: Model, position: Position, state: State, way: Transition, to: str) -> None:
        self._model = model
        self._place = position
        self._state = state
        self._way = way
        self._to = to
        given = model.layout.mask_of(collected.variable for collected in state.collect)
        read = model.mask_of((*(condition.expression for condition in way.requires), *way.set.values()))
        self.reads = read | given
        self.writes = given | model.layout.mask_of((*way.set, *way.clear))
        self.spec = None
        self.moved = position.agent

    def branches(self, cube: Cube) -> Iterator[Branch]:
        model, way = self._model, self._way
        step = Step("move", self._place.agent, self._to)
        to = self._place._replace(state=self._to)
        for given in model.given_on_leaving(self._place.agent, self._state, way):
            after = model.given_cube(cube, given)
            gated = model.gate_parts(way.requires, Region(self._place, after)) if after is not None else []
            for passed in (part for part, opens in gated if opens is not False):
                for source, change in model.change_parts(way.set, Region(self._place, passed), cleared=way.clear):
                    if change is not None:
                        origin = given.origins(cube, source, model.layout)
                        yield Branch(step, origin, to, change, given, source)


def _answers_touch(model: Model, tool: ToolSpec) -> tuple[Cube, Cube]:
    """The fields that the tool's answers read, and those that they set."""
    conditions = [answer.when.expression for answer in tool.stub.answers if answer.when is not None]
    texts = [text for answer in tool.stub.answers for text in answer.set.values()]
    return model.mask_of((*conditions, *texts)), model.layout.mask_of(
        name for answer in tool.stub.answers for name in answer.set
    )
