"""One line of our scenarios, moved some columns in or out: it is told, as such, and nothing that follows from it is."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct
from yaml.nodes import MappingNode, Node, SequenceNode

from realtime_scenarios.core import Diagnostic, resource_folder
from realtime_scenarios.document import indentation, read, read_text
from realtime_scenarios.document.layout import Layout
from realtime_scenarios.document.nodes import composed
from realtime_scenarios.lint import findings
from realtime_scenarios.project import projects_at

SCENARIOS = resource_folder("scenarios")
FILES = sorted(path.relative_to(SCENARIOS) for path in SCENARIOS.rglob("*.yaml"))
COLUMNS = (-4, -2, -1, 1, 2, 4)
SLIPS = 60
LEAST_RATE = 0.95
"""Of slips that change what a file means. Lines that fall into a text, or fit where they landed, are the others."""


class Slip(Struct, frozen=True):
    """A line of a file, from 0, that is moved `by` columns to the right."""

    file: Path
    line: int
    by: int

    @property
    def text(self) -> str:
        lines = (SCENARIOS / self.file).read_text(encoding="utf-8").split("\n")
        lines[self.line] = " " * (_indent_of(lines[self.line]) + self.by) + lines[self.line].lstrip(" ")
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.file}:{self.line + 1} by {self.by}"


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _lines_with_keys(node: Node | None) -> Iterator[int]:
    """The lines on which a key of a block begins."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if not node.flow_style:
                yield key.start_mark.line
            yield from _lines_with_keys(value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _lines_with_keys(item)


def _all_slips() -> Iterator[Slip]:
    for file in FILES:
        text = (SCENARIOS / file).read_text(encoding="utf-8")
        lines = text.split("\n")
        for line in sorted(set(_lines_with_keys(composed(text)))):
            yield from (Slip(file, line, by) for by in COLUMNS if _indent_of(lines[line]) + by >= 0)


def _changes_nothing(slip: Slip) -> bool:
    """Whether the file still means what it meant: a mapping may begin in any column."""
    before, _ = read_text((SCENARIOS / slip.file).read_text(encoding="utf-8"), "file.yaml")
    after, found = read_text(slip.text, "file.yaml")
    is_yaml = not any(diagnostic.code in ("SC101", "SC105") for diagnostic in found)
    return is_yaml and before is not None and after is not None and before.data == after.data


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SCENARIOS, tmp_path_factory.mktemp("slips") / "scenarios"))


def _told(folder: Path, slip: Slip) -> list[Diagnostic]:
    path = folder / slip.file
    path.write_text(slip.text, encoding="utf-8")
    try:
        projects = projects_at([slip.file.parts[0]], folder)
        return [found for project in projects for found in findings(project, warnings=False, proofs=False)]
    finally:
        shutil.copyfile(SCENARIOS / slip.file, path)


def _is_told_alone(slip: Slip, told: list[Diagnostic]) -> bool:
    place = [(found.span.file.endswith(slip.file.name), found.span.line) for found in told]
    return place == [(True, slip.line + 1)] and "begins in column" in told[0].message


def test_a_line_that_slipped_is_told_at_that_line_and_nothing_else_is(copied: Path) -> None:
    sample = random.Random(2026).sample(list(_all_slips()), SLIPS)
    slips = [slip for slip in sample if not _changes_nothing(slip)]
    missed = [str(slip) for slip in slips if not _is_told_alone(slip, _told(copied, slip))]
    rate = 1 - len(missed) / len(slips)
    assert rate >= LEAST_RATE, f"{rate:.1%} of {len(slips)}; not of {missed}"


_MISSPELT_TWICE = """\
scenario: shop
start: desk
agents:
  desk:
    instructions: Help people.
    handofs:
      - to: back
  back:
    instructions: Help more.
    handofs:
      - to: desk
tools:
  look:
    description: Look.
    retuns:
      a: 1
  find:
    description: Find.
    retuns:
      a: 1
"""


def test_keys_that_are_misspelt_are_told_as_such_and_nothing_is_to_be_moved_into_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(_MISSPELT_TWICE, encoding="utf-8")
    told = [found for project in projects_at([str(path)], tmp_path) for found in findings(project, warnings=False)]
    assert [(found.span.line, found.name) for found in told] == [(line, "unknown-key") for line in (6, 10, 15, 19)]


def test_a_line_that_is_to_be_moved_with_others_and_again_is_told_where_it_stands(copied: Path) -> None:
    file = Path("phone_support/dialogues/questions.yaml")
    lines = (SCENARIOS / file).read_text(encoding="utf-8").split("\n")
    lines[59:89] = [f" {line}" for line in lines[59:89]]
    (copied / file).write_text("\n".join(lines), encoding="utf-8")
    told = [found for project in projects_at(["phone_support"], copied) for found in findings(project, warnings=False)]
    shutil.copyfile(SCENARIOS / file, copied / file)
    spans = [found.span for found in told if found.span.file.endswith("questions.yaml")]
    assert spans and all(span.end_column <= len(lines[span.end_line - 1]) + 1 for span in spans)


def test_a_table_whose_key_is_misspelt_is_not_to_be_moved_into_the_row_above(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(
        "scenario: shop\nstart: desk\nagents:\n  desk: {instructions: Help people.}\n"
        "data:\n  goods:\n    rows:\n      - name: bell\n        price: 3\n"
        "  stores:\n    rws:\n      - name: Main Street\n",
        encoding="utf-8",
    )
    told = [found for project in projects_at([str(path)], tmp_path) for found in findings(project, warnings=False)]
    assert [(found.span.line, found.name) for found in told] == [(11, "unknown-key")]


def test_nothing_begins_further_out_than_what_it_belongs_to() -> None:
    """What stands below an item that begins far to the right is no step that other lines should have taken."""
    assert Layout(["turns:", f"-{' ' * 500}handoff: records", "  args: {}"]).usual_step == 2


def test_what_else_is_wrong_on_a_moved_line_is_told_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text("scenario: shop\nagents:\n  desk:\n    instructions: Help.\n     name: 3\n", encoding="utf-8")
    document, _ = read(path, shifts={str(path): {4: -1}})
    assert document is not None
    span = document.span(("agents", "desk", "name"))
    assert (span.line, span.column, span.end_column) == (5, 12, 13)


def test_what_is_wrong_a_thousand_times_by_its_alias_is_not_told_anew_for_each_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = "".join(f"  t{number}: *wrong\n" for number in range(1000))
    text = f"scenario: x\nstart: a\nagents:\n  a: {{instructions: x}}\ntools:\n  t: &wrong\n    descripton: x\n{tools}"
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    looked: list[object] = []
    trial_of = indentation.trial_of
    monkeypatch.setattr(indentation, "trial_of", lambda *given: looked.append(given) or trial_of(*given))
    assert indentation.slips_in(tmp_path / "x.yaml", "x.yaml", "scenario").found == ()
    assert len(looked) < 10
