"""Where sessions are held: who is let in, who answers them, and with which settings they begin."""

from __future__ import annotations

import contextlib
import http
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from realtime_scenarios.core import Ids, ScenarioError
from realtime_scenarios.realtime.door import Beginning, Keys, NotLetIn, Refusal
from realtime_scenarios.realtime.engine import Engine, Parts
from realtime_scenarios.realtime.event_log import EventLog, Tap
from realtime_scenarios.realtime.events import Events
from realtime_scenarios.realtime.mcp_client import McpClients
from realtime_scenarios.realtime.speech import Pace
from realtime_scenarios.realtime.visit import Channel, LoggedChannel, Seat, Visitor

_LOG = logging.getLogger(__name__)

Query = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Room:
    """An engine and who answers in it. `events` makes further events of its session.

    `mcp` reaches MCP servers, None: none is reached. `tap` is told every frame of the session, None: nobody is.
    """

    engine: Engine
    seat: Seat
    events: Events
    mcp: McpClients | None = None
    tap: Tap | None = None

    def logged(self, channel: Channel) -> Channel:
        """The channel, of which every frame is told where that is wanted."""
        return channel if self.tap is None else LoggedChannel(channel, self.tap)


class Rooms:
    """All sessions of a server. `welcome` says where a visitor is placed, or raises `NotLetIn`.

    `pace` holds where a seat has none of its own. `parts_factory` makes what hears and speaks in one session.
    `longest_seconds` None: a session may last for ever. `mcp_factory` makes what reaches MCP servers for one session;
    None: none is reached. `event_log` is told every frame of every session; None: there is none.
    """

    def __init__(
        self,
        welcome: Callable[[Visitor], Seat],
        keys: Keys,
        *,
        pace: Pace | None,
        parts_factory: Callable[[], Parts],
        most: int,
        longest_seconds: float | None,
        now: Callable[[], float],
        mcp_factory: Callable[[], McpClients] | None,
        event_log: EventLog | None = None,
    ) -> None:
        self.longest_seconds = longest_seconds
        self._welcome = welcome
        self._keys = keys
        self._pace = pace
        self._parts_factory = parts_factory
        self._most = most
        self._now = now
        self._mcp_factory = mcp_factory
        self._event_log = event_log
        self._numbers = itertools.count(1)
        self._held = 0

    def let_in(self, shown: Sequence[str], query: Query) -> Beginning | None:
        """What the session begins with by the key that is shown or by its address; None: nothing of the kind is said.

        Raises:
            NotLetIn: the key is not good, or there is no room.
        """
        by_key = self._keys.beginning(shown)
        intent = query.get("intent", [None])[-1]
        if intent not in (None, "conversation", "transcription"):
            message = "Supported intents are 'conversation' and 'transcription'."
            raise NotLetIn(Refusal(http.HTTPStatus.BAD_REQUEST, message, "invalid_value", "intent"))
        if self._held >= self._most:
            busy = http.HTTPStatus.SERVICE_UNAVAILABLE
            raise NotLetIn(Refusal(busy, "The server has no free session.", "server_busy"))
        return by_key or (Beginning("transcription") if intent == "transcription" else None)

    def room(self, query: Query, beginning: Beginning | None) -> Room:
        """A room for a session that begins so.

        Raises:
            NotLetIn: what it asks for is not served.
            ClientError: the settings that it would begin with are none.
        """
        try:
            return self._room(query, beginning)
        except ScenarioError as problem:
            _LOG.error("nobody can be let in: %s", problem)
            message = "The server had an error while processing your request."
            raise NotLetIn(Refusal(http.HTTPStatus.INTERNAL_SERVER_ERROR, message, "server_error")) from problem

    def _room(self, query: Query, beginning: Beginning | None) -> Room:
        number = next(self._numbers)
        seat = self._welcome(Visitor(number, query))
        named = query.get("model") or query.get("deployment") or ()
        longest = self.longest_seconds
        begins = beginning or Beginning()
        settings = dict(begins.settings or {})
        if begins.kind == "realtime":
            settings = {**(seat.settings or {}), **settings}
        # the first session has the ids that it would have in memory, and none shares one with another
        ids = Ids() if number == 1 else Ids(number)
        engine = Engine(
            ids,
            model=named[-1] if named else None,
            pace=seat.pace or self._pace,
            parts=seat.heard_by(self._parts_factory()),
            expires_at=None if longest is None else int(self._now() + longest),
            kind=begins.kind,
            settings=settings,
        )
        mcp = None if self._mcp_factory is None else self._mcp_factory()
        tap = None if self._event_log is None else self._event_log.connection()
        return Room(engine, seat, Events(ids), mcp, tap)

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """A place is taken as long as the block lasts."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
