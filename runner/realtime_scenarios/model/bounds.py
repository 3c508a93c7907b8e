"""How much there may be of something: exactly so much, or between two bounds, as files write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.values import Source, seconds


class Bounds(Struct, frozen=True):
    """`least` and `most` are allowed themselves; None: there is no such bound."""

    least: float | None
    most: float | None

    def allow(self, amount: float) -> bool:
        return (self.least is None or amount >= self.least) and (self.most is None or amount <= self.most)

    def in_words(self, shown: Callable[[float], str]) -> str:
        """The bounds as a message says them; `shown` writes one amount."""
        if self.least is not None and self.least == self.most:
            return shown(self.least)
        if self.least is None or self.most is None:
            bound, words = (self.most, "at most") if self.least is None else (self.least, "at least")
            return f"{words} {shown(bound or 0)}"
        return f"from {shown(self.least)} to {shown(self.most)}"


def read_counts(data: Any, place: Place, source: Source) -> Bounds:
    """A whole number, or a mapping with `at_least` and `at_most`; one that allows nothing is found."""
    if not isinstance(data, dict):
        return Bounds(data, data)
    return _possible(Bounds(data.get("at_least"), data.get("at_most")), place, source)


def read_times(data: Any, place: Place, source: Source) -> Bounds:
    """A mapping of durations, to seconds; one that allows nothing is found."""
    ends = (seconds(data[key]) if key in data else None for key in ("at_least", "at_most"))
    return _possible(Bounds(*ends), place, source)


def _possible(bounds: Bounds, place: Place, source: Source) -> Bounds:
    if bounds.least is not None and bounds.most is not None and bounds.most < bounds.least:
        message = "'at_most' is less than 'at_least', so that nothing is allowed"
        source.find("out-of-range", message, place / "at_most", "let 'at_most' be the larger one")
    if bounds.least == 0 and bounds.most is None:
        source.find("out-of-range", "this holds whatever happens", place / "at_least", "write 1 or more, or 'at_most'")
    return bounds
