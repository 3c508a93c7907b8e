"""The calls that are being held: how many there may be, what is told of each, and that none outlives the server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.session import Conversation, Observer


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is taken. `number` counts from 1 over the life of the server, `id` is the carrier's."""

    number: int
    id: str


class Witness(Observer, Protocol):
    """Sees one call from its beginning to its end."""

    def holds(self, conversation: Conversation) -> None:
        """It is held in this conversation, which has not begun yet."""
        ...

    def ended(self, why: str, problem: ScenarioError | None) -> None:
        """It is over; `problem` is what went wrong, None: nothing did."""
        ...


class Operator(Protocol):
    """Whom the server tells of its calls."""

    def witness(self, call: Call) -> Witness:
        """Who sees the call.

        Raises:
            ScenarioError: it cannot be taken, such as where it is to be recorded and no file can be written.
        """
        ...

    def told(self, message: str) -> None:
        """Something that is about no call which was taken."""
        ...


STOPPED = "the server stopped"

Talk = Callable[[Call, Witness], Awaitable[str]]
"""Holds a call from its beginning to its end, and says why that came."""


class Switchboard:
    """Takes calls, `most` at a time."""

    def __init__(self, operator: Operator, most: int) -> None:
        self.operator = operator
        self._most = most
        self._numbers = itertools.count(1)
        self._held: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._talks: set[asyncio.Future[str]] = set()

    @property
    def is_full(self) -> bool:
        return len(self._held) >= self._most

    def holds(self, call_id: str) -> bool:
        """Whether a call of this id is being held."""
        return call_id in self._held

    async def hold(self, call_id: str, talk: Talk) -> bool:
        """Hold a call, and tell of its end; False: it cannot be taken. What goes wrong with it is told, and not raised.

        Only here a line is taken: whoever has looked before whether one is free may not be the only one who did.
        """
        if self.is_full or self.holds(call_id):
            return False
        call = Call(next(self._numbers), call_id)
        try:
            witness = self.operator.witness(call)
        except ScenarioError as problem:
            self.operator.told(f"call {call.number} was not taken: {problem.message}")
            return False
        self._held.add(call_id)
        talking = asyncio.ensure_future(talk(call, witness))
        self._talks.add(talking)
        why, problem_met = STOPPED, None
        try:
            await asyncio.wait([talking])
            why = STOPPED if talking.cancelled() else talking.result()
        except ScenarioError as problem:
            why, problem_met = problem.message, problem
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
            self._talks.discard(talking)
            self._held.discard(call_id)
            witness.ended(why, problem_met)
        return True

    async def stop(self) -> None:
        """End all calls; returns when they are over."""
        for talking in self._talks:
            talking.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside, that ends with the server at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def staffed(self) -> AsyncIterator[None]:
        """As long as calls are taken; at its end those are over that were begun beside."""
        try:
            yield
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
