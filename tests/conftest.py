"""What many tests share."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from support import Written


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes the text of a scenario to a file of its own and gives its path."""

    def write(text: str, name: str = "scenario.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write
