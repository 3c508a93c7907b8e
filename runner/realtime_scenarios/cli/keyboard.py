"""Lines from a person at a terminal, or from a pipe."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping
from typing import Any, Protocol

from realtime_scenarios.cli.output import echo


class EndOfInput(Exception):
    """The person left, or the pipe is empty."""


class CtrlC(EndOfInput):
    """The person pressed Ctrl-C, and what they had typed is gone."""


class Keyboard(Protocol):
    @property
    def is_person(self) -> bool: ...

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        """The next line without its end. May be cancelled; the line then goes to whoever asks next.

        Raises:
            CtrlC: the person pressed it.
            EndOfInput: there is none, or the person pressed Ctrl-D.
        """
        ...

    def close(self) -> None: ...


def is_terminal() -> bool:
    """Whether somebody sits at a terminal, who reads and types."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def keyboard() -> Keyboard:
    """The terminal if there is one, otherwise standard input as it comes."""
    return TerminalKeyboard() if is_terminal() else _Pipe()


class TerminalKeyboard:
    """`turns` is what prompt_toolkit is asked for where turns are typed, `all_lines` also where questions are asked."""

    is_person = True

    def __init__(self, turns: Mapping[str, Any] | None = None, all_lines: Mapping[str, Any] | None = None) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import InMemoryHistory

        shared = all_lines or {}
        self._turns: PromptSession[str] = PromptSession(history=InMemoryHistory(), **shared, **(turns or {}))
        self._questions: PromptSession[str] = PromptSession(**shared)

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        from prompt_toolkit.patch_stdout import patch_stdout

        session: Any = self._turns if prompt.startswith("you") else self._questions
        try:
            with patch_stdout(raw=True):
                # Ctrl-C is a key here; for the signal of that name prompt_toolkit would take away whoever waits for it
                return str(await session.prompt_async(prompt, is_password=secret, handle_sigint=False))
        except KeyboardInterrupt:
            raise CtrlC from None
        except EOFError:
            raise EndOfInput from None

    def close(self) -> None:
        pass


class _Pipe:
    """Reads ahead in a thread of its own, so that a question that is given up does not swallow a line."""

    is_person = False

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._reader: threading.Thread | None = None

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        if self._reader is None:
            self._reader = threading.Thread(target=self._read_ahead, daemon=True)
            self._reader.start()
        if not prompt.startswith("you"):
            echo(prompt, nl=False)
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
            raise EndOfInput
        if not prompt.startswith("you"):
            echo("*" * len(line) if secret else line)
        return line

    def close(self) -> None:
        pass

    def _read_ahead(self) -> None:
        try:
            for line in sys.stdin or ():
                self._pass_on(line.rstrip("\r\n"))
        except (UnicodeDecodeError, ValueError, OSError):
            pass
        self._pass_on(None)

    def _pass_on(self, line: str | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
        except RuntimeError:
            return  # the conversation is over, and nobody listens any more
