"""A few of the mutants of `tools/fuzz.py`, which breaks our own files in every way it can; all come out as diagnostics."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from realtime_scenarios.document import read_text

SEED = 11
AT_A_TIME = 25


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", Path(__file__).resolve().parents[2] / "tools" / "fuzz.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules["fuzz"] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("first", range(0, 150, AT_A_TIME))
def test_broken_files_neither_hang_nor_fail_otherwise(fuzz: ModuleType, first: int) -> None:
    assert fuzz.tried(range(first, first + AT_A_TIME), SEED, 60.0) == []


def test_a_mutant_is_the_same_every_time_and_not_its_neighbour(fuzz: ModuleType) -> None:
    assert fuzz.mutant(SEED, 3) == fuzz.mutant(SEED, 3) != fuzz.mutant(SEED, 4)


def test_what_fails_is_told_with_its_number(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> None:
        raise KeyError(path.name)

    monkeypatch.setattr(fuzz, "load", fails)
    (failure,) = fuzz.tried([5], SEED, 60.0)
    assert failure.number == 5 and "KeyError" in failure.what


def test_what_hangs_is_told(fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(path: Path) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz, "load", hangs)
    (failure,) = fuzz.tried([5], SEED, 0.1)
    assert "of CPU" in failure.what


def test_the_first_line_that_says_anything_may_be_the_broken_one() -> None:
    document, found = read_text("# a note\nscenario: ]x\nstart: a\n", "x.yaml")
    assert document is not None and [diagnostic.span.line for diagnostic in found] == [2]
