"""Time that costs nothing: an event loop whose clock jumps to the next timer as soon as nothing else can happen."""

from __future__ import annotations

import asyncio
import datetime
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

DEFAULT_NOW = datetime.datetime(2026, 1, 15, 9, 0, tzinfo=datetime.UTC)
"""The moment at which a dialogue begins that names none: a Thursday morning."""

_LONGEST_REAL_WAIT = 60.0


class _JumpingSelector(selectors.BaseSelector):
    """A selector that never waits for a timer: what the loop would have slept is added to `now` instead.

    Sockets still work. Data sent over loopback is readable at once, so a poll that finds nothing means that nothing is
    on its way, as long as both ends live in this loop.
    """

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self._sockets = 0
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0 and self._sockets <= 1:
            return []  # the loop has work to do, and no socket but its own could have more
        ready = self._real.select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            ready = self._real.select(_LONGEST_REAL_WAIT)
            if not ready:
                raise RuntimeError("nothing is left that could happen: every task waits and no timer runs")
            return ready
        self.now += max(timeout, 0.0)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self._sockets += 1
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        self._sockets -= 1
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time: a 60-second timeout takes no time, and always fires at second 60."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """What `asyncio.run` does, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


class LoopClock:
    """The running loop's time, counted from `start`; made inside a running loop.

    `start` None: the wall clock's present moment, for conversations with people.
    """

    def __init__(self, start: datetime.datetime | None = None) -> None:
        self._start = start or datetime.datetime.now(datetime.UTC)
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()

    def now(self) -> datetime.datetime:
        return self._start + datetime.timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return self._loop.time() - self._zero

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
