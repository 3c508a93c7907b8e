"""A scenario to the graph of everything that can happen next, with each context variable as one of a few values."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal, NamedTuple

from realtime_scenarios.core import is_unsaid
from realtime_scenarios.model.scenario import HandoffSpec, Scenario, State, Transition
from realtime_scenarios.model.tool import Condition, ToolSpec, functions_of, specs_of
from realtime_scenarios.proof.conditions import UNKNOWN, Fails, Moment, Read, Some, read_expression, truth
from realtime_scenarios.proof.domains import domains_of
from realtime_scenarios.proof.tools import assumptions_of, is_checked

Kind = Literal["call", "handoff", "move", "answer", "skip"]


class Key(NamedTuple):
    """Where a conversation stands, but for the states of the agents that are not active.

    `opening` counts the opening calls that are over. `state` is None where the runner does not track one. `values`
    holds the index of each tracked variable's value, `inside` the tools whose supervisors are at work.
    """

    opening: int
    agent: str
    state: str | None
    values: tuple[int, ...]
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens.

    `name` is the tool, agent or state; `function` one of a catalogue's functions. `approval`: whether a person says yes
    first, None where nobody is asked. `answered`: the tool's answer is there. `checked`: something but the model has a
    say in it.
    """

    kind: Kind
    by: str
    name: str
    function: str | None = None
    approval: bool = False
    answered: bool = False
    checked: bool = False

    def __str__(self) -> str:
        called = f"{self.name} ({self.function})" if self.function else self.name
        match self.kind:
            case "call":
                return f"{self.by}: calls {called}" + (" (a person approves)" if self.approval else "")
            case "handoff":
                return f"{self.by} -> {self.name}"
            case "move":
                return f"{self.by}: moves to {self.name}"
            case "answer":
                return f"{self.by}: answers"
            case "skip":
                return f"{self.by}: {called} gives no answer"


@dataclass(frozen=True, slots=True)
class Edge:
    """A step and where it leads. After a handoff, `to.state` is None: the agent is in the state that it was left in."""

    step: Step
    to: Key


class Model:
    """The graph of a scenario. Edges are worked out when they are asked for, and kept."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._read: dict[str, Read] = {}
        self._specs = specs_of(scenario.tools)
        self.domains = domains_of(scenario, self.read)
        self.variables = tuple(self.domains)
        self._index_of = {name: at for at, name in enumerate(self.variables)}
        self._held: dict[tuple[Any, ...], bool | None] = {}
        self._moments: dict[tuple[Any, ...], Moment] = {}
        self._edges: dict[Key, tuple[Edge, ...]] = {}
        self._calls = scenario.opening.calls if scenario.opening else ()
        self.machines = {
            agent.id: agent.states
            for agent in scenario.agents.values()
            if agent.states is not None and agent.states.is_enforced and agent.states.states
        }

    def entry(self, agent: str) -> str | None:
        """The state in which the agent begins."""
        return self.machines[agent].entry if agent in self.machines else None

    @property
    def start(self) -> Key:
        values = tuple(map(self._first_value, self.variables))
        return Key(0, self.scenario.start, self.entry(self.scenario.start), values)

    def edges(self, key: Key) -> tuple[Edge, ...]:
        """All that can happen next."""
        found = self._edges.get(key)
        if found is None:
            known = key.agent in self.scenario.agents
            found = self._edges[key] = tuple(dict.fromkeys(self._edges_from(key))) if known else ()
        return found

    def read(self, expression: str) -> Read:
        if expression not in self._read:
            self._read[expression] = read_expression(expression)
        return self._read[expression]

    def holds(self, condition: Condition, key: Key, *, failing: bool = False) -> bool | None:
        """Whether the condition holds there; None where it depends on what is not known, such as the arguments.

        `failing` is what a condition means that cannot be evaluated.
        """
        memo = (condition.expression, failing, key.agent, key.state, key.values)
        if memo not in self._held:
            try:
                self._held[memo] = truth(self.read(condition.expression).evaluate(self.moment(key)))
            except Fails:
                self._held[memo] = failing
        return self._held[memo]

    def all_hold(self, conditions: tuple[Condition, ...], key: Key) -> bool | None:
        """Whether a gate with these conditions opens there; None where it may."""
        found = [self.holds(condition, key) for condition in conditions]
        return False if False in found else None if None in found else True

    def is_asked(self, tool: ToolSpec, key: Key) -> bool | None:
        """Whether a person is asked before the tool runs there; None where it depends."""
        if tool.approval is None:
            return False
        return True if tool.approval.when is None else self.holds(tool.approval.when, key, failing=True)

    def moment(self, key: Key) -> Moment:
        memo = (key.agent, key.state, key.values)
        if memo not in self._moments:
            pairs = zip(self.variables, key.values, strict=True)
            values = {name: self.domains[name].values[at] for name, at in pairs}
            self._moments[memo] = Moment(values, key.state, key.agent)
        return self._moments[memo]

    def callable_tools(self, key: Key) -> Iterator[ToolSpec]:
        """The tools that are within reach there, whether their gates are open or not."""
        tools = self.scenario.tools
        if key.agent not in self.scenario.agents:
            return
        if key.opening < len(self._calls):
            yield from (tools[name] for name in self._calls[key.opening : key.opening + 1] if name in tools)
        elif key.inside:
            supervisor = self._specs[key.inside[-1]].stub.supervisor
            assert supervisor is not None
            yield from (tools[name] for name in self.scenario.supervisors[supervisor].tools if name in tools)
        else:
            homes = self.machines[key.agent].homes_of_tools if key.agent in self.machines else {}
            for name in dict.fromkeys(self.scenario.agents[key.agent].tools):
                if name in tools and (name not in homes or key.state in homes[name]):
                    yield tools[name]

    def handoffs(self, key: Key) -> Iterator[tuple[HandoffSpec, tuple[tuple[Condition, ...], ...]]]:
        """The handoffs that are within reach there, each with the gates of the transitions that name it.

        One of those gates must be open beside the handoff's own.
        """
        if key.inside or key.opening < len(self._calls) or key.agent not in self.scenario.agents:
            return
        machine = self.machines.get(key.agent)
        for edge in self.scenario.agents[key.agent].handoffs:
            if machine is None or edge.to not in machine.homes_of_handoffs:
                yield edge, ((),)
            elif key.state in machine.homes_of_handoffs[edge.to]:
                ways = machine.states[key.state].transitions
                yield edge, tuple(way.requires for way in ways if way.handoff == edge.to)

    def _edges_from(self, key: Key) -> Iterator[Edge]:
        for tool in self.callable_tools(key):
            for function, spec in functions_of(tool):
                yield from self._call_edges(tool, function, spec, key)
        if key.opening < len(self._calls):
            return
        if key.inside:
            name = key.inside[-1]
            tool = self._specs[name]
            back = key._replace(inside=key.inside[:-1])
            for to in self._keys_after_answer(tool, back):
                yield Edge(Step("answer", name, name, answered=True, checked=is_checked(tool)), to)
            # a text model may always fail: then nothing is set
            yield Edge(Step("answer", name, name, checked=is_checked(tool)), back)
            return
        for edge, gates in self.handoffs(key):
            is_open = self.all_hold(edge.requires, key) is not False
            if is_open and edge.to in self.scenario.agents and any(self.all_hold(g, key) is not False for g in gates):
                for values in self._values_after_setting(edge.set, key.values, key):
                    yield Edge(
                        Step("handoff", key.agent, edge.to), key._replace(agent=edge.to, state=None, values=values)
                    )
        if key.agent in self.machines and key.state is not None:
            yield from self._move_edges(self.machines[key.agent].states[key.state], key)

    def _call_edges(self, tool: ToolSpec, function: str | None, spec: ToolSpec, key: Key) -> Iterator[Edge]:
        is_opening = key.opening < len(self._calls)
        after = key._replace(opening=key.opening + 1) if is_opening else key
        by = "opening" if is_opening else f"{key.agent} ({key.inside[-1]})" if key.inside else key.agent
        gate = self.all_hold(spec.requires, key)
        asked = self.is_asked(spec, key)
        if is_opening and (gate is not True or asked is not False or assumptions_of(spec).may_fail):
            yield Edge(Step("skip", by, tool.name), after)
        if gate is False:
            return
        # where it depends on what is not known, such as arguments, both are ways
        for approval in {True: (True,), False: (False,), None: (False, True)}[asked]:
            if spec.stub.supervisor is not None:
                # none is entered within itself: `inside` must come to an end for the graph to be finite
                if spec.name not in key.inside and spec.stub.supervisor in self.scenario.supervisors and not is_opening:
                    step = Step("call", by, tool.name, function, approval, checked=is_checked(spec))
                    yield Edge(step, after._replace(inside=(*key.inside, spec.name)))
                elif is_opening:
                    yield Edge(Step("call", by, tool.name, function, approval, answered=True, checked=True), after)
                continue
            step = Step("call", by, tool.name, function, approval, True, is_checked(spec))
            found = [Edge(step, to) for to in self._keys_after_answer(spec, after, key)]
            # where nothing but failures come back, the call was made all the same
            yield from found or [Edge(replace(step, answered=False), after)]

    def starts(self) -> tuple[Key, ...]:
        """Where the conversation may stand when the opening calls are over."""
        keys = [self.start]
        for _ in self._calls:
            keys = list(dict.fromkeys(edge.to for key in keys for edge in self.edges(key)))
        return tuple(keys)

    def ways(self, key: Key) -> Iterator[tuple[Transition, bool]]:
        """The transitions to other states that leave from there, with whether their gates may open."""
        if key.agent in self.machines and key.state is not None and not key.inside and key.opening == len(self._calls):
            state = self.machines[key.agent].states[key.state]
            onward = list(self._keys_after_collecting(state, key))
            for way in state.transitions:
                if way.to is not None:
                    back = self.machines[key.agent].leads_back(state.id, way.to)
                    origins = [key, *onward] if back else onward
                    yield way, any(self.all_hold(way.requires, origin) is not False for origin in origins)

    def _move_edges(self, state: State, key: Key) -> Iterator[Edge]:
        known = self.machines[key.agent].states
        machine = self.machines[key.agent]
        for way in state.transitions:
            if way.to is None or way.to not in known:
                continue
            nothing_new = (key,) if machine.leads_back(state.id, way.to) else ()
            for origin in dict.fromkeys((*nothing_new, *self._keys_after_collecting(state, key))):
                if self.all_hold(way.requires, origin) is not False:
                    for values in self._values_after_way(way, origin):
                        yield Edge(Step("move", key.agent, way.to), origin._replace(state=way.to, values=values))

    def _values_after_way(self, way: Transition, origin: Key) -> Iterator[tuple[int, ...]]:
        """The values when the transition is taken: its `set` reads what stands before its `clear`."""
        cleared = list(origin.values)
        for name in way.clear:
            if name in self._index_of:
                cleared[self._index_of[name]] = self._first_value(name)
        return self._values_after_setting(way.set, tuple(cleared), origin)

    def _first_value(self, name: str) -> int:
        """The value that the variable begins with."""
        return self.domains[name].index(self.scenario.context[name].default) or 0

    def _keys_after_collecting(self, state: State, key: Key) -> Iterator[Key]:
        """The place with what the model may give when it leaves the state."""
        tracked = [collected for collected in state.collect if collected.variable in self._index_of]
        choices = [
            self._collectable_values(
                collected.variable, key.values[self._index_of[collected.variable]], collected.required
            )
            for collected in tracked
        ]
        for values in product(*choices):
            changed = list(key.values)
            for collected, value in zip(tracked, values, strict=True):
                changed[self._index_of[collected.variable]] = value
            yield key._replace(values=tuple(changed))

    def _collectable_values(self, name: str, current: int, required: bool) -> list[int]:
        """The values that a variable may have when the state is left: what is there, or one that the model gives."""
        domain = self.domains[name]
        return [
            at for at in dict.fromkeys((current, *domain.settable)) if not required or not is_unsaid(domain.values[at])
        ]

    def _keys_after_answer(self, tool: ToolSpec, after: Key, before: Key | None = None) -> Iterator[Key]:
        """The places where an answer of the tool leads."""
        here = before or after
        in_order = assumptions_of(tool).in_order
        for answer in tool.stub.answers:
            if answer.when is not None:
                holds = self.holds(answer.when, here)
                if holds is False:
                    continue
            else:
                holds = True
            if not answer.fails:
                for values in self._values_after_setting(answer.set, after.values, here):
                    yield after._replace(values=values)
            if holds and in_order:  # what certainly holds hides all that stands behind it
                return

    def _values_after_setting(
        self, changes: Mapping[str, str], values: tuple[int, ...], key: Key
    ) -> Iterator[tuple[int, ...]]:
        names = [name for name in changes if name in self._index_of]
        if not names:
            yield values
            return
        for chosen in product(*(self._assigned_values(name, changes[name], key) for name in names)):
            changed = list(values)
            for name, value in zip(names, chosen, strict=True):
                changed[self._index_of[name]] = value
            yield tuple(changed)

    def _assigned_values(self, name: str, expression: str, key: Key) -> tuple[int, ...]:
        domain = self.domains[name]
        try:
            value = self.read(expression).evaluate(self.moment(key))
        except Fails:  # the stub fails with it (`stubs.answers.updates`), so that nothing is set
            return ()
        if value is UNKNOWN or isinstance(value, Some):
            return domain.settable
        at = domain.index(value)
        return domain.settable if at is None else (at,) if at in domain.settable else ()


@functools.lru_cache(maxsize=32)
def model_of(scenario: Scenario) -> Model:
    """The one model of a scenario: edges that were worked out once stay."""
    return Model(scenario)
