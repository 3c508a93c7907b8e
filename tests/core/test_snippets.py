"""Source lines with carets: whatever the line holds, the carets stand below the span, and nothing is too wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from realtime_scenarios.core import Span
from realtime_scenarios.core.snippets import excerpt, source_lines

CHARS = "ab :-{}\"'éяß日本語ひハ한中！　👍🎉é\u0301\u3099\u200d\ufe0f\t"
MARK = "§"
TEXT = st.text(CHARS, max_size=300)


def drawn(line: str, start: int, end: int, width: int = 80, number: int = 7) -> tuple[str, str]:
    span = Span("a.yaml", number, start + 1, number, end + 1)
    return source_lines(line, span, width=width, tone="bad", paint=lambda text, tone: text)


def width_of(text: str) -> int:
    """Columns by the tables that terminals have, which are not ours."""
    return sum(max(0, wcwidth(char)) for char in text)


@given(before=TEXT, inside=TEXT, after=TEXT, width=st.integers(20, 120), number=st.integers(1, 99_999))
def test_the_carets_begin_below_the_first_character_of_the_span(
    before: str, inside: str, after: str, width: int, number: int
) -> None:
    start = len(before)
    source, carets = drawn(before + MARK + inside + after, start, start + 1 + len(inside), width, number)

    assert carets[width_of(source[: source.index(MARK)])] == "^"
    assert carets.count("^") >= 1 and carets.strip(" |").strip("^") == ""
    assert carets.index("^") == width_of(source[: source.index(MARK)])


@given(line=st.text(max_size=300) | TEXT, data=st.data(), width=st.integers(20, 120))
def test_no_line_is_wider_than_the_width_and_none_is_without_carets(line: str, data: st.DataObject, width: int) -> None:
    start = data.draw(st.integers(0, len(line) + 3))
    source, carets = drawn(line, start, data.draw(st.integers(start, len(line) + 9)), width)

    assert len(carets) <= width and carets.endswith("^")
    assert all(wcwidth(char) >= 0 for char in source), "a terminal is never given a control character"
    if set(line) <= set(CHARS):
        assert width_of(source) <= width


@given(before=TEXT, inside=TEXT, after=TEXT, width=st.integers(20, 120))
def test_the_carets_are_as_wide_as_what_is_shown_of_the_span(before: str, inside: str, after: str, width: int) -> None:
    inside = f"{MARK}{inside.replace(chr(9), '')}{MARK}"
    source, carets = drawn(before + inside + after, len(before), len(before) + len(inside), width)

    if source.count(MARK) == 2:
        assert carets.count("^") == width_of(source[source.index(MARK) : source.rindex(MARK) + 1])
    elif source.endswith("…"):
        assert len(carets) == width_of(source) - 1
    else:
        raise AssertionError("the end of the span is not shown, and nothing says so")


@given(before=st.text("abc", max_size=300), length=st.integers(1, 50), after=st.text("abc", max_size=300))
def test_a_span_that_fits_is_shown_whole(before: str, length: int, after: str) -> None:
    source, carets = drawn(f"{before}{MARK * length}{after}", len(before), len(before) + length)

    assert source.count(MARK) == carets.count("^") == length


@given(line=TEXT.filter(lambda line: width_of(line.expandtabs(4)) <= 72 and "\t" not in line))
def test_a_line_that_fits_is_shown_as_it_is(line: str) -> None:
    assert drawn(line, 0, 1)[0] == f"    7 | {line.rstrip()}"


@pytest.mark.parametrize(
    ("line", "start", "end", "expected"),
    [
        ("- said: eleven", 8, 14, ("    7 | - said: eleven", "      |         ^^^^^^")),
        ("- said: 十一時です", 8, 10, ("    7 | - said: 十一時です", "      |         ^^^^")),
        ("日本: 十一", 4, 6, ("    7 | 日本: 十一", "      |       ^^^^")),
        ("a\tb: \tc", 6, 7, ("    7 | a   b:  c", "      |         ^")),
        ("e\u0301e\u0301: x", 6, 7, ("    7 | e\u0301e\u0301: x", "      |     ^")),
        ("a\x1b[31mb", 1, 2, ("    7 | a�[31mb", "      |  ^")),
        ("a: ", 2, 3, ("    7 | a:", "      |   ^")),
        ("a: \u202eb", 3, 4, ("    7 | a: �b", "      |    ^")),
        ("", 0, 0, ("    7 | ", "      | ^")),
    ],
)
def test_a_line_is_drawn_like_this(line: str, start: int, end: int, expected: tuple[str, str]) -> None:
    assert drawn(line, start, end) == expected


def test_of_a_long_line_the_part_around_the_span_is_shown() -> None:
    part = excerpt("x" * 200 + "HERE" + "y" * 200, 200, 204, 30)

    assert part.text == "…" + "x" * 10 + "HERE" + "y" * 14 + "…"
    assert part.text[part.column : part.column + part.columns] == "HERE"


def test_of_a_span_that_goes_on_below_the_first_line_is_marked() -> None:
    span = Span("a.yaml", 7, 3, 9, 2)

    assert source_lines("- call: hours  ", span, width=80, tone="bad", paint=lambda text, tone: text) == (
        "    7 | - call: hours",
        "      |   ^^^^^^^^^^^",
    )


def test_only_the_carets_have_the_tone() -> None:
    span = Span("a.yaml", 7, 1, 7, 2)

    assert source_lines("ab", span, width=80, tone="bad", paint=lambda text, tone: f"<{tone}>{text}</>") == (
        "<quiet>    7 |</> ab",
        "      <quiet>|</> <bad>^</>",
    )
