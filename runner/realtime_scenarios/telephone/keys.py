"""Keys that are pressed on a telephone, to what is typed with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PAUSE_SECONDS = 2.0
"""Nobody who types a number on a telephone looks longer for the next key; `#` ends it at once, as on all menus."""

LONGEST = 64


class Keypad:
    """Gathers keys until a pause or `#`. `typed` is what was typed, and not taken yet.

    While a question is open (`one`), the next key answers it, and belongs to nothing else.
    """

    def __init__(self) -> None:
        self.typed: asyncio.Queue[str] = asyncio.Queue()
        self._keys = ""
        self._pause: asyncio.TimerHandle | None = None
        self._asked: list[Callable[[str], None]] = []

    def press(self, key: str) -> None:
        if self._asked:
            self._asked.pop(0)(key)
            return
        self._stop_waiting()
        if key != "#":
            self._keys += key
        if key == "#" or len(self._keys) >= LONGEST:
            self._end()
        else:
            self._pause = asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._end)

    async def one(self) -> str:
        """The next key."""
        pressed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def answer(key: str) -> None:
            if not pressed.done():
                pressed.set_result(key)

        self._asked.append(answer)
        try:
            return await pressed
        finally:
            if answer in self._asked:
                self._asked.remove(answer)

    def close(self) -> None:
        self._stop_waiting()

    def _end(self) -> None:
        self._pause = None
        if self._keys:
            self.typed.put_nowait(self._keys)
            self._keys = ""

    def _stop_waiting(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
