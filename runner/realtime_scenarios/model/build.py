"""A checked scenario document to a `Scenario`, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core import Diagnostic, Related, in_reading_order
from realtime_scenarios.core.locales import DEFAULT_LOCALE
from realtime_scenarios.document import Document, Place, finding
from realtime_scenarios.model.build_data import table
from realtime_scenarios.model.build_tool import supervisor, tool
from realtime_scenarios.model.scenario import (
    AgentSpec,
    Category,
    Classifier,
    Collected,
    ContextVariable,
    Guardrail,
    GuardrailSettings,
    HandoffSpec,
    LintSettings,
    McpServer,
    NoiseReduction,
    Opening,
    Personality,
    PromptSettings,
    Property,
    ProviderSpec,
    Reasoning,
    Retention,
    Scenario,
    SessionSpec,
    State,
    StateMachine,
    Transition,
)
from realtime_scenarios.model.tool import Condition
from realtime_scenarios.model.values import Source, conditions, expressions, seconds

_BESIDE_THE_SCHEMA = {"default", "description", "secret"}


def build_scenario(document: Document) -> tuple[Scenario, list[Diagnostic]]:
    """The scenario in a document that its schema allows, and what only the building of it shows.

    Names that lead nowhere stay as they are: whether they do is for `lint` to say.
    """
    data, root, source = document.data, document.root, Source(document)
    session = data.get("session", {})
    shared = _prompt_settings(data.get("prompt", {}), root / "prompt", source, PromptSettings())
    scenario = Scenario(
        id=data["scenario"],
        title=data.get("title", data["scenario"]),
        description=data.get("description"),
        locale=data.get("locale") or _language(session),
        folder=document.folder,
        session=_session(session, root / "session", source),
        provider=_provider(data["provider"], root / "provider") if "provider" in data else None,
        context={
            name: _context_variable(name, value, root / "context" / name, source)
            for name, value in data.get("context", {}).items()
        },
        opening=_opening(data["opening"], root / "opening", source) if "opening" in data else None,
        prompt=shared,
        start=data["start"],
        agents={
            name: _agent(name, value, root / "agents" / name, source, shared) for name, value in data["agents"].items()
        },
        tools={name: tool(name, value, root / "tools" / name, source) for name, value in data.get("tools", {}).items()},
        supervisors={
            name: supervisor(name, value, root / "supervisors" / name, source)
            for name, value in data.get("supervisors", {}).items()
        },
        mcp={name: _mcp_server(name, value, root / "mcp" / name) for name, value in data.get("mcp", {}).items()},
        guardrails={
            name: _guardrail(name, value, root / "guardrails" / name, source)
            for name, value in data.get("guardrails", {}).items()
        },
        session_guardrails=tuple(session.get("guardrails", {}).get("apply", ())),
        data={name: table(name, value, root / "data" / name, source) for name, value in data.get("data", {}).items()},
        properties=tuple(
            _property(prop, root / "properties" / index) for index, prop in enumerate(data.get("properties", ()))
        ),
        lint=LintSettings(
            profile=data.get("lint", {}).get("profile", "basic"), ignore=tuple(data.get("lint", {}).get("ignore", ()))
        ),
        place=root,
    )
    return scenario, in_reading_order(source.found)


def _session(data: Mapping[str, Any], place: Place, source: Source) -> SessionSpec:
    settings = {name: value for name, value in data.items() if name not in ("language", "guardrails")}
    if "language" in data and "languages" in data.get("transcription", {}):
        message = "'language' cannot stand beside the 'languages' of the transcription"
        source.find("conflicting-keys", message, place / "language", "leave one of the two out")
    if "language" in data:
        settings["transcription"] = {"language": data["language"], **data.get("transcription", {})}
    if "noise_reduction" in data:
        settings["noise_reduction"] = _noise_reduction(data["noise_reduction"])
    if "reasoning" in data:
        settings["reasoning"] = Reasoning(data["reasoning"]["effort"])
    if isinstance(data.get("truncation"), dict):
        settings["truncation"] = _retention(data["truncation"])
    limits = {name: value for name, value in data.get("guardrails", {}).items() if name != "apply"}
    return SessionSpec(**settings, guardrails=GuardrailSettings(**limits))


def _noise_reduction(data: Any) -> NoiseReduction:
    given: Mapping[str, Any] = {"type": data} if isinstance(data, str) else data
    return NoiseReduction(given["type"], given.get("strength"))


def _retention(data: Mapping[str, Any]) -> Retention:
    return Retention(data["retention_ratio"], data.get("token_limits", {}).get("post_instructions"))


def _language(session: Mapping[str, Any]) -> str:
    """The language that callers speak, as far as the session says."""
    return str(session.get("language") or session.get("transcription", {}).get("language") or DEFAULT_LOCALE)


def _provider(data: Any, place: Place) -> ProviderSpec:
    given: Mapping[str, Any] = {"name": data} if isinstance(data, str) else data
    return ProviderSpec(
        name=given["name"],
        url=given.get("url"),
        deployment=given.get("deployment"),
        key_env=given.get("key_env"),
        text_url=given.get("text_url"),
        text_model=given.get("text_model"),
        text_models=given.get("text_models", {}),
        place=place,
    )


def _opening(data: Mapping[str, Any], place: Place, source: Source) -> Opening:
    if "say" in data and data.get("speaks") == "caller":
        source.find(
            "conflicting-keys", "with 'say' the agent speaks first", place / "speaks", "leave one of the two out"
        )
    return Opening(
        speaks=data.get("speaks", "agent"),
        say=data.get("say"),
        exact=data.get("exact", True),
        calls=tuple(data.get("calls", ())),
        place=place,
    )


def _prompt_settings(data: Mapping[str, Any], place: Place, source: Source, shared: PromptSettings) -> PromptSettings:
    """The settings in `data`, over those that all agents share."""
    sections = {name: source.text(text, place / "sections" / name) for name, text in data.get("sections", {}).items()}
    return PromptSettings(
        language=data.get("language", shared.language),
        unclear_audio=data.get("unclear_audio", shared.unclear_audio),
        variety=data.get("variety", shared.variety),
        transfers=data.get("transfers", shared.transfers),
        escalation=data.get("escalation", shared.escalation),
        spoken=tuple(data.get("spoken", shared.spoken)),
        pronunciations={**shared.pronunciations, **data.get("pronunciations", {})},
        sections={**shared.sections, **sections},
    )


def _mcp_server(name: str, data: Mapping[str, Any], place: Place) -> McpServer:
    return McpServer(
        name=name,
        command=tuple(data["command"]),
        tools=tuple(data["tools"]) if "tools" in data else None,
        approval=data.get("approval", "never"),
        timeout=seconds(data.get("timeout", 30)),
        shared=data.get("shared", False),
        place=place,
    )


def _property(data: Mapping[str, Any], place: Place) -> Property:
    first, _, second = data.get("before", "").partition("->")
    return Property(
        never=data.get("never"),
        before=(first.strip(), second.strip()) if "before" in data else None,
        when=Condition(data["when"], place / "when") if "when" in data else None,
        because=data.get("because"),
        place=place,
    )


def _context_variable(name: str, data: Any, place: Place, source: Source) -> ContextVariable:
    given: Mapping[str, Any] = {"type": data} if isinstance(data, str) else data
    schema = {key: value for key, value in given.items() if key not in _BESIDE_THE_SCHEMA}
    validator = source.json_schema(schema, place) if isinstance(data, dict) else None
    default = given.get("default")
    if "default" in given and validator is not None:
        source.bad_default(name, default, validator, place / "default")
    return ContextVariable(
        name=name,
        schema=schema,
        default=default,
        description=given.get("description"),
        secret=given.get("secret", False),
        place=place,
    )


def _agent(name: str, data: Mapping[str, Any], place: Place, source: Source, shared: PromptSettings) -> AgentSpec:
    return AgentSpec(
        id=name,
        name=data.get("name", name),
        handoff_description=data.get("handoff_description"),
        personality=Personality(**data["personality"]) if "personality" in data else None,
        instructions=source.text(data["instructions"], place / "instructions") if "instructions" in data else None,
        prompt=_prompt_settings(data["prompt"], place / "prompt", source, shared) if "prompt" in data else shared,
        tools=tuple(data.get("tools", ())),
        mcp=tuple(data.get("mcp", ())),
        handoffs=tuple(
            _handoff(handoff, place / "handoffs" / index, source)
            for index, handoff in enumerate(data.get("handoffs", ()))
        ),
        handoff_style=data.get("handoff_style", "sdk"),
        voice=data.get("voice"),
        model=data.get("model"),
        guardrails=tuple(data.get("guardrails", ())),
        states=_state_machine(data, place, source) if "states" in data else None,
        place=place,
    )


def _handoff(data: Any, place: Place, source: Source) -> HandoffSpec:
    given: Mapping[str, Any] = {"to": data} if isinstance(data, str) else data
    return HandoffSpec(
        to=given["to"],
        tool_name=given.get("name"),
        description=given.get("description"),
        examples=tuple(given.get("examples", ())),
        requires=conditions(given.get("requires"), place / "requires"),
        inputs=source.parameters(given["inputs"], place / "inputs") if "inputs" in given else None,
        set=expressions(given.get("set", {})),
        tell=given.get("tell"),
        say_first=given.get("say_first", False),
        place=place,
    )


def _state_machine(data: Mapping[str, Any], place: Place, source: Source) -> StateMachine:
    states: dict[str, State] = {}
    for index, stated in enumerate(data["states"]):
        state = _state(stated, place / "states" / index)
        first = states.setdefault(state.id, state)
        if first is not state:
            related = (Related("it stands here first", (first.place / "id").span),)
            span = (state.place / "id").span
            message = f"the state '{state.id}' stands here twice"
            source.found.append(finding("duplicate-key", message, span, "give one of them another id", related=related))
    first_id = data["states"][0]["id"]
    wanted = data.get("states_entry", first_id)
    entry = wanted if wanted in states else first_id  # lint tells of a state that does not exist
    return StateMachine(mode=data.get("states_mode", "prompt"), states=states, entry=entry, place=place / "states")


def _state(data: Mapping[str, Any], place: Place) -> State:
    instructions = data.get("instructions", ())
    return State(
        id=data["id"],
        description=data["description"],
        instructions=(instructions,) if isinstance(instructions, str) else tuple(instructions),
        examples=tuple(data.get("examples", ())),
        collect=tuple(
            Collected(name.removesuffix("?"), not name.endswith("?"), place / "collect" / index)
            for index, name in enumerate(data.get("collect", ()))
        ),
        tools=tuple(data.get("tools", ())),
        terminal=data.get("terminal", False),
        transitions=tuple(
            Transition(
                to=transition.get("to"),
                handoff=transition.get("handoff"),
                condition=transition["when"],
                requires=conditions(transition.get("requires"), place / "transitions" / index / "requires"),
                place=place / "transitions" / index,
                set=expressions(transition.get("set", {})),
                clear=tuple(transition.get("clear", ())),
            )
            for index, transition in enumerate(data.get("transitions", ()))
        ),
        place=place,
    )


def _guardrail(name: str, data: Mapping[str, Any], place: Place, source: Source) -> Guardrail:
    return Guardrail(
        name=name,
        phrases=tuple(data.get("phrases", ())),
        pattern=source.pattern(data["pattern"], place / "pattern") if "pattern" in data else None,
        python=data.get("python"),
        classify=_classifier(data["classify"]) if "classify" in data else None,
        say=data.get("say"),
        on_error=data.get("on_error", "open"),
        place=place,
    )


def _classifier(data: Mapping[str, Any]) -> Classifier:
    return Classifier(
        model=data.get("model"),
        instructions=data.get("instructions"),
        categories={
            name: Category(category, ())
            if isinstance(category, str)
            else Category(category["description"], tuple(category.get("phrases", ())))
            for name, category in data["categories"].items()
        },
    )
