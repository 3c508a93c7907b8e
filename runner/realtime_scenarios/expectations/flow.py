"""Who is active, who handed off to whom, and which state a conversation is in."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.verdict import Failure, Scope, expectation
from realtime_scenarios.trace import GuardrailTripped, HandedOff, HandoffRefused, StateEntered


@expectation("agent")
def agent(value: Any, scope: Scope, place: Place) -> Failure | None:
    """The agent that is active at the end."""
    active = scope.trace.agent_after(scope.end)
    if active == value:
        return None
    changes = [event for event in scope.of(HandedOff) if event.to == active]
    return Failure(
        f"agent '{value}' was to be active, but it is '{active}'", changes[-1].seq if changes else scope.last
    )


@expectation("handoff")
def handoff(value: Any, scope: Scope, place: Place) -> Failure | None:
    """A handoff happened, to this agent and from that one; `none`: there was none."""
    made = scope.of(HandedOff)
    if value == "none":
        return Failure(f"'{made[0].agent}' handed off to '{made[0].to}'", made[0].seq) if made else None
    to, source = (value.get("to"), value.get("from")) if isinstance(value, dict) else (value, None)
    if any((to is None or event.to == to) and (source is None or event.agent == source) for event in made):
        return None
    wanted = f"a handoff{f' from {source!r}' if source else ''}{f' to {to!r}' if to else ''}"
    refused = [event for event in scope.of(HandoffRefused) if to is None or event.to == to]
    if refused:
        return Failure(f"expected {wanted}, but it was refused: {refused[-1].reason}", refused[-1].seq)
    known = listed(f"'{event.agent}' to '{event.to}'" for event in made) if made else "none"
    return Failure(f"expected {wanted}; what happened was {known}", made[-1].seq if made else scope.last)


@expectation("state")
def state(value: Any, scope: Scope, place: Place) -> Failure | None:
    """The state that the active agent is in at the end."""
    state = scope.trace.state_after(scope.end)
    if state == value:
        return None
    entered = [event for event in scope.trace if isinstance(event, StateEntered) and event.turn <= scope.end]
    found = f"it is '{state}'" if state else "the active agent has no states"
    return Failure(f"state '{value}' was expected, but {found}", entered[-1].seq if entered else scope.last)


@expectation("guardrail")
def guardrail(value: Any, scope: Scope, place: Place) -> Failure | None:
    """The guardrail tripped; `none`: none did."""
    tripped = scope.of(GuardrailTripped)
    if value == "none":
        return (
            Failure(f"guardrail '{tripped[0].guardrail}' tripped: {tripped[0].reason}", tripped[0].seq)
            if tripped
            else None
        )
    if any(event.guardrail == value for event in tripped):
        return None
    found = f"; tripped was '{tripped[-1].guardrail}'" if tripped else ""
    return Failure(f"guardrail '{value}' did not trip{found}", tripped[-1].seq if tripped else scope.last)
