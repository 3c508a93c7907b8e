"""A connection in memory whose events come by a schedule: late, twice, a transcript when it is ready."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from realtime_scenarios.core.schedules import Schedule

_TRANSCRIPT = '"conversation.item.input_audio_transcription.completed"'
_BEHIND = 10
"""Events that one second of lateness lets pass before a transcript."""


class RescheduledConnection:
    """The same connection with hurdles; time is the running loop's."""

    def __init__(self, inner: Any, schedule: Schedule) -> None:
        self._inner = inner
        self._schedule = schedule
        self._events = 0
        self._transcripts = 0

    async def send(self, message: str | bytes) -> None:
        await self._inner.send(message)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._inner.close(code, reason)

    async def __aiter__(self) -> AsyncIterator[str]:
        held: deque[tuple[int, str]] = deque()
        async for text in self._inner:
            self._events += 1
            if (seconds := self._schedule.seconds("delay", self._events)) is not None:
                await asyncio.sleep(seconds)
            behind = self._behind(text)
            if behind:
                held.append((self._events + behind, text))
                continue
            yield text
            if self._schedule.seconds("double", self._events) is not None:
                yield text
            while held and held[0][0] <= self._events:
                yield held.popleft()[1]
        for _, text in held:
            yield text

    def _behind(self, text: str) -> int:
        """Behind how many events a text is to come that is a transcript."""
        if _TRANSCRIPT not in text[:300]:
            return 0
        self._transcripts += 1
        return int((self._schedule.seconds("late", self._transcripts) or 0.0) * _BEHIND)
