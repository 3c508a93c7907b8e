"""What goes wrong in code of others, in one line, whatever it is."""

from __future__ import annotations

import pytest

from realtime_scenarios.core import first_line_of, reason_of


class Mute(Exception):
    """What cannot say what it is, as code of others may raise it."""

    def __str__(self) -> str:
        raise SystemExit(0)


def test_what_cannot_say_what_it_is_has_its_kind_for_a_reason() -> None:
    assert reason_of(Mute()) == "Mute"


def test_a_reason_is_one_line() -> None:
    assert reason_of(ValueError("two\n  lines")) == "ValueError: two lines"


@pytest.mark.parametrize(
    ("text", "line"), [("no such model\nsee the list", "no such model"), ("\n  no such model\n", "no such model")]
)
def test_of_many_lines_the_first_that_says_something_is_told(text: str, line: str) -> None:
    assert first_line_of(ValueError(text)) == line


@pytest.mark.parametrize("text", ["", " \n "])
def test_of_what_says_nothing_its_kind_is_told(text: str) -> None:
    assert first_line_of(ValueError(text)) == "ValueError"
