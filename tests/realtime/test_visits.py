"""Lines to a session: who reads too slowly on one of them, and what becomes of the others."""

from __future__ import annotations

import asyncio
import json

from realtime_scenarios.realtime import Engine
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.realtime.visit import Hangup, Seat, Visit
from support.responders import Says


class Reads:
    """A client that says nothing, and reads as soon as it is sent something, or never does."""

    def __init__(self, *, at_all: bool = True) -> None:
        self.at_all = at_all
        self.texts: list[str] = []
        self.closed: int | None = None

    async def receive(self) -> str | None:
        await asyncio.get_running_loop().create_future()
        return None

    async def send(self, text: str) -> bool:
        if not self.at_all:
            await asyncio.get_running_loop().create_future()
        self.texts.append(text)
        return True

    async def close(self, code: int, reason: str) -> None:
        self.closed = code


def test_who_listens_in_and_does_not_read_is_given_up_and_the_others_are_told_everything() -> None:
    async def visit() -> None:
        held = Visit(Engine(), Seat(Says(SayText("Hello"))))
        caller, deaf = Reads(), Reads(at_all=False)
        called = asyncio.create_task(held.attend(held.line(caller)))
        beside = asyncio.create_task(held.attend(held.line(deaf, is_patient=False)))
        for number in range(2000):
            held.tell({"type": "error", "event_id": f"event_{number}"})
        await asyncio.wait_for(beside, 5)
        await held.hang_up(Hangup(1000, "The call has ended."))
        await called
        assert len(caller.texts) == 2000 and caller.closed == 1000
        assert deaf.texts == [] and deaf.closed == 1008
        await held.close()

    asyncio.run(visit())


def test_a_line_that_has_ended_is_told_nothing_more_and_hanging_up_does_not_wait_for_it() -> None:
    async def visit() -> None:
        held = Visit(Engine(), Seat(Says()))
        client = Reads()
        attending = asyncio.create_task(held.attend(held.line(client)))
        held.tell({"type": "error", "event_id": "event_1"})
        await held.hang_up(Hangup(1001, "Goodbye."))
        await attending
        held.tell({"type": "error", "event_id": "event_2"})
        await held.hang_up(Hangup(1001, "Goodbye."))
        assert len(client.texts) == 1 and client.closed == 1001
        await held.close()

    asyncio.run(visit())


def test_behind_each_message_with_much_in_it_others_have_their_turn() -> None:
    async def visit() -> None:
        turns: list[int] = []

        class Sends(Reads):
            """Has all its messages ready."""

            left = 16

            async def receive(self) -> str | None:
                turns.append(others)
                self.left -= 1
                return json.dumps({"type": "x", "x": "x" * 60_000}) if self.left else None

        async def count() -> None:
            nonlocal others
            while True:
                others += 1
                await asyncio.sleep(0)

        others = 0
        counting = asyncio.create_task(count())
        held = Visit(Engine(), Seat(Says()))
        await held.attend(held.line(Sends()))
        counting.cancel()
        assert len(set(turns)) == len(turns) == 16
        await held.close()

    asyncio.run(visit())
