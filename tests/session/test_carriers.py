"""The same dialogue gives the same trace, byte for byte, in memory and over a websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.played import Played
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Server, serve
from realtime_scenarios.realtime.responder import Output, ResponseRequest
from realtime_scenarios.session import play, run_in_virtual_time
from realtime_scenarios.standin import OfflineResponder
from realtime_scenarios.trace import to_json_lines
from realtime_scenarios.verdicts import judged

AIRLINE = load(resource_folder("scenarios") / "airline" / "airline.yaml")


@dataclass(frozen=True)
class OverWebsocket:
    """A provider whose engine is at the other end of a loopback socket, in the same virtual time."""

    server: Server
    responders: list[object]
    scripted: bool
    name: str = "websocket"
    summary: str = ""
    real_time: bool = False

    def open(self, request: ProviderRequest) -> Opened:
        if request.responder is not None:
            self.responders.append(request.responder)
        return Opened(WireModel(), {"url": self.server.url, "headers": {}})


class Last:
    """Answers as the responder that was opened last does."""

    def __init__(self, responders: list[object]) -> None:
        self._responder = responders[-1]

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        return await self._responder.respond(request)  # type: ignore[attr-defined, no-any-return]


async def over_websocket(dialogue: Dialogue, provider: str) -> Played:
    responders: list[object] = []
    factory = (lambda: Last(responders)) if provider == "scripted" else None
    from realtime_scenarios.project.script import SPEAKING_PACE, is_cut_into
    from realtime_scenarios.standin import RESPONDERS

    pace = SPEAKING_PACE if is_cut_into(dialogue) else None
    async with serve(factory or RESPONDERS["offline"], port=0, pace=pace) as server:
        over = OverWebsocket(server, responders, scripted=provider == "scripted")
        return await play(compiled(AIRLINE.scenario), dialogue, over, ProviderRequest())


@pytest.mark.parametrize("provider", ["scripted", "offline"])
@pytest.mark.parametrize("dialogue", AIRLINE.dialogues, ids=lambda dialogue: dialogue.id)
def test_both_carriers_give_the_same_trace(dialogue: Dialogue, provider: str) -> None:
    socket = run_in_virtual_time(asyncio.wait_for(over_websocket(dialogue, provider), 100_000))
    on_the_wire = OfflineResponder() if provider == "offline" else None  # who is told nothing beside, as over a socket
    request = ProviderRequest(responder=on_the_wire)
    memory = run_in_virtual_time(play(compiled(AIRLINE.scenario), dialogue, PROVIDERS[provider], request))
    result = judged(AIRLINE.scenario, dialogue, memory)
    assert result.passed, [verdict.message for verdict in result.failures]
    assert to_json_lines(socket.trace) == to_json_lines(memory.trace)
