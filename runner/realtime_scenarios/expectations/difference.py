"""What was expected beside what was found, as the lines of a unified diff."""

from __future__ import annotations

import difflib
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from realtime_scenarios.core.snippets import columns_of
from realtime_scenarios.core.wrapping import wrapped

_WIDTH = 76
"""Columns of a line: 80, without the four by which reports set a diff in."""

SIGNS = "- is expected, + was found"
"""What the signs before the lines mean."""


def is_shown_as_diff(expected: Any, found: Any) -> bool:
    """Whether there are lines to compare: rows, or the fields of one."""
    return isinstance(expected, (list, Mapping)) or isinstance(found, (list, Mapping))


def difference(expected: Any, found: Any) -> tuple[str, ...]:
    """The lines that differ, each with its neighbours and a sign before it; a row, a field or an item is a line."""
    before, after = _lines_of(expected, _in_the_order_of(expected, found))
    lines = list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:]  # without the names of two files
    return tuple(line for line in lines if not line.startswith("@@"))


def _in_the_order_of(expected: Any, found: Any) -> Any:
    """What was found, with its fields in the order in which they were expected: the order is no difference."""
    match expected, found:
        case Mapping(), Mapping():
            names = [name for name in expected if name in found]
            names += [name for name in found if name not in expected]
            return {name: _in_the_order_of(expected.get(name), found[name]) for name in names}
        case [*_, last], list():
            pairs = itertools.zip_longest(expected[: len(found)], found, fillvalue=last)
            return [_in_the_order_of(*pair) for pair in pairs]
        case _:
            return found


def _lines_of(expected: Any, found: Any) -> tuple[list[str], list[str]]:
    """The lines of both, alike in form: a row takes one line where all fit into one, and else a line a field."""
    short = list(_items(expected)), list(_items(found))
    if all(columns_of(line) < _WIDTH for lines in short for line in lines):
        return short
    return _tall(expected), _tall(found)


def _items(value: Any) -> Iterator[str]:
    match value:
        case list():
            yield from map(_json, value)
        case Mapping():
            yield from (f"{name}: {_json(inner)}" for name, inner in value.items())
        case _:
            yield _json(value)


def _tall(value: Any) -> list[str]:
    lines = json.dumps(value, ensure_ascii=False, indent=1, default=str).splitlines()
    return [part for line in lines for part in wrapped(line, _WIDTH - 1)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
