"""The pages at one conversation: who owns it, who looks on, and what a closed tab means."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.studio.audience import Audience
from support import Written
from support.studio import Desk, Talk, conversing

DESK = """
    scenario: desk
    start: clerk
    agents: {clerk: {name: Clerk, instructions: Help.}}
"""


@pytest.fixture
def desk(written: Written) -> Path:
    return written(DESK)


class Tab:
    """A page, and what it alone was told."""

    def __init__(self) -> None:
        self.is_owner = False
        self.told: list[Any] = []
        self.sound: list[bytes] = []

    def answer(self, data: Any) -> None:
        self.told.append(data)

    def play(self, frame: bytes) -> None:
        self.sound.append(frame)

    @property
    def role(self) -> str:
        role: str = [told["hello"]["role"] for told in self.told if "hello" in told][-1]
        return role


def audience(page: Talk, grace: float = 10.0) -> Audience:
    hosted = page.hosted
    tasks: set[asyncio.Task[None]] = set()
    return Audience(hosted, grace, lambda: tasks.add(asyncio.create_task(hosted.close("the page was closed"))))


def test_a_closed_tab_ends_the_conversation_after_its_grace_and_not_before(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        watched, tab = audience(page), Tab()
        watched.enter(tab)
        await page.connect()
        watched.leave(tab)
        await asyncio.sleep(9.9)
        assert page.hosted.is_live
        await asyncio.sleep(0.2)
        ended = await page.until("Disconnected")
        assert ended["data"]["reason"] == "the page was closed"

    conversing(desk, talk)


def test_a_reload_within_that_time_takes_it_up_again(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        watched, tab = audience(page), Tab()
        watched.enter(tab)
        await page.connect()
        watched.leave(tab)
        await asyncio.sleep(5)
        again = Tab()
        watched.enter(again)
        assert again.role == "owner"
        await asyncio.sleep(60)
        assert page.hosted.is_live

    conversing(desk, talk)


def test_a_second_tab_looks_on_and_can_take_over(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        watched, first, second = audience(page), Tab(), Tab()
        watched.enter(first)
        watched.enter(second)
        assert (first.role, second.role) == ("owner", "observer")
        await watched.told(second, {"cmd": "k1", "do": "say", "text": "Hello"})
        assert second.told[-1] == {"refused": "k1", "why": "this page looks on: take over first"}
        await watched.heard(second, b"\x01" + bytes(40))
        await watched.told(second, {"cmd": "k2", "do": "take_over"})
        assert (first.role, second.role) == ("observer", "owner") and second.told[-1] == {"ack": "k2"}
        await watched.told(second, {"cmd": "k3", "do": "say", "text": "Hello"})
        await page.until("TurnOver")
        page.hosted.send_sound(b"frame")
        assert (first.sound, second.sound) == ([], [b"frame"])

    conversing(desk, talk)


def test_when_the_owner_goes_the_one_who_looks_on_owns_it(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        watched, first, second = audience(page), Tab(), Tab()
        watched.enter(first)
        watched.enter(second)
        watched.leave(first)
        assert second.role == "owner"
        await asyncio.sleep(60)
        assert page.hosted.is_live

    conversing(desk, talk)
