"""A key that is held to talk, on terminals that never say when a key is let go.

A terminal sends a key that is held again and again: first after its delay (mostly 250 to 660 ms), then every 20 to
50 ms. So a key that comes quickly again and again is held, and one that stops coming was let go; one that is pressed
once talks until it is pressed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

REPEATED_WITHIN = 0.15
"""Seconds: a key that comes again within so long is being held."""

FIRST_DELAY = 0.7
"""Seconds in which the first repetition of a held key comes."""


class TalkKey:
    """Presses of the key, as they come, to the beginning and the end of talking."""

    def __init__(self, on_begin: Callable[[], None], on_end: Callable[[], None]) -> None:
        self._on_begin = on_begin
        self._on_end = on_end
        self._is_talking = False
        self._is_held = False
        self._began = 0.0
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def pressed(self) -> None:
        """The terminal has sent the key."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        since_last, self._last = now - self._last, now
        if not self._is_talking:
            self._is_talking, self._is_held, self._began = True, False, now
            self._on_begin()
        elif self._is_held or since_last <= REPEATED_WITHIN:
            self._is_held = True
            self._end_after(REPEATED_WITHIN)
        elif now - self._began <= FIRST_DELAY:
            self._end_after(REPEATED_WITHIN)  # held, if it goes on coming; else it was pressed twice, and quickly
        else:
            self._end()

    def _end_after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._is_talking = None, False
        self._on_end()
