"""What is in the tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from realtime_scenarios.core import Span
from realtime_scenarios.document import read_text
from realtime_scenarios.mutation.kinds.results import other_value
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import Change, Part, Subject
from realtime_scenarios.project.variation import Edit


@kind("row-dropped")
def row_dropped(subject: Subject) -> Iterator[Change]:
    """A table lacks one of its rows."""
    for table in subject.named("data"):
        rows = table.data["rows"]
        if isinstance(rows, dict):
            yield from _rows_of_file(subject, table, rows["file"])
            continue
        for index, row in enumerate(rows):
            yield subject.dropped((*table.pointer, "rows", index), _changed(table, row), _noticed_by(table))


@kind("column-shifted")
def column_shifted(subject: Subject) -> Iterator[Change]:
    """In one of the columns of a table, each row has the value of the next one; where that is the same, another one."""
    for table in subject.named("data"):
        rows = [dict(row) for row in subject.scenario.data[table.name].rows]
        names = list(subject.scenario.data[table.name].columns)
        if len(names) == 1 and len(rows) > 1:
            continue  # nothing but the order of its rows would be otherwise
        pointer = (*table.pointer, "rows")
        columns = {"columns": dict(subject.scenario.data[table.name].columns)}
        for name in names:
            values = [row.get(name) for row in rows]
            shifted = [*values[1:], *values[:1]]
            if shifted == values:
                shifted = [other_value(value) for value in values if value is not None]
            if not rows or len(shifted) < len(rows):
                continue
            changed = [{**row, name: value} for row, value in zip(rows, shifted, strict=True)]
            yield Change(
                (Edit(table.pointer, {**table.data, **columns, "rows": changed}),),
                pointer,
                subject.document.span(table.pointer, key=True),
                f"'{name}' is otherwise in the rows of '{table.name}'",
                f"one whose answer shows '{name}' of '{table.name}', or with `expect: [{{data: ...}}]`",
            )


def _rows_of_file(subject: Subject, table: Part, name: str) -> Iterator[Change]:
    """Where rows stand in a file, what is built of it is put in its place, but for one of them."""
    rows = [dict(row) for row in subject.scenario.data[table.name].rows]
    pointer = (*table.pointer, "rows")
    spans = list(_spans(subject, name))
    columns = {} if "columns" in table.data else {"columns": dict(subject.scenario.data[table.name].columns)}
    for index, row in enumerate(rows):
        span = spans[index] if index < len(spans) else subject.document.span(pointer)
        edit = Edit(table.pointer, {**table.data, **columns, "rows": [*rows[:index], *rows[index + 1 :]]})
        yield Change((edit,), pointer, span, _changed(table, row), _noticed_by(table))


def _spans(subject: Subject, name: str) -> Iterator[Span]:
    """Where the rows of a file stand; none where that cannot be told."""
    text, shown = subject.text_of_file(name), subject.shown_file(name)
    match PurePath(name).suffix.lower():
        case ".csv":
            lines = csv.reader(io.StringIO(text), strict=True)
            begin, is_header = 1, True
            for cells in lines:
                if cells and not is_header:
                    yield Span(shown, begin, 1, begin, 1 + len(text.splitlines()[begin - 1]))
                is_header = is_header and not cells
                begin = lines.line_num + 1
        case ".yaml" | ".yml":
            document, _ = read_text(text, shown)
            for index in range(len(document.data) if document is not None else 0):
                assert document is not None
                yield document.span((index,))
        case _:
            return


def _changed(table: Part, row: Any) -> str:
    named = ", ".join(f"{key} {value}" for key, value in list(row.items())[:2])
    return f"'{table.name}' lacks the row of {named}"


def _noticed_by(table: Part) -> str:
    return f"one whose answer shows this row of '{table.name}', or with `expect: [{{data: ...}}]`"
