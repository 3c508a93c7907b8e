"""Scenarios that work, but not well: agents nobody reaches, ways that end, tools nobody uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from realtime_scenarios.core import Related, Span, did_you_mean, listed, nearest
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import all_text, prompt_place, span_of_line, wire_names
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import AgentSpec, HandoffSpec, Scenario, StateMachine

_FUNCTION_LIKE = re.compile(
    r"\btransfer_to_[A-Za-z0-9_]+|\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?=\s*\()|`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`"
    r"|\b[a-z]{2,}(?:[A-Z][a-z0-9]+)+\b"
)
_LISTED = re.compile(r"^\s*[-*]\s+([a-z][a-z0-9]*(?:_[a-z0-9]+)+):", re.MULTILINE)
_PARAMETER_LIKE = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
_SAYING_LITTLE = frozenset(
    re.findall(
        r"\w+",
        """
        about after agent all and any anything are ask back before but call caller can could desk does for from get give
        hand have help her here how into may more need not one only other our over please question say send she should
        take tell than that the them there these they thing this time transfer want was were what when where which who
        will with would you your
        """,
    )
)
_KEY_LIKE = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\b(?:password|api[ _-]?key|secret)\s*(?:is|:|=)+:?\s*['\"]?[^\s'\":]{6,}", re.IGNORECASE
)
_DATE_LIKE = re.compile(r"\btoday(?:'s date)? is\b[^.\n]{0,20}\d", re.IGNORECASE)


@rule("SC501", "unreachable-agent", "warning", of_whole=True)
def unreachable_agent(subject: Subject) -> Iterator[Finding]:
    """No way leads from the start to this agent.

    Problem: no caller will ever meet it.
    Instead: add a handoff to it, or take it out.
    """
    scenario = subject.scenario
    reached = reachable_from(scenario.start, scenario)
    for agent in scenario.agents.values():
        if agent.id not in reached and scenario.start in scenario.agents:
            hint = f"let another agent hand off to it: handoffs: [{agent.id}]"
            yield Finding(f"no handoff leads from '{scenario.start}' to agent '{agent.id}'", agent.place.key_span, hint)


@rule("SC502", "one-way-handoff", "warning", of_whole=True)
def one_way_handoff(subject: Subject) -> Iterator[Finding]:
    """An agent that callers are handed to has no handoffs of its own.

    Problem: a caller who wants something else is stuck with it.
    Instead: let it hand back, or to somebody who can help.
    """
    scenario = subject.scenario
    targets = {edge.to for agent in scenario.agents.values() for edge in agent.handoffs}
    for agent in scenario.agents.values():
        if agent.id in targets and not agent.handoffs:
            yield Finding(
                f"callers who are handed to '{agent.id}' cannot get away from it",
                agent.place.key_span,
                "give it a handoff back",
            )


@rule("SC503", "handoff-without-description", "warning")
def handoff_without_description(subject: Subject) -> Iterator[Finding]:
    """The model is not told what a handoff is for.

    Problem: it goes by the agent's name alone, and sends callers to the wrong desk.
    Instead: give the handoff a `description`, or its target a `handoff_description`.
    """
    undescribed: dict[str, list[HandoffSpec]] = {}
    for edge in (edge for agent in subject.scenario.agents.values() for edge in agent.handoffs):
        target = subject.scenario.agents.get(edge.to)
        if target is not None and not edge.description and not target.handoff_description:
            undescribed.setdefault(edge.to, []).append(edge)
    for name, edges in undescribed.items():
        what = f"handoff to '{name}' is" if len(edges) == 1 else f"{len(edges)} handoffs to '{name}' are"
        hint = f"give agent '{name}' a handoff_description"
        yield Finding(f"nothing says what the {what} for", edges[0].place.span, hint)


@rule("SC504", "unused-tool", "warning", of_whole=True)
def unused_tool(subject: Subject) -> Iterator[Finding]:
    """No agent and no supervisor has this tool.

    Problem: it can never be called.
    Instead: give it to an agent, or take it out.
    """
    scenario = subject.scenario
    used = {name for agent in scenario.agents.values() for name in agent.tools}
    used |= {name for supervisor in scenario.supervisors.values() for name in supervisor.tools}
    used |= set(scenario.opening.calls) if scenario.opening else set()
    for tool in scenario.tools.values():
        if tool.name not in used:
            yield Finding(
                f"no agent or supervisor has the tool '{tool.name}'",
                tool.place.key_span,
                f"add it to an agent: tools: [{tool.name}]",
            )


@rule("SC505", "tool-never-mentioned", "warning", of_whole=True)
def tool_never_mentioned(subject: Subject) -> Iterator[Finding]:
    """An agent's instructions speak of some of its tools, but not of this one.

    Problem: a model that is told when to use the others seldom uses the one that is left out.
    Instead: say in the instructions when to use it.
    """
    for agent in subject.scenario.agents.values():
        text = all_text(agent)
        mentioned = [name for name in agent.tools if name in text]
        names = listed(f"'{name}'" for name in mentioned)
        for index, name in enumerate(agent.tools):
            if mentioned and name not in text:
                message = f"the instructions of '{agent.id}' mention {names}, but not '{name}'"
                yield Finding(message, (agent.place / "tools" / index).span, "say when to use it")


@rule("SC506", "unknown-function-in-prompt", "warning", of_whole=True)
def unknown_function_in_prompt(subject: Subject) -> Iterator[Finding]:
    """The instructions speak of a function that the agent does not have.

    Problem: the model will try to call it, or promise what it cannot do.
    Instead: mend the name, or give the agent the tool or handoff.
    """
    for agent in subject.scenario.agents.values():
        known = [name for name, _ in wire_names(agent, subject.scenario)]
        others = {*known, *_names_beside(agent, subject.scenario)}
        text = all_text(agent)
        called = [found.group(1) or found.group() for found in _FUNCTION_LIKE.finditer(text)]
        listed = [name for name in _LISTED.findall(text) if nearest(name, known)]
        for name in dict.fromkeys([*called, *listed]):
            if name not in others:
                yield Finding(
                    f"the instructions of '{agent.id}' mention '{name}', which it does not have",
                    _span_of_word(name, agent),
                    did_you_mean(name, known),
                )


@rule("SC511", "unknown-parameter-in-description", "warning")
def unknown_parameter_in_description(subject: Subject) -> Iterator[Finding]:
    """A tool's description speaks of a parameter that the tool does not have.

    Problem: the model looks for it, and fills in another one.
    Instead: write the parameter's own name.
    """
    scenario = subject.scenario
    for tool in scenario.tools.values():
        properties = tool.parameters.get("properties", {})
        known = {*properties, *scenario.tools, *scenario.context, *(scenario.agents), SET_STATE_TOOL}
        texts = [
            tool.description,
            *(str(schema.get("description", "")) for schema in properties.values() if isinstance(schema, dict)),
        ]
        for name in dict.fromkeys(found for text in texts for found in _PARAMETER_LIKE.findall(text)):
            guess = nearest(name, properties)
            if name not in known and guess is not None:
                message = f"the description of '{tool.name}' speaks of '{name}', which is none of its parameters"
                yield Finding(message, (tool.place / "description").span, f"did you mean '{guess}'?")


def is_function_like(text: str) -> bool:
    """Whether a text with what stands around it looks like a function, which `unknown-function-in-prompt` looks at."""
    return _FUNCTION_LIKE.fullmatch(text) is not None


def _span_of_word(word: str, agent: AgentSpec) -> Span:
    """The first line of the instructions that holds the word; where none does, all of the prompt."""
    given = agent.instructions
    for number, line in enumerate(given.text.splitlines() if given is not None else (), 1):
        if given is not None and word in line:
            return span_of_line(given.text, given.place, number)
    return prompt_place(agent).span


def _names_beside(agent: AgentSpec, scenario: Scenario) -> Iterator[str]:
    """Names that a prompt may well speak of, though they are no functions of the agent."""
    yield from scenario.context
    for other in scenario.agents.values():
        yield from (other.id, other.name)
    for name in agent.tools:
        if name in scenario.tools:
            yield from scenario.tools[name].parameters.get("properties", {})
            stub = scenario.tools[name].stub
            if stub.question is not None and stub.question.output is not None:
                yield from stub.question.output.get("properties", {})
            for answer in stub.answers:
                yield from answer.returns if isinstance(answer.returns, dict) else ()
            if stub.supervisor is not None and stub.supervisor in scenario.supervisors:
                yield from scenario.supervisors[stub.supervisor].tools
    for server in agent.mcp:
        if server in scenario.mcp:
            yield from scenario.mcp[server].tools or ()
    if agent.states is not None:
        yield from agent.states.states


@rule("SC507", "secret-in-prompt", "warning")
def secret_in_prompt(subject: Subject) -> Iterator[Finding]:
    """The instructions hold what looks like a key or a password.

    Problem: whatever stands in a prompt can be talked out of the model.
    Instead: keep it in the environment, or ask a person for it with an approval field marked `secret`.
    """
    for agent in subject.scenario.agents.values():
        if _KEY_LIKE.search(all_text(agent)):
            yield Finding(
                f"the instructions of '{agent.id}' hold what looks like a secret",
                prompt_place(agent).span,
                "take it out",
            )


@rule("SC508", "hard-coded-date", "warning")
def hard_coded_date(subject: Subject) -> Iterator[Finding]:
    """The instructions say which day it is.

    Problem: tomorrow they are wrong.
    Instead: write `{{ now | date }}`, which follows the clock, and the `now:` of a dialogue.
    """
    for agent in subject.scenario.agents.values():
        if _DATE_LIKE.search(all_text(agent)):
            hint = "write {{ now | date }} instead"
            yield Finding(f"the instructions of '{agent.id}' say which day it is", prompt_place(agent).span, hint)


@rule("SC509", "optional-but-required", "warning")
def optional_but_required(subject: Subject) -> Iterator[Finding]:
    """A parameter is described as optional, but a call must give it.

    Problem: the model leaves it out, and the call is refused.
    Instead: write its name with a `?`, or take it out of `required`.
    """
    for tool in subject.scenario.tools.values():
        for name, schema in tool.parameters.get("properties", {}).items():
            described = schema.get("description", "") if isinstance(schema, dict) else ""
            if name in tool.parameters.get("required", ()) and re.search(r"\boptional\b", described, re.IGNORECASE):
                span = (tool.place / "parameters" / name).span
                yield Finding(
                    f"parameter '{name}' is described as optional, but it is required", span, f"write it as {name}?"
                )


@rule("SC510", "unreachable-state", "warning", of_whole=True)
def unreachable_state(subject: Subject) -> Iterator[Finding]:
    """No transition leads from the first state to this one.

    Problem: the conversation will never be in it.
    Instead: add a transition, or take it out.
    """
    machines = [agent.states for agent in subject.scenario.agents.values() if agent.states is not None]
    # agents may share what is written once and begin in different states of it
    reached = {machine.states[name].place.span for machine in machines for name in _states_reached(machine)}
    told = {
        state.place.span: state
        for machine in machines
        for state in machine.states.values()
        if state.place.span not in reached
    }
    for state in told.values():
        hint = "add a transition that leads to it"
        yield Finding(f"no transition leads to state '{state.id}'", (state.place / "id").span, hint)


def _states_reached(machine: StateMachine) -> set[str]:
    """The states that transitions lead to from where the machine begins."""
    reached, waiting = {machine.entry}, [machine.entry]
    while waiting:
        for edge in machine.states[waiting.pop()].transitions:
            if edge.to is not None and edge.to in machine.states and edge.to not in reached:
                reached.add(edge.to)
                waiting.append(edge.to)
    return reached


@rule("SC515", "swapped-handoffs", "warning")
def swapped_handoffs(subject: Subject) -> Iterator[Finding]:
    """Two handoffs have words that are about each other's target.

    Problem: the model goes by those words, and sends callers to the wrong agent.
    Instead: exchange the two `to`, or their descriptions and examples.
    """
    agents = subject.scenario.agents
    matters = _Matters(agents.values())
    for agent in agents.values():
        edges = [edge for edge in agent.handoffs if edge.to in agents]
        rivals = [(edge, others) for edge in edges if (others := matters.rivals(edge, agents[edge.to]))]
        for (first, of_first), (second, of_second) in combinations(rivals, 2):
            if second.to in of_first and first.to in of_second:
                here, there = agents[first.to], agents[second.to]
                if matters.fit_better(first, here, there) and matters.fit_better(second, there, here):
                    related = Related("the other one is here", second.place.span)
                    message = (
                        f"the words of the handoff to '{first.to}' fit '{second.to}' better, and the other way round"
                    )
                    yield Finding(message, first.place.span, "exchange the two", (related,))


class _Matters:
    """What agents and handoffs are about, by their words; worked out once, since every handoff is held against all."""

    def __init__(self, agents: Iterable[AgentSpec]) -> None:
        self._of_handoffs: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        self._of_agents: dict[tuple[str, bool], set[str]] = {}
        self._about: dict[tuple[str, bool], set[str]] = {}
        for agent in agents:
            for is_shown in (False, True):
                shown = agent.handoff_description if is_shown else None
                words = _subjects(f"{agent.id} {agent.name} {shown or ''} {all_text(agent)}")
                self._of_agents[agent.id, is_shown] = words
                for word in words:
                    self._about.setdefault((word, is_shown), set()).add(agent.id)

    def rivals(self, edge: HandoffSpec, target: AgentSpec) -> set[str]:
        """The agents that any words of a handoff are about which are not about its target."""
        foreign = self._words_of(edge, target) - self._words_about(target, edge)
        return set().union(*(self._about.get((word, bool(edge.description)), ()) for word in foreign))

    def fit_better(self, edge: HandoffSpec, target: AgentSpec, other: AgentSpec) -> bool:
        """Whether the words of a handoff are those of the other agent rather than of its target."""
        told, own, others = (
            self._words_of(edge, target),
            self._words_about(target, edge),
            self._words_about(other, edge),
        )
        return len(told & (others - own)) > 2 * len(told & (own - others))

    def _words_of(self, edge: HandoffSpec, target: AgentSpec) -> set[str]:
        words = (edge.description or target.handoff_description or "", edge.examples)
        if words not in self._of_handoffs:
            self._of_handoffs[words] = _subjects(f"{words[0]} {' '.join(edge.examples)}")
        return self._of_handoffs[words]

    def _words_about(self, agent: AgentSpec, edge: HandoffSpec) -> set[str]:
        """What an agent is about, by all that is written of it but the words of the handoff itself."""
        return self._of_agents[agent.id, bool(edge.description)]


def _subjects(text: str) -> set[str]:
    """The words of a text that say what it is about, in the singular."""
    words = re.findall(r"[^\W\d_]{3,}", text.replace("_", " ").casefold())
    return {word.removesuffix("s") if len(word) > 3 else word for word in words} - _SAYING_LITTLE


def reachable_from(start: str, scenario: Scenario) -> set[str]:
    """The agents that a conversation can come to, the start among them."""
    reached, waiting = {start}, [start]
    while waiting:
        agent = scenario.agents.get(waiting.pop())
        for edge in agent.handoffs if agent else ():
            if edge.to not in reached:
                reached.add(edge.to)
                waiting.append(edge.to)
    return reached
