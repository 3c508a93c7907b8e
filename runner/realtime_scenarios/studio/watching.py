"""A conversation that is watched: what its trace and its agent say, to events of the stream, each with its place."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from realtime_scenarios.document.place import Place
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.studio.ordering import Order
from realtime_scenarios.studio.stream import About, Stream
from realtime_scenarios.studio.wire import Wire
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    GuardrailChecked,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    Interrupted,
    StateEntered,
    StateRefused,
    ToolReturned,
    TraceEvent,
    UserSaid,
)

AT = tuple[str, int, int]
"""A place in an author's file: its name, the line and the column."""


class Follows(Protocol):
    """What a conversation does about what happens in it, besides telling pages."""

    def returned(self) -> None:
        """A tool has answered: it may have changed the tables."""
        ...

    def interrupted(self, heard: str) -> None:
        """The caller cut in, and had heard so much."""
        ...

    def came_early(self, item: str) -> None:
        """A text has come whose item has not."""
        ...


class Witness:
    """The observer of one conversation. What it is told was caused by what the wire said last.

    `follow` is told what more follows from it.
    """

    def __init__(
        self,
        scenario: Scenario,
        stream: Stream,
        order: Order,
        wire: Wire,
        follow: Follows,
    ) -> None:
        self._follow = follow
        self._scenario = scenario
        self._stream = stream
        self._order = order
        self._wire = wire

    def on_event(self, event: TraceEvent) -> None:
        """Something is put on record."""
        fields = msgspec.to_builtins(event)
        data = {name: value for name, value in fields.items() if name not in ("type", "seq", "turn", "agent")}
        where = (event.turn, event.agent)
        if isinstance(event, Interrupted):
            self._follow.interrupted(event.heard)
        self._stream.add("trace", type(event).__name__, data, self._about(event), where=where)
        if isinstance(event, ApprovalDecided):
            closed = {"call": event.call_id, "decision": event.decision}
            self._stream.add("studio", "ApprovalClosed", closed, About(call=event.call_id), where=where)
        elif isinstance(event, ToolReturned):
            self._follow.returned()

    def on_delta(self, agent: str, text: str) -> None:
        """A piece of what the agent says."""
        item = self._wire.item
        if item is None:
            return
        if item not in self._order.items and item not in self._order.early:
            self._follow.came_early(item)
        for change in self._order.text(item, text):
            self._stream.add("studio", change.kind, change.data, About(change.item, cause=self._wire.cause))

    def _about(self, event: TraceEvent) -> About:
        call = getattr(event, "call_id", None)
        made = self._wire.calls.get(call) if call is not None else None
        place = place_of(self._scenario, event)
        if made is not None:
            return About(made.item, made.response, call, made.cause, place)
        is_said = isinstance(event, (AgentSaid, GuardrailChecked, GuardrailTripped, Interrupted))
        is_spoken = isinstance(event, UserSaid) and event.audio_ms is not None
        item = self._wire.item if is_said or is_spoken else None
        return About(item, call=call, cause=self._wire.cause, place=place)


def place_of(scenario: Scenario, event: TraceEvent) -> AT | None:
    """Where in the scenario that stands which an event is about; None: nowhere, or it is nothing of its own."""
    place = _place_of(scenario, event)
    return None if place is None else at(place)


def at(place: Place) -> AT:
    """A place as a page is told it."""
    span = place.span
    return (span.file, span.line, span.column)


def _place_of(scenario: Scenario, event: TraceEvent) -> Place | None:
    agent = scenario.agents.get(event.agent)
    match event:
        case HandedOff() | HandoffRefused():
            edges = () if agent is None else agent.handoffs
            return next((edge.place for edge in edges if edge.to == event.to), None)
        case StateEntered() | StateRefused():
            states: Any = {} if agent is None or agent.states is None else agent.states.states
            state = states.get(event.state)
            return None if state is None else state.place
        case GuardrailChecked() | GuardrailTripped():
            guardrail = scenario.guardrails.get(event.guardrail)
            return None if guardrail is None else guardrail.place
        case _:
            tool = scenario.tools.get(getattr(event, "tool", ""))
            return None if tool is None else tool.place
