"""What the stand-ins make up or take from what was said has the form that the schema demands."""

from __future__ import annotations

import pytest

from realtime_scenarios.core.arguments import ArgumentCheck
from realtime_scenarios.core.formats import FORMATS
from realtime_scenarios.providers.text import _least_value
from realtime_scenarios.standin.tools import Schema


@pytest.mark.parametrize("word", list(FORMATS))
def test_a_structured_answer_that_is_made_up_has_the_forms_of_its_fields(word: str) -> None:
    field = {"type": "string", "format": word}
    schema = {
        "type": "object",
        "properties": {"x": field, "y": {"type": "array", "items": field}},
        "required": ["x", "y"],
    }
    assert ArgumentCheck(schema).fits(_least_value(schema))


def test_a_value_that_stands_in_the_schema_is_taken_before_one_is_made_up() -> None:
    assert _least_value({"type": "string", "format": "date", "default": "2026-03-01"}) == "2026-03-01"
    assert _least_value({"const": "yes"}) == "yes"


def test_the_stand_in_sends_no_value_that_has_not_the_form() -> None:
    assert Schema({"type": "string", "format": "time"}).accepts("10:30")
    assert not Schema({"type": "string", "format": "date"}).accepts("2026-02-30")
    assert not Schema({"type": "string", "format": "email"}).accepts("nope")
