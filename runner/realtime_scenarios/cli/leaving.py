"""How a person cuts in, and how a conversation in a terminal is left: Ctrl-C, and the signals that end a process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from realtime_scenarios.cli.screen import Screen

if TYPE_CHECKING:
    from realtime_scenarios.session import Conversation

_TO_LEAVE = (signal.SIGTERM, signal.SIGHUP)
"""What ends a conversation in good order: somebody wants the process to end, or its terminal is gone."""


class Leaving:
    """Ctrl-C cuts into a turn, and leaves where it is pressed once more, or twice where nothing is to be cut into.

    It belongs to the task that makes it: that one is cancelled when the conversation is left. `ended_by` is the number
    of the signal that did it; None: none has.
    """

    def __init__(self, conversation: Conversation, screen: Screen) -> None:
        self.ended_by: int | None = None
        self._conversation = conversation
        self._screen = screen
        self._holding = asyncio.current_task()
        self._turn: asyncio.Future[None] | None = None
        self._cuts = 0
        self._was_asked = False

    def listen(self) -> None:
        """From now on hear the signals of this process."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._on_ctrl_c)
        for number in _TO_LEAVE:
            loop.add_signal_handler(number, self._leave, number)

    async def take(self, turn: Awaitable[None]) -> None:
        """Take a turn; Ctrl-C cuts in, and a second one leaves."""
        self._cuts, self._turn = 0, asyncio.ensure_future(turn)
        try:
            await self._turn
        finally:
            self._turn = None
            self._screen.end_line()

    def ask(self) -> None:
        """Ctrl-C where nothing is to be cut into: leave only if it is meant."""
        if self._was_asked:
            self._leave(signal.SIGINT)
            return
        self._was_asked = True
        self._screen.tell("press Ctrl-C again to leave")

    def is_not_meant(self) -> None:
        """The person goes on: the next Ctrl-C is the first one."""
        self._was_asked = False

    def _on_ctrl_c(self) -> None:
        self._cuts += 1
        if self._turn is not None and self._cuts == 1:
            self._conversation.interrupt_soon()
        elif self._turn is None and self._screen.is_watched:
            self.ask()  # a person was quicker than the prompt
        else:
            self._leave(signal.SIGINT)

    def _leave(self, number: int) -> None:
        """End the conversation in good order; the next signal ends the process as it would any other."""
        self.ended_by = number
        for each in (signal.SIGINT, *_TO_LEAVE):
            asyncio.get_running_loop().remove_signal_handler(each)
        assert self._holding is not None
        self._holding.cancel()
