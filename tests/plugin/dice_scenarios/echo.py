"""A provider whose model says what it hears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime_scenarios.providers import Opened, ProviderRequest
from realtime_scenarios.providers.text import OfflineText
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Pace, connect_in_memory
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText


class Echo:
    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        said = [item["content"][0]["text"] for item in request.items if item.get("role") == "user"]
        return [SayText(f"You said: {said[-1]}")]


@dataclass(frozen=True, slots=True)
class EchoProvider:
    name: str = "echo"
    needs: tuple[str, ...] = ()
    scripted: bool = False
    real_time: bool = False

    def open(self, request: ProviderRequest) -> Opened:
        async def connect() -> object:
            return connect_in_memory(request.responder or Echo(), pace=request.pace or Pace(words_per_delta=32))

        return Opened(WireModel(connect), {"url": "memory:", "headers": {}}, text=request.text or OfflineText())


ECHO = EchoProvider()
