"""Dates and times of day in what somebody says."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from datetime import timedelta

from realtime_scenarios.standin.language import any_of, pattern, understood
from realtime_scenarios.standin.numerals import with_digits

_MONTH_NUMBERS = {name: at for names in understood()["months"] for at, name in enumerate(names, 1)} | {"sept": 9}
_AHEAD: Mapping[str, int] = understood()["days_ahead"]
_WEEKDAYS = {name: at for names in understood()["weekdays"] for at, name in enumerate(names)}
_MONTH = rf"(?P<month>{any_of(_MONTH_NUMBERS)})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er)?\b"
_YEAR = r"'?(?P<year>(?:19|20) ?\d\d|(?<=')\d\d|[4-9]\d(?![ -]?\d))\b"
_WRITTEN = (
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<month>\d{1,2})[/.](?P<day>\d{1,2})[/.](?P<year>\d{4}|\d{2})(?!\d)"),
    # the day first: in `the 3rd of March 19 88` no 19th is meant
    re.compile(rf"(?<!\d)(?<!\d )(?<!:){_DAY} (?:of |de )?{_MONTH}(?:,? (?:of |de )?{_YEAR})?", re.I),
    re.compile(rf"(?<!\d){_YEAR},? {_MONTH} (?:the )?{_DAY}", re.I),
    re.compile(rf"\b{_MONTH} (?:the )?{_DAY}(?:,? (?:of )?{_YEAR})?", re.I),
)
_TIME = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})(?:(?P<mark>[:.h ])(?P<minute>[0-5]\d))?\s*"
    r"(?P<half>a\.?m\b|p\.?m\b|o'?clock|heures?\b|h\b)?(?![\d:])",
    re.I,
)


def dates_in(text: str, today: datetime.date | None) -> list[datetime.date]:
    """The dates that the text names, in its order.

    `today` None: relative dates, and dates without a year, are not understood, because they would be guesses.
    """
    plain = " ".join(with_digits(text, ordinals=True).split())
    found: dict[int, datetime.date] = {}
    for form in _WRITTEN:
        for match in form.finditer(plain):
            day = _date_of(match.groupdict(), today)
            if day is not None:
                found[match.start()] = day
                plain = plain[: match.start()] + " " * len(match[0]) + plain[match.end() :]
    if today is not None:
        ahead = re.finditer(rf"\b(?:{any_of(_AHEAD)})\b", plain.lower())
        found |= {match.start(): today + timedelta(_AHEAD[match[0]]) for match in ahead}
        found |= {start: today + timedelta((number - today.weekday()) % 7 or 7) for start, number in weekdays_in(plain)}
    return [found[start] for start in sorted(found)]


def weekdays_in(text: str) -> list[tuple[int, int]]:
    """The days of the week that the text names: where each stands, and its number (Monday is 0)."""
    named = re.finditer(rf"\b(?:{any_of(_WEEKDAYS)})\b", text.lower())
    return [(match.start(), _WEEKDAYS[match[0]]) for match in named]


def times_in(text: str) -> list[datetime.time]:
    """The times of day that the text names with minutes, am or pm, `o'clock` or `heures`."""
    times: list[datetime.time] = []
    for match in _TIME.finditer(with_digits(text)):
        hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower()[:1]
        if half in ("a", "p") and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if (half or match["mark"] not in (None, " ")) and hour < 24:
            times.append(datetime.time(hour, minute))
    return times


def today_in(instructions: str) -> datetime.date | None:
    """The current date as the instructions state it; None where they do not."""
    places = pattern("today").finditer(instructions)
    return next((day for at in places for day in dates_in(instructions[at.start() : at.end() + 20], None)), None)


def _date_of(parts: Mapping[str, str | None], today: datetime.date | None) -> datetime.date | None:
    given, named = (parts["year"] or "").replace(" ", ""), (parts["month"] or "").lower()
    if not given and today is None:
        return None
    year = int(given) if given else today.year if today else 0
    year += (2000 if year <= 40 else 1900) if len(given) == 2 else 0
    month, day = _MONTH_NUMBERS.get(named) or int(named), int(parts["day"] or 0)
    month, day = (day, month) if month > 12 else (month, day)
    try:
        found = datetime.date(year, month, day)
        return found.replace(year=year + 1) if not given and today and found < today else found
    except ValueError:
        return None
