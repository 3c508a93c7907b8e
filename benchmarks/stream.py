"""What a stream that talks costs the server, whatever else the machine does: CPU a second of one stream, and calls.

Run: python benchmarks/stream.py [STREAMS] [loudness|silero] [profile]
One process and one thread: the clock of the loop is moved on by hand, 40 ms a step. In each step every client's frame
is put on its socket; what is counted is the loop's work until there is none left, the system's share included. So no
frame meets another one of its own stream, as they do where a server comes late and does several at once for less.
"""

from __future__ import annotations

import asyncio
import contextlib
import cProfile
import pstats
import socket
import sys
import time
from dataclasses import dataclass, field

from load import FRAME_MS, LOUD, QUIET, SESSION, TURN_MS, dialled, frame_at, masked, ours

TURNS = 4
DONE = b'{"type":"response.done"'
LOUD_FRAMES, QUIET_FRAMES = [*map(masked, LOUD)], [*map(masked, QUIET)]


class SteppedLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands still until it is moved on."""

    now = 1000.0

    def time(self) -> float:
        return self.now


@dataclass
class Caller:
    """The client's end of one stream; what comes is read away and its events are counted."""

    socket: socket.socket
    begins: int
    heard: bytearray = field(default_factory=bytearray)
    answers: int = 0

    def talk(self, number: int) -> None:
        self.socket.sendall(frame_at((number - self.begins) * FRAME_MS, LOUD_FRAMES, QUIET_FRAMES))

    def read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := self.socket.recv(1 << 20):
                self.heard += data
        self.answers += self.heard.count(DONE)
        del self.heard[: -len(DONE) + 1]


async def settled() -> None:
    """Wait until everybody has done what can be done without any time passing."""
    for _ in range(12):
        await asyncio.sleep(0)


async def measured(count: int, detector: str, profile: cProfile.Profile | None) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SteppedLoop)
    async with ours(detector) as port:
        callers = []
        for number in range(count):
            end = dialled(port)
            await settled()
            end.setblocking(False)
            end.sendall(masked(SESSION))
            await settled()
            callers.append(Caller(end, TURN_MS // FRAME_MS * number // count))
        steps = (TURNS + 1) * TURN_MS // FRAME_MS
        cpu = 0.0
        for number in range(steps):
            for caller in callers:
                caller.talk(number)
            begun = time.thread_time()
            if profile is not None:
                profile.enable()
            loop.now += FRAME_MS / 1000
            await settled()
            if profile is not None:
                profile.disable()
            cpu += time.thread_time() - begun
            for caller in callers:
                caller.read()
        answers = sum(caller.answers for caller in callers)
        a_second, a_frame = 1e6 * cpu / count / steps / FRAME_MS, 1e6 * cpu / count / steps
        print(f"{count} streams, {answers} of {count * TURNS} turns answered")
        print(f"{a_second:.2f} ms CPU a second of a stream, {a_frame:.0f} us a frame")
        if profile is not None:
            stats = pstats.Stats(profile)
            calls = sum(row[1] for row in stats.stats.values())
            print(f"{calls / count / steps:.1f} calls a frame")
            stats.sort_stats("tottime").print_stats(60)


def main(arguments: list[str]) -> None:
    count, detector, *rest = [*arguments, *["20", "loudness"][len(arguments) :]]
    profile = cProfile.Profile() if rest else None
    loop = SteppedLoop()
    loop.run_until_complete(measured(int(count), detector, profile))


if __name__ == "__main__":
    main(sys.argv[1:])
