"""A trace that is over, to the numbered events from which a page makes its picture: as if it had looked on.

A trace knows no items of the model's memory, so each message gets one, behind the one before; and it knows no moments
but how long each turn took, so all of a turn happens where it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.studio.watching import place_of
from realtime_scenarios.trace import AgentSaid, Trace, TraceEvent, UserSaid, UserShowed

_ROLES: Mapping[type[TraceEvent], str] = {UserSaid: "user", UserShowed: "user", AgentSaid: "assistant"}


def events_of(trace: Trace, scenario: Scenario) -> list[dict[str, Any]]:
    """The events of a conversation that was played, with numbers from 1. `data` has `trace_seq`, the trace's own."""
    events: list[dict[str, Any]] = []
    for event in _events(trace, scenario):
        events.append({"seq": len(events) + 1, **event})
    return events


def _events(trace: Trace, scenario: Scenario) -> Iterator[dict[str, Any]]:
    begins = _beginnings(trace)
    yield _event("Connected", {"agent": trace.start}, 0, 0, trace.start, layer="studio")
    last: str | None = None
    for event in trace:
        at = begins.get(event.turn, 0)
        item = None
        role = _ROLES.get(type(event))
        if role is not None:
            item = f"item_{event.seq}"
            placed = {"item": item, "role": role, "after": last}
            yield _event("ItemPlaced", placed, at, event.turn, event.agent, item=item, layer="studio")
            last = item
        fields = msgspec.to_builtins(event)
        data = {name: value for name, value in fields.items() if name not in ("type", "seq", "turn", "agent")}
        kind = type(event).__name__
        call = getattr(event, "call_id", None)
        place = place_of(scenario, event)
        yield _event(kind, {**data, "trace_seq": event.seq}, at, event.turn, event.agent, item, call, place)


def _beginnings(trace: Trace) -> dict[int, int]:
    """When each turn begins, in milliseconds of the conversation's clock."""
    begins, now = {0: 0}, 0.0
    for number in sorted({event.turn for event in trace if event.turn > 0}):
        begins[number] = round(now * 1000)
        measures = trace.measures.get(number)
        now += measures.seconds if measures is not None else 0.0
    return begins


def _event(
    kind: str,
    data: Mapping[str, Any],
    at: int,
    turn: int,
    agent: str,
    item: str | None = None,
    call: str | None = None,
    place: tuple[str, int, int] | None = None,
    *,
    layer: str = "trace",
) -> dict[str, Any]:
    return {
        "at": at,
        "turn": turn,
        "agent": agent,
        "layer": layer,
        "dir": "self",
        "type": kind,
        "item": item,
        "response": None,
        "call": call,
        "cause": None,
        "place": place,
        "data": dict(data),
        "size": 0,
    }
