"""The keyboard of somebody who speaks: keys that open the microphone, the last line of the terminal, and questions."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from realtime_scenarios.cli.keyboard import EndOfInput, Keyboard, TerminalKeyboard
from realtime_scenarios.cli.levels import Segment
from realtime_scenarios.cli.output import echo

if TYPE_CHECKING:
    from realtime_scenarios.session import LoopClock

_STYLES = {"good": "fg:ansigreen", "bad": "fg:ansired", "quiet": "fg:ansibrightblack", "": ""}
_REFRESHED = 0.1
"""Seconds after which the last line is drawn anew."""


def voice_terminal(
    status: Callable[[], list[Segment]], keys: Mapping[str, Callable[[], None]], *, color: bool
) -> TerminalKeyboard:
    """A terminal with a last line that is drawn anew all the time, and keys that act where nothing is typed yet."""
    from prompt_toolkit.application import get_app
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.styles import Style

    def toolbar() -> list[tuple[str, str]]:
        return [(_STYLES[tone] if color else "", text) for tone, text in status()]

    bindings = KeyBindings()
    nothing_is_typed = Condition(lambda: not get_app().current_buffer.text)
    for key, act in keys.items():
        bindings.add(key, filter=nothing_is_typed)(lambda event, act=act: act())
    last_line = {
        "bottom_toolbar": toolbar,
        "refresh_interval": _REFRESHED,
        "style": Style([("bottom-toolbar", "noreverse")]),
    }
    return TerminalKeyboard({"key_bindings": bindings}, last_line)


class SharedKeyboard:
    """One keyboard for the prompt, which is open all the time, and for questions, which take its place."""

    def __init__(self, keys: Keyboard) -> None:
        self._keys = keys
        self._prompt: asyncio.Task[str] | None = None
        self._in_turn = asyncio.Lock()
        self.is_person = keys.is_person

    async def prompted(self, prompt: str) -> str:
        """The next line that is no answer to a question.

        Raises:
            CtrlC, EndOfInput: as `Keyboard.line` does.
        """
        while True:
            async with self._in_turn:
                self._prompt = asyncio.ensure_future(self._keys.line(prompt))
                try:
                    await asyncio.wait([self._prompt])
                finally:
                    self._prompt.cancel()
                if not self._prompt.cancelled():
                    return self._prompt.result()

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        """The answer to a question. What had been typed at the prompt is gone."""
        if self._prompt is not None:
            self._prompt.cancel()
        async with self._in_turn:
            return await self._keys.line(prompt, secret=secret)

    def close(self) -> None:
        self._keys.close()


class StillKeyboard:
    """Lines of standard input where time is virtual: it stands still while somebody is asked."""

    is_person = False

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        echo(prompt, nl=False)
        line = await self._clock.result_outside(_read_line)
        if line is None:
            echo()
            raise EndOfInput
        echo("*" * len(line) if secret else line)
        return line

    def close(self) -> None:
        pass


def _read_line(done: Callable[[str | None], None]) -> None:
    """Read a line in a thread; None is the end of the input, or something that is no text."""

    def read() -> None:
        try:
            line = sys.stdin.readline() if sys.stdin is not None else ""
        except (UnicodeDecodeError, ValueError, OSError):
            line = ""
        done(line.rstrip("\r\n") if line else None)

    threading.Thread(target=read, daemon=True).start()
