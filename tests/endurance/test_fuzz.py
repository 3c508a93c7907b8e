"""A sample of `fuzz.py`, the same in every run, and what its lies must know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from endurance.lies import CONTRADICTIONS
from realtime_scenarios.model.expectation import EXPECTATIONS

FUZZ = Path(__file__).parent / "fuzz.py"


@pytest.mark.parametrize(("what", "count"), [("reading", 150), ("playing", 20)])
def test_what_is_changed_at_random_ends_in_time_and_as_foreseen(what: str, count: int) -> None:
    run = subprocess.run(
        [sys.executable, str(FUZZ), what, str(count), "1", "--small"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_each_kind_of_expectation_can_be_contradicted() -> None:
    assert {*CONTRADICTIONS, "judge"} == {name for name, _ in EXPECTATIONS.items()}  # a judge's yes holds nothing
