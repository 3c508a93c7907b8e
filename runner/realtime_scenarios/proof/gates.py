"""The gates of a scenario to what is wrong with them: some never open, some have ways around them, some are claims."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import Condition, ToolSpec, functions_of
from realtime_scenarios.proof.cubes import Cube
from realtime_scenarios.proof.model import Model, model_of
from realtime_scenarios.proof.reach import Fact, Question, Sight
from realtime_scenarios.proof.search import Reached, lines, reached, way_to
from realtime_scenarios.proof.slices import Cone, Graph
from realtime_scenarios.proof.steps import Region, Step
from realtime_scenarios.proof.tools import assumptions_of

FindingKind = Literal["never-opens", "unguarded", "skipped", "claimed", "undecided"]


@dataclass(frozen=True, slots=True)
class GateFinding:
    """A gate that is weaker or stronger than it looks. `path` is the shortest way that was found; empty where none is.

    `other` is the thing that does the same without a gate. `undecided`: `problem` says what could not be found out, and
    how far was looked; it `may_be` a finding of that kind.
    """

    kind: FindingKind
    subject: str
    place: Place
    path: tuple[str, ...] = ()
    other: str | None = None
    other_place: Place | None = None
    may_be: FindingKind | None = None
    problem: str | None = None


def gate_findings(scenario: Scenario) -> tuple[GateFinding, ...]:
    """What is wrong with the gates of a scenario."""
    return gate_search(scenario)[1]


@functools.lru_cache(maxsize=8)
def gate_search(scenario: Scenario) -> tuple[Reached, tuple[GateFinding, ...]]:
    """The search through all gates, and what is wrong with them."""
    model = model_of(scenario)
    gates = _Gates(model)
    everything = reached(gates.graph, gates.question)
    findings = (*gates.never_open(everything), *gates.ways_around(everything), *gates.claimed())
    return everything, (*findings, *gates.undecided(everything))


class _Gates:
    """What a search looks at to say something about gates, and what it says."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._meaning = model.meaning
        self.graph = Graph(model)
        self._scenario = model.scenario
        self._specs = model.specs
        self._twins = _guarded_twins(self._specs)
        self.question = Question(tuple(self._facts()), self._gate_sights, self._call_sights, self._cone)

    def _facts(self) -> Iterator[Fact]:
        """All that may be found out about the gates of the scenario."""
        for name, tool in self._specs.items():
            if tool.requires:
                yield from (("seen", name), ("opens", name))
            if tool.approval is not None:
                yield "skipped", name
            yield from (("unguarded", guarded.name, name) for guarded in self._twins.get(name, ()))
        for agent in self._scenario.agents.values():
            machine = self._model.machines.get(agent.id)
            states = machine.states.values() if machine is not None else ()
            ways = [(state, number, way) for state in states for number, way in enumerate(state.transitions)]
            gated = {edge.to for edge in agent.handoffs if edge.requires}
            gated |= {way.handoff for _, _, way in ways if way.handoff is not None and way.requires}
            yield from ((kind, agent.id, to) for to in sorted(gated) for kind in ("seen", "opens"))
            for state, number, way in ways:
                if way.to is not None and way.requires:
                    yield from ((kind, agent.id, state.id, str(number)) for kind in ("seen", "opens"))

    def _gate_sights(self, region: Region) -> Iterator[Sight]:
        """Gates that are within reach (`seen`), and whether they may open there (`opens`)."""
        model, meaning, position = self._model, self._meaning, region.position
        for tool in _gated(model.callable_tools(position)):
            yield from self._sights(tool.requires, region, tool.name)
        for edge, gates in model.handoffs(position):
            if edge.requires or any(gates):
                yield Sight(("seen", position.agent, edge.to), region.cube)
                for gate in gates:
                    for cube, opens in meaning.gate_parts((*edge.requires, *gate), region):
                        if opens is not False:
                            yield Sight(("opens", position.agent, edge.to), cube)
        for number, may_open in model.ways_open(region):
            transition = (position.agent, position.state or "", str(number))
            yield Sight(("seen", *transition), region.cube)
            if may_open:
                yield Sight(("opens", *transition), region.cube)

    def _sights(self, gate: tuple[Condition, ...], region: Region, name: str) -> Iterator[Sight]:
        yield Sight(("seen", name), region.cube)
        for cube, opens in self._meaning.gate_parts(gate, region):
            if opens is not False:
                yield Sight(("opens", name), cube)

    def _call_sights(self, region: Region, step: Step, is_fresh: bool) -> Iterator[Sight]:
        """Calls that do what a guarded tool does, and those that nobody was asked about."""
        if step.kind != "call" or step.approval:
            return
        name = f"{step.name}.{step.function}" if step.function else step.name
        for guarded in self._twins.get(name, ()):
            for cube, opens in self._meaning.gate_parts(guarded.requires, region):
                if guarded.approval or opens is not True:
                    yield Sight(("unguarded", guarded.name, name), cube)
        if self._specs[name].approval is not None:
            yield Sight(("skipped", name), region.cube)

    def _cone(self, fact: Fact) -> Cone:
        match fact:
            case ("seen" | "opens" | "claimed" | "skipped", tool):
                return Cone(0, frozenset((tool,)))  # what its gate reads is in its cone
            case ("unguarded", guarded, other):
                return Cone(self._mask_of(self._specs[guarded].requires), frozenset((other,)))
            case (_, agent, _):  # what decides about handoffs is in every cone
                return Cone(0, named=frozenset((agent,)))
            case (_, agent, state, number):
                way = self._model.machines[agent].states[state].transitions[int(number)]
                return Cone(self._mask_of(way.requires), moving=frozenset((agent,)))
        raise ValueError(f"no gate: {fact}")

    def _mask_of(self, conditions: Iterable[Condition]) -> Cube:
        return self._meaning.mask_of(condition.expression for condition in conditions)

    def never_open(self, found: Reached) -> Iterator[GateFinding]:
        known = found.found.keys() | found.undecided
        seen = sorted(fact for fact in found.found if fact[0] == "seen")
        shut = [fact for fact in seen if ("opens", *fact[1:]) not in known]
        for fact in shut:
            subject, place = self._subject_and_place(fact)
            path = way_to(self.graph, self.question, fact, found, among=len(shut))
            yield GateFinding("never-opens", subject, place, lines(path))

    def ways_around(self, found: Reached) -> Iterator[GateFinding]:
        tools = self._specs
        around = sorted(fact for fact in found.found if fact[0] in ("unguarded", "skipped"))
        for fact in around:
            match fact:
                case ("unguarded", guarded, other):
                    path = way_to(self.graph, self.question, fact, found, among=len(around))
                    guard = tools[guarded].place
                    yield GateFinding("unguarded", guarded, guard, lines(path), other, tools[other].place)
                case ("skipped", name) if (place := self._skippable(name)) is not None:
                    path = way_to(self.graph, self.question, fact, found, among=len(around))
                    yield GateFinding("skipped", name, place, lines(path))
                case _:
                    pass

    def undecided(self, found: Reached) -> Iterator[GateFinding]:
        """What could not be found out about gates."""
        for fact in sorted(found.undecided):
            match fact:
                case ("unguarded", guarded, other):
                    problem = f"'{other}' may do what '{guarded}' does, without its gate"
                    yield _undecided("unguarded", guarded, self._specs[guarded].place, problem, found)
                case ("skipped", name) if (place := self._skippable(name)) is not None:
                    problem = f"'{name}' may write without anybody being asked"
                    yield _undecided("skipped", name, place, problem, found)
                case ("opens", *_):
                    subject, place = self._subject_and_place(fact)
                    yield _undecided("never-opens", subject, place, f"the gate of '{subject}' may never open", found)
                case _:
                    pass

    def _skippable(self, name: str) -> Place | None:
        """Where it stands that nobody need be asked, of a tool that writes and that nothing else guards."""
        tool = self._specs[name]
        if tool.approval is None or tool.requires or not _is_declared_to_write(tool):
            return None
        return tool.approval.when.place if tool.approval.when else tool.approval.place

    def claimed(self) -> Iterator[GateFinding]:
        """Gates that the model opens by its own word."""
        tools = {tool.name: tool for tool in self._specs.values() if any(self._claimable_conditions(tool))}
        if not tools:
            return

        def at(region: Region) -> Iterator[Sight]:
            for tool in _gated(self._model.callable_tools(region.position)):
                if tool.name in tools:
                    for cube, opens in self._meaning.gate_parts(tool.requires, region):
                        if opens is not False:
                            yield Sight(("claimed", tool.name), cube)

        facts = [("claimed", name) for name in tools]
        question = Question(facts, at, lambda region, step, is_fresh: (), self._cone, _is_checked)
        found = reached(self.graph, question)
        for name, tool in tools.items():
            fact = ("claimed", name)
            condition = next(self._claimable_conditions(tool))
            if fact in found.found:
                path = way_to(self.graph, question, fact, found, among=len(found.found))
                yield GateFinding("claimed", name, condition.place, lines(path))
            elif fact in found.undecided:
                problem = f"the model alone may be able to open the gate of '{name}'"
                yield _undecided("claimed", name, condition.place, problem, found)

    def _claimable_conditions(self, tool: ToolSpec) -> Iterator[Condition]:
        """Conditions that nobody but the model may have made true.

        A text or number that the model found out is what the caller said; only a yes or no counts as a claim, unless
        the tool writes. One that a person approves every time is safe.
        """
        context = self._scenario.context
        if tool.approval is not None and tool.approval.when is None:
            return
        for condition in tool.requires:
            read = [context[name] for name in self._meaning.read(condition.expression).variables if name in context]
            is_claim = tool.writes or any("boolean" in variable.schema.get("type", ()) for variable in read)
            if read and is_claim and self._is_shut_at_first(condition):
                yield condition

    def _is_shut_at_first(self, condition: Condition) -> bool:
        starts = self._model.starts()
        return not any(self._meaning.may_open((condition,), region) for region in starts)

    def _subject_and_place(self, fact: Fact) -> tuple[str, Place]:
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
            case (_, agent, state, number):
                way = self._model.machines[agent].states[state].transitions[int(number)]
                return f"{state} -> {way.to}", way.requires[0].place
        raise ValueError(f"no gate: {fact}")


def _gated(tools: Iterable[ToolSpec]) -> Iterator[ToolSpec]:
    """What has a gate, of all that can be called through the tools."""
    return (spec for tool in tools for _, spec in functions_of(tool) if spec.requires)


def _is_checked(step: Step, is_fresh: bool) -> bool:
    """Whether anything but the model has a say in the step; opening calls are always made."""
    return step.checked and step.by != "opening"


def _undecided(kind: FindingKind, subject: str, place: Place, problem: str, found: Reached) -> GateFinding:
    return GateFinding("undecided", subject, place, may_be=kind, problem=f"{problem}: {found.extent}")


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
