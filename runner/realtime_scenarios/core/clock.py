"""Time and identifiers as arguments: nothing in this project reads the wall clock or draws a random id on its own."""

from __future__ import annotations

import datetime
import itertools
from typing import Protocol


class Clock(Protocol):
    """What time it is for a conversation. `now` has a time zone; `monotonic` counts seconds from some start."""

    def now(self) -> datetime.datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class Ids:
    """Identifiers that count: `item_0001`, `item_0002`, `call_0001`. The same conversation twice has the same ids."""

    def __init__(self) -> None:
        self._counters: dict[str, itertools.count[int]] = {}

    def next(self, kind: str) -> str:
        counter = self._counters.get(kind)
        if counter is None:
            counter = self._counters[kind] = itertools.count(1)
        return f"{kind}_{next(counter):04d}"
