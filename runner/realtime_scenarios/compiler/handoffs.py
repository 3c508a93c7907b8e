"""An edge of the graph as a handoff of the SDK, refused where its gate is shut or its payload does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from agents import FunctionTool, Handoff
from agents.realtime import RealtimeAgent
from agents.tool_context import ToolContext

from realtime_scenarios.compiler.gates import (
    ShutGate,
    closed_gate,
    departed_message,
    enforced_machine,
    wrong_state_message,
)
from realtime_scenarios.compiler.state import ConversationState, Talk
from realtime_scenarios.compiler.states import uncollected_message
from realtime_scenarios.compiler.tools import without_annotations
from realtime_scenarios.core.arguments import ArgumentCheck, arguments_of, repair_message
from realtime_scenarios.model.names import TRANSFER_TOOL
from realtime_scenarios.model.scenario import AgentSpec, HandoffSpec, Scenario, Transition
from realtime_scenarios.project.prompts import (
    NO_INPUTS,
    handoff_description,
    transfer_description,
    transfer_parameters,
    wire_name,
)
from realtime_scenarios.stubs.answers import updates
from realtime_scenarios.templates import Arguments, Template, TemplateError
from realtime_scenarios.trace import HandedOff, HandoffRefused


@dataclass(frozen=True, slots=True)
class Arrival:
    """The other agent is active; `told` is what it is told, None: nothing."""

    told: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing has changed; `reason` is for the model."""

    reason: str


_latest_outcome: ContextVar[Arrival | Refusal] = ContextVar("latest_outcome")
"""How the handoff of this task ended. The SDK runs each call in a task of its own, so it is one call's alone."""


class GatedHandoff(Handoff[Any, RealtimeAgent[Any]]):
    """A handoff that can say no: the agent stays, and the model reads the reason in place of the transfer.

    The SDK (0.24) has no word for that. It takes the agent that `on_invoke_handoff` returns for the one to go to, and
    asks for the message straight after, in the same task: so a refusal hands off to the agent that is active already.
    """

    def get_transfer_message(self, agent: Any) -> str:
        match _latest_outcome.get(None):
            case Refusal(reason):
                return json.dumps({"error": reason}, ensure_ascii=False)
            case Arrival(told) if told:
                return json.dumps({"assistant": agent.name, "told": told}, ensure_ascii=False)
            case _:
                return super().get_transfer_message(agent)


def compiled_handoff(
    spec: HandoffSpec,
    owner: AgentSpec,
    scenario: Scenario,
    agents: Mapping[str, RealtimeAgent[Talk]],
) -> GatedHandoff:
    """The SDK's handoff for `spec`. `agents` maps agent ids to compiled agents and may still be filling up."""
    target = scenario.agents[spec.to]
    schema = spec.inputs or NO_INPUTS
    arguments = ArgumentCheck(schema)
    name = wire_name(spec, owner, scenario)

    async def invoke(context: Any, text: str) -> RealtimeAgent[Any]:
        state: ConversationState = context.context.state
        call_id = context.tool_call_id if isinstance(context, ToolContext) else ""
        sent = (arguments_of(text or "{}") or {}) if spec.inputs else {}
        args, problems = arguments.parsed(text or "{}") if spec.inputs else ({}, [])
        if gone := departed_message(owner.id, state):
            _latest_outcome.set(_recorded_refusal(gone, state, call_id, spec.to, sent))
        elif problems:
            _latest_outcome.set(
                _recorded_refusal(repair_message(name, problems), state, call_id, spec.to, sent, invalid=True)
            )
        else:
            _latest_outcome.set(_transfer_outcome(spec, state, call_id, args, sent))
        return agents[state.agent]

    async def is_here(context: Any, agent: Any) -> bool:
        return _misplaced_message(spec, context.context.state) is None

    hides = owner.states is not None and owner.states.mode == "focused" and spec.to in owner.states.homes_of_handoffs
    return GatedHandoff(
        tool_name=name,
        tool_description=handoff_description(spec, scenario),
        input_json_schema=dict(schema),
        on_invoke_handoff=invoke,
        agent_name=target.name,
        strict_json_schema=False,
        is_enabled=is_here if hides else True,
    )


def transfer_tool(owner: AgentSpec, scenario: Scenario) -> FunctionTool:
    """One tool for all of an agent's handoffs."""
    edges = {edge.to: edge for edge in owner.handoffs}
    schema = transfer_parameters(owner)
    arguments = ArgumentCheck(schema)

    async def transfer(context: ToolContext[Talk], text: str) -> str:
        talk, call_id = context.context, context.tool_call_id
        args, problems = arguments.parsed(text)
        to = str(args.get("destination_agent", ""))
        if gone := departed_message(owner.id, talk.state):
            return _recorded_refusal(gone, talk.state, call_id, to, args).reason
        if problems:
            return _recorded_refusal(
                repair_message(TRANSFER_TOOL, problems), talk.state, call_id, to, args, invalid=True
            ).reason
        match _transfer_outcome(edges[to], talk.state, call_id, args, args):
            case Refusal(reason):
                return json.dumps({"destination_agent": to, "did_transfer": False, "error": reason})
            case Arrival(told):
                await talk.refresh()
                answer = {"destination_agent": to, "did_transfer": True, "assistant": scenario.agents[to].name}
                return json.dumps(answer | ({"told": told} if told else {}), ensure_ascii=False)

    return FunctionTool(
        name=TRANSFER_TOOL,
        description=transfer_description(owner, scenario),
        params_json_schema=schema,
        on_invoke_tool=without_annotations(transfer),
        strict_json_schema=False,
    )


def _transfer_outcome(
    spec: HandoffSpec, state: ConversationState, call_id: str, args: Mapping[str, Any], sent: Mapping[str, Any]
) -> Arrival | Refusal:
    """Hand over if nothing is against it. `args` are what was `sent`, which goes on record, with all defaults."""
    args = Arguments(args, (spec.inputs or {}).get("properties", {}))
    way = _misplaced_message(spec, state) or closed_gate(spec.requires, state, args) or _way_out(spec, state, args)
    match way:
        case ShutGate(reason, gate):
            return _recorded_refusal(reason, state, call_id, spec.to, sent, gate=gate)
        case str(reason):
            return _recorded_refusal(reason, state, call_id, spec.to, sent)
    transition = None if way is None else way.place.json_pointer
    values = {"args": args, "context": state.context, "now": state.now(), "locale": state.scenario.locale}
    try:
        changes = updates(spec.set, values, state.scenario)
        told = state.secrets.hidden(Template(spec.tell).render(values)) if spec.tell else None
    except (ValueError, TemplateError) as problem:
        return _recorded_refusal(str(problem), state, call_id, spec.to, sent)
    state.record(HandedOff, call_id=call_id, to=spec.to, arguments=dict(sent) or None, transition=transition)
    state.agent = spec.to
    state.update(changes)
    return Arrival(told)


def _recorded_refusal(
    reason: str,
    state: ConversationState,
    call_id: str,
    to: str,
    args: Mapping[str, Any],
    *,
    invalid: bool = False,
    gate: str | None = None,
) -> Refusal:
    """The refusal, which stands in the trace. `invalid`: the arguments did not fit; `gate`: the one that is shut."""
    given = dict(args) or None
    state.record(HandoffRefused, call_id=call_id, to=to, reason=reason, arguments=given, invalid=invalid, gate=gate)
    return Refusal(reason)


def _misplaced_message(spec: HandoffSpec, state: ConversationState) -> str | None:
    machine = enforced_machine(state)
    return wrong_state_message(spec.to, machine.homes_of_handoffs, state) if machine else None


def _way_out(
    spec: HandoffSpec, state: ConversationState, args: Mapping[str, Any]
) -> Transition | ShutGate | str | None:
    """The way on of the current state that the handoff takes, or what the state holds against it.

    None: the state does not name the handoff, or there is none.
    """
    machine = enforced_machine(state)
    if machine is None or state.here is None or spec.to not in machine.homes_of_handoffs:
        return None
    here = machine.states[state.here]
    if missing := uncollected_message(here, state.context):
        return missing
    refusals: list[ShutGate] = []
    for edge in (edge for edge in here.transitions if edge.handoff == spec.to):
        shut = closed_gate(edge.requires, state, args)
        if shut is None:
            return edge
        refusals.append(shut)
    return refusals[0] if refusals else None
