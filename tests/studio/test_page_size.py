"""What is loaded before a view is stays small."""

from __future__ import annotations

from support.page_size import shell_files, shell_kilobytes
from support.studio_page import PAGE

_BUDGET = 45.0
"""Kilobytes, compressed."""


def test_the_shell_is_within_its_budget() -> None:
    assert shell_kilobytes(PAGE) <= _BUDGET


def test_views_are_no_part_of_the_shell() -> None:
    names = {file.relative_to(PAGE).as_posix() for file in shell_files(PAGE)}
    assert {"app.js", "store.js", "vendor/core.js"} <= names
    assert not names & {"graph.js", "timeline.js", "prompt.js", "dialogues.js", "editor.js", "seeing/coverage.js"}
