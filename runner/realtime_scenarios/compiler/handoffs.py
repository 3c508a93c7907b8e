"""An edge of the graph as a handoff of the SDK, refused where its gate is shut or its payload does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from agents import FunctionTool, Handoff
from agents.realtime import RealtimeAgent
from agents.tool_context import ToolContext

from realtime_scenarios.compiler.gates import closed_gate, elsewhere, enforced_machine, has_left
from realtime_scenarios.compiler.state import ConversationState
from realtime_scenarios.compiler.states import still_to_collect
from realtime_scenarios.compiler.tools import without_annotations
from realtime_scenarios.core.arguments import ArgumentCheck, repair_message
from realtime_scenarios.model.names import TRANSFER_TOOL
from realtime_scenarios.model.scenario import AgentSpec, HandoffSpec, Scenario
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

_refusal: ContextVar[str | None] = ContextVar("refusal", default=None)
"""Why the handoff of this task was refused. The SDK runs each call in a task of its own, so it is one call's alone."""

_told: ContextVar[str | None] = ContextVar("told", default=None)
"""What the agent that takes over in this task is told."""


class GatedHandoff(Handoff[Any, RealtimeAgent[Any]]):
    """A handoff that can say no: the agent stays, and the model reads the reason in place of the transfer."""

    def get_transfer_message(self, agent: Any) -> str:
        if reason := _refusal.get():
            return json.dumps({"error": reason}, ensure_ascii=False)
        if told := _told.get():
            return json.dumps({"assistant": agent.name, "told": told}, ensure_ascii=False)
        return super().get_transfer_message(agent)


def compiled_handoff(
    spec: HandoffSpec,
    owner: AgentSpec,
    scenario: Scenario,
    agents: Mapping[str, RealtimeAgent[ConversationState]],
) -> GatedHandoff:
    """The SDK's handoff for `spec`. `agents` maps agent ids to compiled agents and may still be filling up."""
    target = scenario.agents[spec.to]
    schema = spec.inputs or NO_INPUTS
    arguments = ArgumentCheck(schema)
    name = wire_name(spec, owner, scenario)

    async def invoke(context: Any, text: str) -> RealtimeAgent[Any]:
        state: ConversationState = context.context
        call_id = context.tool_call_id if isinstance(context, ToolContext) else ""
        args, problems = arguments.parsed(text or "{}") if spec.inputs else ({}, [])
        gone = has_left(owner.id, state)
        reason = gone or (repair_message(name, problems) if problems else None)
        is_told = reason is None
        reason, told = (reason, None) if reason else _handed_over(spec, state, call_id, args)
        _refusal.set(reason)
        _told.set(told)
        if reason is not None:
            if not is_told:
                state.record(
                    HandoffRefused,
                    call_id=call_id,
                    to=spec.to,
                    reason=reason,
                    arguments=args or None,
                    invalid=gone is None,
                )
            return agents[state.agent]
        return agents[spec.to]

    async def is_here(context: Any, agent: Any) -> bool:
        return _out_of_place(spec, context.context) is None

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

    async def transfer(context: ToolContext[ConversationState], text: str) -> str:
        state, call_id = context.context, context.tool_call_id
        args, problems = arguments.parsed(text)
        gone = has_left(owner.id, state)
        if gone or problems:
            reason = gone or repair_message(TRANSFER_TOOL, problems)
            to = str(args.get("destination_agent", ""))
            state.record(
                HandoffRefused, call_id=call_id, to=to, reason=reason, arguments=args or None, invalid=gone is None
            )
            return reason
        to = args["destination_agent"]
        reason_or_none, told = _handed_over(edges[to], state, call_id, args)
        if reason_or_none is not None:
            return json.dumps({"destination_agent": to, "did_transfer": False, "error": reason_or_none})
        if state.refresh is not None:
            await state.refresh()
        answer = {"destination_agent": to, "did_transfer": True, "assistant": scenario.agents[to].name}
        return json.dumps(answer | ({"told": told} if told else {}), ensure_ascii=False)

    return FunctionTool(
        name=TRANSFER_TOOL,
        description=transfer_description(owner, scenario),
        params_json_schema=schema,
        on_invoke_tool=without_annotations(transfer),
        strict_json_schema=False,
    )


def _handed_over(
    spec: HandoffSpec, state: ConversationState, call_id: str, args: Mapping[str, Any]
) -> tuple[str | None, str | None]:
    """Hand over if nothing is against it: the reason why not, and what the other agent is told."""
    args = Arguments(args, (spec.inputs or {}).get("properties", {}))
    reason = _out_of_place(spec, state) or closed_gate(spec.requires, state, args) or _not_from_here(spec, state, args)
    told = None
    if reason is None:
        values = {"args": args, "context": state.context, "now": state.now()}
        try:
            changes = updates(spec.set, values, state.scenario)
            told = state.secrets.hidden(Template(spec.tell).render(values)) if spec.tell else None
        except (ValueError, TemplateError) as problem:
            reason = str(problem)
    if reason is not None:
        state.record(HandoffRefused, call_id=call_id, to=spec.to, reason=reason, arguments=dict(args) or None)
        return reason, None
    state.record(HandedOff, call_id=call_id, to=spec.to, arguments=dict(args) or None)
    state.agent = spec.to
    state.update(changes)
    return None, told


def _out_of_place(spec: HandoffSpec, state: ConversationState) -> str | None:
    machine = enforced_machine(state)
    return elsewhere(spec.to, machine.homes_of_handoffs, state) if machine else None


def _not_from_here(spec: HandoffSpec, state: ConversationState, args: Mapping[str, Any]) -> str | None:
    """What the current state holds against leaving it this way, where it names the handoff."""
    machine = enforced_machine(state)
    if machine is None or state.here is None or spec.to not in machine.homes_of_handoffs:
        return None
    here = machine.states[state.here]
    if missing := still_to_collect(here, state.context):
        return missing
    edges = [edge for edge in here.transitions if edge.handoff == spec.to]
    refusals = [closed_gate(edge.requires, state, args) for edge in edges]
    return None if None in refusals else refusals[0]
