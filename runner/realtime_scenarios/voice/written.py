"""Words as they are heard, to what they are as they are written: a service says "12A", where a recogniser hears words.

Only what the lines write in figures becomes figures, and whoever says one of the lines word for word is written down as
that is written, with its capitals and punctuation; all else stays as it is heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from realtime_scenarios.voice.language import ways_to_say

_FIGURES = re.compile(r"[^\s,;:?!\"()]*[\d@][^\s,;:?!\"()]*")
_MOST_TOGETHER = 8
"""Figures in a row that may be one number, as those of a telephone or a card are."""
_ALONE = re.compile(r"[\w@](?:.*\w)?", re.DOTALL)


class Writing:
    """How to write what callers say, by the lines that they may say."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: dict[tuple[str, ...], str] = {}
        self._figures: dict[tuple[str, ...], str] = {}
        known = list(dict.fromkeys(lines))
        for line in known:
            for way in ways_to_say(line):
                self._lines.setdefault(tuple(way), line)
            for figures in _figures_in(line):
                for way in ways_to_say(figures):
                    if len(way) > 1:  # a word alone may as well be one
                        self._figures.setdefault(tuple(way), figures)
        self._longest = max(map(len, self._figures), default=0)
        for line in known:  # where two numbers of it are not said in the same way
            self._lines.setdefault(tuple(_key(line)), line)

    def of(self, heard: str) -> str:
        """What is heard, small letters and words, as it is written."""
        words = heard.split()
        if (line := self._lines.get(tuple(words))) is not None:
            return line
        written = " ".join(self._with_figures(words))
        return self._lines.get(tuple(_key(written)), written)

    def _with_figures(self, words: Sequence[str]) -> Iterator[str]:
        at = 0
        while at < len(words):
            for size in range(min(self._longest, len(words) - at), 1, -1):
                if (figures := self._figures.get(tuple(words[at : at + size]))) is not None:
                    yield figures
                    at += size
                    break
            else:
                yield words[at]
                at += 1


def _figures_in(line: str) -> Iterator[str]:
    """What is written with figures in it, or an address: word by word, and those together that are one number."""
    begun: list[re.Match[str]] = []
    for found in _FIGURES.finditer(line):
        if begun and line[begun[-1].end() : found.start()] != " ":
            begun = []
        begun.append(found)
        for first in begun[-_MOST_TOGETHER:]:
            if (figures := _ALONE.search(line[first.start() : found.end()])) is not None:
                yield figures[0]


def _key(line: str) -> list[str]:
    """What two ways to write the same line have in common."""
    return re.findall(r"[a-z0-9@']+", line.casefold().replace("\u2019", "'"))
