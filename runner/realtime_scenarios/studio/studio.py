"""All that one studio knows: scenarios, conversations, and the events that concern every page."""

from __future__ import annotations

import asyncio
import http
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
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.stream import Stream

if TYPE_CHECKING:
    from realtime_scenarios.studio.hosted import Hosted

MOST_CONVERSATIONS = 50
"""That are held at once, those among them that are not connected, but are looked at."""

_MOST_IN_A_BURST, _BURST_SECONDS = 10, 5.0
_TOO_MANY = http.HTTPStatus.TOO_MANY_REQUESTS

NOBODY_LOOKS = "the page was closed"

GRACE_SECONDS = 10.0
"""So long after its last page has gone a conversation goes on: a reload takes it up again. Then it is over for good."""

FIRST_PAGE_SECONDS = 60.0
"""So long its first page may take to come."""


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

    def adopt(self, made: Callable[[str], Hosted]) -> str:
        """Hold a conversation, made with the next id, until nobody looks at it; its id.

        Raises:
            Refusal: 429, too many are begun at once, or as many are held as may be.
        """
        now = self.now()
        self._begun = [at for at in self._begun if at > now - _BURST_SECONDS]
        if len(self._begun) >= _MOST_IN_A_BURST:
            raise Refusal(_TOO_MANY, "too many conversations are begun at once", "wait a moment")
        if len(self.conversations) >= MOST_CONVERSATIONS:
            message = f"{MOST_CONVERSATIONS} conversations are held already, and there may be no more at a time"
            raise Refusal(_TOO_MANY, message, "close a tab in which one is, and wait ten seconds")
        self._begun.append(now)
        hosted = made(f"c{next(self._numbers)}")
        self.conversations[hosted.id] = hosted
        self._audiences[hosted.id] = Audience(hosted, self.grace, lambda: self._let_go(hosted))
        self._audiences[hosted.id].awaits(max(self.grace, FIRST_PAGE_SECONDS))
        return hosted.id

    async def end(self, hosted: Hosted, reason: str) -> None:
        """End a conversation for good; pages that are at it are told that it is gone."""
        if self.conversations.pop(hosted.id, None) is None:
            return
        audience = self._audiences.pop(hosted.id)
        await hosted.end(reason)
        await audience.close(self.epoch)

    def audience(self, hosted: Hosted) -> Audience:
        """The pages at a conversation."""
        return self._audiences[hosted.id]

    def _let_go(self, hosted: Hosted) -> None:
        task = asyncio.get_running_loop().create_task(self.end(hosted, NOBODY_LOOKS))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End every conversation, and what else is at work."""
        for close in self.closing:
            await asyncio.to_thread(close)
        ending = [self.end(hosted, "the server stopped") for hosted in [*self.conversations.values()]]
        await asyncio.gather(*ending, *self._tasks)
