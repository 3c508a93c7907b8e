"""Files that tests of promptfoo name: prompts, variables and further tests, in their own folder and nowhere else."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

from realtime_scenarios.core import ScenarioError, Span
from realtime_scenarios.document import Place, Pointer
from realtime_scenarios.document.files import TEXT_LIMIT, Unreadable, path_inside, text_of
from realtime_scenarios.importers.exports import Told, places_in
from realtime_scenarios.importers.sources import document_root

_SUFFIXES = (".txt", ".md", ".json", ".yaml", ".yml", ".csv", ".py", ".js", ".ts", ".mjs", ".cjs", ".jsonl", ".j2")


def path_of(name: str, place: Place) -> str | None:
    """The name of a file that a text is; None: it is a text."""
    if name.startswith("file://"):
        return name.removeprefix("file://")
    is_name = "\n" not in name and len(name) < 300 and name.endswith(_SUFFIXES) and "{" not in name
    return name if is_name and (place.document.path.parent / name).is_file() else None


def _path(place: Place, told: Told, name: str) -> Path | None:
    folder = place.document.path.parent
    path = path_inside(folder, folder, path_of(name, place) or name)
    if isinstance(path, Unreadable):
        told.at(place, f"a file that {path.message.split(' ', 1)[-1]}")
        return None
    if not path.is_file():
        told.at(place, "a file that is not there")
        return None
    return path


def text_of_file(place: Place, told: Told, name: str | None = None) -> str | None:
    """The text of the file that is named there (or `name`); None: it cannot be had, which is told."""
    name = name or str(place.value)
    path = _path(place, told, name)
    if path is None:
        return None
    if path.suffix in (".py", ".js", ".ts", ".mjs", ".cjs", ".pdf", ".png", ".jpg", ".wav", ".mp3"):
        told.at(place, "what stands in a file of code, or in one that is no text")
        return None
    text = text_of(path, path.name, TEXT_LIMIT)
    if isinstance(text, Unreadable):
        told.at(place, f"a file: {text.message}")
        return None
    return text.strip()


def data_of_file(place: Place, told: Told, name: str | None = None) -> Place | None:
    """The whole of a JSON or YAML file that is named there; None: it cannot be had, which is told."""
    path = _path(place, told, name or str(place.value))
    if path is None:
        return None
    try:
        return document_root(path, os.path.relpath(path, place.document.path.parent.absolute()))
    except ScenarioError as problem:
        told.at(place, f"a file: {problem.message}")
        return None


def items_of_file(place: Place, told: Told) -> Iterator[Place]:
    """The tests in a file of JSON, YAML or CSV."""
    name = str(place.value)
    if name.endswith(".csv"):
        yield from _rows_of(place, told, name)
    elif name.endswith((".json", ".yaml", ".yml")):
        root = data_of_file(place, told, name)
        if root is not None:
            yield from (item for item in places_in(root) if isinstance(item.value, dict))
    else:
        told.at(place, "tests that stand elsewhere, or are made by code")


def _rows_of(place: Place, told: Told, name: str) -> Iterator[Place]:
    """Tests of a table: its columns are variables, and `__expected` are assertions (`contains: text`, `text`)."""
    text = text_of_file(place, told, name)
    if text is None:
        return
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as problem:
        told.at(place, f"a file: {problem}")
        return
    for row in rows:
        given = {key: value for key, value in row.items() if key and value is not None}
        test: dict[str, object] = {
            "vars": {key: value for key, value in given.items() if not key.startswith("__")},
            "assert": [_assertion(value) for key, value in given.items() if key.startswith("__expected") and value],
        }
        if row.get("__description"):
            test["description"] = row["__description"]
        yield _made(test, place)


def _assertion(text: str) -> dict[str, object]:
    kind, colon, value = text.partition(":")
    if colon and kind.strip().replace("-", "").isalpha() and kind == kind.strip():
        return {"type": kind, "value": value.strip()}
    return {"type": "equals", "value": text}


def _made(test: dict[str, object], place: Place) -> Place:
    """The place of data that was made of a row: messages name where its file is named."""
    return Place(_Row(place, test))


class _Row:
    """A document whose data all stands where the file of a table is named."""

    def __init__(self, place: Place, data: object) -> None:
        self._place = place
        self.path = place.document.path
        self.file = place.document.file
        self.text = ""
        self.data = data

    def line(self, number: int, file: str | None = None) -> str:
        return self._place.document.line(number, file)

    def span(self, pointer: Pointer, key: bool = False) -> Span:
        return self._place.span

    def span_of_part(self, pointer: Pointer, start: int, end: int) -> Span:
        return self._place.span
