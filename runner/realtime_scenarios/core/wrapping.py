"""Text to lines that fit into columns of a terminal, where a character may take two of them, or none."""

from __future__ import annotations

import textwrap
from itertools import groupby

from realtime_scenarios.core.snippets import columns_of

_CUT = " …"


def wrapped(text: str, room: int, *, indent: str = "", most: int | None = None) -> list[str]:
    """The text in lines of at most `room` columns, all but the first behind `indent`; none where there is no text.

    Of more lines than `most` the rest is left out, and an `…` says so.
    """
    if text.isascii() or all(columns_of(char) == 1 for char in text):
        return textwrap.wrap(text, room, subsequent_indent=indent, max_lines=most, placeholder=_CUT)
    lines = _filled_lines(text.split(), room, indent)
    if most is None or len(lines) <= most:
        return lines
    return [*lines[: most - 1], lines[most - 1][: _fitting(lines[most - 1], room - len(_CUT))].rstrip() + _CUT]


def cropped(text: str, room: int) -> str:
    """The text in one line of at most `room` columns, with an `…` where it is cut."""
    return text if columns_of(text) <= room else f"{text[: _fitting(text, room - 1)]}…"


def _filled_lines(words: list[str], room: int, indent: str) -> list[str]:
    """What `textwrap` makes of words, by columns: a word goes on the next line, and is broken where no line holds it.

    Chinese and Japanese have no blanks between words and may be broken between any two characters, as here.
    """
    lines: list[str] = []
    line = ""
    for word in words:
        line = f"{line} " if line.strip() else line
        if columns_of(line + word) <= room:
            line += word
            continue
        if columns_of(indent + word) <= room and not _is_wide(word):
            lines.append(line.rstrip())
            line = indent + word
            continue
        for letter in _letters(word):
            if columns_of(line + letter) > room and line.strip():
                lines.append(line.rstrip())
                line = indent
            line += letter
    return [*lines, line] if line.strip() else lines


def _is_wide(word: str) -> bool:
    return columns_of(word) > len(word)


def _letters(word: str) -> list[str]:
    """The characters of a word, each with the marks that stand on it."""
    letters: list[str] = []
    for is_mark, chars in groupby(word, key=lambda char: columns_of(char) == 0):
        if is_mark and letters:
            letters[-1] += "".join(chars)
        else:
            letters += chars
    return letters


def _fitting(text: str, room: int) -> int:
    """How many characters from the beginning of a text fit."""
    count, taken = 0, 0
    for char in text:
        taken += columns_of(char)
        if taken > room:
            break
        count += 1
    return count
