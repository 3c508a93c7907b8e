"""What the stand-in says and understands, by language: the tables beside this file, each read once."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from realtime_scenarios.core.kinds import Kind

SPOKEN = ("en", "fr", "es")
"""The languages in which it speaks. An agent of any other is spoken for in English."""


class Texts:
    """The sentences of one language, each by its name in the table; what stands in braces is filled in."""

    def __init__(self, code: str, table: Mapping[str, Any]) -> None:
        self.code = code
        self.questions: Mapping[Kind, str] = table["questions"]
        """What asks for a kind of value."""
        self._table = table
        self.take_a_yes = (self.is_that_right, self.shall_i, self.go_on)
        """The questions that take a yes."""

    def __getattr__(self, name: str) -> str:
        if name not in self._table:
            raise AttributeError(name)
        return str(self._table[name])


@functools.cache
def texts_of(code: str) -> Texts:
    """The sentences in a language; English ones where it has none."""
    known = code if code in SPOKEN else "en"
    return Texts(known, _table(known))


@functools.cache
def understood() -> Mapping[str, Any]:
    """Words that are understood, of all languages together."""
    return _table("understood")


@functools.cache
def word_set(name: str) -> frozenset[str]:
    """One of the lists of `understood.yaml`."""
    return frozenset(understood()[name])


@functools.cache
def pattern(name: str) -> re.Pattern[str]:
    """One of the patterns of `understood.yaml`: any of its lines, whatever the case."""
    return re.compile("|".join(_lines(name)), re.I)


@functools.cache
def patterns(name: str) -> list[re.Pattern[str]]:
    """The lines of one of them, each as a pattern of its own."""
    return [re.compile(line, re.I) for line in _lines(name)]


def _lines(name: str) -> list[str]:
    """The lines of a pattern; a name in braces stands for any of the words of that list, or for that pattern."""

    def meant(found: re.Match[str]) -> str:
        words = understood().get(found[1])
        return "|".join(_lines(found[1])) if words is None else any_of(words)

    lines = understood()["patterns"][name]
    return [re.sub(r"\{([a-z_]+)\}", meant, line) for line in ([lines] if isinstance(lines, str) else lines)]


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; an apostrophe stands for each of its forms."""
    return "|".join(sorted((re.escape(word).replace("'", "['’]") for word in words), key=len, reverse=True))


def _table(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, yaml.CSafeLoader))
