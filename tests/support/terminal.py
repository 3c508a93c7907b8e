"""A command on a terminal of its own: what it shows, and what is typed."""

from __future__ import annotations

import os
import pty
import select
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_WHERE_IS_THE_CURSOR = "\x1b[6n"
"""Asked of a terminal, which answers; what stands at the bottom is drawn where one does."""

PROMPT = "\x1b[?2004h"
"""How a new prompt begins: text that is pasted comes in brackets. What is typed is drawn again without."""

_SECONDS = 60


class Terminal:
    """A process on a terminal of its own; what it shows is read until something is there."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self._screen = screen
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def until(self, *texts: str) -> None:
        """Wait until something is shown that was not there before; several things: one behind the other."""
        start = len(self.shown)
        for text in texts:
            while (found := self.shown.find(text, start)) < 0:
                assert self._reads_on(), self.shown
            start = found + len(text)

    def code(self) -> int:
        """Its exit code, when it has ended."""
        while self._reads_on():
            pass
        return self.process.wait(timeout=_SECONDS)

    def _reads_on(self) -> bool:
        """Take what is shown next; False: the command has ended, or shows nothing any more."""
        ready, _, _ = select.select([self._screen], [], [], _SECONDS)
        try:
            came = os.read(self._screen, 4096).decode(errors="replace") if ready else ""
        except OSError:
            came = ""
        self.shown += came
        if _WHERE_IS_THE_CURSOR in came:
            self.type("\x1b[1;1R")
        return bool(came)


@contextmanager
def at_terminal(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """The command in that folder, on a terminal; `environment` None: this process's. It is killed at the end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        start_new_session=True,
        env={**(environment or os.environ), "TERM": "xterm"},
        preexec_fn=_take_terminal,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
