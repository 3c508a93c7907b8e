"""A checked scenario document to a `Scenario`, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.core import Diagnostic, Related, in_reading_order
from runner.document import Document, Place, finding
from runner.model.build_data import table
from runner.model.build_tool import tool
from runner.model.scenario import (
    AgentSpec,
    ContextVariable,
    Guardrail,
    GuardrailSettings,
    HandoffSpec,
    ProviderSpec,
    Scenario,
    SessionSpec,
    State,
    StateMachine,
    Transition,
)
from runner.model.values import Source, conditions, expressions

_BESIDE_THE_SCHEMA = {"default", "description", "secret"}


def build_scenario(document: Document) -> tuple[Scenario, list[Diagnostic]]:
    """The scenario in a document that its schema allows, and what only the building of it shows.

    Names that lead nowhere stay as they are: whether they do is for `lint` to say.
    """
    data, root, source = document.data, document.root, Source(document)
    session = data.get("session", {})
    scenario = Scenario(
        id=data["scenario"],
        title=data.get("title", data["scenario"]),
        description=data.get("description"),
        folder=document.folder,
        session=_session(session),
        provider=_provider(data["provider"], root / "provider") if "provider" in data else None,
        context={
            name: _variable(name, value, root / "context" / name, source)
            for name, value in data.get("context", {}).items()
        },
        start=data["start"],
        agents={name: _agent(name, value, root / "agents" / name, source) for name, value in data["agents"].items()},
        tools={name: tool(name, value, root / "tools" / name, source) for name, value in data.get("tools", {}).items()},
        guardrails={
            name: _guardrail(name, value, root / "guardrails" / name, source)
            for name, value in data.get("guardrails", {}).items()
        },
        session_guardrails=tuple(session.get("guardrails", {}).get("apply", ())),
        data={name: table(name, value, root / "data" / name, source) for name, value in data.get("data", {}).items()},
        place=root,
    )
    return scenario, in_reading_order(source.found)


def _session(data: Mapping[str, Any]) -> SessionSpec:
    settings = {name: value for name, value in data.items() if name not in ("language", "guardrails")}
    if "language" in data:
        settings["transcription"] = {"language": data["language"], **data.get("transcription", {})}
    limits = {name: value for name, value in data.get("guardrails", {}).items() if name != "apply"}
    return SessionSpec(**settings, guardrails=GuardrailSettings(**limits))


def _provider(data: Any, place: Place) -> ProviderSpec:
    given: Mapping[str, Any] = {"name": data} if isinstance(data, str) else data
    return ProviderSpec(
        name=given["name"],
        url=given.get("url"),
        deployment=given.get("deployment"),
        key_env=given.get("key_env"),
        place=place,
    )


def _variable(name: str, data: Any, place: Place, source: Source) -> ContextVariable:
    given: Mapping[str, Any] = {"type": data} if isinstance(data, str) else data
    schema = {key: value for key, value in given.items() if key not in _BESIDE_THE_SCHEMA}
    validator = source.json_schema(schema, place) if isinstance(data, dict) else None
    default = given.get("default")
    if "default" in given and validator is not None:
        error = next(validator.iter_errors(default), None)
        if error is not None:
            hint = (
                'change the default, or allow it: type: [..., "null"]'
                if default is None
                else "change the default, or the schema"
            )
            source.find(
                "bad-default", f"the default of '{name}' does not fit: {error.message}", place / "default", hint
            )
    return ContextVariable(
        name=name,
        schema=schema,
        default=default,
        description=given.get("description"),
        secret=given.get("secret", False),
        place=place,
    )


def _agent(name: str, data: Mapping[str, Any], place: Place, source: Source) -> AgentSpec:
    return AgentSpec(
        id=name,
        name=data.get("name", name),
        handoff_description=data.get("handoff_description"),
        instructions=source.text(data["instructions"], place / "instructions"),
        tools=tuple(data.get("tools", ())),
        handoffs=tuple(
            _handoff(one, place / "handoffs" / index, source) for index, one in enumerate(data.get("handoffs", ()))
        ),
        guardrails=tuple(data.get("guardrails", ())),
        states=_machine(data, place, source) if "states" in data else None,
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
        place=place,
    )


def _machine(data: Mapping[str, Any], place: Place, source: Source) -> StateMachine:
    states: dict[str, State] = {}
    for index, one in enumerate(data["states"]):
        state = _state(one, place / "states" / index)
        first = states.setdefault(state.id, state)
        if first is not state:
            related = (Related("it stands here first", (first.place / "id").span),)
            span = (state.place / "id").span
            message = f"the state '{state.id}' stands here twice"
            source.found.append(finding("duplicate-key", message, span, "give one of them another id", related=related))
    return StateMachine(mode=data.get("states_mode", "prompt"), states=states, place=place / "states")


def _state(data: Mapping[str, Any], place: Place) -> State:
    instructions = data.get("instructions", ())
    return State(
        id=data["id"],
        description=data["description"],
        instructions=(instructions,) if isinstance(instructions, str) else tuple(instructions),
        examples=tuple(data.get("examples", ())),
        transitions=tuple(
            Transition(
                to=one["to"],
                condition=one["when"],
                requires=conditions(one.get("requires"), place / "transitions" / index / "requires"),
                place=place / "transitions" / index,
            )
            for index, one in enumerate(data.get("transitions", ()))
        ),
        place=place,
    )


def _guardrail(name: str, data: Mapping[str, Any], place: Place, source: Source) -> Guardrail:
    return Guardrail(
        name=name,
        phrases=tuple(data.get("phrases", ())),
        pattern=source.pattern(data["pattern"], place / "pattern") if "pattern" in data else None,
        python=data.get("python"),
        say=data.get("say"),
        on_error=data.get("on_error", "open"),
        place=place,
    )
