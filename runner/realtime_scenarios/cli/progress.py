"""How far a run of dialogues has come, where a person looks."""

from __future__ import annotations

import sys

import click

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core.snippets import Paint


class Progress:
    """One line on a terminal that says what is going on; nothing where no person looks."""

    def __init__(self, total: int, paint: Paint) -> None:
        self._total = total
        self._paint = paint
        self._wanted = sys.stderr.isatty() and sys.stdout.isatty()
        self._length = 0

    def say(self, text: str, *, done: int = 0) -> None:
        if not self._wanted:
            return
        self.clear()
        line = f"[{done}/{self._total}] {text} …"[:78]
        self._length = len(line)
        echo(self._paint(line, "quiet"), nl=False, err=True)

    def clear(self) -> None:
        if self._length:
            click.echo(f"\r{' ' * self._length}\r", nl=False, err=True)
            self._length = 0
