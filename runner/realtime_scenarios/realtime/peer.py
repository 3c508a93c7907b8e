"""A caller's WebRTC offer to a connection with it: a track each way, and the data channel `oai-events`.

Only this module knows aiortc, which comes with the extra `webrtc`.
Nobody else is asked for anything: no STUN or TURN server, no names. The server's candidates are addresses of its own;
those of the client are left unread, since whoever holds the answer is known by its first packet (a peer-reflexive
candidate, RFC 8445, section 7.3.1.3). So no offer can have packets sent to somebody else.
"""

from __future__ import annotations

import asyncio
import fractions
import functools
import ipaddress
import json
import re
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from aiortc import (
    InvalidStateError,
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from realtime_scenarios.realtime.events import ClientError, encoded
from realtime_scenarios.realtime.playback import RATE
from realtime_scenarios.voice import PCM16, Samples, decoded

CHANNEL = "oai-events"
"""The label of the data channel that carries events (OpenAI's guide to WebRTC)."""

_FRAME = RATE // 50
"""Samples in a packet: 20 ms."""
_LONGEST_OFFER = 64 * 1024
_MOST_LINES = 1_000
_MOST_MEDIA = 16
"""Of an offer: browsers have a hundred lines and two media, and others wait while it is read."""
_MOST_BEHIND_SECONDS = 0.2
_MOST_BUFFERED = 1024 * 1024
_MOST_UNREAD = 1000
_MOST_UNREAD_CHARACTERS = 32 * 1024 * 1024
"""Messages of a client that wait to be read, and how much is in them: room for the longest event."""
_SILENT_AFTER_SECONDS = 1.0
_SILENT_STEP_SECONDS = 0.2
_LONGEST_GAP_SECONDS = 5.0
_FAREWELL_SECONDS = 5.0
_CANDIDATES = re.compile(r"^a=(?:candidate:.*|end-of-candidates)\r\n", re.MULTILINE)


class BadOffer(Exception):
    """It is no SDP offer, or none that can be answered; the text says why."""


class Peer:
    """The server's end of a call. Whoever makes it closes it."""

    def __init__(self) -> None:
        self.channel = EventsChannel()
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._track: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self._is_up = asyncio.Event()
        self._is_over = asyncio.Event()
        self._connection.on("track", self._take_track)
        self._connection.on("datachannel", self._take_channel)
        self._connection.on("connectionstatechange", self._note_state)

    async def take(self, offer: str) -> None:
        """Read the client's offer.

        Raises:
            BadOffer: it cannot be read, or offers neither sound nor a data channel.
        """
        if not offer.startswith("v=0"):
            raise BadOffer("it does not begin with 'v=0'")
        if len(offer) > _LONGEST_OFFER:
            raise BadOffer(f"it has more than {_LONGEST_OFFER} characters")
        lines = offer.splitlines()
        if len(lines) > _MOST_LINES or sum(line.startswith("m=") for line in lines) > _MOST_MEDIA:
            raise BadOffer(f"it has more than {_MOST_LINES} lines, or than {_MOST_MEDIA} media")
        whole = "".join(f"{line}\r\n" for line in lines)
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(_CANDIDATES.sub("", whole), "offer"))
        except Exception as problem:  # its parser takes what it reads for well-formed, and stumbles in any way
            raise BadOffer(str(problem) or "it cannot be read") from problem
        if not self.has_sound and not self.has_events:
            raise BadOffer("it offers neither sound nor a data channel")

    @property
    def has_sound(self) -> bool:
        return any(transceiver.kind == "audio" for transceiver in self._connection.getTransceivers())

    @property
    def has_events(self) -> bool:
        return self._connection.sctp is not None

    async def answer(self, addresses: Sequence[str], play: Callable[[int], Samples]) -> str:
        """The answer, with candidates at these addresses. `play` gives the next so many samples to be heard.

        Raises:
            BadOffer: what the offer holds cannot be answered.
        """
        transports = [receiver.transport for receiver in self._connection.getReceivers()]
        transports += [self._connection.sctp.transport] if self._connection.sctp is not None else []
        for transport in transports:
            gather_at(addresses, transport.transport.iceGatherer)
        for transceiver in self._connection.getTransceivers():
            if transceiver.kind == "video":
                transceiver.direction = "inactive"
        if self.has_sound:
            self._connection.addTrack(_Spoken(play))
        try:
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as problem:  # as above
            raise BadOffer(str(problem) or "it cannot be answered") from problem
        return self._connection.localDescription.sdp

    async def until_up(self) -> None:
        """Wait until the client is there, with its data channel where it has offered one."""
        await self._is_up.wait()
        if self.has_events:
            await self.channel.opened()

    async def until_over(self) -> None:
        """Wait until the client has gone."""
        await self._is_over.wait()

    async def close(self) -> None:
        await asyncio.wait([asyncio.ensure_future(self._connection.close())], timeout=_FAREWELL_SECONDS)
        self._is_over.set()

    async def heard(self) -> AsyncIterator[Samples]:
        """What the client's microphone hears, in real time; silence where nothing comes."""
        track = await self._track
        stream = _Stream()
        patience = _SILENT_AFTER_SECONDS
        while True:
            try:
                async with asyncio.timeout(patience):  # `wait_for` of Python 3.11 may lose that it is cancelled
                    frame = await track.recv()
            except TimeoutError:
                yield stream.silence(patience)
                patience = _SILENT_STEP_SECONDS
                continue
            except MediaStreamError:
                return
            patience = _SILENT_AFTER_SECONDS
            if isinstance(frame, AudioFrame):
                yield stream.samples(frame)

    def _take_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and not self._track.done():
            self._track.set_result(track)

    def _take_channel(self, channel: RTCDataChannel) -> None:
        if channel.label == CHANNEL:
            self.channel.take(channel)

    def _note_state(self) -> None:
        match self._connection.connectionState:
            case "connected":
                self._is_up.set()
            case "failed" | "closed":
                self._is_over.set()
                self.channel.end()


class EventsChannel:
    """The data channel as the channel of a session."""

    def __init__(self) -> None:
        self._channel: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
        self._incoming: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._unread = 0
        self._has_room = asyncio.Event()

    def take(self, channel: RTCDataChannel) -> None:
        """The client has opened it; another one of that name is not listened to."""
        if self._channel.done():
            return
        channel.bufferedAmountLowThreshold = _MOST_BUFFERED // 2
        channel.on("message", functools.partial(self._take_message, channel))
        channel.on("close", self.end)
        channel.on("bufferedamountlow", self._has_room.set)
        self._channel.set_result(channel)

    def _take_message(self, channel: RTCDataChannel, message: str | bytes) -> None:
        """Nobody can be kept from sending here: who sends much more than is read is not listened to any more."""
        if self._unread < 0:
            return
        self._unread += len(message)
        if self._incoming.qsize() >= _MOST_UNREAD or self._unread > _MOST_UNREAD_CHARACTERS:
            self._unread = -1
            channel.close()
            self.end()
        else:
            self._incoming.put_nowait(message)

    def end(self) -> None:
        """Nothing comes any more."""
        self._incoming.put_nowait(None)
        self._has_room.set()

    async def opened(self) -> RTCDataChannel:
        return await asyncio.shield(self._channel)

    async def receive(self) -> str | bytes | None:
        message = await self._incoming.get()
        if message is not None and self._unread > 0:
            self._unread -= len(message)
        return message

    async def send(self, text: str) -> bool:
        channel = await self.opened()
        while channel.bufferedAmount > _MOST_BUFFERED and channel.readyState == "open":
            self._has_room.clear()
            await self._has_room.wait()
        try:
            channel.send(text)
        except InvalidStateError:
            return False
        except ValueError:  # longer than what the client's own description says it takes
            channel.send(_too_long(text))
        return True

    async def close(self, code: int, reason: str) -> None:
        """A data channel is closed without a code; it ends with its call."""


class _Stream:
    """Frames of a track to samples at our rate, with silence for those that were lost on the way."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._rate = 0
        self._expected = 0

    def samples(self, frame: AudioFrame) -> Samples:
        found, at = array("h"), frame.pts or 0
        if self._resampler is None or frame.sample_rate != self._rate:  # the codec may change
            self._resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
            self._rate = frame.sample_rate
        elif 0 < (gap := (at - self._expected) / self._rate) <= _LONGEST_GAP_SECONDS:
            found += _silence(gap)
        self._expected = at + frame.samples
        for piece in self._resampler.resample(frame):
            found += decoded(bytes(piece.planes[0])[: 2 * piece.samples], PCM16)
        return found

    def silence(self, seconds: float) -> Samples:
        """Nothing has come for so long."""
        self._expected += round(seconds * self._rate)
        return _silence(seconds)


def _silence(seconds: float) -> Samples:
    return array("h", bytes(2 * round(seconds * RATE)))


class _Spoken(MediaStreamTrack):
    """The track to the client, 20 ms at a time as they are due."""

    kind = "audio"

    def __init__(self, play: Callable[[int], Samples]) -> None:
        super().__init__()
        self._play = play
        self._due: float | None = None
        self._sent = 0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now = asyncio.get_running_loop().time()
        self._due = now if self._due is None else self._due + _FRAME / RATE
        if self._due > now:
            await asyncio.sleep(self._due - now)
        elif now - self._due > _MOST_BEHIND_SECONDS:
            self._due = now  # the machine was busy: what comes late is heard late, and not all at once
        frame = AudioFrame(format="s16", layout="stereo", samples=_FRAME)
        frame.planes[0].update(_on_both_sides(self._play(_FRAME)).tobytes())
        frame.sample_rate = RATE
        frame.time_base = fractions.Fraction(1, RATE)
        frame.pts = self._sent
        self._sent += _FRAME
        return frame


def _on_both_sides(samples: Samples) -> Samples:
    """Opus goes out in stereo; FFmpeg would make one side of sound 3 dB softer on each of two."""
    both = array("h", bytes(4 * len(samples)))
    both[::2] = both[1::2] = samples
    return both


def addresses_for(host: str) -> Sequence[str]:
    """Where a client that has reached the server at this address of it reaches its sound: there, and on loopback."""
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:  # a Unix socket
        is_here = True
    return ("127.0.0.1", "::1") if is_here else (host,)


def gather_at(addresses: Sequence[str], gatherer: Any) -> None:
    """Have candidates at these addresses, and not at all that the machine has but loopback, as aioice would."""
    connection = gatherer._connection
    gather = type(connection).get_component_candidates
    connection.get_component_candidates = functools.partial(_gathered, gather, connection, tuple(addresses))


async def _gathered(
    gather: Callable[..., Any], connection: Any, ours: Sequence[str], component: int, addresses: Sequence[str]
) -> Any:
    return await gather(connection, component=component, addresses=list(ours))


def _too_long(text: str) -> str:
    """What is sent in place of an event that is too long: an error, under the id of the event that never came."""
    event = json.loads(text)
    message = f"The event '{event['type']}' has {len(text.encode())} bytes, and your data channel takes fewer."
    problem = ClientError("event_too_large", message)
    return encoded({"type": "error", "event_id": event["event_id"], "error": problem.body(None)})
