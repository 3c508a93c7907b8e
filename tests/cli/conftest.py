"""A folder to give commands in."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite("support.command_line")  # so that a snapshot that differs is shown with its difference


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which commands are given on a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path
