"""An author's functions beside the event loop: in threads of one conversation, which nobody waits for without end.

Theory of operation. An author's function may block, never end, raise whatever Python can raise, or end its thread. So
it never runs in the loop. A conversation has as few threads as will do: one that has finished is used again, so that
calls one after the other are all made in the same thread, and what belongs to one (a connection to SQLite, an event
loop with the clients that live in it) works as it would in a program of the author's own. One that is late is given
up: Python cannot end a thread, so it runs on as a daemon, finds that nobody listens, and ends when its function does.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from realtime_scenarios.core import Clock, raised_text

T = TypeVar("T")

Settled = Callable[[Any], Any]
"""What comes of a value: of one that can be awaited, what that comes to; any other is it already."""

Work = Callable[[Settled], T]

THREAD_NAME = "an author's function"
"""The name of each thread that runs author's code: one that is alive after its conversation was never finished."""

_CLOSING = 1.0
"""Seconds in which the threads of a conversation may put their event loops in order when it is over."""


class AuthorsError(Exception):
    """An author's function cannot be had, or raised something; the message says what."""


@dataclass(frozen=True, slots=True)
class _Returned:
    value: Any


@dataclass(frozen=True, slots=True)
class _Raised:
    message: str
    problem: BaseException


class Threads:
    """The threads of one conversation. Use `close` when it is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._idle: list[_Thread] = []
        self._is_closed = False

    async def result_of(self, work: Work[T]) -> T:
        """What `work` returns, done in a thread. The time limits around this one end the waiting, not the work.

        Raises:
            AuthorsError: it raised something, whatever that was.
        """
        thread = self._idle.pop() if self._idle else _Thread()
        try:
            outcome: _Returned | _Raised = await self._clock.result_outside(partial(thread.begin, work))
        except BaseException:
            thread.give_up()
            raise
        if self._is_closed:
            thread.give_up()
        else:
            self._idle.append(thread)
        if isinstance(outcome, _Raised):
            raise AuthorsError(outcome.message) from outcome.problem
        value: T = outcome.value
        return value

    def close(self) -> None:
        self._is_closed = True
        for thread in self._idle:
            thread.give_up()
        for thread in self._idle:
            thread.join(_CLOSING)
        self._idle.clear()


class _Thread:
    """One thread that does one work after the other, and the event loop in it, if it ever needs one."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[Work[Any], Callable[[_Returned | _Raised], None]] | None]
        self._orders = queue.SimpleQueue()
        self._runner: asyncio.Runner | None = None
        self._task: asyncio.Task[Any] | None = None
        self._is_given_up = False
        self._thread = threading.Thread(target=self._carry_out, name=THREAD_NAME, daemon=True)
        self._thread.start()

    def begin(self, work: Work[Any], done: Callable[[_Returned | _Raised], None]) -> None:
        self._orders.put((work, done))

    def give_up(self) -> None:
        """Nobody waits any longer: the thread ends as soon as its function lets it. One that awaits is cancelled."""
        self._is_given_up = True
        self._orders.put(None)
        task = self._task
        if task is not None:
            with contextlib.suppress(RuntimeError):  # its loop may be closed by now
                task.get_loop().call_soon_threadsafe(task.cancel)

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _carry_out(self) -> None:
        while (order := self._orders.get()) is not None:
            work, done = order
            done(self._outcome(work))
        if self._runner is not None:
            with contextlib.suppress(BaseException):  # what an author's tasks do when they are cancelled
                self._runner.close()

    def _outcome(self, work: Work[Any]) -> _Returned | _Raised:
        try:
            return _Returned(work(self._settled))
        except AuthorsError as problem:
            return _Raised(str(problem), problem)
        except BaseException as problem:  # SystemExit, KeyboardInterrupt and their kin are an author's as well
            return _Raised(raised_text(problem), problem)

    def _settled(self, value: Any) -> Any:
        if not inspect.isawaitable(value):
            return value
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._awaited(value))

    async def _awaited(self, value: Any) -> Any:
        self._task = task = asyncio.current_task()
        try:
            if self._is_given_up and task is not None:
                task.cancel()
            return await value
        finally:
            self._task = None
