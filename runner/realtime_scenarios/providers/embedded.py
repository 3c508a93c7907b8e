"""The two providers that need no key and no network: our own Realtime engine, in memory, under the SDK's wire code."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_scenarios.providers.desk import Desk
from realtime_scenarios.providers.provider import Opened, ProviderRequest
from realtime_scenarios.providers.text import OfflineText
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Pace, connect_in_memory
from realtime_scenarios.realtime.rescheduled import RescheduledConnection
from realtime_scenarios.standin import RESPONDERS

IN_ONE_BREATH = Pace(words_per_delta=32)
"""Answers come at once, most of them in one piece: nobody watches them being said."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A responder in our engine, reached in memory: a deterministic stand-in, or the dialogue's own moves."""

    name: str
    scripted: bool
    real_time: bool = False
    needs: tuple[str, ...] = ()

    def open(self, request: ProviderRequest) -> Opened:
        desk = Desk()
        responder = request.responder or RESPONDERS[self.name](briefing=desk.briefing, missed=desk.missed.append)
        ids = request.ids()

        schedule = request.schedule

        async def connect() -> object:
            pace = request.pace or IN_ONE_BREATH
            connection = connect_in_memory(responder, pace=pace, parts=request.parts, beside=request.beside, ids=ids())
            return connection if schedule is None else RescheduledConnection(connection, schedule)

        # Headers, even none, keep the SDK from asking for a key (0.24); the address is never dialled.
        text = request.text or OfflineText(desk)
        lateness = None if schedule is None else schedule.lateness("tool")
        model = WireModel(connect)
        return Opened(model, {"url": "memory:", "headers": {}}, text=text, desk=desk, tool_lateness=lateness)


OFFLINE = Embedded("offline", scripted=False)
SCRIPTED = Embedded("scripted", scripted=True)
