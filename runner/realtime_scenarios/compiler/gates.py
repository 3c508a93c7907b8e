"""Conditions of the scenario as yes or no, at the moment of the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.compiler.state import ConversationState
from realtime_scenarios.core import listed
from realtime_scenarios.model.scenario import StateMachine
from realtime_scenarios.model.tool import Condition
from realtime_scenarios.templates import Expression, TemplateError


@dataclass(frozen=True, slots=True)
class ShutGate:
    """A condition that does not hold: what the model is told, and where it stands as a JSON pointer."""

    reason: str
    place: str


def closed_gate(
    conditions: Iterable[Condition],
    state: ConversationState,
    args: Mapping[str, Any],
    collected: Mapping[str, Any] | None = None,
) -> ShutGate | None:
    """The first condition that does not hold; None when all of them do.

    `collected` are values that context variables are about to have.
    """
    for condition in conditions:
        if not _is_open(condition, state, args, collected or {}):
            reason = condition.message or f"This is not allowed now: it requires {condition.expression}."
            return ShutGate(reason, condition.place.json_pointer)
    return None


def holds(condition: Condition, state: ConversationState, args: Mapping[str, Any]) -> bool:
    """Whether the condition holds. One that cannot be evaluated does: better to ask a person once too often."""
    try:
        return bool(Expression(condition.expression).evaluate(_condition_values(state, args)))
    except TemplateError:
        return True


def wrong_state_message(name: str, homes: Mapping[str, tuple[str, ...]], state: ConversationState) -> str | None:
    """What the model is told where something belongs to other states than the present one; None where it may be."""
    states = homes.get(name)
    if states is None or state.here in states:
        return None
    return f"This belongs to {listed(map(repr, states), joined_by='or')}; the conversation is in '{state.here}'."


ENDED_TURN = "What was said here must not be said, and so the turn was ended. Nothing was done."


def departed_message(agent: str, state: ConversationState) -> str | None:
    """What the model is told about a call of an agent that the caller was handed away from, or whose turn was ended.

    One response may hold several calls: what stands behind a handoff must not happen in the name of another agent, and
    what stands behind the last of too many trips must not happen at all. None while the agent is active.
    """
    if state.has_ended_turn:
        return ENDED_TURN
    if state.agent == agent:
        return None
    return f"The caller has been handed to {state.scenario.agents[state.agent].name}. Nothing was done."


def enforced_machine(state: ConversationState) -> StateMachine | None:
    """The active agent's states, where the runner itself keeps to them."""
    machine = state.scenario.agents[state.agent].states
    return machine if machine is not None and machine.is_enforced else None


def _is_open(
    condition: Condition, state: ConversationState, args: Mapping[str, Any], collected: Mapping[str, Any]
) -> bool:
    """Whether a gate opens. One that cannot be evaluated stays shut."""
    values = _condition_values(state, args)
    if collected:
        values["context"] = {**state.context, **collected}
    try:
        return bool(Expression(condition.expression).evaluate(values))
    except TemplateError:
        return False


def _condition_values(state: ConversationState, args: Mapping[str, Any]) -> dict[str, Any]:
    return {"args": args, "context": state.context, "now": state.now(), "state": state.here}
