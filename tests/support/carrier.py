"""A telephone carrier as Twilio's documentation describes it: frames of a call, what can happen to them, and its ear.

Nothing here was recorded at Twilio: the frames have the form of the examples in "Media Streams - WebSocket Messages".
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import heapq
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

STREAM, CALL, ACCOUNT = "MZ0123456789abcdef0123456789abcdef", "CA0123456789abcdef0123456789abcdef", "AC00"
FRAME_MS = 20
QUIET = b"\xff"


def connected() -> str:
    return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})


def started(parameters: dict[str, str] | None = None, *, call: str = CALL, stream: str = STREAM) -> str:
    start = {
        "accountSid": ACCOUNT,
        "streamSid": stream,
        "callSid": call,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": parameters or {},
    }
    return json.dumps({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": stream})


def media(chunk: int, audio: bytes, at_ms: int | None = None, *, stream: str = STREAM) -> str:
    at_ms = (chunk - 1) * FRAME_MS if at_ms is None else at_ms
    payload = base64.b64encode(audio).decode()
    sound = {"track": "inbound", "chunk": str(chunk), "timestamp": str(at_ms), "payload": payload}
    return json.dumps({"event": "media", "sequenceNumber": str(chunk + 1), "media": sound, "streamSid": stream})


def key(digit: str) -> str:
    return json.dumps(
        {
            "event": "dtmf",
            "streamSid": STREAM,
            "sequenceNumber": "5",
            "dtmf": {"track": "inbound_track", "digit": digit},
        }
    )


def mark(name: str) -> str:
    return json.dumps({"event": "mark", "sequenceNumber": "4", "streamSid": STREAM, "mark": {"name": name}})


def stopped() -> str:
    stop = {"accountSid": ACCOUNT, "callSid": CALL}
    return json.dumps({"event": "stop", "sequenceNumber": "5", "stop": stop, "streamSid": STREAM})


def frames_of(sound: bytes) -> list[str]:
    """A sound as it would come, 20 ms a frame."""
    size = FRAME_MS * 8
    pieces = [sound[at : at + size].ljust(size, QUIET) for at in range(0, len(sound), size)]
    return [media(number, piece) for number, piece in enumerate(pieces, 1)]


@dataclass
class BadLine:
    """A line on which each frame may get lost, come twice, or come later than those behind it.

    Chances are from 0 to 1, by seed; `late_ms` is how much later at most.
    """

    seed: int = 1
    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    late_ms: int = 60

    def arrivals(self, frames: Sequence[str]) -> list[tuple[float, str]]:
        """When each frame comes, in milliseconds, in the order of coming."""
        draw = random.Random(self.seed)
        coming: list[tuple[float, int, str]] = []
        for number, frame in enumerate(frames):
            at = float(number * FRAME_MS)
            if draw.random() < self.lost:
                continue
            if draw.random() < self.late:
                at += draw.uniform(0, self.late_ms)
            copies = 2 if draw.random() < self.doubled else 1
            coming += [(at + copy * draw.uniform(0, self.late_ms), number, frame) for copy in range(copies)]
        return [(at, frame) for at, _, frame in sorted(coming)]


@dataclass
class CarriersEar:
    """What the carrier plays to the caller: what waits, and when each mark comes back.

    Times are milliseconds. `heard` is the sound that has been played; frames that are sent are kept in `sent`.
    """

    stream: str = STREAM
    heard: bytearray = field(default_factory=bytearray)
    sent: list[dict[str, Any]] = field(default_factory=list)
    _queue: list[bytes | str] = field(default_factory=list)
    _now: float = 0.0

    def take(self, text: str, now_ms: float) -> list[str]:
        """A frame of the server comes; the marks that come back at once."""
        frame = json.loads(text)
        self.sent.append(frame)
        assert frame["streamSid"] == self.stream
        marks = self.play(now_ms)
        match frame["event"]:
            case "media":
                self._queue.append(base64.b64decode(frame["media"]["payload"]))
            case "mark":
                self._queue.append(frame["mark"]["name"])
            case "clear":
                marks += [mark(name) for name in self._queue if isinstance(name, str)]
                self._queue.clear()
            case other:
                raise AssertionError(f"a server sends no '{other}'")
        return marks + self.play(now_ms)

    def play(self, now_ms: float) -> list[str]:
        """Play until then; the marks that were reached."""
        reached: list[str] = []
        while self._queue:
            first = self._queue[0]
            if isinstance(first, str):
                reached.append(mark(first))
            elif self._now + len(first) / 8 > now_ms + 1e-6:
                left = max(int((now_ms - self._now) * 8), 0)
                self.heard += first[:left]
                self._queue[0] = first[left:]
                self._now += left / 8
                return reached
            else:
                self.heard += first
                self._now += len(first) / 8
            self._queue.pop(0)
        self._now = max(self._now, now_ms)
        return reached

    @property
    def next_mark_ms(self) -> float | None:
        """When the next mark comes back; None where none waits."""
        at = self._now
        for waiting in self._queue:
            if isinstance(waiting, str):
                return at
            at += len(waiting) / 8
        return None


class Phone:
    """A telephone on the line, in the loop's time: the server's end of its media stream, as a `Channel`.

    What the caller's side sounds like comes from the beginning of the call, and `hang_up` ends it; None for a line that
    breaks. `closed` is the code with which the server closed it.
    """

    def __init__(self, ear: CarriersEar | None = None) -> None:
        self.ear = ear or CarriersEar()
        self.closed: int | None = None
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._coming: list[tuple[float, int, str | None]] = []
        self._count = 0
        self._changed = asyncio.Event()

    @property
    def now_ms(self) -> float:
        return (self._loop.time() - self._began) * 1000

    def comes(self, frames: Iterable[tuple[float, str | None]]) -> None:
        """Frames come at these milliseconds; None: the line breaks."""
        for at, frame in frames:
            self._count += 1
            heapq.heappush(self._coming, (at, self._count, frame))
        self._changed.set()

    def sounds(self, sound: bytes, line: BadLine | None = None) -> None:
        """The caller's side sounds like that; the call begins, and ends with it."""
        frames = frames_of(sound)
        self.comes([(0, connected()), (0, started())])
        self.comes((line or BadLine()).arrivals(frames))
        self.comes([(len(frames) * FRAME_MS + 200, stopped())])

    async def receive(self) -> str | None:
        while True:
            self.comes((self.now_ms, text) for text in self.ear.play(self.now_ms))
            if self._coming and self._coming[0][0] <= self.now_ms + 1e-6:
                return heapq.heappop(self._coming)[2]
            due = [at for at in (self._coming[0][0] if self._coming else None, self.ear.next_mark_ms) if at is not None]
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((min(due) - self.now_ms) / 1000 if due else None):
                    await self._changed.wait()

    async def send(self, text: str) -> bool:
        if self.closed is not None:
            return False
        self.comes((self.now_ms, mark) for mark in self.ear.take(text, self.now_ms))
        return True

    async def close(self, code: int, reason: str) -> None:
        self.closed = code if self.closed is None else self.closed
