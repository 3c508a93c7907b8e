"""The pages at one conversation: one that owns it, others that look on, and what happens when the last has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from realtime_scenarios.studio.commands import GOES_WITH_SOUND, Commands

if TYPE_CHECKING:
    from realtime_scenarios.studio.hosted import Hosted


class Viewer(Protocol):
    """A page at the conversation."""

    is_owner: bool

    def answer(self, data: Any) -> None: ...

    def play(self, frame: bytes) -> None: ...

    def part(self, data: Any) -> None:
        """Tell it the last, after all that it was told before."""
        ...


class Audience:
    """`grace` is how many seconds the conversation goes on without a page; then `deserted` is called."""

    def __init__(self, hosted: Hosted, grace: float, deserted: Callable[[], None]) -> None:
        self._hosted = hosted
        self._commands = Commands(hosted)
        self._pages: list[Viewer] = []
        self._grace = grace
        self._deserted = deserted
        self._leaving: asyncio.TimerHandle | None = None
        self._is_closed = False
        hosted.send_sound = self._play

    def enter(self, page: Viewer) -> None:
        """A page comes; the first one owns the conversation."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        page.is_owner = not any(other.is_owner for other in self._pages)
        self._pages.append(page)
        self._greet(page)

    def leave(self, page: Viewer) -> None:
        """A page goes; of those that are left the first one owns the conversation from now on."""
        self._pages.remove(page)
        if page.is_owner and self._pages:
            self._pages[0].is_owner = True
            self._greet(self._pages[0])
        if not self._pages:
            self.awaits(self._grace)

    def awaits(self, seconds: float) -> None:
        """So long a page may take to come."""
        if not self._is_closed:
            self._leaving = asyncio.get_running_loop().call_later(seconds, self._deserted)

    async def close(self, epoch: str) -> None:
        """The conversation is over for good: pages that are at it are told so, once their commands are answered."""
        self._is_closed = True
        if self._leaving is not None:
            self._leaving.cancel()
        await self._commands.settled()
        for page in self._pages:
            page.part({"gone": {"epoch": epoch}})

    async def told(self, page: Viewer, command: Mapping[str, Any]) -> None:
        """A page's command; one that looks on can only take over."""
        if command.get("do") == "take_over":
            for other in self._pages:
                if other.is_owner and other is not page:
                    other.is_owner = False
                    self._greet(other)
            page.is_owner = True
            self._greet(page)
            page.answer({"ack": command.get("cmd")})
        elif page.is_owner:
            answering = self._commands.do(command)
            answering.add_done_callback(lambda done: page.answer(done.result()))
            if str(command.get("do")) in GOES_WITH_SOUND:
                await asyncio.wait([answering])
        else:
            page.answer({"refused": command.get("cmd"), "why": "this page looks on: take over first"})

    async def heard(self, page: Viewer, data: bytes) -> None:
        """A page's sound."""
        if page.is_owner:
            await self._hosted.hear(data)

    def _greet(self, page: Viewer) -> None:
        role = "owner" if page.is_owner else "observer"
        page.answer({"hello": {"id": self._hosted.id, "epoch": self._hosted.stream.epoch, "role": role}})

    def _play(self, frame: bytes) -> None:
        for page in self._pages:
            if page.is_owner:
                page.play(frame)
