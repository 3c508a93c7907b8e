"""A sample of `random_ends.py`: one moment of each kind, the same in every run."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from endurance.random_ends import DIALOGUES, KINDS, problems


@pytest.mark.parametrize("name", KINDS)
def test_a_run_that_is_ended_or_hindered_loses_nothing_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    assert sys.platform == "linux", "the sample looks for processes in /proc"
    moment = random.Random(name).randint(0, DIALOGUES)
    assert list(problems(KINDS[name], moment, tmp_path)) == []
