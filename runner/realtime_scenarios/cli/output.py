"""The one way to the terminal: nothing that is printed is obeyed by it, and a stream that nobody reads ends nothing.

Whatever a tool, an agent, a caller or a file says may hold escape sequences. They are shown as text. Only the styles of
`painted` pass: until they are printed their escape is a noncharacter, which Unicode keeps for the inside of programs.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from typing import TextIO

import click

from realtime_scenarios.core.printable import printable

_INK = "\ufdd0"
_STYLE = re.compile(_INK + r"\[[0-9;]{1,8}m")


class Unread(io.StringIO):
    """A stream in place of one that cannot be written to any more; `problem` says why."""

    def __init__(self, problem: OSError) -> None:
        super().__init__()
        self.problem = problem

    def write(self, text: str, /) -> int:
        return len(text)


def echo(text: str = "", *, nl: bool = True, err: bool = False) -> None:
    """Print a line. Where the stream is closed or full, this and all that follows goes nowhere."""
    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(_as_shown(text), nl=nl, file=stream)
    except OSError as problem:
        _give_up(stream, problem)
        if err:
            sys.stderr = Unread(problem)
        else:
            sys.stdout = Unread(problem)


def painted(text: str, **style: object) -> str:
    """The text in a style of `click.style`, for `echo`."""
    return click.style(printable(text), **style).replace("\x1b", _INK)  # type: ignore[arg-type]


def unread_because() -> OSError | None:
    """Why standard output goes nowhere; None where it is written."""
    return sys.stdout.problem if isinstance(sys.stdout, Unread) else None


def lost_because() -> OSError | None:
    """Why something that was to be told is written nowhere; None where all is, and where its reader has left."""
    problem = unread_because()
    return None if isinstance(problem, BrokenPipeError) else problem


def _as_shown(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    shown, end = "", 0
    for style in _STYLE.finditer(text):
        shown += printable(text[end : style.start()]) + style[0].replace(_INK, "\x1b")
        end = style.end()
    return shown + printable(text[end:])


def _give_up(stream: TextIO, problem: OSError) -> None:
    """Let what the stream still holds go nowhere, or Python would fail on it once more when it ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
