"""Numbers, dates and times of day as people say them: `two oh six` is `2 0 6`, `soixante-dix-huit` is `78`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from realtime_scenarios.standin.language import any_of, pattern, patterns, understood, word_set

_SMALL: dict[str, int] = {}
for _numbers in understood()["numbers"]:  # what a language has a word for, or makes of a ten and what is joined to it
    _units, _tens = _numbers["units"], _numbers["tens"]
    _SMALL |= {word: value for value, word in enumerate(_units)} | _tens
    for _word, _ten in _tens.items():
        _room = range(1, min((other for other in _tens.values() if other > _ten), default=100) - _ten)
        _SMALL |= {f"{_word}{joint}{_units[more]}": _ten + more for more in _room for joint in _numbers["joints"]}
_SCALES, _ORDINALS, _MONTHS = understood()["scales"], understood()["ordinals"], understood()["months"]
_SMALL_NUMBER, _SCALE = rf"(?:{any_of(_SMALL)})(?!\w)", rf"(?:{any_of(_SCALES)})(?!\w)"
_SCALED = rf"(?: {_SCALE}(?: (?:and )?{_SMALL_NUMBER})?)*"
_NUMBER = re.compile(rf"(?<!\w)(?:{_SMALL_NUMBER}{_SCALED}|(?:cent|mille|mil)(?: {_SMALL_NUMBER})?\b)", re.I)
_PART = re.compile(rf"{_SMALL_NUMBER}|{_SCALE}", re.I)


@lru_cache(maxsize=512)
def with_digits(text: str, *, ordinals: bool = False) -> str:
    """The text with number words as digits; with `ordinals`, `twenty fifth` is `25th`, otherwise `20 fifth`.

    Digits spoken one by one stay apart (`2 0 6`). A `one` that stands for a thing (`the red one`) is left alone.
    """
    if ordinals:
        worth = _SMALL | _ORDINALS
        text = pattern("ordinal").sub(lambda it: f"{sum(worth[part.lower()] for part in it.groups('zero'))}th", text)
    text = _NUMBER.sub(lambda found: str(_value(found[0])) if _is_a_number(found) else found[0], text)
    text = pattern("nought").sub("0", text)
    return pattern("repeated").sub(lambda it: " ".join(it[2] * (2 if it[1].lower() == "double" else 3)), text)


def ordinal_in(text: str) -> int | None:
    """The place in a list that the text names, counted from 0; -1 for the last, None where it names none."""
    for word in re.findall(r"[^\W\d_]+|\d+(?=st\b|nd\b|rd\b|th\b)", text.lower()):
        place = int(word) if word.isdecimal() and len(word) < 4 else _ORDINALS.get(word)
        if place is not None or word in word_set("last"):
            return -1 if place is None else max(0, place - 1)
    return None


def dates_in(text: str, today: datetime.date | None) -> list[datetime.date]:
    """The dates that the text names, in its order.

    `today` None: relative dates, and dates without a year, are not understood, because they would be guesses.
    """
    plain = " ".join(with_digits(text, ordinals=True).split())
    found: dict[int, datetime.date] = {}
    for form in patterns("dates"):
        for match in form.finditer(plain):
            day = _date_of(match.groupdict(), today)
            if day is not None:
                found[match.start()] = day
                plain = plain[: match.start()] + " " * len(match[0]) + plain[match.end() :]
    if today is not None:
        ahead = pattern("ahead").finditer(plain.lower())
        found |= {match.start(): today + timedelta(understood()["days_ahead"][match[0]]) for match in ahead}
        for match in pattern("weekday").finditer(plain.lower()):
            found[match.start()] = today + timedelta((understood()["weekdays"][match[0]] - today.weekday()) % 7 or 7)
    return [found[start] for start in sorted(found)]


def times_in(text: str) -> list[datetime.time]:
    """The times of day that the text names with minutes, am or pm, `o'clock` or `heures`."""
    times: list[datetime.time] = []
    for match in pattern("time").finditer(with_digits(text)):
        hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower()[:1]
        if half in ("a", "p") and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if (half or match["mark"] not in (None, " ")) and hour < 24:
            times.append(datetime.time(hour, minute))
    return times


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
    if found[0].lower() not in word_set("also_other_words"):
        return True
    before, after = found.string[: found.start()], found.string[found.end() :]
    near = [*re.findall(r"\w+", before)[-1:], *re.findall(r"\w+", after)[:1]]
    return not near or any(word.lower() in _SMALL or word.isdecimal() or word in ("oh", "double") for word in near)


def _date_of(parts: Mapping[str, str | None], today: datetime.date | None) -> datetime.date | None:
    given, named = (parts["year"] or "").replace(" ", ""), (parts["month"] or "").lower()
    if not given and today is None:
        return None
    year = int(given) if given else today.year if today else 0
    year += (2000 if year <= 40 else 1900) if len(given) == 2 else 0
    month, day = _MONTHS.get(named) or int(named), int(parts["day"] or 0)
    month, day = (day, month) if month > 12 else (month, day)
    try:
        found = datetime.date(year, month, day)
        return found.replace(year=year + 1) if not given and today and found < today else found
    except ValueError:
        return None
