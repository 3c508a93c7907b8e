"""Numbers as people say them, written in digits: `two oh six` is `2 0 6`, `soixante-dix-huit` is `78`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from realtime_scenarios.standin.language import any_of, understood, word_set


def _below_hundred(numbers: Any) -> Iterator[tuple[str, int]]:
    """Every number that a language has a word for, or makes of a ten and what is joined to it."""
    units, tens, joints = numbers["units"], numbers["tens"], numbers["joints"]
    yield from ((word, value) for value, word in enumerate(units))
    for word, ten in tens.items():
        room = min((other for other in tens.values() if other > ten), default=100) - ten
        yield word, ten
        yield from ((f"{word}{joint}{units[more]}", ten + more) for more in range(1, room) for joint in joints)


_SMALL = {word: value for numbers in understood()["numbers"] for word, value in _below_hundred(numbers)} | {
    "une": 1, "una": 1,
}  # fmt: skip
_SCALES: dict[str, int] = understood()["scales"]
_ORDINALS = {word: at for row in understood()["ordinals"] for at, word in enumerate(row, 1)} | {"thirtieth": 30}
_LAST, _ALSO_OTHER_WORDS = word_set("last"), word_set("also_other_words")
_SMALL_NUMBER, _SCALE = rf"(?:{any_of(_SMALL)})(?!\w)", rf"(?:{any_of(_SCALES)})(?!\w)"
_SCALED = rf"(?: {_SCALE}(?: (?:and )?{_SMALL_NUMBER})?)*"
_NUMBER = re.compile(rf"(?<!\w)(?:{_SMALL_NUMBER}{_SCALED}|(?:cent|mille|mil)(?: {_SMALL_NUMBER})?\b)", re.I)
_PART = re.compile(rf"{_SMALL_NUMBER}|{_SCALE}", re.I)
_ORDINAL = re.compile(rf"(?<!\w)(?:(twenty|thirty)[ -])?({any_of(_ORDINALS)})(?!\w)", re.I)
_NOUGHT = re.compile(r"(?<=\d[ -])oh?(?!\w)|(?<!\w)oh?(?=[ -]\d)", re.I)
_REPEATED = re.compile(r"\b(double|triple) (\d)\b", re.I)


@lru_cache(maxsize=512)
def with_digits(text: str, *, ordinals: bool = False) -> str:
    """The text with number words as digits; with `ordinals`, `twenty fifth` is `25th`, otherwise `20 fifth`.

    Digits spoken one by one stay apart (`2 0 6`). A `one` that stands for a thing (`the red one`) is left alone.
    """
    if ordinals:
        text = _ORDINAL.sub(
            lambda found: f"{_SMALL.get((found[1] or '').lower(), 0) + _ORDINALS[found[2].lower()]}th", text
        )
    text = _NUMBER.sub(lambda found: str(_value(found[0])) if _is_a_number(found) else found[0], text)
    text = _NOUGHT.sub("0", text)
    return _REPEATED.sub(lambda found: " ".join(found[2] * (2 if found[1].lower() == "double" else 3)), text)


def ordinal_in(text: str) -> int | None:
    """The place in a list that the text names, counted from 0; -1 for the last, None where it names none."""
    for word in re.findall(r"[^\W\d_]+|\d+(?=st\b|nd\b|rd\b|th\b)", text.lower()):
        if word in _LAST:
            return -1
        place = int(word) if word.isdecimal() and len(word) < 4 else _ORDINALS.get(word)
        if place is not None:
            return max(0, place - 1)
    return None


def _value(words: str) -> int:
    total = group = 0
    for part in map(str.lower, _PART.findall(words)):
        scale = _SCALES.get(part)
        if scale is None:
            group += _SMALL[part]
        elif scale == 100:
            group = (group or 1) * scale
        else:
            total, group = total + (group or 1) * scale, 0
    return total + group


def _is_a_number(found: re.Match[str]) -> bool:
    """Whether it is a number: what is another word, too, is one beside numbers, or where it stands alone."""
    if found[0].lower() not in _ALSO_OTHER_WORDS:
        return True
    before, after = found.string[: found.start()], found.string[found.end() :]
    near = [*re.findall(r"\w+", before)[-1:], *re.findall(r"\w+", after)[:1]]
    return not near or any(word.lower() in _SMALL or word.isdecimal() or word in ("oh", "double") for word in near)
