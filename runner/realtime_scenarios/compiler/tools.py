"""A tool of the scenario as a function tool of the SDK: arguments checked, gates held, people asked, the stub run."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from realtime_scenarios.compiler.approval import (
    Ask,
    Asking,
    CannotAsk,
    rejection,
    wants_approval,
    without_time_running,
)
from realtime_scenarios.compiler.gates import departed_message
from realtime_scenarios.compiler.state import ConversationState, Talk
from realtime_scenarios.compiler.target import may_be_asked_about, misplaced_message, target_of
from realtime_scenarios.core import sendable
from realtime_scenarios.core.arguments import arguments_of, check_of, repair_message
from realtime_scenarios.model.call import ToolCall
from realtime_scenarios.model.tool import ToolSpec, Unresolved, functions_of
from realtime_scenarios.project.prompts import REJECTED, tool_description
from realtime_scenarios.stubs.answering import answer
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.trace import ApprovalDecided, Outcome, ToolCalled, ToolReturned

Invoke = Callable[[ToolContext[Any], str], Awaitable[Any]]

_SIGNATURE = inspect.Signature(
    [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("context", "text")]
)


@dataclass(frozen=True, slots=True)
class CallResult:
    """How a call ended; `output` is what the model reads. `branch` and `gate` are as in `ToolReturned`."""

    outcome: Outcome
    output: str
    branch: str | None = None
    gate: str | None = None


@dataclass(slots=True)
class CallCap:
    """`most` calls may be made for one answer of a text model; `tried` is how many were tried."""

    most: int
    tried: int = 0

    @property
    def is_exceeded(self) -> bool:
        return self.tried > self.most


@dataclass(frozen=True, slots=True)
class Nesting:
    """The call `within` which a text model makes calls, how a person is asked about those, and how many there may be.

    About the voice agent's calls the SDK asks, before it makes them.
    """

    within: str
    ask: Ask
    cap: CallCap


def compiled_tool(spec: ToolSpec, *, hides: bool = False) -> FunctionTool:
    """The SDK's function tool for `spec`. `hides`: it is only there in the states it belongs to.

    It never raises: whatever goes wrong is an answer that the model can act on, and stands in the trace. An exception
    would end the whole session (0.24: "Tool call task failed", and no output is ever sent).
    """

    async def invoke(context: ToolContext[Talk], text: str) -> str:
        talk = context.context
        caller = getattr(context.agent, "name", None)
        return await called(spec, talk.state, talk.stubs, context.tool_call_id, text, caller=caller)

    async def needs_approval(context: Any, args: dict[str, Any], call_id: str) -> bool:
        state: ConversationState = context.context.state
        if state.has_ended_turn or misplaced_message(spec, state) or not may_be_asked_about(spec, args):
            return False
        target = target_of(spec, check_of(spec.parameters).filled(args))
        if isinstance(target, Unresolved) or target.rule is None or target.shut_gate(state):
            return False
        if not wants_approval(target, state):
            return False
        remembered = state.remembered.get(target.name)
        if remembered is None:
            return True
        decision = "approved" if remembered.approved else "rejected"
        shown = {name: value for name, value in remembered.fields.items() if not target.rule.fields[name].secret}
        state.record(ApprovalDecided, call_id=call_id, tool=spec.name, decision=decision, fields=shown, remembered=True)
        return False

    async def is_here(context: Any, agent: Any) -> bool:
        return misplaced_message(spec, context.context.state) is None

    return FunctionTool(
        name=spec.name,
        description=tool_description(spec),
        params_json_schema=dict(spec.parameters),
        on_invoke_tool=without_annotations(invoke),
        strict_json_schema=False,  # strict, the SDK would make every parameter required
        needs_approval=needs_approval if _may_need_approval(spec) else False,
        is_enabled=is_here if hides else True,
    )


def nested_tool(spec: ToolSpec, state: ConversationState, stubs: StubSession, nesting: Nesting) -> FunctionTool:
    """The tool for a text model that answers a call: its calls are nested in the trace.

    One more than its cap is refused before anything runs, in parallel calls as well; whoever runs the model ends it.
    """

    async def refused_above_the_cap() -> CallResult:
        return CallResult("refused", f"No more than {nesting.cap.most} calls are allowed. Nothing was done.")

    async def invoke(context: ToolContext[Any], text: str) -> str:
        call_id = f"{nesting.within}.{context.tool_call_id}"
        arguments = arguments_of(text)
        state.record(
            ToolCalled,
            call_id=call_id,
            tool=spec.name,
            arguments=text if arguments is None else arguments,
            within=nesting.within,
        )
        nesting.cap.tried += 1
        if nesting.cap.is_exceeded:
            return await carried_out(spec.name, state, call_id, refused_above_the_cap, within=nesting.within)
        return await called(spec, state, stubs, call_id, text, nesting=nesting)

    return FunctionTool(
        name=spec.name,
        description=tool_description(spec),
        params_json_schema=dict(spec.parameters),
        on_invoke_tool=without_annotations(invoke),
        strict_json_schema=False,
    )


async def called(
    spec: ToolSpec,
    state: ConversationState,
    stubs: StubSession,
    call_id: str,
    text: str,
    *,
    nesting: Nesting | None = None,
    caller: str | None = None,
) -> str:
    """What the tool answers to the arguments in `text`; it stands in the trace.

    `nesting` None: the voice agent calls. `caller` is the name of the agent that does; None: whoever is active.
    """
    return await carried_out(
        spec.name,
        state,
        call_id,
        lambda: _call_result(spec, state, stubs, call_id, text, nesting),
        within=nesting.within if nesting else None,
        caller=caller,
    )


async def carried_out(
    name: str,
    state: ConversationState,
    call_id: str,
    work: Callable[[], Awaitable[CallResult]],
    *,
    within: str | None = None,
    caller: str | None = None,
) -> str:
    """What `work` answers, without secrets and on record; it is not begun for an agent that the caller has left, nor
    in a turn that was ended.

    While it runs the conversation does not count as stalled.
    """
    active = state.scenario.agents[state.agent]
    gone = departed_message(active.id if caller in (None, active.name) else str(caller), state)
    state.running += 1
    began = state.clock.monotonic()
    try:
        result = CallResult("refused", gone) if gone else await work()
    finally:
        state.running -= 1
        state.longest_call = max(state.longest_call, round(state.clock.monotonic() - began, 3))
    output = sendable(state.secrets.hidden(result.output))
    state.record(
        ToolReturned,
        call_id=call_id,
        tool=name,
        outcome=result.outcome,
        output=output,
        within=within,
        branch=result.branch,
        gate=result.gate,
    )
    return output


async def _call_result(
    spec: ToolSpec, state: ConversationState, stubs: StubSession, call_id: str, text: str, nesting: Nesting | None
) -> CallResult:
    """The one road of every call, gone to its end whatever was checked before: rules hold at the moment the stub runs.

    Between the SDK's question whether to ask a person and this, another call of the same response may have changed the
    state or the context.
    """
    arguments, problems = check_of(spec.parameters).parsed(text)
    if problems:
        return CallResult("invalid", repair_message(spec.name, problems))
    if place := misplaced_message(spec, state):
        return CallResult("refused", place)
    target = target_of(spec, arguments)
    if isinstance(target, Unresolved):
        return CallResult("invalid", as_output(target.output))
    if gate := target.shut_gate(state):
        return CallResult("refused", gate.reason, gate=gate.place)
    rule, remembered = target.rule, state.remembered.get(target.name)
    if rule is not None and call_id not in state.approvals and wants_approval(target, state):
        if remembered is None:
            if nesting is None:
                return CallResult("refused", REJECTED)  # the SDK asks first; this holds even if it once should not
            asking = Asking(call_id, spec.name, target.arguments, rule, target.name, target.values_of_rule)
            try:
                refusal = await without_time_running(state, nesting.ask(asking))
            except CannotAsk as problem:
                return CallResult("failed", str(problem))
            if refusal is not None:
                return CallResult("rejected", refusal)
        elif not remembered.approved:
            return CallResult("rejected", rejection(rule))
    call = ToolCall(
        tool=target.name,
        call_id=call_id,
        args=target.arguments,
        context=state.context,
        approval=state.approvals.get(call_id) or (remembered.fields if remembered else {}),
        now=state.now(),
        agent=state.agent,
        agent_name=state.scenario.agents[state.agent].name,
        declared=target.spec.parameters.get("properties", {}),
        locale=state.scenario.locale,
    )
    result = await answer(target.spec, call, stubs)
    state.update(result.updates)
    branch = stubs.taken(call_id) if len(target.spec.stub.answers) > 1 else None
    return CallResult(result.outcome, as_output(result.output), branch=branch)


def as_output(value: Any) -> str:
    """A tool's answer as the model reads it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def without_annotations(invoke: Invoke) -> Invoke:
    """The same function for the SDK, which works out the signature and annotations of a tool at every single call."""
    invoke.__annotations__ = {}
    invoke.__signature__ = _SIGNATURE  # type: ignore[attr-defined]
    return invoke


def _may_need_approval(spec: ToolSpec) -> bool:
    return any(function.approval is not None for _, function in functions_of(spec))
