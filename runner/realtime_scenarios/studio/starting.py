"""What a page asks that a conversation begins with: variables and rows of tables, each held against its declaration.

Every problem is told with its field, `context/NAME`, `data/TABLE`, `data/TABLE/ROW` or `data/TABLE/ROW/COLUMN`, rows
from 0; `context` alone where there are no fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from realtime_scenarios.core import did_you_mean
from realtime_scenarios.core.arguments import ArgumentCheck
from realtime_scenarios.model.scenario import Scenario, Table
from realtime_scenarios.stubs.data import table_problem
from realtime_scenarios.studio.places import shown_place
from realtime_scenarios.studio.tables import MOST_ROWS

Rows = Sequence[Mapping[str, Any]]

_OF_COLUMN = re.compile(r"constraint failed: (?:\w+\.)?(\w+)")
_WHOLE, _NUMBER = re.compile("INT", re.IGNORECASE), re.compile("REAL|FLOA|DOUB|NUMERIC|DECIMAL", re.IGNORECASE)


class StartProblem(Struct, frozen=True):
    """What is wrong with one field."""

    field: str
    message: str

    def __str__(self) -> str:
        kind, *names = self.field.split("/")
        if not names:
            return self.message
        name, *steps = names
        if kind == "context":
            return f"the variable '{name}': {self.message}"
        row = f", row {int(steps[0]) + 1}" if steps else ""
        return f"the table '{name}'{row}{f', {steps[1]}' if len(steps) > 1 else ''}: {self.message}"


def tables_told(scenario: Scenario) -> list[dict[str, Any]]:
    """The tables with their rows as the scenario has them; one with very many rows (`cut`) is told without them."""
    return [
        {
            "name": table.name,
            "columns": [{"name": name, "type": kind} for name, kind in table.columns.items()],
            "rows": [dict(row) for row in table.rows] if len(table.rows) <= MOST_ROWS else [],
            "cut": len(table.rows) > MOST_ROWS,
            "place": shown_place(table.place),
        }
        for table in scenario.data.values()
    ]


def start_problems(scenario: Scenario, context: Any, data: Any) -> list[StartProblem]:
    """What keeps a conversation from beginning with these variables and rows."""
    if not isinstance(context, Mapping) or not isinstance(data, Mapping):
        return [StartProblem("context", "the context and the data are objects")]
    return [*_of_context(scenario, context), *_of_data(scenario, data)]


def with_rows(scenario: Scenario, data: Mapping[str, Rows]) -> Scenario:
    """The scenario with other rows in some of its tables."""
    if not data:
        return scenario
    anew = {name: structs.replace(scenario.data[name], rows=tuple(rows)) for name, rows in data.items()}
    return structs.replace(scenario, data={**scenario.data, **anew})


def _of_context(scenario: Scenario, context: Mapping[str, Any]) -> Iterator[StartProblem]:
    for name, value in context.items():
        variable = scenario.context.get(name)
        if variable is None:
            yield StartProblem(f"context/{name}", f"there is no such variable{_hint(name, scenario.context)}")
            continue
        check = ArgumentCheck({"type": "object", "properties": {name: dict(variable.schema)}})
        clauses = check.problems({name: value})
        if clauses:
            told = clauses[0].removeprefix(f"argument '{name}'").removeprefix(":").strip()
            yield StartProblem(f"context/{name}", "it does not fit its declaration" if variable.secret else told)


def _of_data(scenario: Scenario, data: Mapping[str, Any]) -> Iterator[StartProblem]:
    for name, rows in data.items():
        table = scenario.data.get(name)
        if table is None:
            yield StartProblem(f"data/{name}", f"there is no such table{_hint(name, scenario.data)}")
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield StartProblem(f"data/{name}", "its rows are a list of objects")
        else:
            found = list(_of_cells(table, rows))
            yield from found
            if not found:
                yield from _of_table(structs.replace(table, rows=tuple(rows)))


def _of_cells(table: Table, rows: Rows) -> Iterator[StartProblem]:
    for index, row in enumerate(rows):
        for column, value in row.items():
            field = f"data/{table.name}/{index}/{column}"
            kind = table.columns.get(column)
            if kind is None:
                yield StartProblem(field, f"there is no such column{_hint(column, table.columns)}")
            elif value is not None and _WHOLE.search(kind) and not isinstance(value, int):
                yield StartProblem(field, f"must be a whole number: it is declared as {kind}")
            elif value is not None and _NUMBER.search(kind) and not isinstance(value, int | float):
                yield StartProblem(field, f"must be a number: it is declared as {kind}")


def _of_table(table: Table) -> Iterator[StartProblem]:
    """What SQLite has against it, at the column where it names one."""
    problem = table_problem(table)
    if problem is None:
        return
    column = _OF_COLUMN.search(problem.message)
    steps = [] if problem.row is None else [str(problem.row)]
    steps += [column[1]] if steps and column is not None and column[1] in table.columns else []
    yield StartProblem("/".join(["data", table.name, *steps]), problem.message)


def _hint(name: str, known: Mapping[str, Any]) -> str:
    hint = did_you_mean(name, known)
    return f": {hint}" if hint else ""
