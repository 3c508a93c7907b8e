"""A conversation as what the stand-in is told about it: whose desk is active, and what the author wrote for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from realtime_scenarios.compiler.state import ConversationState
from realtime_scenarios.core.languages import LANGUAGES
from realtime_scenarios.model.names import TRANSFER_TOOL
from realtime_scenarios.model.scenario import AgentSpec, HandoffSpec, Scenario, State
from realtime_scenarios.model.tool import ToolSpec
from realtime_scenarios.project.prompts import target_description, wire_name
from realtime_scenarios.standin import Briefing, Missed, StateBriefing, ToolBriefing, Way
from realtime_scenarios.stubs.catalogue import CatalogueStub


class Desk:
    """Where the stand-in sits: it may be looked at any time, and knows nothing before `sit_at`.

    `missed` is what the stand-in did not understand so far.
    """

    def __init__(self) -> None:
        self._state: ConversationState | None = None
        self._first = ""
        self.missed: list[Missed] = []

    def sit_at(self, state: ConversationState) -> None:
        """From now on the desk is that of this conversation."""
        self._state, self._first = state, state.agent

    def briefing(self) -> Briefing | None:
        """What is known of the active agent; None before the conversation has begun."""
        return briefing_of(self._state, self._first) if self._state is not None else None

    def briefing_of_supervisor(self, name: str) -> Briefing | None:
        """What is known of a text agent behind a tool; None where there is none of that name."""
        state = self._state
        spec = state.scenario.supervisors.get(name) if state is not None else None
        if state is None or spec is None:
            return None
        tools = {tool: tool_briefing(state.scenario.tools[tool], state.scenario) for tool in spec.tools}
        return Briefing(name, language=language_of(state.scenario, None), today=state.now().date(), tools=tools)


def briefing_of(state: ConversationState, first: str) -> Briefing:
    """The active agent of a conversation that began with the agent `first`. Nothing secret is in it."""
    scenario, agent = state.scenario, state.scenario.agents[state.agent]
    return Briefing(
        agent=agent.name,
        first=scenario.agents[first].name,
        language=language_of(scenario, agent),
        today=state.now().date(),
        tools={
            **{name: tool_briefing(scenario.tools[name], scenario) for name in agent.tools},
            **dict(_handoff_briefings(agent, scenario)),
        },
        states={name: _state_briefing(state, agent, scenario) for name, state in _states_of(agent)},
        here=state.states.get(agent.id, agent.states.entry) if agent.states and agent.states.is_enforced else None,
        known=dict(_values_known(agent, scenario, state.context)),
        opening=scenario.opening.say if scenario.opening and agent.id == scenario.start else None,
        prose="\n\n".join(_prose_of(agent)),
        persons=_about_persons(agent),
    )


def language_of(scenario: Scenario, agent: AgentSpec | None) -> str:
    """The code of the language that the agent speaks: its prompt's, the transcription's, or the locale's."""
    name = agent.prompt.language if agent is not None else scenario.prompt.language
    by_name = {known.lower(): code for code, known in LANGUAGES.items()}
    spoken = (scenario.session.transcription or {}).get("language")
    return by_name.get((name or "").lower()) or str(spoken or scenario.locale)[:2]


def tool_briefing(spec: ToolSpec, scenario: Scenario) -> ToolBriefing:
    """A tool as its author wrote it, without what the compiler makes of it for a model."""
    catalogue = spec.stub.catalogue
    supervisor = scenario.supervisors.get(getattr(spec.stub, "supervisor", None) or "")
    return ToolBriefing(
        description=spec.description,
        examples=spec.examples,
        writes=_says_it_writes(spec),
        asks_a_person=spec.approval is not None,
        filler=None if spec.filler is None else next(iter(spec.filler.lines), ""),
        verbatim=supervisor is not None and supervisor.read == "verbatim",
        functions={name: tool_briefing(each, scenario) for name, each in catalogue.functions.items()}
        if catalogue
        else {},
        called_with=(spec.stub.function, spec.stub.arguments) if isinstance(spec.stub, CatalogueStub) else (),
        parameters=spec.parameters,
    )


def _says_it_writes(spec: ToolSpec) -> bool:
    """Whether the author says so: an approval, too, makes `writes` true, and a look-up may need one."""
    return spec.writes and bool(spec.place.value.get("writes", False))


def _handoff_briefings(agent: AgentSpec, scenario: Scenario) -> Iterator[tuple[str, ToolBriefing]]:
    for edge in agent.handoffs:
        name = wire_name(edge, agent, scenario)
        if name != TRANSFER_TOOL:
            filler = "" if edge.say_first else None
            target = scenario.agents[edge.to].name
            yield name, ToolBriefing(target_description(edge, scenario), edge.examples, filler=filler, target=target)


def _states_of(agent: AgentSpec) -> Iterable[tuple[str, State]]:
    return agent.states.states.items() if agent.states is not None and agent.states.is_enforced else ()


def _state_briefing(state: State, agent: AgentSpec, scenario: Scenario) -> StateBriefing:
    handoffs: Mapping[str, HandoffSpec] = {edge.to: edge for edge in agent.handoffs}
    return StateBriefing(
        id=state.id,
        description=state.description,
        instructions=state.instructions,
        examples=state.examples,
        collects={field.variable: _sought(field.variable, scenario) for field in state.collect},
        required=tuple(field.variable for field in state.collect if field.required),
        tools=state.tools,
        ways=tuple(
            Way(wire_name(handoffs[edge.handoff], agent, scenario), True, edge.condition)
            if edge.handoff is not None
            else Way(str(edge.to), False, edge.condition)
            for edge in state.transitions
        ),
        terminal=state.terminal,
    )


def _sought(variable: str, scenario: Scenario) -> Mapping[str, Any]:
    """The schema of a value that is to be found out: null is what stands there until then."""
    spec = scenario.context[variable]
    found = {**spec.schema, **({"description": spec.description} if spec.description else {})}
    if isinstance(found.get("type"), list):
        kinds = [kind for kind in found["type"] if kind != "null"]
        found["type"] = kinds[0] if len(kinds) == 1 else kinds
    if isinstance(found.get("enum"), list):
        found["enum"] = [value for value in found["enum"] if value is not None]
    return found


def _values_known(agent: AgentSpec, scenario: Scenario, context: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the agent's states have found out, or its tools have put beside it, without what is secret."""
    for name, value in context.items():
        if not scenario.context[name].secret and value not in (None, ""):
            yield name, value


def _prose_of(agent: AgentSpec) -> Iterator[str]:
    """The author's own instructions and sections, without what the compiler adds to them."""
    if agent.instructions is not None:
        yield agent.instructions.text
    yield from (text.text for text in agent.prompt.sections.values())


def _about_persons(agent: AgentSpec) -> str | None:
    """What the author's escalation wants said; None where it says nothing, or only whom to hand over to."""
    from realtime_scenarios.standin.smalltalk import told_about_persons

    return told_about_persons(agent.prompt.escalation, throughout=True) if agent.prompt.escalation else None
