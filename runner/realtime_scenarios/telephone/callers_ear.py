"""What the agent of a call says, on its way to the carrier: said, and taken back where the caller cuts in."""

from __future__ import annotations

import asyncio
from collections import deque

from agents.realtime import RealtimePlaybackTracker

from realtime_scenarios.telephone.outgoing import OutgoingSound


class CallersEar:
    """Listens to the agent on the caller's behalf: an `AudioListener`.

    `playback` knows what has been heard. `unheard` are items that were cut off before anything of them was.
    """

    def __init__(self, stream: str) -> None:
        self.playback = RealtimePlaybackTracker()
        self.unheard: asyncio.Queue[str] = asyncio.Queue()
        self._outgoing = OutgoingSound(stream, self.playback)
        self._frames: deque[str] = deque()
        self._is_any = asyncio.Event()

    @property
    def is_listening(self) -> bool:
        """Whether something is still to be heard of what was said."""
        return not self._outgoing.is_heard

    def on_audio(self, item_id: str, audio: bytes) -> None:
        self._put(*self._outgoing.say(item_id, audio))

    def on_cut(self, item_id: str) -> None:
        cut = self._outgoing.cut()
        self._frames.clear()
        self._put(*cut.frames)
        for item in cut.unheard:
            self.unheard.put_nowait(item)

    def played(self, mark: str) -> None:
        self._outgoing.played(mark)

    async def next_frame(self) -> str:
        """The next frame for the carrier."""
        while not self._frames:
            self._is_any.clear()
            await self._is_any.wait()
        return self._frames.popleft()

    def _put(self, *frames: str) -> None:
        self._frames.extend(frames)
        self._is_any.set()
