"""What a person is asked about a call, and what the model is told about a no."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.compiler.gates import holds
from realtime_scenarios.compiler.state import ConversationState
from realtime_scenarios.compiler.target import Target, may_be_asked_about, target_of
from realtime_scenarios.model.tool import ApprovalRule, Unresolved

REJECTED = "A person was asked and said no. Do not do this; offer to help with something else."
NOBODY_ANSWERED = "A person was asked and did not answer in time. Do not do this; offer to help with something else."


@dataclass(frozen=True, slots=True)
class Asking:
    """A call that a person is asked about. `name` is what the decision is remembered for."""

    call_id: str
    tool: str
    arguments: Mapping[str, Any]
    rule: ApprovalRule
    name: str


Ask = Callable[[Asking], Awaitable[str | None]]
"""Asks a person: None for yes, otherwise what the model is told."""


def asking_about(state: ConversationState, call_id: str, tool: str, arguments: Mapping[str, Any]) -> Asking | None:
    """What a person is asked about a call of the tool; None where nobody is asked."""
    spec = state.scenario.tools.get(tool)
    if spec is None:
        rule, name = state.mcp_tools.get(tool), tool
    else:
        target = target_of(spec, arguments) if may_be_asked_about(spec, arguments) else None
        if target is None or isinstance(target, Unresolved):
            return None
        rule, name = target.rule, target.name
    return Asking(call_id, tool, arguments, rule, name) if rule is not None else None


def wants_approval(target: Target, state: ConversationState) -> bool:
    """Whether a person must say yes to the call, now or for once and all."""
    rule = target.rule
    return rule is not None and (rule.when is None or holds(rule.when, state, target.values))


def rejection(rule: ApprovalRule | None) -> str:
    """What the model is told when a person says no."""
    return (rule.reject_message if rule else None) or REJECTED


async def without_time_running(state: ConversationState, asking: Awaitable[str | None]) -> str | None:
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
