"""The gates of a scenario to what is wrong with them: some never open, some have ways around them, some are claims."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import Condition, ToolSpec, functions_of, specs_of
from realtime_scenarios.proof.model import Key, Model, Step, model_of
from realtime_scenarios.proof.search import Fact, Reached, lines, reached
from realtime_scenarios.proof.tools import assumptions_of

FindingKind = Literal["never-opens", "unguarded", "skipped", "claimed"]


@dataclass(frozen=True, slots=True)
class GateFinding:
    """A gate that is weaker or stronger than it looks. `path` is the shortest way that was found; empty where none is.

    `other` is the thing that does the same without a gate.
    """

    kind: FindingKind
    subject: str
    place: Place
    path: tuple[str, ...] = ()
    other: str | None = None
    other_place: Place | None = None


def gate_findings(scenario: Scenario) -> tuple[GateFinding, ...]:
    """What is wrong with the gates of a scenario."""
    return gate_search(scenario)[1]


@functools.lru_cache(maxsize=8)
def gate_search(scenario: Scenario) -> tuple[Reached, tuple[GateFinding, ...]]:
    """The search through all gates, and what is wrong with them."""
    model = model_of(scenario)
    gates = _Gates(model)
    everything = reached(model, gates.looked)
    return everything, (*gates.never_open(everything), *gates.ways_around(everything), *gates.claimed())


class _Gates:
    """What a search looks at to say something about gates, and what it says."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._scenario = model.scenario
        self._specs = specs_of(self._scenario.tools)
        self._twins = _guarded_twins(self._specs)
        self._first = model.starts()

    def looked(self, key: Key, step: Step | None, fresh: bool) -> Iterator[Fact]:
        if step is None:
            yield from self._gate_facts(key)
        elif step.kind == "call" and not step.approval:
            name = f"{step.name}.{step.function}" if step.function else step.name
            for guarded in self._twins.get(name, ()):
                if guarded.approval or self._model.all_hold(guarded.requires, key) is not True:
                    yield "unguarded", guarded.name, name
            if self._specs[name].approval is not None:
                yield "skipped", name

    def _gate_facts(self, key: Key) -> Iterator[Fact]:
        model = self._model
        for tool in (spec for named in model.callable_tools(key) for _, spec in functions_of(named)):
            if tool.requires:
                yield "seen", tool.name
                if model.all_hold(tool.requires, key) is not False:
                    yield "opens", tool.name
        for edge, gates in model.handoffs(key):
            if edge.requires or any(gates):
                yield "seen", key.agent, edge.to
                ways = model.all_hold(edge.requires, key) is not False
                if ways and any(model.all_hold(gate, key) is not False for gate in gates):
                    yield "opens", key.agent, edge.to
        for way, is_open in model.ways(key):
            if way.requires:
                yield "seen", key.agent, key.state, way.place.pointer
                if is_open:
                    yield "opens", key.agent, key.state, way.place.pointer

    def never_open(self, found: Reached) -> Iterator[GateFinding]:
        if not found.is_complete:  # a gate may still open in what was not looked at
            return
        for fact, path in found.paths.items():
            if not isinstance(fact, tuple) or fact[0] != "seen":
                continue
            opens = ("opens", *fact[1:])
            if opens not in found.paths and opens not in found.undecided:
                subject, place = self._subject_and_place(fact)
                yield GateFinding("never-opens", subject, place, lines(path))

    def ways_around(self, found: Reached) -> Iterator[GateFinding]:
        tools = self._specs
        for fact, path in found.paths.items():
            match fact:
                case ("unguarded", str(guarded), str(other)):
                    place = tools[other].place
                    yield GateFinding("unguarded", guarded, tools[guarded].place, lines(path), other, place)
                case ("skipped", str(name)):
                    tool = tools[name]
                    if tool.approval is not None and not tool.requires and _is_declared_to_write(tool):
                        place = tool.approval.when.place if tool.approval.when else tool.approval.place
                        yield GateFinding("skipped", name, place, lines(path))

    def claimed(self) -> Iterator[GateFinding]:
        """Gates that the model opens by its own word."""
        tools = [tool for tool in self._specs.values() if any(self._claimable_conditions(tool))]
        if not tools:
            return
        names = {tool.name for tool in tools}

        def looked(key: Key, step: Step | None, fresh: bool) -> Iterator[Fact]:
            if step is None:
                for tool in (spec for named in self._model.callable_tools(key) for _, spec in functions_of(named)):
                    if tool.name in names and self._model.all_hold(tool.requires, key) is not False:
                        yield tool.name

        # what is found without checked steps was reached on the model's word alone; opening calls are always made
        def banned(key: Key, step: Step, fresh: bool) -> bool:
            return step.checked and step.by != "opening"

        found = reached(self._model, looked, banned)
        for tool in tools:
            if tool.name in found.paths:
                condition = next(self._claimable_conditions(tool))
                yield GateFinding("claimed", tool.name, condition.place, lines(found.paths[tool.name]))

    def _claimable_conditions(self, tool: ToolSpec) -> Iterator[Condition]:
        """Conditions that nobody but the model may have made true.

        A text or number that the model found out is what the caller said; only a yes or no counts as a claim, unless
        the tool writes. One that a person approves every time is safe.
        """
        context = self._scenario.context
        if tool.approval is not None and tool.approval.when is None:
            return
        for condition in tool.requires:
            read = [context[name] for name in self._model.read(condition.expression).variables if name in context]
            is_claim = tool.writes or any("boolean" in variable.schema.get("type", ()) for variable in read)
            if read and is_claim and all(self._model.holds(condition, key) is False for key in self._first):
                yield condition

    def _subject_and_place(self, fact: tuple[Any, ...]) -> tuple[str, Place]:
        agents = self._scenario.agents
        match fact:
            case (_, tool):
                return tool, self._specs[tool].requires[0].place
            case (_, agent, to):
                gated = [edge for edge in agents[agent].handoffs if edge.to == to and edge.requires]
                if gated:
                    return f"{agent} -> {to}", gated[0].requires[0].place
                states = self._model.machines[agent].states.values()
                ways = [way for state in states for way in state.transitions if way.handoff == to and way.requires]
                return f"{agent} -> {to}", ways[0].requires[0].place
            case (_, agent, state, pointer):
                transitions = self._model.machines[agent].states[state].transitions
                ways = [way for way in transitions if way.place.pointer == pointer]
                return f"{state} -> {ways[0].to}", ways[0].requires[0].place
        raise ValueError(f"no gate: {fact}")


def _guarded_twins(specs: Mapping[str, ToolSpec]) -> dict[str, tuple[ToolSpec, ...]]:
    """The guarded tools that do what an unguarded one does too, by the name of the unguarded one."""
    guarded: dict[Hashable, list[ToolSpec]] = {}
    for tool in specs.values():
        if (tool.requires or tool.approval) and (effect := assumptions_of(tool).effect) is not None:
            guarded.setdefault(effect, []).append(tool)
    return {
        tool.name: tuple(guarded[effect])
        for tool in specs.values()
        if not tool.requires and not tool.approval and (effect := assumptions_of(tool).effect) in guarded
    }


def _is_declared_to_write(tool: ToolSpec) -> bool:
    """Whether the file itself says that the tool writes: an approval alone makes `writes` true as well."""
    return bool(tool.place.value.get("writes", False))
