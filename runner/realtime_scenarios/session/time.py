"""Time that costs nothing: an event loop whose clock jumps to the next timer as soon as nothing else can happen.

Theory of operation. What happens in the loop happens in virtual time, and takes none. What happens beside it, an
author's function, takes time of the wall, of which the loop's clock knows nothing. So the loop stands still until that
has come back: nothing else happens meanwhile, and the trace does not depend on how fast the machine is. The wall is
asked for one thing alone: when the function is late. Then the loop goes on, the clock jumps, and the time limit around
the call ends it at its second, as it would have in real time. (docs/decisions/0017)
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import queue
import selectors
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextvars import Context, ContextVar
from typing import Any, TypeVar, TypeVarTuple, Unpack

from realtime_scenarios.core.clock import Begin

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

DEFAULT_NOW = datetime.datetime(2026, 1, 15, 9, 0, tzinfo=datetime.UTC)
"""The moment at which a dialogue begins that names none: a Thursday morning."""

_LONGEST_REAL_WAIT = 60.0
_ON_ITS_WAY = 0.005
"""Real seconds in which a busy machine hands over what was sent over loopback."""

_LIMITS: ContextVar[tuple[asyncio.Timeout, ...]] = ContextVar("limits", default=())
"""The time limits around what a task does; a task inherits those of the one that made it."""


class _JumpingSelector(selectors.BaseSelector):
    """A selector that never waits for a timer: what the loop would have slept is added to `now` instead.

    Sockets still work. Data sent over loopback is readable at once, or in a moment where the machine is busy: so a poll
    that waits for this moment and finds nothing means that nothing is on its way, as long as both ends live in this
    loop.
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
        if self._sockets > 1 and (ready := self._real.select(_ON_ITS_WAY)):
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
        self._awaited: queue.SimpleQueue[Any] | None = None
        self._waiting_thread: int | None = None
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def standing_still(self, begin: Begin[T], seconds: float | None) -> T:
        """What work beside the loop comes to, waited for while nothing happens in the loop. `seconds` None: for ever.

        Raises:
            TimeoutError: it takes longer, by the wall clock; or a signal came, which the loop has to hear.
        """
        # a simple queue, since a signal's handler may put something in while its thread is waiting
        results: queue.SimpleQueue[tuple[T] | None] = queue.SimpleQueue()
        self._awaited = results
        self._waiting_thread = threading.get_ident()
        begin(lambda result: results.put((result,)))
        try:
            arrived = results.get(timeout=seconds)
        except queue.Empty:
            arrived = None
        finally:
            self._awaited = None
        if arrived is None:
            raise TimeoutError
        return arrived[0]

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        if self._awaited is not None and threading.get_ident() == self._waiting_thread:
            self._awaited.put(None)  # the handler of a signal: nothing else of this thread runs while it stands still
        return super().call_soon_threadsafe(callback, *args, context=context)


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

    @contextlib.asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[asyncio.Timeout]:
        async with asyncio.timeout(seconds) as limit:
            around = _LIMITS.set((*_LIMITS.get(), limit))
            try:
                yield limit
            finally:
                _LIMITS.reset(around)

    @contextlib.asynccontextmanager
    async def limits_stand_still(self) -> AsyncIterator[None]:
        began = self._loop.time()
        ends = [(limit, limit.when()) for limit in _LIMITS.get()]
        for limit, _ in ends:
            limit.reschedule(None)
        try:
            yield
        finally:
            for limit, when in ends:
                if when is not None and not limit.expired():
                    limit.reschedule(when + self._loop.time() - began)

    async def result_outside(self, begin: Begin[T]) -> T:
        if not isinstance(self._loop, VirtualTimeLoop):
            return await _result_beside(self._loop, begin)
        ends = [when for limit in _LIMITS.get() if (when := limit.when()) is not None]
        try:
            return self._loop.standing_still(begin, max(min(ends) - self._loop.time(), 0.0) if ends else None)
        except TimeoutError:
            await self._loop.create_future()  # time goes on now, and the limit ends this
            raise AssertionError("unreachable") from None


async def _result_beside(loop: asyncio.AbstractEventLoop, begin: Begin[T]) -> T:
    """What work beside the loop comes to, while the loop goes on."""
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T) -> None:
        if not done.done():
            done.set_result(result)

    def arrived(result: T) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, result)

    begin(arrived)
    return await done
