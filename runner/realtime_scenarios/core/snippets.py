"""A source line and a span on it to what a terminal shows: the part that fits, with carets under the span."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from msgspec import Struct

from realtime_scenarios.core.place import Span

Paint = Callable[[str, str], str]
"""Text in a tone (`good`, `bad`, `quiet`, `move`, `ask`, `bold`); a plain painter returns the text as it is."""

_TAB = 4

_LEAST_ROOM = 10
"""Columns; with fewer, a tab and both ellipses would leave nothing of the span."""

_SHOWN_AS_THEY_ARE = "\u200c\u200d\u3000"
"""The joiners of letters and emoji and the wide blank: not printable for Python, and harmless to a terminal."""


class Excerpt(Struct, frozen=True):
    """A part of a line as a terminal shows it, with the span that it was made for: `columns` wide (at least one), from
    `column` on, which counts from 0."""

    text: str
    column: int
    columns: int


def source_lines(line: str, span: Span, *, width: int, tone: str, paint: Paint) -> tuple[str, str]:
    """The numbered source line, and carets in a tone below what the span covers of it; both fit into `width` columns.

    Of a span that goes on below, the carets cover the first line. A width below 18 is taken as 18.
    """
    number = f"{span.line:>5}"
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    part = excerpt(line, span.column - 1, end, width - len(f"{number} | "))
    return (
        f"{paint(f'{number} |', 'quiet')} {part.text}",
        f"{' ' * len(number)} {paint('|', 'quiet')} {' ' * part.column}{paint('^' * part.columns, tone)}",
    )


def excerpt(line: str, start: int, end: int, room: int) -> Excerpt:
    """The part of a line around its characters from `start` to `end` (from 0, exclusive) that fits into `room` columns.

    A span that does not fit is shown from its beginning, a third of the room being for what stands before it. What is
    left out is an `…`; a span behind the last character is one blank.
    """
    room = max(room, _LEAST_ROOM)
    start = min(start, len(line))
    end = max(start + 1, min(end, len(line)))
    cells: list[str] = []
    edges = [0]  # the cell at index i goes from column edges[i] to column edges[i + 1]
    for char in line[:end].ljust(end) + line[end:].rstrip():
        cells.append(_cell(char, edges[-1]))
        edges.append(edges[-1] + columns_of(cells[-1]))
    while start > 0 and edges[start] == edges[start + 1]:  # a mark stands on the letter before it
        start -= 1
    first, last = 0, len(cells)
    if edges[-1] > room:
        inside = room - len("……")
        spare = inside - (edges[end] - edges[start])
        before = min(room // 3, spare) if spare >= 0 else room // 3
        left = max(0, min(edges[start] - before, edges[-1] - inside))
        first = bisect_right(edges, edges[bisect_left(edges, left)]) - 1  # not at a mark whose letter is cut away
        last = bisect_right(edges, edges[first] + inside) - 1
    cut_before = "…" if edges[first] > 0 else ""
    cut_behind = "…" if edges[last] < edges[-1] else ""
    return Excerpt(
        text=f"{cut_before}{''.join(cells[first:last])}{cut_behind}".rstrip(),
        column=len(cut_before) + edges[start] - edges[first],
        columns=max(1, edges[min(end, last)] - edges[start]),
    )


def columns_of(text: str) -> int:
    """How many columns of a terminal a text without control characters takes."""
    return len(text) if text.isascii() else sum(map(_columns_of_char, text))


def _columns_of_char(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":  # Hangul vowels, decomposed
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cell(char: str, column: int) -> str:
    """What stands for a character at that column; a terminal never gets one that it might obey."""
    if char == "\t":
        return " " * (_TAB - column % _TAB)
    return char if char.isprintable() or char in _SHOWN_AS_THEY_ARE else "�"
