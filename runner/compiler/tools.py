"""A tool of the scenario as a function tool of the SDK: arguments checked, gates held, people asked, the stub run."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from runner.compiler.gates import closed_gate, holds
from runner.compiler.state import ConversationState
from runner.core import sendable
from runner.model.scenario import ApprovalRule, ToolSpec
from runner.realtime.responders.examples import described
from runner.stubs import ArgumentCheck, ToolCall, answer, repair_message
from runner.trace import ApprovalDecided, Outcome, ToolReturned

Invoke = Callable[[ToolContext[Any], str], Awaitable[Any]]

_SIGNATURE = inspect.Signature(
    [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("context", "text")]
)

REJECTED = "A person was asked and said no. Do not do this; offer to help with something else."
NOBODY_ANSWERED = "A person was asked and did not answer in time. Do not do this; offer to help with something else."


def compiled_tool(spec: ToolSpec) -> FunctionTool:
    """The SDK's function tool for `spec`.

    It never raises: whatever goes wrong is an answer that the model can act on, and stands in the trace.
    """
    arguments = ArgumentCheck(spec.parameters)

    async def invoke(context: ToolContext[ConversationState], text: str) -> str:
        state, call_id = context.context, context.tool_call_id
        outcome, output = await _answered(state, call_id, text)
        output = sendable(state.secrets.hidden(output))
        state.record(ToolReturned, call_id=call_id, tool=spec.name, outcome=outcome, output=output)
        return output

    async def _answered(state: ConversationState, call_id: str, text: str) -> tuple[Outcome, str]:
        args, problems = arguments.parsed(text)
        if problems:
            return "invalid", repair_message(spec.name, problems)
        if gate := closed_gate(spec.requires, state, args):
            return "refused", gate
        remembered = state.remembered.get(spec.name)
        if remembered and not remembered.approved and call_id not in state.approvals:
            return "rejected", rejection(spec.approval)
        if (
            spec.approval
            and _is_wanted(spec.approval, state, args)
            and not remembered
            and call_id not in state.approvals
        ):
            return "refused", REJECTED  # the SDK asks first; this holds even if it once should not
        fields = state.approvals.get(call_id) or (remembered.fields if remembered else {})
        call = ToolCall(
            tool=spec.name,
            call_id=call_id,
            args=args,
            context=state.context,
            approval=fields,
            now=state.now(),
            agent=state.agent,
            agent_name=state.scenario.agents[state.agent].name,
        )
        state.running += 1
        try:
            result = await answer(spec.stub, call, state.stubs)
        finally:
            state.running -= 1
        state.update(result.updates)
        return result.outcome, as_output(result.output)

    async def needs_approval(context: Any, args: dict[str, Any], call_id: str) -> bool:
        state: ConversationState = context.context
        rule = spec.approval
        if rule is None or arguments.problems(args) or closed_gate(spec.requires, state, args):
            return False
        if not _is_wanted(rule, state, args):
            return False
        remembered = state.remembered.get(spec.name)
        if remembered is None:
            return True
        decision = "approved" if remembered.approved else "rejected"
        shown = {name: value for name, value in remembered.fields.items() if not rule.fields[name].secret}
        state.record(ApprovalDecided, call_id=call_id, tool=spec.name, decision=decision, fields=shown, remembered=True)
        return False

    return FunctionTool(
        name=spec.name,
        description=described(spec.description, spec.examples),
        params_json_schema=dict(spec.parameters),
        on_invoke_tool=without_annotations(invoke),
        strict_json_schema=False,
        needs_approval=needs_approval if spec.approval else False,
    )


def without_annotations(invoke: Invoke) -> Invoke:
    """The same function for the SDK, which works out the signature and annotations of a tool at every single call."""
    invoke.__annotations__ = {}
    invoke.__signature__ = _SIGNATURE  # type: ignore[attr-defined]
    return invoke


def rejection(rule: ApprovalRule | None) -> str:
    """What the model is told when a person says no."""
    return (rule.reject_message if rule else None) or REJECTED


def as_output(value: Any) -> str:
    """A tool's answer as the model reads it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _is_wanted(rule: ApprovalRule, state: ConversationState, args: dict[str, Any]) -> bool:
    return rule.when is None or holds(rule.when, state, args)
