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
SAMPLED = settings(max_examples=max(10, settings().max_examples // 20))
"""A whole scenario is linted each time, which takes a third of a second; `tests/endurance/fuzz.py` looks at thousands."""


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


_TABLES_THAT_CANNOT_BE = """\
scenario: shop
start: desk
agents:
  desk: {instructions: Help., tools: [look]}
tools:
  look: {description: Look., query: {sql: 'SELECT * FROM t WHERE a = "x"'}}
data:
  sqlite_t: {rows: [{a: x}]}
  t: {rows: [{a: x, A: y}]}
"""


def test_tables_that_cannot_be_made_are_told_and_no_query_is_tried_on_them(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(_TABLES_THAT_CANNOT_BE, encoding="utf-8")
    told = [found for project in projects_at(["shop.yaml"], tmp_path) for found in findings(project, warnings=True)]
    assert [(found.name, found.span.line) for found in told] == [("bad-table", 8), ("bad-table", 9)]


LONG = "x" * 300


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (f"tools: {{t: {{description: Do., python: '{LONG}:fn'}}}}", 5),
        (f"tools: {{t: {{description: Do., query: {{sql: $file, file: {LONG}}}}}}}", 5),
        (f"mcp: {{m: {{command: [python, {LONG}.py]}}}}", 5),
        (f"dialogues: [{{id: a, turns: [{{user: {{image: {LONG}.png, text: Look}}, agent: [{{say: Hi}}]}}]}}]", 5),
        (f"data: {{t: {{rows: {LONG}.csv}}}}", 5),
        (f"guardrails: {{$include: {LONG}.yaml}}", 5),
    ],
)
def test_a_name_that_is_too_long_for_a_path_is_told_where_it_stands(tmp_path: Path, where: str, line: int) -> None:
    start = "scenario: shop\nstart: desk\nagents:\n  desk: {instructions: Help.}\n"
    (tmp_path / "shop.yaml").write_text(start + where + "\n", encoding="utf-8")
    told = [found for project in projects_at(["shop.yaml"], tmp_path) for found in findings(project, warnings=True)]
    assert line in {found.span.line for found in told}


def test_nothing_is_told_of_a_place_that_stands_nowhere_in_a_file(copied: Path) -> None:
    """What the parser gives up on is read as `null`, which no line holds."""
    text = "dialogues:\n    turns:\n      - words: a\n      live: false\n        - {words: b}\n      turns:\n"
    path = copied / "airline" / "dialogues" / "policy.yaml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    try:
        found = [each for project in projects_at(["airline"], copied) for each in findings(project, warnings=True)]
    finally:
        path.write_text(whole, encoding="utf-8")
    spans = [each.span for each in found if each.span.file.endswith("policy.yaml")]
    assert spans
    lines = text.split("\n")
    for span in spans:
        assert span.end_column <= len(lines[span.end_line - 1]) + 1, span
        assert span.column <= len(lines[span.line - 1]) + 1, span
