"""Time and identifiers as arguments: nothing in this project reads the wall clock or draws a random id on its own."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

Begin = Callable[[Callable[[T], None]], None]
"""Starts work beside the event loop; what it is given must be called with the result, once and from any thread."""


RESTORED = "restored_"
"""How ids begin of items that a client tells a server anew, after a line was lost: clients may choose them."""


class Clock(Protocol):
    """What time it is for a conversation. `now` has a time zone; `monotonic` counts seconds from some start."""

    def now(self) -> datetime.datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...

    def limit(self, seconds: float) -> AbstractAsyncContextManager[asyncio.Timeout]:
        """So many seconds for what is done within; then it ends with a TimeoutError."""
        ...

    def limits_stand_still(self) -> AbstractAsyncContextManager[None]:
        """The limits around it do not run out while this is done."""
        ...

    async def result_outside(self, begin: Begin[T]) -> T:
        """What work beside the event loop comes to.

        It has until the first of the limits around it, by the wall clock. In virtual time no time passes meanwhile;
        where the work takes longer, time goes on to that limit, which ends the waiting. Nothing ends the work.
        """
        ...


class Ids:
    """Identifiers that count: `item_0001`, `item_0002`, `call_0001`. The same conversation twice has the same ids.

    `of` stands in each of them: `item_7_0001`. So two conversations of one server have none in common. None: there is
    only one.
    """

    def __init__(self, of: int | None = None) -> None:
        self._counters: dict[str, itertools.count[int]] = {}
        self._of = "" if of is None else f"{of}_"

    def next(self, kind: str) -> str:
        counter = self._counters.get(kind)
        if counter is None:
            counter = self._counters[kind] = itertools.count(1)
        return f"{kind}_{self._of}{next(counter):04d}"
