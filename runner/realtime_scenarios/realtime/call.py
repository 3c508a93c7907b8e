"""One call: a session whose caller is heard and spoken to over tracks of sound, with those who listen in on it.

Three kinds of lines lead to its session (`visit`): the loudspeaker, which takes the audio of answers and nothing else;
the caller's data channel, and websockets beside it (a sideband), which take everything else.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from typing import Any, Protocol

from realtime_scenarios.realtime.events import Event, encoded
from realtime_scenarios.realtime.playback import RATE, Playback
from realtime_scenarios.realtime.rooms import Room
from realtime_scenarios.realtime.speech import AudioFormat, format_of
from realtime_scenarios.realtime.taps import Ear
from realtime_scenarios.realtime.visit import Channel, Hangup, Visit
from realtime_scenarios.voice import Samples
from realtime_scenarios.voice import encoded as coded
from realtime_scenarios.voice.resampling import Resampler

_CONNECT_SECONDS = 30.0
_KEPT_MS = 300_000
"""How much of what the microphone hears is kept for a client that cuts its turns by hand."""

_OVER = (1000, "The call has ended.")
_AUDIO = '{"type":"response.output_audio.delta",'
_DONE = '{"type":"response.done",'


class Connection(Protocol):
    """What a call needs of its connection to the caller."""

    @property
    def channel(self) -> Channel: ...

    @property
    def has_sound(self) -> bool: ...

    @property
    def has_events(self) -> bool: ...

    def heard(self) -> AsyncIterator[Samples]:
        """What the caller's microphone hears, at the rate of `playback`, as it comes."""
        ...

    async def until_up(self) -> None: ...

    async def until_over(self) -> None: ...

    async def close(self) -> None: ...


class Call:
    """A session in a room, over a connection. `run` holds it until one of the two ends."""

    def __init__(self, room: Room, connection: Connection, tap: Ear = lambda side, samples: None) -> None:
        """`tap` is told both sides as they are heard."""
        self._room = room
        self._engine = room.engine
        self._events = room.events
        self._connection = connection
        self._tap = tap
        self._playback = Playback(room.events, room.engine.truncate)
        self._visit = Visit(room.engine, room.seat, self._followed, room.mcp)
        self._session: Mapping[str, Any] = {}
        self._ear = _Ear()
        self._is_hung_up = asyncio.Event()
        self._is_over = False

    def play(self, count: int) -> Samples:
        """The next so many samples for the caller's ear."""
        samples, events = self._playback.play(count)
        for event in events:
            self._visit.tell(event)
        self._tap("agent", samples)
        return samples

    def hang_up(self) -> None:
        """End it."""
        self._is_hung_up.set()

    async def attend(self, channel: Channel) -> None:
        """Hold a sideband until it is left or the call ends: greeted and told as the caller is, free to do as much."""
        if self._is_over:
            await channel.close(*_OVER)
            return
        line = self._visit.line(_WithoutSound(self._room.logged(channel)), is_patient=False)
        line.put(encoded(self._events.make("session.created", session=self._session)))
        await self._visit.attend(line)

    async def run(self, longest_seconds: float | None) -> None:
        """Hold the call from its greeting to its end. `longest_seconds` None: for ever."""
        loudspeaker = _Loudspeaker(self._playback, self._visit.tell)
        ends = [self._until_gone(), self._until_hung_up(), self._attend(loudspeaker)]
        goes_on = [self._hear()] if self._connection.has_sound else []
        goes_on += (
            [self._attend(_WithoutSound(self._room.logged(self._connection.channel)))]
            if self._connection.has_events
            else []
        )
        ending = [asyncio.ensure_future(end) for end in ends]
        going_on = [asyncio.ensure_future(going) for going in goes_on]
        self._visit.exchange.open()
        try:
            done, _ = await asyncio.wait(ending, timeout=longest_seconds, return_when=asyncio.FIRST_COMPLETED)
            if not done and longest_seconds is not None:
                await self._visit.expire(longest_seconds)
        finally:
            self._visit.exchange.close()
            for task in (*ending, *going_on):
                task.cancel()
            ended = await asyncio.gather(*ending, *going_on, return_exceptions=True)
            await self._connection.close()
            self._is_over = True
            await self._visit.hang_up(Hangup(*_OVER))
            await self._visit.close()
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem

    def _attend(self, channel: Channel) -> Coroutine[Any, Any, None]:
        return self._visit.attend(self._visit.line(channel))

    async def _until_gone(self) -> None:
        """Wait until the caller has gone, or has not come."""
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await self._connection.until_up()
        except TimeoutError:
            return
        await self._connection.until_over()

    async def _until_hung_up(self) -> None:
        await self._is_hung_up.wait()

    async def _hear(self) -> None:
        async for samples in self._connection.heard():
            self._tap("caller", samples)
            if (message := self._ear.message(samples)) is not None:
                await self._visit.exchange.receive(message)
                self._engine.keep_audio(_KEPT_MS)

    def _followed(self, event: Event) -> Iterator[Event]:
        match event["type"]:
            case "session.created" | "session.updated":
                self._session = event["session"]
                self._ear.use(format_of(event["session"]["audio"]["input"]["format"]))
        yield from self._playback.follow(event)


class _Ear:
    """What a track brings to messages for the session, in the format that its settings name."""

    def __init__(self) -> None:
        self._format: AudioFormat | None = None
        self._resampler: Resampler | None = None

    def use(self, wanted: AudioFormat) -> None:
        """The session takes audio in this format."""
        if wanted != self._format:
            self._format = wanted
            self._resampler = None if wanted.rate == RATE else Resampler(RATE, wanted.rate)

    def message(self, samples: Samples) -> str | None:
        """What to give the session; None: it has not begun."""
        if self._format is None:
            return None
        at_rate = samples if self._resampler is None else self._resampler.feed(samples)
        audio = base64.b64encode(coded(at_rate, self._format)).decode()
        return encoded({"type": "input_audio_buffer.append", "audio": audio})


class _WithoutSound:
    """A channel to somebody who is not sent the audio of answers."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.receive = channel.receive
        self.close = channel.close

    async def send(self, text: str) -> bool:
        return True if text.startswith(_AUDIO) else await self._channel.send(text)


class _Loudspeaker:
    """A channel to what is played: it takes the audio of answers, and when one is over."""

    def __init__(self, playback: Playback, tell: Callable[[Event], None]) -> None:
        self._playback = playback
        self._tell = tell

    async def receive(self) -> str | bytes | None:
        """A loudspeaker says nothing."""
        await asyncio.get_running_loop().create_future()
        return None

    async def send(self, text: str) -> bool:
        if text.startswith((_AUDIO, _DONE)):
            try:
                event = json.loads(text)
            except ValueError:  # a fault has torn it
                return True
            if event["type"] == "response.done":
                for told in self._playback.end(event["response"]["id"]):
                    self._tell(told)
            else:
                self._playback.add(event)
        return True

    async def close(self, code: int, reason: str) -> None:
        """It ends with its call."""
