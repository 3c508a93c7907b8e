"""What goes wrong in code of others, in one line, whatever it is."""

from __future__ import annotations

from realtime_scenarios.core import reason_of


class Mute(Exception):
    """What cannot say what it is, as code of others may raise it."""

    def __str__(self) -> str:
        raise SystemExit(0)


def test_what_cannot_say_what_it_is_has_its_kind_for_a_reason() -> None:
    assert reason_of(Mute()) == "Mute"


def test_a_reason_is_one_line() -> None:
    assert reason_of(ValueError("two\n  lines")) == "ValueError: two lines"
