"""What was heard of a line, to how many of its words are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime_scenarios.voice.language import said_words, ways_to_say


@dataclass(frozen=True, slots=True)
class Misheard:
    """How many of so many words were put in, left out or taken for another."""

    wrong: int
    words: int


def misheard(said: str, heard: str) -> Misheard:
    """Against the way to say the line that is nearest: numbers may be said in several, and punctuation is not heard.

    Lines without a letter of the Latin alphabet are compared character by character.
    """
    known = [way for way in ways_to_say(said) if way]
    if not known:
        letters, others = ([char for char in text.casefold() if char.isalnum()] for text in (said, heard))
        return Misheard(distance(letters, others), len(letters))
    words = said_words(heard)
    best = min(known, key=lambda way: distance(way, words))
    return Misheard(distance(best, words), len(best))


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """How many have to be put in, left out or changed to make the one of the other (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        before, row[0] = row[0], count
        for place, other in enumerate(heard, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]
