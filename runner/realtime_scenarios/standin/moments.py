"""Dates and times of day in what somebody says."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence

from realtime_scenarios.standin.language import understood
from realtime_scenarios.standin.numerals import with_digits

MONTHS: Sequence[str] = understood()["months"][0]
_MONTH_NUMBERS = {name: at for names in understood()["months"] for at, name in enumerate(names, 1)} | {"sept": 9}
_AHEAD: Mapping[str, int] = understood()["days_ahead"]
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er)?\b"
_YEAR = r"'?(?P<year>(?:19|20) ?\d\d|(?<=')\d\d|[4-9]\d(?![ -]?\d))\b"

_WRITTEN = (
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>\d{4}|\d{2})(?!\d)"),
    # the day first: in `the 3rd of March 19 88` no 19th is meant
    re.compile(rf"(?<!\d)(?<!\d )(?<!:){_DAY} (?:of |de )?{_MONTH}(?:,? (?:of |de )?{_YEAR})?", re.I),
    re.compile(
        rf"(?:(?<!\d){_YEAR},? )?\b{_MONTH} (?:the )?{_DAY}(?:,? (?:of )?'?(?P<after>(?:19|20) ?\d\d|"
        rf"[4-9]\d(?![ -]?\d))\b)?",
        re.I,
    ),
)
_TIME = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})(?:[:.h ](?P<minute>[0-5]\d))?\s*(?P<half>a\.?m\b|p\.?m\b|o'?clock|"
    r"heures?\b|h\b)?(?![\d:])",
    re.I,
)
_NOW = re.compile(r"\b(?:today|now|current (?:date|time|day)|date)\b[^\n.]{0,30}", re.I)


def dates_in(text: str, today: datetime.date | None) -> list[datetime.date]:
    """The dates that the text names, in its order.

    `today` None: relative dates, and dates without a year, are not understood, because they would be guesses.
    """
    plain = " ".join(with_digits(text, ordinals=True).split())
    found: dict[int, datetime.date] = {}
    for pattern in _WRITTEN:
        for match in pattern.finditer(plain):
            day = _date_of(match.groupdict(), today)
            if day is not None:
                found[match.start()] = day
                plain = plain[: match.start()] + " " * len(match.group()) + plain[match.end() :]
    if today is not None:
        found |= {
            match.start(): today + _days(_AHEAD[match.group()])
            for match in re.finditer("|".join(_AHEAD), plain.lower())
        }
        found |= {start: today + _days((number - today.weekday()) % 7 or 7) for start, number in weekdays_in(plain)}
    return [found[start] for start in sorted(found)]


def _days(count: int) -> datetime.timedelta:
    return datetime.timedelta(days=count)


def weekdays_in(text: str) -> list[tuple[int, int]]:
    """The days of the week that the text names: where each stands, and its number (Monday is 0)."""
    return [
        (match.start(), names.index(match.group()))
        for names in understood()["weekdays"]
        for match in re.finditer(rf"\b(?:{'|'.join(names)})\b", text.lower())
    ]


def times_in(text: str) -> list[datetime.time]:
    """The times of day that the text names with minutes, am or pm, `o'clock` or `heures`."""
    times: list[datetime.time] = []
    for match in _TIME.finditer(with_digits(text)):
        if not (match["minute"] or match["half"]) or (
            match["minute"] and match.group()[len(match["hour"])] == " " and not match["half"]
        ):
            continue
        hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower()[:1]
        if half in ("a", "p") and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24:
            times.append(datetime.time(hour, minute))
    return times


def today_in(instructions: str) -> datetime.date | None:
    """The current date as the instructions state it; None where they do not."""
    for match in _NOW.finditer(instructions):
        dates = dates_in(instructions[match.start() : match.end() + 20], None)
        if dates:
            return dates[0]
    return None


def _date_of(parts: dict[str, str | None], today: datetime.date | None) -> datetime.date | None:
    year_text = (parts.get("year") or parts.get("after") or "").replace(" ", "")
    if not year_text and today is None:
        return None
    year = int(year_text) if year_text else today.year if today else 0
    if len(year_text) == 2:
        year += 2000 if year <= 40 else 1900
    if "first" in parts:
        first, second = int(parts["first"] or 0), int(parts["second"] or 0)
        month, day = (second, first) if first > 12 else (first, second)
    else:
        named = (parts["month"] or "").lower()
        month, day = int(named) if named.isdecimal() else _MONTH_NUMBERS[named], int(parts["day"] or 0)
    try:
        found = datetime.date(year, month, day)
        return found.replace(year=year + 1) if not year_text and today and found < today else found
    except ValueError:
        return None
