"""All that one studio knows: scenarios, conversations, and the events that concern every page."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from realtime_scenarios.core import Secrets
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.realtime.taps import Taps
from realtime_scenarios.studio.audience import Audience
from realtime_scenarios.studio.door import Lock
from realtime_scenarios.studio.models import Models
from realtime_scenarios.studio.projects import Projects
from realtime_scenarios.studio.stream import Stream

if TYPE_CHECKING:
    from realtime_scenarios.studio.hosted import Hosted

MOST_CONVERSATIONS = 50
"""That are being held at once; of those that have ended as many are kept to be looked at."""

_MOST_IN_A_BURST, _BURST_SECONDS = 10, 5.0

NOBODY_LOOKS = "the page was closed"

GRACE_SECONDS = 10.0
"""So long after its last page has gone a conversation goes on: a reload takes it up again."""


@dataclass(slots=True)
class Studio:
    """Made inside the loop. `epoch` tells this run of the server from others. `version` is the package's.
    `budget` is what each conversation may take. `taps` are those of the engine beside it.

    `events` is the stream of the project: files, findings, runs.
    """

    projects: Projects
    models: Models
    version: str
    now: Callable[[], float] = field(default_factory=lambda: asyncio.get_running_loop().time)
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    conversations: dict[str, Hosted] = field(default_factory=dict)
    grace: float = GRACE_SECONDS
    budget: Budget = field(default_factory=Budget)
    taps: Taps = field(default_factory=Taps)
    closing: list[Callable[[], None]] = field(default_factory=list)
    lock: Lock = field(init=False)
    events: Stream = field(init=False)
    _audiences: dict[str, Audience] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _begun: list[float] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lock = Lock(self.now)
        self.events = Stream(self.epoch, Secrets(), lambda: self.now() * 1000, lambda: (0, None))

    def may_begin(self) -> bool:
        """Whether one more conversation may begin now; counts it."""
        now = self.now()
        self._begun = [at for at in self._begun if at > now - _BURST_SECONDS]
        if len(self._begun) >= _MOST_IN_A_BURST:
            return False
        self._begun.append(now)
        return True

    def adopt(self, made: Callable[[str], Hosted]) -> str:
        """Hold a conversation, made with the next id; the oldest that have ended go where there are too many."""
        ended = [id for id, other in self.conversations.items() if not other.is_live]
        for id in ended[: max(0, len(self.conversations) + 1 - 2 * MOST_CONVERSATIONS)]:
            self.forget(id)
        hosted = made(f"c{next(self._numbers)}")
        self.conversations[hosted.id] = hosted
        return hosted.id

    def forget(self, id: str) -> None:
        """Let go of a conversation that has ended."""
        self.conversations.pop(id).forget()
        if (audience := self._audiences.pop(id, None)) is not None:
            audience.close()

    def audience(self, hosted: Hosted) -> Audience:
        """The pages at a conversation."""
        known = self._audiences.get(hosted.id)
        if known is None:
            known = self._audiences[hosted.id] = Audience(hosted, self.grace, lambda: self._end(hosted))
        return known

    def _end(self, hosted: Hosted) -> None:
        task = asyncio.get_running_loop().create_task(hosted.close(NOBODY_LOOKS))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End every conversation, and what else is at work."""
        for close in self.closing:
            await asyncio.to_thread(close)
        for audience in self._audiences.values():
            audience.close()
        await asyncio.gather(*(hosted.close("the server stopped") for hosted in self.conversations.values()))
        for hosted in self.conversations.values():
            hosted.forget()
