"""Tables that lack a row: however many there are, each is looked at once, and what is left is a table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.mutation import Mutant, Subject, mutants_of, subject
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.variation import edited, variation_of
from support import Written

SHOP = """\
    scenario: shop
    start: desk
    agents: {desk: {instructions: Sell.}}
    data:
      goods: {rows: {file: goods.csv}}
"""


@pytest.fixture
def shop(written: Written) -> Project:
    return load(written(SHOP, "shop.yaml"))


def without_rows(project: Project) -> list[Mutant]:
    return list(mutants_of(Subject(project), ["row-dropped"]))


def nested_in(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else ()


@pytest.mark.parametrize("count", [20, 40])
def test_a_file_of_many_rows_is_split_once_and_its_rows_are_kept_once(
    count: int, tmp_path: Path, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "goods.csv").write_text("id,name\n" + "".join(f"{number},thing\n" for number in range(count)))
    split: list[str] = []
    lines_of = subject.lines_of

    def counted(text: str) -> list[str]:
        split.append(text)
        return lines_of(text)

    monkeypatch.setattr(subject, "lines_of", counted)

    mutants = without_rows(shop)
    values = [edit.value for mutant in mutants for edit in mutant.change.edits]
    tables = {id(rows): rows for value in values for rows in (value, *nested_in(value)) if isinstance(rows, list)}

    assert len(mutants) == count and len(split) == 1
    assert sum(map(len, tables.values())) == count


def test_a_row_of_a_file_is_dropped_alone_and_told_with_its_line(tmp_path: Path, shop: Project) -> None:
    (tmp_path / "goods.csv").write_text('id,name\r\n7,"a\r\nhat"\r\n\r\n8,coat\r\n', newline="")

    mutants = without_rows(shop)
    left = [edited(Subject(shop).data, mutant.change.edits)["data"]["goods"]["rows"] for mutant in mutants]

    assert left == [[{"id": 8, "name": "coat"}], [{"id": 7, "name": "a\r\nhat"}]]
    assert [(mutant.line, mutant.change.span.line) for mutant in mutants] == [('7,"a', 2), ("8,coat", 5)]


def test_a_table_that_lacks_its_only_row_is_a_table_with_the_columns_of_that_row(written: Written) -> None:
    project = load(written(SHOP.replace("rows: {file: goods.csv}", "rows: [{id: 1}]"), "shop.yaml"))

    (mutant,) = without_rows(project)
    variation = variation_of(project, mutant.change.edits)

    assert variation is not None and findings(variation, warnings=False) == []
    assert dict(variation.scenario.data["goods"].columns) == {"id": "INTEGER"}
