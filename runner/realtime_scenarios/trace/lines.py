"""Events to lines of JSON and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict

from realtime_scenarios.core.printable import printable
from realtime_scenarios.trace.events import EVENT_TYPES, TraceEvent

OF_SOUND = ("said", "audio_bytes", "audio_ms", "latency_ms")
"""Fields of events that only a conversation in sound has."""

_OF_PLACES = ("branch", "gate", "transition")
"""Fields that say where in the scenario something stands; most events have nothing to say there."""


def to_json_lines(events: Iterable[TraceEvent]) -> str:
    """One JSON object a line, `type` first; whoever prints the file is sent no control characters."""
    return "".join(printable(json.dumps(written_event(event), ensure_ascii=False)) + "\n" for event in events)


def written_event(event: TraceEvent) -> dict[str, Any]:
    """The event as the object that its line holds."""
    return {"type": type(event).__name__, **_written_fields(event)}


def _written_fields(event: TraceEvent) -> dict[str, Any]:
    """The fields of an event, without those of a sound that there was not, and of places that nobody names."""
    left_out = (*OF_SOUND, *_OF_PLACES)
    return {name: value for name, value in asdict(event).items() if value is not None or name not in left_out}


def from_json_lines(text: str) -> list[TraceEvent]:
    """The events of `to_json_lines`.

    Raises:
        ValueError: a line is no event.
    """
    types = {kind.__name__: kind for kind in EVENT_TYPES}
    events: list[TraceEvent] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            fields = json.loads(line)
            for name in ("fields", "missing", "left_out"):
                if isinstance(fields.get(name), list):
                    fields[name] = tuple(fields[name])
            events.append(types[fields.pop("type")](**fields))
        except (AttributeError, KeyError, TypeError, json.JSONDecodeError) as problem:
            raise ValueError(f"line {number} is no trace event: {problem}") from problem
    return events
