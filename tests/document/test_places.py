"""A place: what stands there, and whether anything does."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.document import Place, read_text


def place(*steps: str | int) -> Place:
    document, _ = read_text("a: {b: [1, null]}\n", "x.yaml")
    assert document is not None
    return Place(document, steps)


@pytest.mark.parametrize(
    ("steps", "value", "exists"),
    [
        ((), {"a": {"b": [1, None]}}, True),
        (("a", "b", 0), 1, True),
        (("a", "b", 1), None, True),
        (("a", "b", 2), None, False),
        (("a", "c"), None, False),
        (("a", "b", 0, "deeper"), None, False),
    ],
)
def test_a_place_knows_what_stands_there(steps: tuple[str | int, ...], value: Any, exists: bool) -> None:
    assert (place(*steps).value, place(*steps).exists) == (value, exists)


def test_the_check_of_a_schema_is_made_once() -> None:
    schema = {"type": "integer"}
    assert check_of(schema) is check_of(schema)
    assert check_of(schema) is not check_of(dict(schema))
    assert check_of(schema).fits(3) and not check_of(schema).fits("3")
