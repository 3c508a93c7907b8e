"""What is in the tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from msgspec import structs

from realtime_scenarios.core import Span
from realtime_scenarios.core.redaction import leaves
from realtime_scenarios.document import Pointer, read_text
from realtime_scenarios.model.scenario import Table
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.secrecy import secret_columns
from realtime_scenarios.mutation.subject import Change, Part, Subject
from realtime_scenarios.mutation.values import another_that_fits
from realtime_scenarios.project.variation import Edit, Edits

_CONSTANT = re.compile(r"'([^']+)'|\b(\d+)\b")
"""A text or a number in the type and the constraints of a column."""


@kind("row-dropped")
def row_dropped(subject: Subject) -> Iterator[Change]:
    """A table lacks one of its rows."""
    secret = secret_columns(subject.scenario)
    for table in subject.named("data"):
        pointer = (*table.pointer, "rows")
        held = _written_out(subject, table)
        spans = list(_spans(subject, table.data["rows"], pointer))
        for index, row in enumerate(subject.scenario.data[table.name].rows):
            span = spans[index] if index < len(spans) else subject.document.span(pointer)
            edits = (*held, Edit((*pointer, index), removed=True))
            secrets = tuple(str(leaf) for name in secret[table.name] for leaf in leaves(row.get(name)))
            yield Change(edits, pointer, span, _changed(table, row), _noticed_by(table), secrets)


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
                shifted = _other_column(subject.scenario.data[table.name], name)
            if not shifted:
                continue
            changed = [{**row, name: value} for row, value in zip(rows, shifted, strict=True)]
            yield Change(
                (Edit(table.pointer, {**table.data, **columns, "rows": changed}),),
                pointer,
                subject.document.span(table.pointer, key=True),
                f"'{name}' is otherwise in the rows of '{table.name}'",
                f"one whose answer shows '{name}' of '{table.name}', or with `expect: [{{data: ...}}]`",
            )


def _other_column(table: Table, name: str) -> list[Any]:
    """A column that holds the same value in all of its rows, with another one; empty where the table takes none."""
    value = table.rows[0].get(name) if table.rows else None
    if value is None:
        return []
    from realtime_scenarios.stubs.data import table_problem  # only a column that is the same throughout needs it

    def is_taken(other: Any) -> bool:
        changed = structs.replace(table, rows=tuple({**row, name: other} for row in table.rows))
        return type(other) is type(value) and table_problem(changed) is None

    named = [text or int(number) for text, number in _CONSTANT.findall(table.columns[name])]
    other = another_that_fits(value, [{"enum": named}], is_taken)
    return [] if other is value else [other] * len(table.rows)


def _written_out(subject: Subject, table: Part) -> Edits:
    """What has to be written so that a table can lack a row: its columns, and its rows where they stand in a file."""
    built = subject.scenario.data[table.name]
    columns = () if "columns" in table.data else (Edit((*table.pointer, "columns"), dict(built.columns)),)
    if not isinstance(table.data["rows"], dict):
        return columns
    return (*columns, Edit((*table.pointer, "rows"), [dict(row) for row in built.rows]))


def _spans(subject: Subject, rows: Any, pointer: Pointer) -> Iterator[Span]:
    """Where the rows stand, be it in a file; none where that cannot be told."""
    if not isinstance(rows, dict):
        yield from (subject.document.span((*pointer, index)) for index in range(len(rows)))
        return
    text, shown = subject.text_of_file(rows["file"]), subject.shown_file(rows["file"])
    match PurePath(rows["file"]).suffix.lower():
        case ".csv":
            lines = text.split("\n")
            begin, is_header = 1, True
            for cells in (reader := csv.reader(io.StringIO(text), strict=True)):
                if cells and not is_header:
                    yield Span(shown, begin, 1, begin, 1 + len(lines[begin - 1].rstrip("\r")))
                is_header = is_header and not cells
                begin = reader.line_num + 1
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
