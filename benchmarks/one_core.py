"""What a server bears that has a core to itself, whatever else the machine does: streams that talk in both directions.

Run: python benchmarks/one_core.py talk 200 [loudness|silero] [SECONDS]
     python benchmarks/one_core.py profile 20 [loudness|silero] [SECONDS]
The server's loop is served by a clock of its own, which shows how much CPU it has used, the system's part included,
and which jumps to the next frame of a client or the next timer where the server has nothing to do. Sockets are real: a
frame lies there at the moment of that clock at which its caller says it, and what the callers do themselves is not
counted. So waits are those of a core that nobody else is on, but for caches that others empty: they make it slower.
"""

from __future__ import annotations

import asyncio
import contextlib
import cProfile
import fcntl
import heapq
import math
import os
import pstats
import re
import selectors
import socket
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from load import FRAME_MS, LOUD, QUIET, SESSION, TURN_MS, at, dialled, frame_at, masked, ours

LOUD_FRAMES, QUIET_FRAMES = [*map(masked, LOUD)], [*map(masked, QUIET)]
STOPPED = re.compile(rb'\{"type":"input_audio_buffer.speech_stopped"[^}]*"audio_end_ms":(\d+)')
SOUND = b'{"type":"response.output_audio.delta"'
_LONGEST_HEAD = 300


class Clock:
    """Seconds that the process has worked or had nothing to do; not those that it spent as its own clients."""

    def __init__(self) -> None:
        self.jumped = 1000.0
        self.uncounted = 0.0
        self._begun = 0.0
        self.profile: cProfile.Profile | None = None

    def now(self) -> float:
        return self.jumped + time.process_time() - self.uncounted

    @contextlib.contextmanager
    def stopped(self) -> Any:
        begun = time.process_time()
        if self.profile is not None:
            self.profile.disable()
        try:
            yield
        finally:
            if self.profile is not None:
                self.profile.enable()
            self.uncounted += time.process_time() - begun


@dataclass(order=True)
class Caller:
    """The client's end of one stream. `due` is when it says its next frame."""

    due: float
    number: int = field(compare=True)
    socket: socket.socket = field(compare=False)
    begins: float = field(compare=False)
    last: float = field(compare=False)
    heard: bytes = field(default=b"", compare=False)
    turn_ended: float | None = field(default=None, compare=False)
    waits: list[float] = field(default_factory=list, compare=False)

    def talk(self) -> None:
        ms = round((self.due - self.begins) * 1000)
        self.socket.sendall(frame_at(ms, LOUD_FRAMES, QUIET_FRAMES))
        self.due = self.begins + (ms + FRAME_MS) / 1000

    def read(self, now: float) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := self.socket.recv(1 << 20):
                self.heard += data
        if stopped := STOPPED.search(self.heard):
            # the frame with the last of the turn in it was sent when it began
            frame = math.ceil(int(stopped[1]) / FRAME_MS) - 1
            self.turn_ended = self.begins + frame * FRAME_MS / 1000
            self.heard = self.heard[stopped.end() :]
        if self.turn_ended is not None and SOUND in self.heard:
            self.waits.append(1000 * (now - self.turn_ended))
            self.turn_ended = None
        self.heard = self.heard[-_LONGEST_HEAD:] if self.turn_ended is None else self.heard


class OneCore(selectors.EpollSelector):
    """What the loop waits with: where there is nothing to do, the clock jumps to where there is."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._callers: list[Caller] = []
        self._ears = selectors.EpollSelector()

    def call(self, callers: list[Caller]) -> None:
        """From now on these talk."""
        self._callers = callers
        heapq.heapify(callers)
        for caller in callers:
            self._ears.register(caller.socket, selectors.EVENT_READ, caller)

    def select(self, timeout: float | None = None) -> Any:
        with self._clock.stopped():
            self._serve_callers()
        found = super().select(0)
        if found or timeout == 0 or not (self._callers or timeout is not None):
            return found or super().select(timeout)
        until = math.inf if timeout is None else self._clock.now() + timeout
        with self._clock.stopped():
            while not found and self._clock.now() < until:
                if self._all_has_come():
                    due = self._callers[0].due if self._callers else math.inf
                    self._clock.jumped += max(min(due, until) - self._clock.now(), 0)
                self._serve_callers()
                found = super().select(0)
        return found

    def _all_has_come(self) -> bool:
        """Whether all that was sent lies where it can be read: the system may be late with that on a busy machine."""
        ends = [key.fd for keys in (self.get_map(), self._ears.get_map()) for key in keys.values()]
        return not any(_in_flight(end) for end in ends)

    def _serve_callers(self) -> None:
        now = self._clock.now()
        for key, _ in self._ears.select(0):
            key.data.read(now)
        while self._callers and self._callers[0].due <= now:
            caller = heapq.heappop(self._callers)
            caller.talk()
            if caller.due < caller.last:
                heapq.heappush(self._callers, caller)


def _in_flight(end: int) -> int:
    """How many bytes have been sent there that have not come."""
    try:
        return int.from_bytes(fcntl.ioctl(end, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:  # it listens, or is no socket
        return 0


class CountedLoop(asyncio.SelectorEventLoop):
    """A loop on one core. Its clock is that core's."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.core = OneCore(self.clock)
        super().__init__(self.core)

    def time(self) -> float:
        return self.clock.now()


async def measured(count: int, detector: str, turns: int, profile: cProfile.Profile | None) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, CountedLoop)
    clock = loop.clock
    async with ours(detector) as port:
        ends = []
        for _ in range(count):
            ends.append(dialled(port))
            await asyncio.sleep(0.01)
            ends[-1].setblocking(False)
            ends[-1].sendall(masked(SESSION))
            await asyncio.sleep(0.01)
        begun, cpu = clock.now() + 1, time.process_time() - clock.uncounted
        starts = [begun + TURN_MS / 1000 * number / count for number in range(count)]
        last = turns * TURN_MS / 1000
        callers = [
            Caller(start, number, end, start, start + last)
            for number, (end, start) in enumerate(zip(ends, starts, strict=True))
        ]
        if profile is not None:
            clock.profile = profile
            profile.enable()
        loop.core.call([*callers])
        await asyncio.sleep(last + TURN_MS / 1000 + 2)
        if profile is not None:
            profile.disable()
            clock.profile = None
        used = time.process_time() - clock.uncounted - cpu
        waits = sorted(wait for caller in callers for wait in caller.waits)
        print(f"{count} streams ({detector}), {len(waits)} of {count * turns} turns answered")
        print(
            f"first audio after the turn's end: p50 {at(waits, 0.5):.0f} ms, p95 {at(waits, 0.95):.0f} ms, "
            f"{waits[-1]:.0f} ms at most"
        )
        frames = count * turns * TURN_MS / FRAME_MS
        print(
            f"{1e6 * used / frames / FRAME_MS:.2f} ms CPU a second of a stream, {1e6 * used / frames:.0f} us a frame; "
            f"load of the machine {os.getloadavg()[0]:.1f}"
        )
        if profile is not None:
            stats = pstats.Stats(profile)
            calls = sum(row[1] for row in stats.stats.values())  # type: ignore[attr-defined]
            print(f"{calls / frames:.1f} calls a frame")
            stats.sort_stats("tottime").print_stats(60)
        for end in ends:
            end.close()


def main(arguments: Sequence[str]) -> None:
    match arguments:
        case ["talk" | "profile" as what, count, *rest]:
            detector, seconds = [*rest, *["loudness", "12"][len(rest) :]]
            profile = cProfile.Profile() if what == "profile" else None
            turns = max(1, int(seconds) * 1000 // TURN_MS)
            CountedLoop().run_until_complete(measured(int(count), detector, turns, profile))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
