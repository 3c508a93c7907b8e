"""What is proved of a scenario's gates and properties, what is refuted and how, and where a trace breaks a property."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runner.core import did_you_mean
from runner.document import Place
from runner.model.names import handoff_tool_name
from runner.model.scenario import Property, Scenario
from runner.model.tool import (
    Condition,
    HttpStub,
    PythonStub,
    QueryStub,
    Stub,
    SupervisorStub,
    ToolSpec,
    functions_of,
    specs_of,
)
from runner.proof.model import Key, Model, Step, model_of
from runner.proof.search import Banned, Fact, Looked, Reached, reached
from runner.templates import Expression, TemplateError
from runner.trace import ApprovalDecided, ContextChanged, HandedOff, StateEntered, ToolCalled, ToolReturned, Trace

FindingKind = Literal["never-opens", "unguarded", "skipped", "claimed"]
Verdict = Literal["proved", "refuted", "undecided", "unknown-name"]

_RAN = ("answered", "failed", "timed_out")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that properties speak of: a tool that runs, an agent that takes over, a state that is entered."""

    kind: Literal["tool", "agent", "state"]
    name: str


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


@dataclass(frozen=True, slots=True)
class ToolProof:
    """Whether what a guarded tool does can only be done through its gates. `proved` False: `path` leads around them.

    `proved` None: there were more than `states` states, and nothing was found in those.
    """

    tool: str
    proved: bool | None
    states: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PropertyProof:
    """`problem` says what name is wrong, or why nothing could be decided."""

    property: Property
    verdict: Verdict
    path: tuple[str, ...] = ()
    problem: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class ProofReport:
    """`states` is how many abstract states were looked at; `is_complete`: those were all of them."""

    tools: tuple[ToolProof, ...]
    findings: tuple[GateFinding, ...]
    properties: tuple[PropertyProof, ...]
    states: int
    is_complete: bool


def proved(scenario: Scenario) -> ProofReport:
    """All that can be said about the gates and properties of a scenario without running it."""
    everything, findings = _gate_search(scenario)
    tools = []
    for tool in specs_of(scenario.tools).values():
        if tool.requires or tool.approval:
            paths = [one.path for one in findings if one.subject == tool.name and one.kind in ("unguarded", "skipped")]
            path = min(paths, key=len, default=())
            tools.append(
                ToolProof(tool.name, False if paths else everything.is_complete or None, everything.states, path)
            )
    properties = property_proofs(scenario)
    return ProofReport(tuple(tools), findings, properties, everything.states, everything.is_complete)


def gate_findings(scenario: Scenario) -> tuple[GateFinding, ...]:
    """What is wrong with the gates of a scenario."""
    return _gate_search(scenario)[1]


@functools.lru_cache(maxsize=8)
def _gate_search(scenario: Scenario) -> tuple[Reached, tuple[GateFinding, ...]]:
    model = model_of(scenario)
    gates = _Gates(model)
    everything = reached(model, gates.looked)
    return everything, (*gates.never_open(everything), *gates.ways_around(everything), *gates.claimed())


@functools.lru_cache(maxsize=8)
def property_proofs(scenario: Scenario) -> tuple[PropertyProof, ...]:
    """Whether the properties hold, in their order. One search answers all that wait for the same thing."""
    model = model_of(scenario)
    proofs = {at: _asked(one, model) for at, one in enumerate(scenario.properties)}
    waiting: dict[Happening | None, dict[int, _Question]] = {}
    for at, one in proofs.items():
        if isinstance(one, _Question):
            waiting.setdefault(one.first, {})[at] = one
    for first, questions in waiting.items():
        found = reached(model, _looking_for(questions, model), _until(first, model))
        proofs |= {at: _answered(at, one, found) for at, one in questions.items()}
    return tuple(one for one in proofs.values() if isinstance(one, PropertyProof))


def property_violations(scenario: Scenario, trace: Trace) -> list[tuple[Property, str, int]]:
    """The properties that a trace breaks, each with what happened and the `seq` of the event; names must be right."""
    found: list[tuple[Property, str, int]] = []
    for one in scenario.properties:
        if one.before is not None:
            first, second = (happening(name, scenario) for name in one.before)
            if isinstance(first, Happening) and isinstance(second, Happening):
                found += [(one, *broken) for broken in _too_early(first, second, scenario, trace)][:1]
        elif one.never is not None:
            what = happening(one.never, scenario)
            if isinstance(what, Happening):
                found += [(one, *broken) for broken in _forbidden(what, one.when, scenario, trace)]
    return sorted(found, key=lambda broken: broken[2])


def happening(name: str, scenario: Scenario) -> Happening | str:
    """What a name in a property means: `tool:x`, `agent:x`, `state:x`, or a bare name. A text: why it means none.

    The name of a handoff's function means the agent that it leads to.
    """
    agents = {
        edge.tool_name: edge.to for agent in scenario.agents.values() for edge in agent.handoffs if edge.tool_name
    }
    agents |= {handoff_tool_name(one.name): one.id for one in scenario.agents.values()}
    states = {state: None for one in scenario.agents.values() if one.states is not None for state in one.states.states}
    known: dict[str, Iterable[str]] = {"tool": scenario.tools, "agent": scenario.agents, "state": states}
    prefix, colon, rest = name.partition(":")
    if colon and prefix in known:
        kinds = [prefix] if rest in known[prefix] else []
    else:
        rest = name
        kinds = [kind for kind, names in known.items() if rest in names]
        if not kinds and rest in agents:
            return Happening("agent", agents[rest])
    if len(kinds) > 1:
        return f"'{name}' could be {' or '.join(f'{kind}:{rest}' for kind in kinds)}"
    if not kinds:
        return f"there is no {prefix if colon and prefix in known else 'tool, agent or state'} '{rest}'"
    match kinds[0]:
        case "tool":
            return Happening("tool", rest)
        case "agent":
            return Happening("agent", rest)
        case _:
            return Happening("state", rest)


class _Gates:
    """What a search looks at to say something about gates, and what it says."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._scenario = model.scenario
        self._specs = specs_of(self._scenario.tools)
        self._twins = _twins(self._specs)
        self._first = model.starts()

    def looked(self, key: Key, step: Step | None, fresh: bool) -> Iterator[Fact]:
        if step is None:
            yield from self._seen_at(key)
        elif step.kind == "call" and not step.approval:
            name = f"{step.name}.{step.function}" if step.function else step.name
            for guarded in self._twins.get(name, ()):
                if guarded.approval or self._model.all_hold(guarded.requires, key) is not True:
                    yield "unguarded", guarded.name, name
            if self._specs[name].approval is not None:
                yield "skipped", name

    def _seen_at(self, key: Key) -> Iterator[Fact]:
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
        if not found.is_complete:
            return
        for fact, path in found.paths.items():
            if not isinstance(fact, tuple) or fact[0] != "seen":
                continue
            opens = ("opens", *fact[1:])
            if opens not in found.paths and opens not in found.undecided:
                subject, place = self._gate(fact)
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
                    if tool.approval is not None and not tool.requires and _says_writes(tool):
                        place = tool.approval.when.place if tool.approval.when else tool.approval.place
                        yield GateFinding("skipped", name, place, lines(path))

    def claimed(self) -> Iterator[GateFinding]:
        """Gates that the model opens by its own word."""
        tools = [tool for tool in self._specs.values() if any(self._claims(tool))]
        if not tools:
            return
        names = {tool.name for tool in tools}

        def looked(key: Key, step: Step | None, fresh: bool) -> Iterator[Fact]:
            if step is None:
                for tool in (spec for named in self._model.callable_tools(key) for _, spec in functions_of(named)):
                    if tool.name in names and self._model.all_hold(tool.requires, key) is not False:
                        yield tool.name

        def banned(key: Key, step: Step, fresh: bool) -> bool:
            return step.checked and step.by != "opening"

        found = reached(self._model, looked, banned)
        for tool in tools:
            if tool.name in found.paths:
                condition = next(self._claims(tool))
                yield GateFinding("claimed", tool.name, condition.place, lines(found.paths[tool.name]))

    def _claims(self, tool: ToolSpec) -> Iterator[Condition]:
        """Conditions that nobody but the model may have made true.

        A text or number that the model found out is what the caller said; only a yes or no counts as a claim, unless
        the tool writes. One that a person approves every time is safe.
        """
        context = self._scenario.context
        if tool.approval is not None and tool.approval.when is None:
            return
        for condition in tool.requires:
            read = [context[name] for name in self._model.read(condition.expression).variables if name in context]
            is_claim = tool.writes or any("boolean" in one.schema.get("type", ()) for one in read)
            if read and is_claim and all(self._model.holds(condition, key) is False for key in self._first):
                yield condition

    def _gate(self, fact: tuple[Any, ...]) -> tuple[str, Place]:
        agents = self._scenario.agents
        match fact:
            case (_, tool):
                return tool, self._specs[tool].requires[0].place
            case (_, agent, to):
                edge = next(one for one in agents[agent].handoffs if one.to == to)
                if edge.requires:
                    return f"{agent} -> {to}", edge.requires[0].place
                states = self._model.machines[agent].states.values()
                ways = [way for state in states for way in state.transitions if way.handoff == to and way.requires]
                return f"{agent} -> {to}", ways[0].requires[0].place
            case (_, agent, state, pointer):
                ways = [
                    one for one in self._model.machines[agent].states[state].transitions if one.place.pointer == pointer
                ]
                return f"{state} -> {ways[0].to}", ways[0].requires[0].place
        raise ValueError(f"no gate: {fact}")


def lines(path: Iterable[Step]) -> tuple[str, ...]:
    """The steps as people read them, counted from 1."""
    return tuple(f"{number}. {step}" for number, step in enumerate(path, 1))


@dataclass(frozen=True, slots=True)
class _Question:
    """Whether `last` can happen while `condition` holds, and where `first` is not None, before it has happened."""

    property: Property
    first: Happening | None
    last: Happening
    condition: Condition | None


def _asked(one: Property, model: Model) -> _Question | PropertyProof:
    """What is to be looked for; the proof itself where nothing is."""
    scenario = model.scenario
    names = one.before if one.before is not None else (one.never or "",)
    meant = [happening(name, scenario) for name in names]
    for name, what in zip(names, meant, strict=True):
        if isinstance(what, str):
            return PropertyProof(one, "unknown-name", problem=what, hint=_nearest(name, what, scenario))
    known = [what for what in meant if isinstance(what, Happening)]
    question = _Question(one, known[0] if one.before is not None else None, known[-1], one.when)
    if question.first is not None and _at_start(question.first, model):
        return PropertyProof(one, "proved")
    if _at_start(question.last, model) and (one.when is None or model.holds(one.when, model.start)):
        return PropertyProof(one, "refuted", ("1. the conversation begins there",))
    return question


def _until(first: Happening | None, model: Model) -> Banned | None:
    """No way goes on once `first` has happened."""
    if first is None:
        return None
    return lambda key, step, fresh: _happens(first, step, fresh, model, answered=True)


def _looking_for(questions: Mapping[int, _Question], model: Model) -> Looked:
    """Facts `(verdict, number of the question)`."""

    def looked(key: Key, step: Step | None, fresh: bool) -> Iterator[Fact]:
        if step is None:
            return
        for at, one in questions.items():
            if _happens(one.last, step, fresh, model, answered=False):
                holds = True if one.condition is None else model.holds(one.condition, key)
                if holds is not False:
                    yield ("broken" if holds else "perhaps"), at

    return looked


def _answered(at: int, one: _Question, found: Reached) -> PropertyProof:
    if ("broken", at) in found.paths:
        return PropertyProof(one.property, "refuted", lines(found.paths["broken", at]))
    if ("perhaps", at) in found.paths:
        problem = "`when` depends on what cannot be known here"
        return PropertyProof(one.property, "undecided", lines(found.paths["perhaps", at]), problem)
    if not found.is_complete or found.undecided & {("broken", at), ("perhaps", at)}:
        problem = f"there are more than {found.states:,} states to look at"
        return PropertyProof(one.property, "undecided", problem=problem)
    return PropertyProof(one.property, "proved")


def _happens(what: Happening, step: Step, fresh: bool, model: Model, *, answered: bool) -> bool:
    """Whether the step is it. A tool happens when it runs; as the first of two, only when it has `answered`."""
    match what.kind:
        case "tool":
            if answered:
                return step.kind in ("call", "answer") and step.name == what.name and step.answered
            return step.kind == "call" and step.name == what.name
        case "agent":
            return step.kind == "handoff" and step.name == what.name
        case "state":
            if step.kind == "handoff":
                return fresh and model.entry(step.name) == what.name
            return step.kind == "move" and step.name == what.name


def _at_start(what: Happening, model: Model) -> bool:
    start = model.start
    return (what.kind == "agent" and what.name == start.agent) or (what.kind == "state" and what.name == start.state)


def _nearest(name: str, problem: str, scenario: Scenario) -> str:
    if " could be " in problem:
        return "put the kind before it, as in tool:NAME"
    prefix, colon, rest = name.partition(":")
    states = [state for one in scenario.agents.values() if one.states is not None for state in one.states.states]
    known: dict[str, list[str]] = {"tool": [*scenario.tools], "agent": [*scenario.agents], "state": states}
    if colon and prefix in known:
        return did_you_mean(rest, known[prefix])
    return did_you_mean(name, dict.fromkeys(one for names in known.values() for one in names))


def _twins(specs: Mapping[str, ToolSpec]) -> dict[str, tuple[ToolSpec, ...]]:
    """The guarded tools that do what an unguarded one does too, by the name of the unguarded one."""
    guarded: dict[Hashable, list[ToolSpec]] = {}
    for tool in specs.values():
        if (tool.requires or tool.approval) and (effect := _effect(tool.stub)) is not None:
            guarded.setdefault(effect, []).append(tool)
    return {
        tool.name: tuple(guarded[effect])
        for tool in specs.values()
        if not tool.requires and not tool.approval and (effect := _effect(tool.stub)) in guarded
    }


def _effect(stub: Stub) -> Hashable | None:
    """What the stub does, apart from the words of its answer; None where that is nothing but words."""
    match stub:
        case QueryStub():
            return "query", tuple(" ".join(one.text.split()).rstrip("; ").casefold() for one in stub.sql)
        case PythonStub():
            return "python", stub.target
        case SupervisorStub():
            return "supervisor", stub.name
        case HttpStub():
            return "http", stub.method, stub.url
        case _:
            return None


def _says_writes(tool: ToolSpec) -> bool:
    """Whether the file itself says that the tool writes: an approval alone makes `writes` true as well."""
    value = tool.place.document.data
    for step in tool.place.pointer:
        value = value[step]
    return bool(value.get("writes", False))


@dataclass(frozen=True, slots=True)
class _Deed:
    """One thing that happened in a trace, with what was known just before."""

    seq: int
    what: Happening
    values: dict[str, Any]
    answered: bool = True


def _deeds(scenario: Scenario, trace: Trace) -> Iterator[_Deed]:
    context = dict(trace.context)
    states: dict[str, str] = {}
    before: dict[str, dict[str, Any]] = {}
    agent = trace.start

    def values() -> dict[str, Any]:
        return {"context": dict(context), "state": states.get(agent), "agent": agent}

    def entered(seq: int) -> Iterator[_Deed]:
        machine = scenario.agents[agent].states if agent in scenario.agents else None
        if machine is not None and machine.is_enforced and agent not in states:
            states[agent] = trace.entries.get(agent, machine.entry)
            yield _Deed(seq, Happening("state", states[agent]), values())

    yield _Deed(0, Happening("agent", agent), values())
    yield from entered(0)
    for event in trace:
        match event:
            case ContextChanged():
                context[event.variable] = event.value
            case ToolCalled() | ApprovalDecided():
                before[event.call_id] = values()
            case ToolReturned() if event.outcome in _RAN:
                known = before.get(event.call_id) or values()
                yield _Deed(event.seq, Happening("tool", event.tool), known, event.outcome == "answered")
            case HandedOff():
                yield _Deed(event.seq, Happening("agent", event.to), values())
                agent = event.to
                yield from entered(event.seq)
            case StateEntered():
                if states.get(agent) != event.state or event.previous is not None:
                    yield _Deed(event.seq, Happening("state", event.state), values())
                states[agent] = event.state
            case _:
                pass


def _too_early(first: Happening, second: Happening, scenario: Scenario, trace: Trace) -> Iterator[tuple[str, int]]:
    for deed in _deeds(scenario, trace):
        if deed.what == first and deed.answered:
            return
        if deed.what == second:
            yield f"{second.kind} '{second.name}' came before {first.kind} '{first.name}'", deed.seq


def _forbidden(
    what: Happening, condition: Condition | None, scenario: Scenario, trace: Trace
) -> Iterator[tuple[str, int]]:
    for deed in _deeds(scenario, trace):
        if deed.what != what:
            continue
        try:
            holds = condition is None or bool(Expression(condition.expression).evaluate(deed.values))
        except TemplateError:
            holds = False
        if holds:
            while_ = f" while {condition.expression}" if condition else ""
            yield f"{what.kind} '{what.name}' must never happen{while_}", deed.seq
