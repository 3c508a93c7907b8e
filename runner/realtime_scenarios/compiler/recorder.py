"""Events of a conversation that goes on: put on record without secrets, heard at once, read back as a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.core import Secrets
from realtime_scenarios.trace import CallLog, Trace, TraceEvent, TurnMeasures, hidden_fields


class Recorder(CallLog):
    """The trace of one conversation while it grows; the one way into it, so that no secret takes another.

    `begins` is the trace before anything has happened. `listener` hears every event as it is recorded.
    """

    def __init__(self, begins: Trace, secrets: Secrets, listener: Callable[[TraceEvent], None] | None = None) -> None:
        self.events: list[TraceEvent] = []
        self._begins = begins
        self._secrets = secrets
        self._listener = listener

    def record(self, kind: type[TraceEvent], *, turn: int, agent: str, **fields: Any) -> None:
        """Append an event, with every secret hidden that is known by now."""
        hidden = hidden_fields(fields, self._secrets)
        event = kind(seq=len(self.events) + 1, turn=turn, agent=agent, **hidden)
        self.events.append(event)
        if self._listener is not None:
            self._listener(event)

    def trace(
        self,
        query: Callable[[str], list[dict[str, Any]]] | None = None,
        measures: Mapping[int, TurnMeasures] | None = None,
    ) -> Trace:
        """What has happened so far. `query` runs a SELECT over the tables as they stand then; None: there are none."""
        return replace(self._begins, events=tuple(self.events), query=query, measures=measures or {})
