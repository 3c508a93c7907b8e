"""A connection of the line: the SDK's session on it, what that is made of, and who hears it."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from agents.realtime import RealtimeAgent, RealtimeModelListener, RealtimeRunConfig, RealtimeSession

from realtime_scenarios.compiler import Talk


class Hearing(RealtimeModelListener):
    """Who follows a session: the wire's events as a listener, the session's own by reading it."""

    @abc.abstractmethod
    async def read(self, session: RealtimeSession) -> None:
        """Hear the session until its end."""

    @abc.abstractmethod
    def cut_off(self) -> None:
        """The line is lost: what was being said is over, and what was being done will not be answered."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a session is made of, also one that takes over."""

    agents: Mapping[str, RealtimeAgent[Talk]]
    talk: Talk
    config: RealtimeRunConfig
    hears: Hearing


@dataclass(frozen=True, slots=True)
class Connection:
    """`reader` hears the session; where it is cancelled, the end of the session is told to nobody."""

    session: RealtimeSession
    reader: asyncio.Task[None]
