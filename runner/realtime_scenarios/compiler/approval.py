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
from realtime_scenarios.project.prompts import REJECTED
from realtime_scenarios.stubs.data import QueryFailed
from realtime_scenarios.stubs.tables import Tables
from realtime_scenarios.templates import Arguments, Expression, Template, TemplateError


@dataclass(frozen=True, slots=True)
class Asking:
    """A call that a person is asked about. `name` is what the decision is remembered for.

    `values` are the arguments as the rule's own texts see them.
    """

    call_id: str
    tool: str
    arguments: Mapping[str, Any]
    rule: ApprovalRule
    name: str
    values: Arguments


class CannotAsk(Exception):
    """The question cannot be put: nobody may say yes to what they are not shown. The message is for the model."""


Ask = Callable[[Asking], Awaitable[str | None]]
"""Asks a person: None for yes, otherwise what the model is told. It raises `CannotAsk`."""


def asking_about(state: ConversationState, call_id: str, tool: str, arguments: Mapping[str, Any]) -> Asking | None:
    """What a person is asked about a call of the tool; None where nobody is asked."""
    spec = state.scenario.tools.get(tool)
    if spec is None:
        rule, name, values = state.mcp_tools.get(tool), tool, Arguments(arguments, ())
    else:
        target = target_of(spec, arguments) if may_be_asked_about(spec, arguments) else None
        if target is None or isinstance(target, Unresolved):
            return None
        rule, name, values = target.rule, target.name, target.values_of_rule
    return Asking(call_id, tool, arguments, rule, name, values) if rule is not None else None


def question_about(asking: Asking, state: ConversationState, tables: Tables) -> str | None:
    """What the person is asked, without secrets; None where the rule has no question of its own.

    Raises:
        CannotAsk: its query or its template fails.
    """
    question, query = asking.rule.question, asking.rule.query
    if question is None:
        return None
    values: dict[str, Any] = {"args": asking.values, "context": state.context, "now": state.now()}
    values["locale"] = state.scenario.locale
    try:
        if query is not None:
            computed = {name: Expression(text).evaluate(values) for name, text in query.params.items()}
            rows = tables.read(query.sql.text, {**asking.values, **computed})
            values |= {"rows": rows, "row": rows[0] if rows else None}
        return state.secrets.hidden(Template(question.text).render(values)).strip()
    except (QueryFailed, TemplateError) as problem:
        message = f"Tool '{asking.tool}' failed: the person who must approve it cannot be asked ({problem})"
        raise CannotAsk(message) from problem


def wants_approval(target: Target, state: ConversationState) -> bool:
    """Whether a person must say yes to the call, now or for once and all."""
    rule = target.rule
    return rule is not None and (rule.when is None or holds(rule.when, state, target.values_of_rule))


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
