"""The turns of a conversation one after the other: those that are spoken as they come, those that are typed at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.session import Conversation
from realtime_scenarios.studio.sound import PageSound

Turn = Callable[[], Awaitable[None]]

_CUT_SHORT = 1.0
"""Seconds in which an answer that was cut into has to end, before what was typed is said all the same."""


class TurnTaker:
    """`over` is told of the end of each turn, `problem` of one that could not be taken though the line is there.

    `sound` None: nothing is spoken, and turns are those that are typed.
    """

    def __init__(
        self,
        conversation: Conversation,
        sound: PageSound | None,
        over: Callable[[], None],
        problem: Callable[[ScenarioError], None],
    ) -> None:
        self._conversation = conversation
        self._sound = sound
        self._over = over
        self._problem = problem
        self._turns: asyncio.Task[None] | None = None
        self._turn: asyncio.Future[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    def begin(self, first: Turn | None) -> None:
        """Take the first turn, None: there is none; and then those that are spoken."""
        self._turns = asyncio.create_task(self._taken(first))

    async def take(self, turn: Turn) -> None:
        """Take a turn that was not spoken: it cuts into what is going on, and what is spoken is heard after it."""
        async with self._one_at_a_time:
            is_playing = self._sound is not None and self._sound.is_playing
            if not self._conversation.is_quiet or is_playing:
                await self._conversation.interrupt()
            if self._sound is not None:
                self._sound.cut()
            if not self._conversation.is_quiet and self._turn is not None:
                await asyncio.wait([self._turn], timeout=_CUT_SHORT)
            await self.stop()
            self.begin(turn)

    async def stop(self) -> None:
        """Take no more turns."""
        if self._turns is not None:
            self._turns.cancel()
            await asyncio.wait([self._turns])

    async def _taken(self, first: Turn | None) -> None:
        turn = first
        while turn is not None or self._sound is not None:
            self._turn = asyncio.ensure_future((turn or self._conversation.next_spoken_turn)())
            try:
                await self._turn
            except ScenarioError as problem:
                if self._conversation.failure is not None or turn is None:
                    return  # who holds the conversation waits for that, too
                self._problem(problem)
            finally:
                self._turn.cancel()
                await asyncio.wait([self._turn])  # what it leaves behind is in order before the next one begins
            self._over()
            turn = None
