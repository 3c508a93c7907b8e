"""What is played with callers who have no script."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from realtime_scenarios.core import resource_folder
from realtime_scenarios.project import Project, load


@pytest.fixture
def airline(tmp_path: Path) -> Project:
    """The airline with two callers."""
    folder = tmp_path / "airline"
    shutil.copytree(resource_folder("scenarios") / "airline", folder)
    shutil.rmtree(folder / "dialogues")
    (folder / "dialogues").mkdir()
    shutil.copy(Path(__file__).parent / "airline_callers.yaml", folder / "dialogues")
    return load(folder / "airline.yaml")
