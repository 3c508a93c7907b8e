"""Who is active, who handed off to whom, and which state a conversation is in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.mention import AgentName, GuardrailName, Mention, StateName
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import GuardrailChecked, GuardrailTripped, HandedOff, HandoffRefused, StateEntered


@expectation("agent")
class ActiveAgent(Expected, frozen=True, eq=False):
    """The agent that is active at the end."""

    agent: AgentName

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, AgentName(value, place))

    def names(self) -> Iterable[Mention]:
        return (self.agent,)

    def check(self, scope: Scope) -> Failure | None:
        active = scope.trace.agent_after(scope.end)
        if active == self.agent.text:
            return None
        changes = [event.seq for event in scope.of(HandedOff) if event.to == active]
        message = f"agent '{self.agent.text}' was to be active, but it is '{active}'"
        return Failure(message, changes[-1] if changes else scope.last)


@expectation("handoff")
class HandoffMade(Expected, frozen=True, eq=False):
    """A handoff happened, to this agent and from that one. Either None: any. Both None: there was no handoff."""

    to: AgentName | None
    source: AgentName | None

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        if isinstance(value, str):
            return cls(place, None if value == "none" else AgentName(value, place), None)
        ends = {key: AgentName(name, place / key) for key, name in value.items()}
        return cls(place, ends.get("to"), ends.get("from"))

    def names(self) -> Iterable[Mention]:
        return tuple(end for end in (self.to, self.source) if end is not None)

    def check(self, scope: Scope) -> Failure | None:
        made = scope.of(HandedOff)
        if self.to is None and self.source is None:
            return Failure(f"'{made[0].agent}' handed off to '{made[0].to}'", made[0].seq) if made else None
        if any(_is_agent(self.to, event.to) and _is_agent(self.source, event.agent) for event in made):
            return None
        refused = [event for event in scope.of(HandoffRefused) if _is_agent(self.to, event.to)]
        if refused:
            return Failure(
                f"expected {self._expected_handoff}, but it was refused: {refused[-1].reason}", refused[-1].seq
            )
        known = listed(f"'{event.agent}' to '{event.to}'" for event in made) if made else "none"
        return Failure(
            f"expected {self._expected_handoff}; what happened was {known}", made[-1].seq if made else scope.last
        )

    @property
    def _expected_handoff(self) -> str:
        source = f" from {self.source.text!r}" if self.source else ""
        return f"a handoff{source}{f' to {self.to.text!r}' if self.to else ''}"


@expectation("state")
class CurrentState(Expected, frozen=True, eq=False):
    """The state that the active agent is in at the end."""

    state: StateName

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, StateName(value, place))

    def names(self) -> Iterable[Mention]:
        return (self.state,)

    def check(self, scope: Scope) -> Failure | None:
        state = scope.trace.state_after(scope.end)
        if state == self.state.text:
            return None
        entered = [event.seq for event in scope.trace if isinstance(event, StateEntered) and event.turn <= scope.end]
        found = f"it is '{state}'" if state else "the active agent has no states"
        message = f"state '{self.state.text}' was expected, but {found}"
        return Failure(message, entered[-1] if entered else scope.last)


@expectation("guardrail")
class GuardrailTrips(Expected, frozen=True, eq=False):
    """The guardrail tripped; None: none did."""

    guardrail: GuardrailName | None

    @property
    def needs_scripted_model(self) -> bool:
        """A model that answers by itself cannot be ordered to misbehave."""
        return self.guardrail is not None

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, None if value == "none" else GuardrailName(value, place))

    def names(self) -> Iterable[Mention]:
        return (self.guardrail,) if self.guardrail is not None else ()

    def check(self, scope: Scope) -> Failure | None:
        tripped = scope.of(GuardrailTripped)
        if self.guardrail is None:
            if tripped:
                return Failure(f"guardrail '{tripped[0].guardrail}' tripped: {tripped[0].reason}", tripped[0].seq)
            unable = next((event for event in scope.of(GuardrailChecked) if event.status == "fail"), None)
            if unable is None:
                return None
            return Failure(f"guardrail '{unable.guardrail}' could not look at it: {unable.reason}", unable.seq)
        if any(event.guardrail == self.guardrail.text for event in tripped):
            return None
        found = f"; tripped was '{tripped[-1].guardrail}'" if tripped else ""
        message = f"guardrail '{self.guardrail.text}' did not trip{found}"
        return Failure(message, tripped[-1].seq if tripped else scope.last)


def _is_agent(wanted: AgentName | None, agent: str) -> bool:
    return wanted is None or wanted.text == agent
