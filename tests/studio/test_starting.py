"""What a conversation begins with in the studio: variables and rows, told at their fields where they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.studio.starting import start_problems, tables_told
from support.node import needs_node, told_by_node
from support.seats_desk import SCENARIO
from support.studio import Desk, conversing
from support.studio_server import served


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "seats.yaml").write_text(SCENARIO)
    return tmp_path / "seats.yaml"


@pytest.fixture
def scenario(path: Path) -> Scenario:
    return load(path).scenario


def row(id: Any = 1, seat: Any = "9A", fare: Any = None) -> dict[str, Any]:
    return {"id": id, "seat": seat, "fare": fare}


@pytest.mark.parametrize(
    ("context", "data", "problems"),
    [
        ({"name": "Riley", "tries": 2, "class": "business", "pin": "1"}, {"bookings": [row()]}, []),
        ({"tries": -1}, {}, ["context/tries: -1 is less than the minimum of 0"]),
        ({"class": "first"}, {}, ['context/class: must be one of "economy", "business"']),
        ({"pin": "secret"}, {}, ["context/pin: it does not fit its declaration"]),
        ({"nam": "Riley"}, {}, ["context/nam: there is no such variable: did you mean 'name'?"]),
        ({}, {"booking": []}, ["data/booking: there is no such table: did you mean 'bookings'?"]),
        ({}, {"bookings": [row(), row(id="two", seat="3B", fare="much")]}, [
            "data/bookings/1/id: must be a whole number: it is declared as INTEGER PRIMARY KEY",
            "data/bookings/1/fare: must be a number: it is declared as REAL",
        ]),
        ({}, {"bookings": [row(), row(id=2)]}, ["data/bookings/1/seat: UNIQUE constraint failed: bookings.seat"]),
        ({}, {"bookings": [row(seat=None)]}, ["data/bookings/0/seat: NOT NULL constraint failed: bookings.seat"]),
        ({}, {"bookings": [{"set": "9A"}]}, ["data/bookings/0/set: there is no such column: did you mean 'seat'?"]),
        ([1], {}, ["context: the context and the data are objects"]),
        ({}, {"bookings": "none"}, ["data/bookings: its rows are a list of objects"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_at_its_field(
    scenario: Scenario, context: Any, data: Any, problems: list[str]
) -> None:
    found = start_problems(scenario, context, data)
    assert [f"{problem.field}: {problem.message}" for problem in found] == problems
    assert all(problem.message in str(problem) for problem in found)


def test_the_tables_are_told_with_their_columns_rows_and_lines(scenario: Scenario) -> None:
    (table,) = tables_told(scenario)
    assert [column["name"] for column in table["columns"]] == ["id", "seat", "fare"]
    assert table["rows"] == [row(1, "9A", 80.5), row(2, "3B", None)]
    assert (table["cut"], table["place"][:2]) == (False, ("seats.yaml", 10))


def test_a_conversation_begins_with_the_rows_that_were_given_and_so_does_its_copy(path: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin(data={"bookings": [row(7, "12C")]})
        await page.connect()
        first = await page.until("DataChanged")
        assert first["data"]["rows"] == [row(7, "12C")]
        await page.say("Hello.")
        answer = await page.do("fork", seq=page.hosted.stream.last)
        copy = desk.conversations[answer["id"]]
        assert [dict(each) for each in copy.scenario.data["bookings"].rows] == [row(7, "12C")]

    conversing(path, talk)


def test_the_server_takes_no_conversation_that_cannot_begin_so(path: Path) -> None:
    with served("seats.yaml", folder=path.parent) as studio:
        told = studio.ask("GET", "start?scenario=seats").data
        assert [table["name"] for table in told["tables"]] == ["bookings"]
        asked = {"scenario": "seats", "context": {"tries": -1}, "data": {"bookings": [row(), row(2)]}}
        problems = studio.ask("POST", "start", asked).data["problems"]
        assert [problem["field"] for problem in problems] == ["context/tries", "data/bookings/1/seat"]
        refused = studio.ask("POST", "conversations", {**asked, "context": {}})
        assert (refused.status, refused.data["error"]) == (
            400,
            "the table 'bookings', row 2, seat: UNIQUE constraint failed: bookings.seat",
        )


@needs_node
def test_a_cell_is_read_by_the_type_of_its_column_and_what_is_not_touched_stays() -> None:
    cells, rows = told_by_node(
        """
        const { cellTyped, withCell } = await import(page + 'seeing/start_tables.js');
        const rows = [{ id: 1, seat: '' }, { id: '02', seat: null }];
        return [
          given.map(([text, type]) => cellTyped(text, type)),
          [withCell(rows, 1, { name: 'id', type: 'INTEGER' }, '02'), withCell(rows, 0, { name: 'seat', type: 'TEXT' }, '9A')],
        ];
        """,
        [["7", "INTEGER"], ["7", "TEXT"], ["", "TEXT"], ["80.5", "REAL"], ["much", "REAL"], ["1e400", "REAL"]],
    )
    assert cells == [7, "7", None, 80.5, "much", "1e400"]
    assert rows == [
        [{"id": 1, "seat": ""}, {"id": "02", "seat": None}],
        [{"id": 1, "seat": "9A"}, {"id": "02", "seat": None}],
    ]
