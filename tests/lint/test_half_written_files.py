"""A file that is not finished, or from which something was lost, is answered with its mistakes, never with an accident."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_scenarios.core import resource_folder
from realtime_scenarios.lint import findings
from realtime_scenarios.project import projects_at

SCENARIOS = resource_folder("scenarios")
FILES = sorted(path.relative_to(SCENARIOS) for path in SCENARIOS.rglob("*.yaml"))
SAMPLED = settings(max_examples=settings().max_examples // 5)
"""A whole scenario is linted each time, which takes a third of a second."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SCENARIOS, tmp_path_factory.mktemp("half") / "scenarios"))


def linted(folder: Path, file: Path, text: str) -> int:
    """How many mistakes are told of the scenario around a file that holds this text instead."""
    path = folder / file
    whole = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    try:
        return sum(len(findings(project, warnings=True)) for project in projects_at([file.parts[0]], folder))
    finally:
        path.write_text(whole, encoding="utf-8")


@SAMPLED
@given(file=st.sampled_from(FILES), data=st.data())
def test_a_file_that_breaks_off_anywhere_is_linted(copied: Path, file: Path, data: st.DataObject) -> None:
    text = (SCENARIOS / file).read_text(encoding="utf-8")
    linted(copied, file, text[: data.draw(st.integers(0, len(text) - 1), label="end")])


@SAMPLED
@given(file=st.sampled_from(FILES), data=st.data())
def test_a_file_that_lacks_a_stretch_is_linted(copied: Path, file: Path, data: st.DataObject) -> None:
    text = (SCENARIOS / file).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text) - 1), label="start")
    length = data.draw(st.one_of(st.integers(1, 3), st.integers(1, 400)), label="length")
    linted(copied, file, text[:start] + text[start + length :])


@pytest.mark.parametrize(
    "text", ["s: {", "s: [", "s: {a: ", "{", "- [", "s: {a: [", 's: ["', "s: |", "? ", "s: &", "s: !"]
)
def test_a_file_that_ends_inside_something_open_is_linted(copied: Path, text: str) -> None:
    assert linted(copied, Path("airline/airline.yaml"), text)
