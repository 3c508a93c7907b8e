"""What an agent said, to what a caller notices of it: that it asks, that it refuses, that it has not understood."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import yaml

from realtime_scenarios.core.folding import folded, is_heard

Notice = Literal["asks", "refusal", "misheard"]

_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?…])\s+|(?<=[؟。？！])|\n+")
_QUESTION = re.compile(r"[?؟？]$")


def asking_sentences(said: str, language: str) -> list[str]:
    """Those that are a question, or a request by one of the words that are known for the language.

    Where nothing is known of a language, every sentence may be a request.
    """
    phrases = _phrases(language)["asks"]
    sentences = _sentences(said)
    if not phrases:
        return sentences
    return [sentence for sentence in sentences if is_question(sentence) or _is_any_heard(phrases, sentence)]


def is_question(sentence: str) -> bool:
    return _QUESTION.search(sentence) is not None


def asks_anything(said: str) -> bool:
    """Whether one of its sentences is a question."""
    return any(map(is_question, _sentences(said)))


def is_noticed(notice: Notice, said: str, language: str) -> bool:
    """Whether one of the phrases that are known for it in the language is heard."""
    return _is_any_heard(_phrases(language)[notice], said)


def is_nothing(said: str) -> bool:
    """Whether there is no word in it."""
    return not folded(said)


def _sentences(said: str) -> list[str]:
    return [sentence for sentence in map(str.strip, _BETWEEN_SENTENCES.split(said)) if sentence]


def _is_any_heard(phrases: Sequence[str], text: str) -> bool:
    return any(is_heard(phrase, text, whole_words=True) for phrase in phrases)


def _phrases(language: str) -> Mapping[Notice, Sequence[str]]:
    known = _table()
    return known.get(language, known["any"])


@functools.cache
def _table() -> Mapping[str, Mapping[Notice, Sequence[str]]]:
    text = (Path(__file__).parent / "phrases.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, yaml.CSafeLoader))
