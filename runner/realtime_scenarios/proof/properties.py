"""The properties of a scenario to proofs: each is proved, or refuted by the shortest way to where it breaks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from realtime_scenarios.core import did_you_mean
from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.model.scenario import Property, Scenario
from realtime_scenarios.model.tool import Condition, functions_of
from realtime_scenarios.proof.model import Model, model_of
from realtime_scenarios.proof.reach import Fact, Question, Sight
from realtime_scenarios.proof.search import MOST_STEPS, Reached, lines, reached, way_to
from realtime_scenarios.proof.slices import Cone, Graph
from realtime_scenarios.proof.steps import Region, Step

Verdict = Literal["proved", "refuted", "undecided", "unknown-name"]

_DEPENDS = "`when` depends on what cannot be known here"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that properties speak of: a tool that runs, an agent that takes over, a state that is entered."""

    kind: Literal["tool", "agent", "state"]
    name: str


@dataclass(frozen=True, slots=True)
class PropertyProof:
    """`problem` says what name is wrong, or why nothing could be decided."""

    property: Property
    verdict: Verdict
    path: tuple[str, ...] = ()
    problem: str | None = None
    hint: str | None = None


@functools.lru_cache(maxsize=8)
def property_proofs(scenario: Scenario) -> tuple[PropertyProof, ...]:
    """Whether the properties hold, in their order. One search answers all that wait for the same thing."""
    model = model_of(scenario)
    graph = Graph(model)
    proofs = {at: _question_or_proof(prop, model) for at, prop in enumerate(scenario.properties)}
    waiting: dict[Happening | None, dict[str, _Broken]] = {}
    for at, asked in proofs.items():
        if isinstance(asked, _Broken):
            waiting.setdefault(asked.first, {})[str(at)] = asked
    for first, questions in waiting.items():
        facts = [(verdict, at) for at in questions for verdict in ("broken", "perhaps")]
        question = Question(
            facts,
            lambda region: (),
            _verdict_sights(questions, model),
            _cones(questions, model),
            _ban_after(first, model),
        )
        found = reached(graph, question, most=MOST_STEPS // len(waiting))
        proofs |= {int(at): _proof_from(at, asked, found, graph, question) for at, asked in questions.items()}
    return tuple(proof for proof in proofs.values() if isinstance(proof, PropertyProof))


def happening(name: str, scenario: Scenario) -> Happening | str:
    """What a name in a property means: `tool:x`, `agent:x`, `state:x`, or a bare name. A text: why it means none.

    The name of a handoff's function means the agent that it leads to.
    """
    agents = {
        edge.tool_name: edge.to for agent in scenario.agents.values() for edge in agent.handoffs if edge.tool_name
    }
    agents |= {handoff_tool_name(agent.name): agent.id for agent in scenario.agents.values()}
    states = dict.fromkeys(_state_names(scenario))
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


@dataclass(frozen=True, slots=True)
class _Broken:
    """Whether `last` can happen while `condition` holds, and where `first` is not None, before it has happened."""

    property: Property
    first: Happening | None
    last: Happening
    condition: Condition | None


def _question_or_proof(prop: Property, model: Model) -> _Broken | PropertyProof:
    """What is to be looked for; the proof itself where nothing is."""
    scenario = model.scenario
    names = prop.before if prop.before is not None else (prop.never or "",)
    meant = [happening(name, scenario) for name in names]
    for name, what in zip(names, meant, strict=True):
        if isinstance(what, str):
            return PropertyProof(prop, "unknown-name", problem=what, hint=_name_hint(name, what, scenario))
    known = [what for what in meant if isinstance(what, Happening)]
    question = _Broken(prop, known[0] if prop.before is not None else None, known[-1], prop.when)
    if question.first is not None and _has_happened_at_start(question.first, model):
        return PropertyProof(prop, "proved")
    if _has_happened_at_start(question.last, model) and (prop.when is None or _holds_at_start(prop.when, model)):
        return PropertyProof(prop, "refuted", ("1. the conversation begins there",))
    return question


def _ban_after(first: Happening | None, model: Model) -> Callable[[Step, bool], bool]:
    """No way goes on once `first` has happened."""

    def is_banned(step: Step, is_fresh: bool) -> bool:
        return first is not None and _happens(first, step, is_fresh, model, answered=True)

    return is_banned


def _verdict_sights(questions: Mapping[str, _Broken], model: Model) -> Callable[[Region, Step, bool], Iterator[Sight]]:
    """Facts `(verdict, number of the question)`."""

    @functools.cache
    def meant(step: Step, is_fresh: bool) -> list[tuple[str, Condition | None]]:
        return [
            (at, asked.condition)
            for at, asked in questions.items()
            if _happens(asked.last, step, is_fresh, model, answered=False)
        ]

    def on(region: Region, step: Step, is_fresh: bool) -> Iterator[Sight]:
        for at, condition in meant(step, is_fresh):
            for cube, holds in [(region.cube, True)] if condition is None else model.meaning.truths(condition, region):
                if holds is not False:
                    yield Sight(("broken" if holds else "perhaps", at), cube)

    return on


def _cones(questions: Mapping[str, _Broken], model: Model) -> Callable[[Fact], Cone]:
    def cone(fact: Fact) -> Cone:
        asked = questions[fact[1]]
        fields = model.meaning.mask_of([asked.condition.expression] if asked.condition is not None else [])
        tools = [model.scenario.tools[asked.last.name]] if asked.last.kind == "tool" else []
        calls = [spec.name for tool in tools for _, spec in functions_of(tool)]
        states = {what.name for what in (asked.first, asked.last) if what is not None and what.kind == "state"}
        moving = [agent for agent, machine in model.machines.items() if states & machine.states.keys()]
        agents = {what.name for what in (asked.first, asked.last) if what is not None and what.kind == "agent"}
        return Cone(fields, frozenset(calls), frozenset(moving), frozenset(agents))

    return cone


def _proof_from(at: str, asked: _Broken, found: Reached, graph: Graph, question: Question) -> PropertyProof:
    broken, perhaps = ("broken", at), ("perhaps", at)
    shown: list[tuple[Fact, Verdict, str | None]] = [(broken, "refuted", None), (perhaps, "undecided", _DEPENDS)]
    for fact, verdict, problem in shown:
        if fact in found.found:
            path = way_to(graph, question, fact, found, among=len(found.found))
            return PropertyProof(asked.property, verdict, lines(path), problem)
    if found.undecided & {broken, perhaps}:
        return PropertyProof(asked.property, "undecided", problem=found.extent)
    return PropertyProof(asked.property, "proved")


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
                # only an agent that was never active begins at its entry: handed back to, it goes on where it was left
                return fresh and model.entry(step.name) == what.name
            return step.kind == "move" and step.name == what.name


def _has_happened_at_start(what: Happening, model: Model) -> bool:
    start = model.start.position
    return (what.kind == "agent" and what.name == start.agent) or (what.kind == "state" and what.name == start.state)


def _holds_at_start(condition: Condition, model: Model) -> bool:
    return all(holds for _, holds in model.meaning.truths(condition, model.start))


def _name_hint(name: str, problem: str, scenario: Scenario) -> str:
    if " could be " in problem:
        return "put the kind before it, as in tool:NAME"
    prefix, colon, rest = name.partition(":")
    states = [*_state_names(scenario)]
    known: dict[str, list[str]] = {"tool": [*scenario.tools], "agent": [*scenario.agents], "state": states}
    if colon and prefix in known:
        return did_you_mean(rest, known[prefix])
    return did_you_mean(name, dict.fromkeys(choice for choices in known.values() for choice in choices))


def _state_names(scenario: Scenario) -> Iterator[str]:
    machines = (agent.states for agent in scenario.agents.values() if agent.states is not None)
    return (state for machine in machines for state in machine.states)
