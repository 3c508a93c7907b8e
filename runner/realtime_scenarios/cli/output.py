"""Lines for whoever reads them: where nobody does any more, or nothing more can be written, the work goes on."""

from __future__ import annotations

import contextlib
import os
import sys

import click


class Output:
    """Standard output. `problem` is why nothing more can be written to it; None: all that was said is written."""

    def __init__(self) -> None:
        self.problem: OSError | None = None

    def line(self, text: str) -> None:
        """Say it now: what has been said must not be lost with the process."""
        if self.problem is not None:
            return
        try:
            click.echo(text)
            sys.stdout.flush()
        except OSError as problem:
            self.problem = problem
            self._let_go()

    @property
    def is_lost(self) -> bool:
        """Whether there was something to be told that is written nowhere, other than to a reader that has left."""
        return self.problem is not None and not isinstance(self.problem, BrokenPipeError)

    def _let_go(self) -> None:
        """Let what is still in the buffer go nowhere, so that the end of the process does not stumble over it."""
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
