"""The turns of a conversation one after the other: those that are spoken as they come, those that are typed at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.session import Conversation
from realtime_scenarios.studio.refusals import FAILED
from realtime_scenarios.studio.sound import PageSound

Turn = Callable[[], Awaitable[None]]

_CUT_SHORT = 1.0
"""Seconds in which an answer that was cut into has to end, before what was typed is said all the same."""


_HEARD_OF_WITHIN = 2.0
"""Seconds in which a server says something about a turn: that it has been told of it, at least."""


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
        self._is_over = False
        self._is_waited_for = False
        self._refusal: ScenarioError | None = None
        self._turn: asyncio.Future[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    def begin(self, first: Turn | None) -> None:
        """Take the first turn, None: there is none; and then those that are spoken."""
        if not self._is_over:
            self._turns = asyncio.create_task(self._taken(first))

    async def take(self, turn: Turn, answer: Callable[[], Awaitable[None]]) -> None:
        """Take a turn that was not spoken: it cuts into what is going on, and what is spoken is heard after it.

        `answer` waits for the next that the other side says: then it is there, and has heard of the turn. One that says
        nothing may be slow, or lost, and is not waited for: that shows later.

        Raises:
            ScenarioError: the line is lost.
        """
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
            await self._heard_of(answer)

    async def _heard_of(self, answer: Callable[[], Awaitable[None]]) -> None:
        """Wait until the other side has heard of the turn that begins.

        Raises:
            ScenarioError: it cannot.
        """
        answered = asyncio.ensure_future(answer())
        self._is_waited_for, self._refusal = True, None
        try:
            ways = [way for way in (answered, self._turns) if way is not None]
            await asyncio.wait(ways, timeout=_HEARD_OF_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_waited_for = False
            answered.cancel()
        problem = self._conversation.failure or self._refusal
        if problem is not None:
            raise problem

    async def stop(self) -> None:
        """Take no more turns for now."""
        if self._turns is not None:
            self._turns.cancel()
            await asyncio.wait([self._turns])

    async def end(self) -> None:
        """Take no more turns."""
        self._is_over = True
        await self.stop()

    async def _taken(self, first: Turn | None) -> None:
        turn = first
        while turn is not None or self._sound is not None:
            self._turn = asyncio.ensure_future((turn or self._conversation.next_spoken_turn)())
            try:
                await self._turn
            except ScenarioError as problem:
                if self._conversation.failure is not None or turn is None:
                    return  # who holds the conversation waits for that, too
                if self._is_waited_for:
                    self._refusal = problem
                else:
                    self._problem(problem)
            except Exception as unforeseen:
                told = {"message": "a turn failed in the studio", "exception": unforeseen}
                asyncio.get_running_loop().call_exception_handler(told)
                self._problem(ScenarioError(FAILED))
                if turn is None:
                    return
            finally:
                self._turn.cancel()
                await asyncio.wait([self._turn])  # what it leaves behind is in order before the next one begins
            self._over()
            turn = None
