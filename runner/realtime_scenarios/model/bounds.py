"""How much there may be of something: exactly so much, or between two bounds, as files write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from realtime_scenarios.model.values import seconds


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


def count_bounds(data: Any) -> Bounds:
    """A whole number, or a mapping with `at_least` and `at_most`."""
    return Bounds(data.get("at_least"), data.get("at_most")) if isinstance(data, dict) else Bounds(data, data)


def time_bounds(data: Any) -> Bounds:
    """A mapping of durations, to seconds."""
    ends = (seconds(data[key]) if key in data else None for key in ("at_least", "at_most"))
    return Bounds(*ends)
