"""Workflow commands of GitHub Actions, which show a message at a line of a pull request.

Source: docs.github.com, "Workflow commands for GitHub Actions"; a command is one line, and some characters are escaped.
"""

from __future__ import annotations

from typing import Literal

from realtime_scenarios.core.place import Span

Level = Literal["error", "warning", "notice"]


def annotation(level: Level, span: Span | None, title: str, text: str) -> str:
    """The command that shows `text` at a place; at the job where there is none."""
    properties: dict[str, str | int] = {}
    if span is not None:
        properties = {"file": span.file, "line": span.line, "col": span.column, "endLine": span.end_line}
    properties["title"] = title
    shown = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items())
    return f"::{level} {shown}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text
