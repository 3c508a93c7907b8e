"""Dates and times of day in what somebody says."""

from __future__ import annotations

import datetime
import re

from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.words import word_list

MONTHS = word_list("january february march april may june july august september october november december")
_DAYS = word_list("monday tuesday wednesday thursday friday saturday sunday")
_MONTH = rf"(?P<month>{'|'.join([*MONTHS, 'sept', *(month[:3] for month in MONTHS)])})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b"
_YEAR = r"(?P<year>(?:19|20) ?\d\d|(?<=')\d\d|[4-9]\d(?![ -]?\d))\b"

_WRITTEN = (
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>\d{4}|\d{2})(?!\d)"),
    re.compile(rf"\b{_MONTH} (?:the )?{_DAY}(?:,? (?:of )?'?{_YEAR})?", re.I),
    re.compile(rf"(?<!\d){_DAY} (?:of )?{_MONTH}(?:,? (?:of )?'?{_YEAR})?", re.I),
)
_TIME = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s*(?P<half>a\.?m\b|p\.?m\b|o'?clock)?(?![\d:])", re.I
)
_NOW = re.compile(r"\b(?:today|now|current (?:date|time|day)|date)\b[^\n.]{0,30}", re.I)


def dates_in(text: str, now: datetime.date | None) -> list[tuple[datetime.date, int]]:
    """The dates that the text names, each with where it starts (in the text with number words as digits).

    `now` None: relative dates, and dates without a year, are not understood, because they would be guesses.
    """
    plain = " ".join(with_digits(text, ordinals=True).split())
    found: dict[int, datetime.date] = {}
    for pattern in _WRITTEN:
        for match in pattern.finditer(plain):
            day = _date_of(match.groupdict(), now)
            if day is not None:
                found[match.start()] = day
                plain = plain[: match.start()] + " " * len(match.group()) + plain[match.end() :]
    if now is not None:
        found |= {start: day for day, start in _relative(plain.lower(), now) if start not in found}
    return [(found[start], start) for start in sorted(found)]


def times_in(text: str) -> list[datetime.time]:
    """The times of day that the text names with minutes, am or pm, or `o'clock`."""
    times: list[datetime.time] = []
    for match in _TIME.finditer(with_digits(text)):
        if not (match["minute"] or match["half"]):
            continue
        hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower()[:1]
        if half in ("a", "p") and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60:
            times.append(datetime.time(hour, minute))
    return times


def today_in(instructions: str) -> datetime.date | None:
    """The current date as the instructions state it; None where they do not."""
    for match in _NOW.finditer(instructions):
        dates = dates_in(instructions[match.start() : match.end() + 20], None)
        if dates:
            return dates[0][0]
    return None


def _date_of(parts: dict[str, str | None], now: datetime.date | None) -> datetime.date | None:
    year_text = (parts.get("year") or "").replace(" ", "")
    if not year_text and now is None:
        return None
    year = int(year_text) if year_text else now.year if now else 0
    if len(year_text) == 2:
        year += 2000 if year <= 40 else 1900
    if "first" in parts:
        first, second = int(parts["first"] or 0), int(parts["second"] or 0)
        month, day = (second, first) if first > 12 else (first, second)
    else:
        named = (parts["month"] or "").lower()
        month = int(named) if named.isdigit() else next(at for at, m in enumerate(MONTHS, 1) if m.startswith(named[:3]))
        day = int(parts["day"] or 0)
    try:
        found = datetime.date(year, month, day)
        return found.replace(year=year + 1) if not year_text and now and found < now else found
    except ValueError:
        return None


def _relative(text: str, now: datetime.date) -> list[tuple[datetime.date, int]]:
    found: list[tuple[datetime.date, int]] = []
    for match in re.finditer(r"\b(?:the )?day after tomorrow\b|\btomorrow\b|\btoday\b|\byesterday\b", text):
        days = {"tomorrow": 1, "today": 0, "yesterday": -1}.get(match.group(), 2)
        found.append((now + datetime.timedelta(days=days), match.start()))
    for match in re.finditer(rf"\b(next )?({'|'.join(_DAYS)})\b", text):
        ahead = (_DAYS.index(match[2]) - now.weekday()) % 7 or 7
        found.append((now + datetime.timedelta(days=ahead), match.start()))
    return found
