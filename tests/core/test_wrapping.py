"""Lines for a terminal, counted in columns: what is wide takes two, and a mark takes none."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.core.snippets import columns_of
from realtime_scenarios.core.wrapping import cropped, wrapped

JAPANESE = "ご予約の便は午前八時に出発し、搭乗は三十分前に始まります。"
MIXED = "Agent: 便名は JAL-0123 です。 The gate closes at 7:45 e\u0301t 8:00."


@pytest.mark.parametrize("text", [JAPANESE, MIXED, JAPANESE * 4, "한국어로 말씀해 주세요 " * 5, "🙂" * 30])
@pytest.mark.parametrize("room", [10, 24, 63])
def test_no_line_is_wider_than_its_room_and_nothing_is_lost(text: str, room: int) -> None:
    lines = wrapped(text, room, indent="  ")
    assert all(columns_of(line) <= room for line in lines)
    assert all(line.startswith("  ") for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wide_text_fills_its_lines() -> None:
    assert wrapped(JAPANESE, 20) == ["ご予約の便は午前八時", "に出発し、搭乗は三十", "分前に始まります。"]


@given(st.text("ab -é→—,.", max_size=200), st.integers(10, 40))
def test_text_of_one_column_a_character_is_wrapped_as_ever(text: str, room: int) -> None:
    assert wrapped(text, room, most=4) == textwrap.wrap(text, room, max_lines=4, placeholder=" …")


@pytest.mark.parametrize("text", [JAPANESE * 9, MIXED * 9])
def test_what_is_left_out_of_a_long_text_is_said(text: str) -> None:
    lines = wrapped(text, 30, most=4)
    assert len(lines) == 4 and lines[-1].endswith(" …")
    assert all(columns_of(line) <= 30 for line in lines)


@given(st.text("字a\u0301 🙂", max_size=60), st.integers(2, 40))
def test_a_cropped_line_fits(text: str, room: int) -> None:
    line = cropped(text, room)
    assert columns_of(line) <= room
    assert line == text or (line.endswith("…") and text.startswith(line[:-1]))


def test_a_mark_stays_on_its_letter() -> None:
    assert all(not line.startswith("\u0301") for line in wrapped("e\u0301" * 30, 7))
