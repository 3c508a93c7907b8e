"""A text that fits a pattern and a format, made of them alone."""

from __future__ import annotations

import pytest

from realtime_scenarios.core.formats import FORMATS
from realtime_scenarios.core.forms import misfit
from realtime_scenarios.core.samples import sample_text

PATTERNS = [
    "^[0-9]{4}$",
    r"^\d{3}-\d{2}-\d{4}$",
    r"^(?:\d{4} ?){4}$",
    "^[A-Z]{2}[0-9]{6}$",
    "^[a-z]+$",
    "^(?:yes|no)$",
    r"^\w+@\w+\.com$",
    r"^[^\s@]+@[^\s@]+$",
    "[ÄÖÜ]",
    r"^[!?]\s.{12}$",
    r"^(\d)\d(?:-|/)(?:AB|CD)?$",
    r"^\p{Lu}?[^a-z0-9]{2}$",
]


@pytest.mark.parametrize("pattern", PATTERNS[:-1])
def test_a_text_is_made_that_fits_the_pattern(pattern: str) -> None:
    text = sample_text(pattern, None, wanted="not-the-real-one")
    assert text is not None and misfit(text, pattern, None) is None
    assert text == sample_text(pattern, None, wanted="not-the-real-one")


@pytest.mark.parametrize("format", FORMATS)
def test_a_text_is_found_that_has_the_format(format: str) -> None:
    text = sample_text(None, format, wanted="not the real one")
    assert text is not None and misfit(text, None, format) is None


def test_what_is_wanted_is_taken_where_it_fits() -> None:
    assert sample_text(None, None, wanted="mine") == "mine"
    assert sample_text("^[a-z]+$", None, wanted="mine") == "mine"


def test_both_are_fitted_or_nothing_is_made() -> None:
    assert sample_text("^2026-", "date", wanted="x") == "2026-01-31"
    assert sample_text("^1999-", "date", wanted="x") is None


@pytest.mark.parametrize("pattern", ["^(?!7)[0-9]{4}$", "^(?=x)y$", "(", PATTERNS[-1]])
def test_no_text_is_made_up_that_does_not_fit(pattern: str) -> None:
    text = sample_text(pattern, None, wanted="Ä")
    assert text is None or misfit(text, pattern, None) is None


def test_the_digits_differ_so_that_they_are_not_found_in_any_round_amount() -> None:
    assert sample_text("^[0-9]{4}$", None, wanted="x") == "7391"
