"""What the stand-in says and understands, by language: the tables beside this file, each read once."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from realtime_scenarios.core.kinds import Kind

SPOKEN = ("en", "fr", "es")
"""The languages in which it speaks. An agent of any other is spoken for in English."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of one language; what stands in braces is filled in. `questions` ask for a kind of value."""

    code: str
    anything_else: str
    hello: str
    hello_again: str
    this_is: str
    how_can_i_help: str
    welcome: str
    goodbye: str
    all_right: str
    taken_back: str
    not_heard: str
    not_got: str
    given_up: str
    waiting: str
    do_not_know: str
    example: str
    either: str
    can_do: str
    who: str
    go_ahead: str
    no_person: str
    only_language: str
    is_that_right: str
    shall_i: str
    what_else: str
    which_one: str
    ask: str
    your: str
    yes_or_no: str
    done: str
    cancelled: str
    failed: str
    slow: str
    refused: str
    not_there: str
    nothing_found: str
    and_more: str
    yes: str
    no: str
    cannot_do_that: str
    once_more: str
    go_on: str
    ask_for: str
    one_moment: str
    connecting: str
    keeps: str
    questions: Mapping[Kind, str]

    @property
    def take_a_yes(self) -> tuple[str, ...]:
        """The questions that take a yes."""
        return (self.is_that_right, self.shall_i, self.go_on)


@functools.cache
def texts_of(code: str) -> Texts:
    """The sentences in a language; English ones where it has none."""
    known = code if code in SPOKEN else "en"
    return Texts(code=known, **_table(known))


@functools.cache
def understood() -> Mapping[str, Any]:
    """Words that are understood, of all languages together."""
    return _table("understood")


@functools.cache
def word_set(name: str) -> frozenset[str]:
    """One of the lists of `understood.yaml`."""
    return frozenset(understood()[name])


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; an apostrophe stands for each of its forms."""
    return "|".join(sorted((re.escape(word).replace("'", "['’]") for word in words), key=len, reverse=True))


def _table(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return table
