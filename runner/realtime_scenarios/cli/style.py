"""Text for a terminal: in colour where a person looks, plain everywhere else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from realtime_scenarios.cli.output import echo, painted

if TYPE_CHECKING:
    from realtime_scenarios.core.snippets import Paint

TONES: dict[str, dict[str, object]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "ask": {"fg": "yellow"},
    "move": {"fg": "cyan"},
    "quiet": {"dim": True},
    "bold": {"bold": True},
}


def painter(choice: str = "auto", stream: TextIO | None = None) -> Paint:
    """A painter for a stream. `choice` is auto, always or never; auto means: on a terminal, unless NO_COLOR is set."""
    if (context := click.get_current_context(silent=True)) is not None:
        context.color = {"always": True, "never": False}.get(choice)
    if choice == "never" or (choice == "auto" and not _is_for_people(stream or sys.stdout)):
        return lambda text, tone: text
    return lambda text, tone: painted(text, **TONES[tone]) if tone in TONES and text else text


def width(*, least: int = 60) -> int:
    """How many columns a line of output may take: the terminal's, in reason; 80 where there is none.

    `least` is what a table needs to be readable; text that is folded as it comes needs nothing.
    """
    import shutil

    return max(least, min(100, shutil.get_terminal_size((80, 24)).columns))


def _is_for_people(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def echo_wrapped(text: str, *, lead: str = "", err: bool = False) -> None:
    """Print the text in as many lines as it takes, each behind `lead`, and all but the first two columns deeper."""
    from realtime_scenarios.core.wrapping import wrapped

    for line in wrapped(text, width() - len(lead), indent="  "):
        echo(f"{lead}{line}", err=err)
