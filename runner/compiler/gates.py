"""Conditions of the scenario as yes or no, at the moment of the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.compiler.state import ConversationState
from runner.model.scenario import Condition
from runner.templates import Expression, TemplateError


def closed_gate(conditions: Iterable[Condition], state: ConversationState, args: Mapping[str, Any]) -> str | None:
    """What the model is told about the first condition that does not hold; None when all of them do."""
    for condition in conditions:
        if not _opens(condition, state, args):
            return condition.message or f"This is not allowed now: it requires {condition.expression}."
    return None


def holds(condition: Condition, state: ConversationState, args: Mapping[str, Any]) -> bool:
    """Whether the condition holds. One that cannot be evaluated does: better to ask a person once too often."""
    try:
        return bool(Expression(condition.expression).evaluate(_values(state, args)))
    except TemplateError:
        return True


def _opens(condition: Condition, state: ConversationState, args: Mapping[str, Any]) -> bool:
    """Whether a gate opens. One that cannot be evaluated stays shut."""
    try:
        return bool(Expression(condition.expression).evaluate(_values(state, args)))
    except TemplateError:
        return False


def _values(state: ConversationState, args: Mapping[str, Any]) -> dict[str, Any]:
    return {"args": args, "context": state.context, "now": state.now(), "state": state.states.get(state.agent)}
