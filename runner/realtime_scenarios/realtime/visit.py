"""A client's connection to its engine: what happens between the two from the greeting until one of them goes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.realtime.engine import Engine, Parts
from realtime_scenarios.realtime.event_log import Tap
from realtime_scenarios.realtime.events import ClientError, Event, encoded, expired
from realtime_scenarios.realtime.exchange import Exchange
from realtime_scenarios.realtime.long_events import LONG, outline_of
from realtime_scenarios.realtime.mcp_client import McpClients
from realtime_scenarios.realtime.responder import Responder
from realtime_scenarios.realtime.speech import Pace
from realtime_scenarios.voice import SpeechToText

_MOST_UNREAD = 1000
_MOST_UNREAD_CHARACTERS = 16 * 1024 * 1024
_MUCH = 4 * 1024
"""Characters of a message behind which others have their turn; a frame of sound has fewer."""

_LAST_WORDS_SECONDS = 5.0
"""How long a client may take to read what is left for it when its time is over."""

_LOG = logging.getLogger(__name__)


class Channel(Protocol):
    """The server's end of a connection."""

    async def receive(self) -> str | bytes | None:
        """The next message; None: the client has gone."""
        ...

    async def send(self, text: str) -> bool:
        """Send it, and wait while the client reads too slowly; whether the client is still there."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close it; nothing happens where the client has gone."""
        ...


@dataclass(frozen=True, slots=True)
class LoggedChannel:
    """A channel of which every frame is told, as it is received and as it is sent."""

    channel: Channel
    tap: Tap

    async def receive(self) -> str | bytes | None:
        message = await self.channel.receive()
        if message is not None:
            self.tap.tell("client", _as_logged(message))
        return message

    async def send(self, text: str) -> bool:
        self.tap.tell("server", text)
        return await self.channel.send(text)

    async def close(self, code: int, reason: str) -> None:
        await self.channel.close(code, reason)


def _as_logged(message: str | bytes) -> str | bytes:
    """What is logged of a message: of a long one that is refused no more than how long it was."""
    if len(message) > LONG:
        try:
            outline_of(message)
        except ClientError:
            return f"<{len(message)} {'characters' if isinstance(message, str) else 'bytes'} that were refused>"
    return message


@dataclass(frozen=True, slots=True)
class Visitor:
    """A client that is let in. `number` counts from 1 over the life of the server; `query` is that of the address."""

    number: int
    query: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent for so long; what comes behind it waits."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hangup:
    """The server closes the connection, with this code."""

    code: int
    reason: str


Delivery = str | Pause | Hangup
"""What becomes of an event: texts of frames, and what is done between them."""


class Wire(Protocol):
    """What lies between engine and client: it sees each event of the server, and says what is delivered of it."""

    def deliveries(self, event: Event) -> Iterable[Delivery]: ...


class _PlainWire:
    """A wire that delivers what it is given."""

    def deliveries(self, event: Event) -> Iterable[Delivery]:
        return (encoded(event),)


PLAIN_WIRE = _PlainWire()


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a visitor is placed: who answers, and how.

    `settings` are those that the session begins with where its key brings none, in the form of a `session.update`.
    `pace` None: the server's. `listener` writes down what is said where the server has nothing that does. `left` is
    called once the visitor has gone.
    """

    responder: Responder
    settings: Mapping[str, Any] | None = None
    wire: Wire = PLAIN_WIRE
    pace: Pace | None = None
    listener: SpeechToText | None = None
    left: Callable[[], None] = lambda: None

    def heard_by(self, parts: Parts) -> Parts:
        """What hears and speaks here, of the server's parts."""
        return parts if parts.listener is not None else replace(parts, listener=self.listener)


_THREADS = ThreadPoolExecutor(256, "parts that hear and speak")
"""Each session has at most two at work. Of asyncio's own threads there are few: a service that hangs would have all."""


async def _in_a_thread(work: Callable[[], Any]) -> Any:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)


class Visit:
    """One session, and the lines to those who are connected to it: mostly there is one, and it is there from the start.

    An event of the server goes to all of them, and what `follow` makes of it after it. Where a line ends, the others
    go on. `mcp` reaches MCP servers, and is closed with it; None: none is reached.
    """

    def __init__(
        self,
        engine: Engine,
        seat: Seat,
        follow: Callable[[Event], Iterable[Event]] | None = None,
        mcp: McpClients | None = None,
    ) -> None:
        self._wire = seat.wire
        self._left = seat.left
        self._follow = follow or (lambda event: ())
        self._lines: list[Line] = []
        self._mcp = mcp
        self.exchange = Exchange(engine, seat.responder, self.tell, self._break, _in_a_thread, mcp)

    def line(self, channel: Channel, *, is_patient: bool = True) -> Line:
        """A line to somebody, who is told all that the server says from now on.

        `is_patient` False: it ends where too much is left unread. Whoever else makes the server speak is then not kept
        waiting; a client that does so alone is, since it is not listened to meanwhile.
        """
        line = Line(channel, self.exchange, is_patient=is_patient)
        self._lines.append(line)
        return line

    def tell(self, event: Event) -> None:
        """Say something to everybody."""
        self._deliver(event)
        for more in self._follow(event):
            self._deliver(more)

    async def attend(self, line: Line) -> None:
        """Hold a line until its other end goes, or what is to be said ends it."""
        try:
            await line.run()
        finally:
            self._lines.remove(line)

    async def expire(self, seconds: float) -> None:
        """Tell everybody that the session has lasted as long as it may, and hang up."""
        self.exchange.expire(seconds)
        await self.hang_up(Hangup(1001, expired(seconds).message))

    async def hang_up(self, hangup: Hangup) -> None:
        """End all lines, once what is left for each has been read, or soon."""
        for line in self._lines:
            line.put(hangup)
        await asyncio.gather(*(line.until_said(_LAST_WORDS_SECONDS) for line in self._lines))

    async def close(self) -> None:
        """Whoever held the session has gone."""
        self.exchange.close()
        self._left()
        if self._mcp is not None:
            await self._mcp.close()

    def _deliver(self, event: Event) -> None:
        for delivery in self._wire.deliveries(event):
            for line in self._lines:
                line.put(delivery)

    def _break(self, problem: BaseException) -> None:
        for line in self._lines:
            line.put(problem)


async def hold(
    channel: Channel, engine: Engine, seat: Seat, longest_seconds: float | None, mcp: McpClients | None = None
) -> None:
    """Hold one session from its greeting until one of the two goes.

    `longest_seconds` None: for ever. `mcp` reaches MCP servers, and is closed in the end; None: none is reached.
    """
    visit = Visit(engine, seat, mcp=mcp)
    attending = asyncio.create_task(visit.attend(visit.line(channel)))
    visit.exchange.open()
    try:
        done, _ = await asyncio.wait([attending], timeout=longest_seconds)
        if not done and longest_seconds is not None:
            await visit.expire(longest_seconds)
    finally:
        visit.exchange.close()
        attending.cancel()
        (ended,) = await asyncio.gather(attending, return_exceptions=True)
        await visit.close()
    if isinstance(ended, Exception):
        raise ended


class Line:
    """What lies between a session and somebody who is connected to it."""

    def __init__(self, channel: Channel, exchange: Exchange, *, is_patient: bool = True) -> None:
        self._channel = channel
        self._exchange = exchange
        self._is_patient = is_patient
        self._outbox = _Outbox()
        self._is_given_up = asyncio.Event()
        self._has_ended = asyncio.Event()

    def put(self, delivery: Delivery | BaseException) -> None:
        """Have it delivered after all that was put before; the error of a responder ends the line."""
        self._outbox.put(delivery)
        if not self._is_patient and self._outbox.is_full:
            self._is_given_up.set()

    async def until_said(self, seconds: float) -> None:
        """Wait for the end of the line, so many seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._has_ended.wait()

    async def run(self) -> None:
        """Bring messages both ways until one of the two ends goes."""
        writing = asyncio.create_task(_write(self._channel, self._outbox))
        reading = asyncio.create_task(_read(self._channel, self._exchange, self._outbox, writing))
        tasks: list[asyncio.Task[Any]] = [reading, writing, asyncio.create_task(self._is_given_up.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._has_ended.set()
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        if self._is_given_up.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORDS_SECONDS):
                    await self._channel.close(1008, "Too much was left unread.")
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem


class _Outbox:
    """What a client has not been sent yet, and at the end the error of its responder."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Delivery | BaseException] = asyncio.Queue()
        self._characters = 0

    @property
    def is_full(self) -> bool:
        return self._waiting.qsize() > _MOST_UNREAD or self._characters > _MOST_UNREAD_CHARACTERS

    def put(self, delivery: Delivery | BaseException) -> None:
        self._characters += len(delivery) if isinstance(delivery, str) else 0
        self._waiting.put_nowait(delivery)

    async def next(self) -> Delivery | BaseException:
        return await self._waiting.get()

    def sent(self, delivery: Delivery) -> None:
        self._characters -= len(delivery) if isinstance(delivery, str) else 0
        self._waiting.task_done()

    async def until_read(self, writing: asyncio.Task[None]) -> None:
        """A client that does not read is not listened to either."""
        reading = asyncio.create_task(self._waiting.join())
        await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
        reading.cancel()


async def _read(channel: Channel, exchange: Exchange, outbox: _Outbox, writing: asyncio.Task[None]) -> None:
    while (text := await channel.receive()) is not None:
        await exchange.receive(text)
        if len(text) > _MUCH:
            await asyncio.sleep(0)  # a client whose next message is there already waits for nothing else
        if outbox.is_full:
            await outbox.until_read(writing)


async def _write(channel: Channel, outbox: _Outbox) -> None:
    """Send what waits in the outbox, until the connection or the responder ends."""
    while True:
        match await outbox.next():
            case str() as text:
                if not await channel.send(text):
                    return
                outbox.sent(text)
            case Pause() as pause:
                await asyncio.sleep(pause.seconds)
                outbox.sent(pause)
            case Hangup(code, reason):
                await channel.close(code, reason)
                return
            case problem:
                # what the world did wrong is said in its words; anything else is a mistake of ours
                is_of_world = isinstance(problem, ScenarioError)
                _LOG.error("the responder failed: %s", problem, exc_info=None if is_of_world else problem)
                await channel.close(1011, "The server had an error while processing your request.")
                return
