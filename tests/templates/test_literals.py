"""Expressions that are one quoted text or number are read without Jinja, and never where Jinja would object."""

from __future__ import annotations

import pytest

from realtime_scenarios.templates.jinja import compiled_expression
from realtime_scenarios.templates.plain import is_literal

LITERALS = ["'desk_5'", '"two words"', " 'x' ", "0", "12", "1.50", "''"]
OTHERS = [
    "01",
    "1_0",
    "1.",
    "٣",
    "'a' 'b'",
    "'it''s'",
    "'a",
    "'{{'",
    "'%}'",
    "'#}'",
    r"'\n'",
    "'a\nb'",
    "x",
    "'a' ~ 'b'",
]


@pytest.mark.parametrize("text", LITERALS)
def test_a_literal_is_read_by_jinja_too(text: str) -> None:
    assert is_literal(text)
    compiled_expression(text)


@pytest.mark.parametrize("text", OTHERS)
def test_what_jinja_may_object_to_is_left_to_it(text: str) -> None:
    assert not is_literal(text)
