"""How a call ends, whatever its connection does: in virtual time, with a connection that is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime import Engine
from realtime_scenarios.realtime.call import Call
from realtime_scenarios.realtime.events import Events
from realtime_scenarios.realtime.responder import Responder, SayText
from realtime_scenarios.realtime.rooms import Room
from realtime_scenarios.realtime.visit import Seat
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.voice import Samples
from support.responders import Breaks, Says
from support.sounds import quiet


class Silent:
    """A caller who is silent; its data channel asks for a response as soon as it is up, and takes what comes."""

    has_sound = True
    has_events = True

    def __init__(self, *, comes: bool = True, asks: bool = False, goes_after: float | None = None) -> None:
        self.comes = comes
        self.asks = asks
        self.goes_after = goes_after
        self.is_closed = False
        self.texts: list[str] = []
        self.channel = self

    async def until_up(self) -> None:
        if not self.comes:
            await asyncio.get_running_loop().create_future()

    async def until_over(self) -> None:
        if self.goes_after is None:
            await asyncio.get_running_loop().create_future()
        else:
            await asyncio.sleep(self.goes_after)

    async def heard(self) -> AsyncIterator[Samples]:
        while True:
            await asyncio.sleep(0.02)
            yield quiet(20)

    async def receive(self) -> str | None:
        if self.asks:
            self.asks = False
            return '{"type": "response.create"}'
        await asyncio.get_running_loop().create_future()
        return None

    async def send(self, text: str) -> bool:
        self.texts.append(text)
        return True

    async def close(self, code: int = 0, reason: str = "") -> None:
        self.is_closed = True


def held(connection: Silent, responder: Responder | None = None, longest_seconds: float | None = None) -> list[float]:
    """The moments at which the seat of the call was left."""
    left: list[float] = []

    async def run() -> None:
        ids, loop = Ids(), asyncio.get_running_loop()
        began = loop.time()
        seat = Seat(responder or Says(SayText("Hello")), left=lambda: left.append(loop.time() - began))
        await Call(Room(Engine(ids), seat, Events(ids)), connection).run(longest_seconds)

    run_in_virtual_time(run())
    assert connection.is_closed
    return left


def test_a_caller_who_does_not_come_is_waited_for_half_a_minute() -> None:
    assert held(Silent(comes=False)) == [pytest.approx(30)]


def test_a_caller_who_goes_ends_the_call() -> None:
    assert held(Silent(goes_after=12)) == [pytest.approx(12)]


def test_a_call_lasts_as_long_as_it_may() -> None:
    connection = Silent()
    (moment,) = held(connection, longest_seconds=60)
    assert 60 <= moment < 70
    assert '"code":"session_expired"' in connection.texts[-1]


def test_a_call_whose_responder_breaks_is_hung_up() -> None:
    connection = Silent(asks=True)
    (moment,) = held(connection, Breaks())
    assert moment < 1
    assert any('"status":"failed"' in text for text in connection.texts)
