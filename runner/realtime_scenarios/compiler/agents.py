"""A scenario as Realtime agents of the SDK: compiled once, used by any number of conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agents import FunctionTool, RunContextWrapper
from agents.realtime import RealtimeAgent, RealtimeRunConfig, RealtimeSessionModelSettings

from realtime_scenarios.compiler.guardrails import Check, check_of, compiled_guardrail
from realtime_scenarios.compiler.handoffs import compiled_handoff, transfer_tool
from realtime_scenarios.compiler.state import Talk
from realtime_scenarios.compiler.states import current_state, state_tools
from realtime_scenarios.compiler.tools import compiled_tool
from realtime_scenarios.model.scenario import AgentSpec, Guardrail, NoiseReduction, Retention, Scenario, SessionSpec
from realtime_scenarios.project.models import resolved_model
from realtime_scenarios.project.prompts import (
    has_holes,
    known_text,
    prompt_named,
    prompt_names,
    prompt_template,
    states_text,
)
from realtime_scenarios.templates import Template, TemplateError


@dataclass(frozen=True, slots=True)
class CompiledScenario:
    """`agents` maps agent ids to the SDK's agents; `guardrails` maps agent ids to all the checks on what they say."""

    scenario: Scenario
    agents: Mapping[str, RealtimeAgent[Talk]]
    guardrails: Mapping[str, tuple[tuple[Guardrail, Check], ...]]

    @property
    def start(self) -> RealtimeAgent[Talk]:
        return self.agents[self.scenario.start]


def compiled(scenario: Scenario, mcp_tools: Mapping[str, Sequence[FunctionTool]] | None = None) -> CompiledScenario:
    """The scenario as agents of the SDK. It must be free of errors: names are looked up without asking.

    `mcp_tools` are the tools of MCP servers that run, by the name of the server.
    """
    lent = mcp_tools or {}
    tools = {name: compiled_tool(tool) for name, tool in scenario.tools.items()}
    checks = {name: check_of(guardrail) for name, guardrail in scenario.guardrails.items()}
    listeners = {name: compiled_guardrail(scenario.guardrails[name], check) for name, check in checks.items()}
    agents: dict[str, RealtimeAgent[Talk]] = {}
    guarded: dict[str, tuple[tuple[Guardrail, Check], ...]] = {}
    for spec in scenario.agents.values():
        names = dict.fromkeys((*spec.guardrails, *scenario.session_guardrails))
        guarded[spec.id] = tuple((scenario.guardrails[name], checks[name]) for name in names)
        agents[spec.id] = RealtimeAgent(
            name=spec.name,
            handoff_description=spec.handoff_description,
            instructions=_instructions_of(spec, scenario),
            tools=[
                *(
                    compiled_tool(scenario.tools[name], hides=True)
                    if _is_shown_in_its_states_only(spec, name)
                    else tools[name]
                    for name in spec.tools
                ),
                *(tool for server in spec.mcp for tool in lent.get(server, ())),
                *state_tools(spec, scenario),
                *([transfer_tool(spec, scenario)] if spec.handoff_style == "transfer_agents" and spec.handoffs else []),
            ],
            output_guardrails=[listeners[name] for name in names],
        )
    # Handoffs come second: each holds the agent it leads to, and the graph of agents may go in circles.
    for spec in scenario.agents.values():
        if spec.handoff_style == "sdk":
            agents[spec.id].handoffs = [compiled_handoff(edge, spec, scenario, agents) for edge in spec.handoffs]
    return CompiledScenario(scenario, agents, guarded)


@dataclass(frozen=True, slots=True)
class Carried:
    """How a conversation is carried: whether the agent speaks, and what is heard of the caller.

    Without `hears_turns` turn detection is switched off: where nothing is listened to, the SDK would leave the
    cancelling of an answer to the server. `input_format` None: the scenario's.
    """

    speaks: bool = False
    hears_turns: bool = False
    input_format: str | None = None


def run_config(
    session: SessionSpec, carried: Carried, *, model: str | None = None, transcription: str | None = None
) -> RealtimeRunConfig:
    """The SDK's run configuration for a session.

    `model` is the model or deployment to ask for; None: the scenario's wish, or its role. `transcription` is the model
    that its role stands for; None: the first of the table.
    """
    return {
        "model_settings": _model_settings(session, carried, model, transcription),
        "guardrails_settings": {"debounce_text_length": session.guardrails.debounce_text_length},
        # Otherwise the SDK (0.24) answers `session.created` with a second `session.update`, which turns tracing on.
        "tracing_disabled": True,
    }


def _model_settings(
    session: SessionSpec, carried: Carried, model: str | None, transcription: str | None
) -> RealtimeSessionModelSettings:
    audio_in: dict[str, Any] = {}
    audio_out: dict[str, Any] = {}
    if input_format := carried.input_format or session.input_format:
        audio_in["format"] = input_format
    if session.noise_reduction:
        audio_in["noise_reduction"] = _noise_reduction(session.noise_reduction)
    audio_in["transcription"] = _transcription(session.transcription or {}, transcription)
    if not carried.hears_turns or session.turn_detection == "off":
        audio_in["turn_detection"] = None
    elif session.turn_detection is not None:
        audio_in["turn_detection"] = dict(session.turn_detection)
    if session.output_format:
        audio_out["format"] = session.output_format
    if session.voice:
        audio_out["voice"] = session.voice
    if session.speed is not None:
        audio_out["speed"] = session.speed
    settings: dict[str, Any] = {
        "output_modalities": ["audio" if carried.speaks else "text"],
        "audio": {"input": audio_in, "output": audio_out},
    }
    for name, value in {
        "model_name": model or resolved_model(session.model, "realtime"),
        "max_output_tokens": session.max_output_tokens,
        "tool_choice": session.tool_choice,
        "parallel_tool_calls": session.parallel_tool_calls,
        "reasoning": {"effort": session.reasoning.effort} if session.reasoning else None,
        "truncation": _truncation(session.truncation),
    }.items():
        if value is not None:
            settings[name] = value
    return cast(RealtimeSessionModelSettings, settings)


def _transcription(written: Mapping[str, Any], model: str | None) -> dict[str, Any]:
    """What the scenario says of transcription, with a model that exists. `model` None: the role's, by the table."""
    named = written.get("model", "transcription")
    own = model if named == "transcription" and model else resolved_model(named, "transcription")
    return {**written, "model": own}


def _noise_reduction(wanted: NoiseReduction) -> dict[str, Any]:
    strength = {} if wanted.strength is None else {"strength": wanted.strength}
    return {"type": wanted.microphone, **strength}


def _truncation(wanted: Retention | str | None) -> dict[str, Any] | str | None:
    """In its wire form; the SDK has no such setting, and `providers/wire.py` puts it beside those that it has."""
    if not isinstance(wanted, Retention):
        return wanted
    limits = wanted.post_instructions
    bound = {} if limits is None else {"token_limits": {"post_instructions": limits}}
    return {"type": "retention_ratio", "retention_ratio": wanted.ratio, **bound}


def _instructions_of(spec: AgentSpec, scenario: Scenario) -> Any:
    template = Template(prompt_template(spec, scenario))
    names = prompt_names(spec, scenario)
    changes = spec.states is not None and (spec.states.mode == "focused" or has_holes(spec))
    tracks = spec.states is not None and spec.states.is_enforced
    whole = states_text(spec, scenario, spec.states.entry) if spec.states and not changes else ""

    def rendered(context: RunContextWrapper[Talk], agent: RealtimeAgent[Talk]) -> str:
        state = context.context.state
        values = {"context": state.context, "now": state.now(), **names}

        def filled(template: Template) -> str:
            try:
                return state.secrets.hidden(template.render(values))
            except TemplateError as problem:
                raise problem.about(prompt_named(spec)) from problem

        text = filled(template)
        known = state.secrets.hidden(known_text(spec, scenario, state.context)) if tracks else ""
        if not changes:
            return text + whole + known
        states = states_text(spec, scenario, current_state(state, spec), lambda text: filled(Template(text)))
        return text + states + known

    return rendered


def _is_shown_in_its_states_only(spec: AgentSpec, tool: str) -> bool:
    return spec.states is not None and spec.states.mode == "focused" and tool in spec.states.homes_of_tools
