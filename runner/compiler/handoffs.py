"""An edge of the graph as a handoff of the SDK, refused where its gate is shut or its payload does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from agents import Handoff
from agents.realtime import RealtimeAgent
from agents.tool_context import ToolContext

from runner.compiler.gates import closed_gate
from runner.compiler.state import ConversationState
from runner.model.names import handoff_tool_name
from runner.model.scenario import AgentSpec, HandoffSpec
from runner.realtime.responders.examples import described
from runner.stubs import ArgumentCheck, repair_message, updates
from runner.trace import HandedOff, HandoffRefused

NO_INPUTS: Mapping[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}

_refusal: ContextVar[str | None] = ContextVar("refusal", default=None)
"""Why the handoff of this task was refused. The SDK runs each call in a task of its own, so it is one call's alone."""


class GatedHandoff(Handoff[Any, RealtimeAgent[Any]]):
    """A handoff that can say no: the agent stays, and the model reads the reason in place of the transfer."""

    def get_transfer_message(self, agent: Any) -> str:
        reason = _refusal.get()
        return json.dumps({"error": reason}, ensure_ascii=False) if reason else super().get_transfer_message(agent)


def compiled_handoff(
    spec: HandoffSpec, target: AgentSpec, agents: Mapping[str, RealtimeAgent[ConversationState]]
) -> GatedHandoff:
    """The SDK's handoff for `spec`. `agents` maps agent ids to compiled agents and may still be filling up."""
    schema = spec.inputs or NO_INPUTS
    arguments = ArgumentCheck(schema)
    name = spec.tool_name or handoff_tool_name(target.name)

    async def invoke(context: Any, text: str) -> RealtimeAgent[Any]:
        state: ConversationState = context.context
        call_id = context.tool_call_id if isinstance(context, ToolContext) else ""
        args, problems = arguments.parsed(text or "{}") if spec.inputs else ({}, [])
        reason = repair_message(name, problems) if problems else closed_gate(spec.requires, state, args)
        if reason is None:
            try:
                changes = updates(
                    spec.set, {"args": args, "context": state.context, "now": state.now()}, state.scenario
                )
            except ValueError as problem:
                reason = str(problem)
        _refusal.set(reason)
        if reason is not None:
            state.record(HandoffRefused, call_id=call_id, to=spec.to, reason=reason)
            return agents[state.agent]
        state.record(HandedOff, call_id=call_id, to=spec.to, arguments=args or None)
        state.agent = spec.to
        state.update(changes)
        return agents[spec.to]

    return GatedHandoff(
        tool_name=name,
        tool_description=described(handoff_description(spec, target), spec.examples),
        input_json_schema=dict(schema),
        on_invoke_handoff=invoke,
        agent_name=target.name,
        strict_json_schema=False,
    )


def handoff_description(spec: HandoffSpec, target: AgentSpec) -> str:
    """What the model reads about the edge: the author's words, or the SDK's sentence about the target."""
    return (
        spec.description
        or f"Handoff to the {target.name} agent to handle the request. {target.handoff_description or ''}".rstrip()
    )
