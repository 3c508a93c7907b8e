"""Numbers as people say them, written in digits: `two oh six` is `2 0 6`, `soixante-dix-huit` is `78`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from realtime_scenarios.standin.language import understood, word_set

_CARDINALS = {word: value for row in understood()["cardinals"] for value, word in enumerate(row)} | {"une": 1, "una": 1}
_ROUND = {word: 20 + 10 * at for row in understood()["tens"] for at, word in enumerate(row)}
_SCALES: Mapping[str, int] = understood()["scales"]
_ORDINALS = {word: at for row in understood()["ordinals"] for at, word in enumerate(row, 1)} | {"thirtieth": 30}
_LAST, _ALSO_OTHER_WORDS = word_set("last"), word_set("also_other_words")
_REPEATS = {"double": 2, "triple": 3}
_JOINTS = frozenset(["-", "et", "y"])
_TOKEN = re.compile(r"[^\W\d_]+|\d+|\S")


def with_digits(text: str, *, ordinals: bool = False) -> str:
    """The text with number words as digits; with `ordinals`, `twenty fifth` is `25th`, otherwise it stays.

    Digits spoken one by one stay apart (`2 0 6`). A `one` that stands for a thing (`the red one`) is left alone.
    """
    tokens = list(_TOKEN.finditer(text))
    words = [token.group().lower() for token in tokens]
    out: list[str] = []
    at = end = 0
    while at < len(tokens):
        number, used = _number_at(words[at : at + 14], ordinals=ordinals)
        if used and not (words[at] in _ALSO_OTHER_WORDS and used == 1 and not _is_among_numbers(words, at)):
            out += [text[end : tokens[at].start()], number]
            end = tokens[at + used - 1].end()
        at += used or 1
    return "".join([*out, text[end:]])


def ordinal_in(text: str) -> int | None:
    """The place in a list that the text names, counted from 0; -1 for the last, None where it names none."""
    for word in re.findall(r"[^\W\d_]+|\d+(?=st\b|nd\b|rd\b|th\b)", text.lower()):
        if word in _LAST:
            return -1
        place = int(word) if word.isdecimal() and len(word) < 4 else _ORDINALS.get(word)
        if place is not None:
            return max(0, place - 1)
    return None


def _number_at(words: list[str], *, ordinals: bool) -> tuple[str, int]:
    """The digits that the words begin with, and how many words they took; 0 where they begin with no number word."""
    word, after = words[0], words[1] if len(words) > 1 else ""
    if word in _REPEATS:
        digit = "0" if after in ("oh", "o") else str(_CARDINALS.get(after, after))
        return (" ".join([digit] * _REPEATS[word]), 2) if len(digit) == 1 and digit.isdecimal() else ("", 0)
    if word == "oh" and _CARDINALS.get(after, 99) < 10:
        return "0", 1
    if ordinals and word in _ORDINALS:
        return f"{_ORDINALS[word]}th", 1
    group, used = _below_hundred(words)
    if not used and word in ("cent", "mille", "mil"):
        group = 1
    elif not used:
        return "", 0
    if ordinals and used == 1 and word in _ROUND:
        skip = 2 if after == "-" else 1
        if skip < len(words) and _ORDINALS.get(words[skip], 99) < 10:
            return f"{group + _ORDINALS[words[skip]]}th", skip + 1
    total = 0
    while used < len(words) and words[used] in _SCALES:
        scale = _SCALES[words[used]]
        used += 1
        if scale == 100:
            group *= 100
        else:
            total, group = total + group * scale, 0
        skip = 1 if used + 1 < len(words) and words[used] == "and" else 0
        more, taken = _below_hundred(words[used + skip :])
        if taken:
            group, used = group + more, used + skip + taken
    if used < len(words) and words[used] in ("oh", "o") and 0 < group < 10 and not total:
        return f"{group} 0", used + 1
    return str(total + group), used


def _below_hundred(words: list[str]) -> tuple[int, int]:
    """The number below 100 that the words begin with, and how many they took; (0, 0) where there is none."""
    if not words:
        return 0, 0
    if words[0] == "quatre" and (rest := _after_joint(words, 1)) < len(words) and words[rest].startswith("vingt"):
        return _with_units(words, 80, rest + 1, most=19)
    if (
        words[0] == "dix"
        and (rest := _after_joint(words, 1)) > 1
        and _CARDINALS.get(words[rest : rest + 1][0], 0) in (7, 8, 9)
    ):
        return 10 + _CARDINALS[words[rest]], rest + 1
    if words[0] in _CARDINALS:
        return _CARDINALS[words[0]], 1
    if words[0] not in _ROUND:
        return 0, 0
    return _with_units(words, _ROUND[words[0]], 1, most=19 if words[0] == "soixante" else 9)


def _with_units(words: list[str], tens: int, used: int, *, most: int) -> tuple[int, int]:
    rest = _after_joint(words, used)
    if (
        words[0].isascii()
        and words[0] in ("vingt", "trente", "quarante", "cinquante", "soixante", "quatre")
        and rest == used
    ):
        return tens, used  # `soixante, dix` are two numbers: only what is joined belongs together
    units, taken = _below_hundred(words[rest:]) if rest < len(words) and words[rest] in _CARDINALS else (0, 0)
    return (tens + units, rest + taken) if 0 < units <= most else (tens, used)


def _after_joint(words: list[str], at: int) -> int:
    """Where the next word stands behind a hyphen or an `et`, or behind both."""
    while at + 1 < len(words) and words[at] in _JOINTS:
        at += 1
    return at


def _is_among_numbers(words: list[str], at: int) -> bool:
    """Whether a number stands beside it, or nothing else was said."""
    near = [words[at - 1] if at else "", *words[at + 1 : at + 2]]
    near += words[at + 2 : at + 3] if words[at + 1 : at + 2] == [","] else []
    near += words[at - 2 : at - 1] if at > 1 and words[at - 1] == "," else []
    return len([word for word in words if word.isalnum()]) == 1 or any(
        word in _CARDINALS or word in _ROUND or word.isdecimal() or word in _REPEATS or word == "oh" for word in near
    )
