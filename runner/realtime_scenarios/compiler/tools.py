"""A tool of the scenario as a function tool of the SDK: arguments checked, gates held, people asked, the stub run."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from realtime_scenarios.compiler.gates import closed_gate, elsewhere, enforced_machine, has_left, holds
from realtime_scenarios.compiler.state import Asking, ConversationState
from realtime_scenarios.core import sendable
from realtime_scenarios.model.call import ToolCall
from realtime_scenarios.model.tool import ApprovalRule, ToolSpec, Unresolved, functions_of
from realtime_scenarios.standin.examples import described, with_filler
from realtime_scenarios.stubs.answering import answer
from realtime_scenarios.stubs.arguments import ArgumentCheck, arguments_of, repair_message
from realtime_scenarios.templates import Arguments
from realtime_scenarios.trace import ApprovalDecided, Outcome, ToolCalled, ToolReturned

Invoke = Callable[[ToolContext[Any], str], Awaitable[Any]]

_SIGNATURE = inspect.Signature(
    [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("context", "text")]
)

REJECTED = "A person was asked and said no. Do not do this; offer to help with something else."
NOBODY_ANSWERED = "A person was asked and did not answer in time. Do not do this; offer to help with something else."


def compiled_tool(spec: ToolSpec, *, hides: bool = False) -> FunctionTool:
    """The SDK's function tool for `spec`. `hides`: it is only there in the states it belongs to.

    It never raises: whatever goes wrong is an answer that the model can act on, and stands in the trace.
    """

    async def invoke(context: ToolContext[ConversationState], text: str) -> str:
        caller = getattr(context.agent, "name", None)
        return await called(spec, context.context, context.tool_call_id, text, caller=caller)

    async def needs_approval(context: Any, args: dict[str, Any], call_id: str) -> bool:
        state: ConversationState = context.context
        if _out_of_place(spec, state):
            return False
        found = _aimed_at(spec, args)
        if isinstance(found, str):
            return False
        target, given = found
        rule = target.approval or spec.approval
        given = Arguments(given, target.parameters.get("properties", {}))
        if rule is None or _shut_gate(spec, target, state, args, given) or not _is_wanted(rule, state, given):
            return False
        remembered = state.remembered.get(name_of(spec, target))
        if remembered is None:
            return True
        decision = "approved" if remembered.approved else "rejected"
        fields = rule.fields
        shown = {name: value for name, value in remembered.fields.items() if not fields[name].secret}
        state.record(ApprovalDecided, call_id=call_id, tool=spec.name, decision=decision, fields=shown, remembered=True)
        return False

    async def is_here(context: Any, agent: Any) -> bool:
        return _out_of_place(spec, context.context) is None

    return FunctionTool(
        name=spec.name,
        description=told_description(spec),
        params_json_schema=dict(spec.parameters),
        on_invoke_tool=without_annotations(invoke),
        strict_json_schema=False,
        needs_approval=needs_approval if _may_ask(spec) else False,
        is_enabled=is_here if hides else True,
    )


def nested_tool(spec: ToolSpec, state: ConversationState, within: str) -> FunctionTool:
    """The tool for a text model that answers the call `within`: its calls are nested in the trace."""

    async def invoke(context: ToolContext[Any], text: str) -> str:
        call_id = f"{within}.{context.tool_call_id}"
        arguments = arguments_of(text)
        state.record(
            ToolCalled,
            call_id=call_id,
            tool=spec.name,
            arguments=text if arguments is None else arguments,
            within=within,
        )
        return await called(spec, state, call_id, text, within=within)

    return FunctionTool(
        name=spec.name,
        description=told_description(spec),
        params_json_schema=dict(spec.parameters),
        on_invoke_tool=without_annotations(invoke),
        strict_json_schema=False,
    )


async def called(
    spec: ToolSpec,
    state: ConversationState,
    call_id: str,
    text: str,
    *,
    within: str | None = None,
    caller: str | None = None,
) -> str:
    """What the tool answers to the arguments in `text`; it stands in the trace.

    `within` is the call whose text model made this one: such a call is asked about here, others by the SDK. `caller` is
    the name of the agent that calls; None: whoever is active.
    """
    return await carried_out(
        spec.name, state, call_id, lambda: _answered(spec, state, call_id, text, within), within=within, caller=caller
    )


async def carried_out(
    name: str,
    state: ConversationState,
    call_id: str,
    work: Callable[[], Awaitable[tuple[Outcome, str]]],
    *,
    within: str | None = None,
    caller: str | None = None,
) -> str:
    """What `work` answers, without secrets and on record; it is not begun for an agent that the caller has left.

    While it runs the conversation does not count as stalled.
    """
    active = state.scenario.agents[state.agent].name
    gone = has_left(caller, state) if caller is not None and caller != active else None
    state.running += 1
    try:
        outcome, output = ("refused", gone) if gone else await work()
    finally:
        state.running -= 1
    output = sendable(state.secrets.hidden(output))
    state.record(ToolReturned, call_id=call_id, tool=name, outcome=outcome, output=output, within=within)
    return output


def asking_about(state: ConversationState, call_id: str, tool: str, arguments: Mapping[str, Any]) -> Asking | None:
    """What a person is asked about a call of the tool; None where nobody is asked."""
    spec = state.scenario.tools.get(tool)
    if spec is None:
        rule, name = state.mcp_tools.get(tool), tool
    else:
        found = _aimed_at(spec, arguments)
        if isinstance(found, str):
            return None
        rule, name = found[0].approval or spec.approval, name_of(spec, found[0])
    return Asking(call_id, tool, arguments, rule, name) if rule is not None else None


def name_of(spec: ToolSpec, target: ToolSpec) -> str:
    """What a call is called by: the tool, or the tool with the function of its catalogue behind a dot."""
    return spec.name if target is spec else f"{spec.name}.{target.name}"


def told_description(spec: ToolSpec) -> str:
    """What the model reads about the tool: its description, what to say before, what callers say, what is inside."""
    text = described(spec.description, spec.examples)
    if spec.filler is not None:
        text = with_filler(text, spec.filler.lines, exact=spec.filler.exact)
    if spec.stub.catalogue is not None:
        text += "\nFunctions:" + "".join(map(_catalogue_line, spec.stub.catalogue.functions.values()))
    return text


def _catalogue_line(function: ToolSpec) -> str:
    required = function.parameters.get("required", ())
    properties = function.parameters.get("properties", {})
    names = [f"{name}{'' if name in required else '?'}{_kind_of(one)}" for name, one in properties.items()]
    return f"\n- {function.name}({', '.join(names)}): {' '.join(function.description.split())}"


def _kind_of(schema: Any) -> str:
    """A parameter's type, or its values, and what it is, in short."""
    if not isinstance(schema, dict):
        return ""
    kinds = schema.get("type", "any")
    kind = "/".join(kinds) if isinstance(kinds, list) else str(kinds)
    said = "|".join(map(str, schema["enum"])) if "enum" in schema else kind
    told = " ".join(str(schema["description"]).split()).rstrip(".") if "description" in schema else ""
    return f": {said} ({told})" if told else f": {said}"


async def _answered(
    spec: ToolSpec, state: ConversationState, call_id: str, text: str, within: str | None
) -> tuple[Outcome, str]:
    parsed, problems = _checks(spec).parsed(text)
    if problems:
        return "invalid", repair_message(spec.name, problems)
    if place := _out_of_place(spec, state):
        return "refused", place
    found = _aimed_at(spec, parsed)
    if isinstance(found, str):
        return "invalid", found
    target, args = found
    declared = target.parameters.get("properties", {})
    known = Arguments(args, declared)
    if gate := _shut_gate(spec, target, state, parsed, known):
        return "refused", gate
    name, rule = name_of(spec, target), target.approval or spec.approval
    remembered = state.remembered.get(name)
    is_wanted = rule is not None and _is_wanted(rule, state, known)
    if is_wanted and remembered and not remembered.approved and call_id not in state.approvals:
        return "rejected", rejection(rule)
    if rule and is_wanted and not remembered and call_id not in state.approvals:
        if within is None or state.ask is None:
            return "refused", REJECTED  # the SDK asks first; this holds even if it once should not
        refusal = await _without_time_running(state, state.ask(Asking(call_id, spec.name, args, rule, name)))
        if refusal is not None:
            return "rejected", refusal
    call = ToolCall(
        tool=name,
        call_id=call_id,
        args=args,
        context=state.context,
        approval=state.approvals.get(call_id) or (remembered.fields if remembered else {}),
        now=state.now(),
        agent=state.agent,
        agent_name=state.scenario.agents[state.agent].name,
        declared=declared,
    )
    result = await answer(target, call, state.stubs)
    state.update(result.updates)
    return result.outcome, as_output(result.output)


def _shut_gate(
    spec: ToolSpec, target: ToolSpec, state: ConversationState, args: Mapping[str, Any], given: Mapping[str, Any]
) -> str | None:
    """What the model is told about a gate of the tool, or of the function that it stands for, that is shut."""
    shut = closed_gate(target.requires, state, given)
    if target is spec or shut:
        return shut
    return closed_gate(spec.requires, state, Arguments(args, spec.parameters.get("properties", {})))


async def _without_time_running(state: ConversationState, asking: Awaitable[str | None]) -> str | None:
    """Ask a person while the time of the text models that wait for the answer stands still."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    limits = [(limit, limit.when()) for limit in state.limits]
    for limit, _ in limits:
        limit.reschedule(None)
    try:
        return await asking
    finally:
        for limit, when in limits:
            if when is not None and not limit.expired():
                limit.reschedule(when + loop.time() - began)


def _out_of_place(spec: ToolSpec, state: ConversationState) -> str | None:
    machine = enforced_machine(state)
    return elsewhere(spec.name, machine.homes_of_tools, state) if machine else None


def _aimed_at(spec: ToolSpec, args: Mapping[str, Any]) -> tuple[ToolSpec, Mapping[str, Any]] | str:
    """What a call is really of, with its arguments: the tool itself, or a function of its catalogue.

    A text says why there is no such thing; arguments that do not fit the tool itself come back as they are.
    """
    if spec.stub.catalogue is None:
        return (spec, args) if spec.approval is None or _checks(spec).fits(args) else ""
    found = spec.stub.catalogue.resolved(args)
    if isinstance(found, Unresolved):
        return as_output(found.output)
    return found.function, found.arguments


def _may_ask(spec: ToolSpec) -> bool:
    return any(function.approval is not None for _, function in functions_of(spec))


@functools.lru_cache(maxsize=4096)
def _checks(spec: ToolSpec) -> ArgumentCheck:
    return ArgumentCheck(spec.parameters)


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


def _is_wanted(rule: ApprovalRule, state: ConversationState, args: Mapping[str, Any]) -> bool:
    return rule.when is None or holds(rule.when, state, args)
