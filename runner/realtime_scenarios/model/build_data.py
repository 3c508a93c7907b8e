"""A table as the checked document states it, or a file of rows, to a `Table`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from realtime_scenarios.core import did_you_mean
from realtime_scenarios.document import Place, finding, read_text
from realtime_scenarios.model.scenario import Table
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_NUMBER = r"-?(?:0|[1-9][0-9]{0,14})(\.[0-9]+)?"


def table(name: str, data: Mapping[str, Any], place: Place, source: Source) -> Table:
    """The table `name`. Where the author gave no columns, they are those of the rows, with types that fit."""
    given = data["rows"]
    rows = _rows_of_file(given, place / "rows", source) if isinstance(given, dict) else given
    columns = data.get("columns") or _column_types(rows)
    if not columns and not source.found:
        source.find("bad-rows", f"table '{name}' has neither columns nor rows", place, "add one of them")
    for index, row in enumerate(rows):
        for key in row:
            if key not in columns:
                there = place / "rows" if isinstance(given, dict) else place / "rows" / index / key
                span = there.span if isinstance(given, dict) else there.key_span
                message = f"unknown column '{key}' in table '{name}'"
                source.found.append(finding("unknown-key", message, span, did_you_mean(key, columns)))
    return Table(name, columns, tuple(rows), place)


def _column_types(rows: Iterable[Mapping[str, Json]]) -> dict[str, str]:
    """Every key of the rows, in order of appearance, with the SQL type that holds all its values."""
    values: dict[str, list[Json]] = {}
    for row in rows:
        for key, value in row.items():
            values.setdefault(key, []).append(value)
    return {key: _sql_type([value for value in column if value is not None]) for key, column in values.items()}


def _sql_type(values: list[Json]) -> str:
    if values and all(isinstance(value, int) for value in values):
        return "INTEGER"
    return "REAL" if values and all(isinstance(value, (int, float)) for value in values) else "TEXT"


def _rows_of_file(data: Mapping[str, str], place: Place, source: Source) -> list[dict[str, Json]]:
    name = data["file"]
    known = len(source.found)
    text = source.file_text(data, place)
    if len(source.found) > known:
        return []
    match PurePath(name).suffix.lower():
        case ".csv":
            return _rows_of_csv(text, place, source)
        case ".json":
            rows = _rows_of_json(text, place, source)
        case ".yaml" | ".yml":
            document, found = read_text(text, os.path.normpath(PurePath(source.document.file).parent / name))
            source.found.extend(found)
            rows = document.data if document else []
        case other:
            source.find(
                "bad-rows", f"rows cannot be read from '{other or name}'", place / "file", "use .csv, .json or .yaml"
            )
            return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        source.find("bad-rows", f"'{name}' does not hold a list of mappings", place / "file", "one mapping a row")
        return []
    return rows if _are_column_names((key for row in rows for key in row), place, source) else []


def _rows_of_json(text: str, place: Place, source: Source) -> Json:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        source.find("bad-rows", f"this is not JSON: {problem}", place / "file", "mend the file")
        return []


def _rows_of_csv(text: str, place: Place, source: Source) -> list[dict[str, Json]]:
    """The rows below the header. An empty cell is null; a column of numbers holds numbers."""
    import csv
    import io

    try:
        header, *lines = [line for line in csv.reader(io.StringIO(text), strict=True) if line] or [[]]
    except csv.Error as problem:
        source.find("bad-rows", f"this is not CSV: {problem}", place / "file", "mend the file")
        return []
    if not header or not _are_column_names(header, place, source):
        return []
    for number, line in enumerate(lines, 1):
        if len(line) != len(header):
            message = f"row {number} has {len(line)} cells, but there are {len(header)} columns"
            source.find("bad-rows", message, place / "file", "put cells that hold a comma in double quotes")
            return []
    columns = [_cell_values([line[index] for line in lines]) for index in range(len(header))]
    return [dict(zip(header, row, strict=True)) for row in zip(*columns, strict=True)]


def _cell_values(cells: list[str]) -> list[Json]:
    matches = [re.fullmatch(_NUMBER, cell) for cell in cells if cell]
    if not all(matches):
        return [cell or None for cell in cells]
    kind = float if any(match and match[1] for match in matches) else int
    return [kind(cell) if cell else None for cell in cells]


def _are_column_names(names: Iterable[str], place: Place, source: Source) -> bool:
    bad = next((name for name in names if not re.fullmatch(_NAME, name)), None)
    if bad is not None:
        hint = "letters, digits and '_', not beginning with a digit"
        source.find("bad-rows", f"'{bad}' cannot be the name of a column", place / "file", hint)
    return bad is None
