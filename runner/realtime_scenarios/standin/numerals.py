"""Numbers as people say them, written in digits: `two oh six` is `2 0 6`, `twenty-five` is `25`."""

from __future__ import annotations

import re

from realtime_scenarios.standin.words import word_list, word_set

_UNITS = word_list("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
    """)
_CARDINALS = {word: value for value, word in enumerate(_UNITS)}
_TENS_IN_ORDER = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
_TENS = {word: 20 + 10 * at for at, word in enumerate(_TENS_IN_ORDER)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_ORDINALS_IN_ORDER = word_list("""
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth
    """)
_ORDINALS = {word: at for at, word in enumerate(_ORDINALS_IN_ORDER, 1)} | {"thirtieth": 30}
_REPEATS = {"double": 2, "triple": 3}
_TOKEN = re.compile(r"[^\W\d_]+|\d+|\S")
_BEFORE_PRONOUN = word_set("the this that which any every each first last next other another no")


def with_digits(text: str, *, ordinals: bool = False) -> str:
    """The text with number words as digits; with `ordinals`, `twenty fifth` is `25th`, otherwise it stays.

    Digits spoken one by one stay apart (`2 0 6`). A `one` that stands for a thing (`the red one`) is left alone.
    """
    out: list[str] = []
    at = 0
    tokens = list(_TOKEN.finditer(text))
    end = 0
    while at < len(tokens):
        number, used = _number_at([token.group().lower() for token in tokens[at : at + 12]], ordinals=ordinals)
        if used and not _is_pronoun(tokens, at, used):
            out += [text[end : tokens[at].start()], number]
            end = tokens[at + used - 1].end()
            at += used
        else:
            at += 1
    out.append(text[end:])
    return "".join(out)


def ordinal_in(text: str) -> int | None:
    """The place in a list that the text names, counted from 0; -1 for the last, None where it names none."""
    for word in re.findall(r"[a-z]+|\d+(?=st\b|nd\b|rd\b|th\b)", text.lower()):
        if word == "last":
            return -1
        if word.isdigit() or word in _ORDINALS:
            return max(0, int(word) - 1 if word.isdigit() and len(word) < 4 else _ORDINALS.get(word, 1) - 1)
    return None


def _number_at(words: list[str], *, ordinals: bool) -> tuple[str, int]:
    """The digits that the words begin with, and how many words they took; 0 where they begin with no number word."""
    word = words[0]
    if word in _REPEATS and len(words) > 1:
        digit = (
            "0" if words[1] in ("oh", "o") else words[1] if len(words[1]) == 1 else str(_CARDINALS.get(words[1], ""))
        )
        return (" ".join([digit] * _REPEATS[word]), 2) if len(digit) == 1 and digit.isdigit() else ("", 0)
    if word == "oh" and len(words) > 1 and _CARDINALS.get(words[1], 99) < 10:
        return "0", 1
    if ordinals and word in _ORDINALS:
        return f"{_ORDINALS[word]}th", 1
    if word not in _CARDINALS and word not in _TENS:
        return "", 0
    total = 0
    group, used = _below_hundred(words)
    if ordinals and used == 1 and word in _TENS:
        rest = words[2:] if len(words) > 1 and words[1] == "-" else words[1:]
        if rest and _ORDINALS.get(rest[0], 99) < 10:
            return f"{group + _ORDINALS[rest[0]]}th", 1 + len(words) - len(rest)
    while used < len(words) and words[used] in _SCALES:
        scale = _SCALES[words[used]]
        used += 1
        total += group * scale
        group = 0
        skip = 1 if used + 1 < len(words) and words[used] == "and" else 0
        more, taken = _below_hundred(words[used + skip :])
        if not taken:
            break
        group, used = more, used + skip + taken
        if scale == 1_000 and used < len(words) and words[used] == "hundred":
            group *= 100
            used += 1
    if used < len(words) and words[used] in ("oh", "o") and group < 10:
        return f"{total + group} 0", used + 1
    return str(total + group), used


def _below_hundred(words: list[str]) -> tuple[int, int]:
    if not words:
        return 0, 0
    if words[0] in _CARDINALS:
        return _CARDINALS[words[0]], 1
    if words[0] not in _TENS:
        return 0, 0
    skip = 2 if len(words) > 2 and words[1] == "-" else 1
    unit = _CARDINALS.get(words[skip], 0) if skip < len(words) else 0
    return (_TENS[words[0]] + unit, skip + 1) if 0 < unit < 10 else (_TENS[words[0]], 1)


def _is_pronoun(tokens: list[re.Match[str]], at: int, used: int) -> bool:
    if used != 1 or tokens[at].group().lower() != "one":
        return False
    before = tokens[at - 1].group().lower() if at else ""
    after = tokens[at + 1].group().lower() if at + 1 < len(tokens) else ""
    near_numbers = any(
        word in _CARDINALS or word in _TENS or word.isdigit() or word == "oh" for word in (before, after)
    )
    return not near_numbers and (before in _BEFORE_PRONOUN or (not after.isalnum() and before.isalpha()))
