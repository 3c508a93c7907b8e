"""The two providers that need no key and no network: our own Realtime engine, in memory, under the SDK's wire code."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_scenarios.providers.provider import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.providers.text import OfflineText
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Pace, connect_in_memory
from realtime_scenarios.standin import RESPONDERS

IN_ONE_BREATH = Pace(words_per_delta=32)
"""Answers come at once, most of them in one piece: nobody watches them being said."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A responder in our engine, reached in memory."""

    name: str
    summary: str
    scripted: bool
    real_time: bool = False

    def open(self, request: ProviderRequest) -> Opened:
        responder = request.responder or RESPONDERS[self.name]()

        async def connect() -> object:
            return connect_in_memory(responder, pace=request.pace or IN_ONE_BREATH)

        return Opened(WireModel(connect), {"url": "memory:", "headers": {}}, text=request.text or OfflineText())


PROVIDERS.add("offline", Embedded("offline", "a deterministic stand-in on this machine: no key, no network", False))
PROVIDERS.add("scripted", Embedded("scripted", "the dialogue's own moves: what `scenario test` uses", True))
