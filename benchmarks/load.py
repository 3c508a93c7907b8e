"""What a server bears: streams that talk, connections that are idle, and a client that sends 20 MB at once.

Run: python benchmarks/load.py talk 200 [loudness|silero] [SECONDS]
     python benchmarks/load.py idle 5000
     python benchmarks/load.py big
Server and clients are processes of their own, each on one core. Times are by the clock, so they count on a machine that
does nothing else; CPU is what the server's process has used, which counts anywhere.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import math
import os
import random
import resource
import socket
import subprocess
import sys
import time
from array import array
from asyncio.events import Handle
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

Frames = TypeVar("Frames", str, bytes)

FRAME_MS = 40
SPEECH_MS, SILENCE_MS, TURN_MS = 2000, 500, 6000
BYTES_PER_MS = 48
DETECTION = {"type": "server_vad", "silence_duration_ms": SILENCE_MS}
SESSION = json.dumps(
    {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": DETECTION}}}}
)


UNKNOWN = '{"type": "conversation.item.delete", "item_id": "none"}'
"""What is answered at once, by an error."""


# --- the server -------------------------------------------------------------------------------------------------------


def serve_until_told(kind: str, detector: str) -> None:
    """Serve, say at which port, and at each line that comes what it has cost by then."""
    longest = [0.0]
    if kind == "timed":  # where threads are told their time by the system, that alone costs more than a frame
        run = Handle._run

        def timed(handle: Handle) -> None:
            begun = time.thread_time()
            run(handle)
            longest[0] = max(longest[0], time.thread_time() - begun)

        Handle._run = timed  # type: ignore[method-assign]

    async def serving() -> None:
        async with plain() if kind == "plain" else ours(detector) as port:
            gc.collect()
            gc.freeze()  # as `scenario serve` does
            print(port, flush=True)
            while await asyncio.to_thread(sys.stdin.readline):
                cost = {"cpu": time.process_time(), "rss": _rss(), "longest_ms": longest[0] * 1000}
                longest[0] = 0.0
                print(json.dumps(cost), flush=True)

    asyncio.run(serving())


@contextlib.asynccontextmanager
async def plain() -> AsyncIterator[int]:
    """A server of `websockets` that listens and never answers."""
    from websockets.asyncio.server import ServerConnection, serve

    async def listen(connection: ServerConnection) -> None:
        async for _ in connection:
            pass

    async with serve(listen, "127.0.0.1", 0, compression=None) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@contextlib.asynccontextmanager
async def ours(detector: str) -> AsyncIterator[int]:
    from realtime_scenarios.realtime import Pace, Parts, serve
    from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
    from realtime_scenarios.voice import VOICE_DETECTORS, Tone, Utterance

    class Says:
        never_waits = True

        async def respond(self, request: ResponseRequest) -> Sequence[Output]:
            return [SayText("Up to 22 by 14 by 9 inches.")]

    class Words:
        def transcribe(self, utterance: Utterance) -> str:
            return "How big is a bag?"

    def parts() -> Parts:
        return Parts(detector=VOICE_DETECTORS[detector], listener=Words(), speaker=Tone())

    pace = Pace(words_per_delta=1, follows_speech=True)
    async with serve(Says, pace=pace, parts_factory=parts, max_connections=100_000, ping_interval=None) as server:
        yield server.port


def _rss() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Server:
    """A server in a process of its own, on the first core."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    def cost(self) -> dict[str, float]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: dict[str, float] = json.loads(self.process.stdout.readline())
        return found


@contextlib.contextmanager
def server(kind: str = "ours", detector: str = "loudness") -> Any:
    command = [sys.executable, __file__, "serve", kind, detector]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, {cores()[0]})
    assert process.stdin is not None and process.stdout is not None
    try:
        yield Server(process, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(30)


def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


# --- the clients ------------------------------------------------------------------------------------------------------


def appends(sound: Sequence[int]) -> list[str]:
    """The sound in frames, each as an event."""
    samples = array("h", sound)
    size = FRAME_MS * BYTES_PER_MS // 2
    frames = [samples[start : start + size].tobytes() for start in range(0, len(samples), size)]
    audio = [base64.b64encode(frame).decode() for frame in frames]
    return [json.dumps({"type": "input_audio_buffer.append", "audio": text}) for text in audio]


def vowels(ms: int, loud: int = 6000) -> list[int]:
    """What any detector takes for a voice: a pulse through three resonances, and another vowel every 200 ms."""
    rng, rate = random.Random(1), BYTES_PER_MS * 500
    before = [[0.0, 0.0] for _ in range(3)]
    sound, phase = [], 0.0
    for at in range(rate * ms // 1000):
        phase += (120 + 20 * math.sin(2 * math.pi * 0.7 * at / rate)) / rate
        pulse, phase = float(phase >= 1) + rng.uniform(-0.02, 0.02), phase % 1
        syllable, within = divmod(at, rate // 5)
        level = 0.0
        for number, (last, hertz) in enumerate(zip(before, VOWELS[syllable * 7 % 5], strict=True)):
            kept = math.exp(-math.pi * (80 + 30 * number) / rate)
            turn = 2 * kept * math.cos(2 * math.pi * hertz / rate)
            last[:] = pulse + turn * last[0] - kept * kept * last[1], last[0]
            level += last[0] / (number + 1)
        sound.append(level * math.sqrt(math.sin(math.pi * within * 5 / rate)))
    loudest = max(map(abs, sound))
    return [round(loud * sample / loudest) for sample in sound]


VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
LOUD = appends(vowels(SPEECH_MS))
QUIET = appends([random.Random(at).randrange(-30, 30) for at in range(8 * FRAME_MS * BYTES_PER_MS // 2)])


def frame_at(ms: int, loud: Sequence[Frames], quiet: Sequence[Frames]) -> Frames:
    """What a caller sends at that moment, who speaks for two seconds out of six."""
    since = (ms - 400) % TURN_MS // FRAME_MS
    return loud[since] if ms >= 400 and since < len(loud) else quiet[since % len(quiet)]


@dataclass
class Stream:
    """One caller, who speaks for two seconds out of six, in real time. Waits are in milliseconds."""

    sent: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    turn_ended: float | None = None

    async def talk(self, url: str, begin: float, turns: int) -> None:
        async with connect(url, compression=None, ping_interval=None, max_size=None) as socket:
            await socket.send(SESSION)
            listening = asyncio.create_task(self._listen(socket))
            for number in range(turns * TURN_MS // FRAME_MS):
                await asyncio.sleep(begin + number * FRAME_MS / 1000 - time.monotonic())
                self.sent.append(time.monotonic())
                await socket.send(frame_at(number * FRAME_MS, LOUD, QUIET))
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            now = time.monotonic()
            if '"input_audio_buffer.speech_stopped"' in text[:80]:
                heard_ms = json.loads(text)["audio_end_ms"]
                self.turn_ended = self.sent[min(math.ceil(heard_ms / FRAME_MS), len(self.sent)) - 1]
            elif '"response.output_audio.delta"' in text[:80] and self.turn_ended is not None:
                self.waits.append((now - self.turn_ended) * 1000)
                self.turn_ended = None


async def talk(server: Server, count: int, turns: int) -> None:
    streams = [Stream() for _ in range(count)]
    before, begun = server.cost(), time.monotonic()
    starts = [begun + 1 + TURN_MS / 1000 * number / count for number in range(count)]
    await asyncio.gather(
        *(stream.talk(server.url, begin, turns) for stream, begin in zip(streams, starts, strict=True))
    )
    after, lasted = server.cost(), turns * TURN_MS / 1000
    waits = sorted(wait for stream in streams for wait in stream.waits)
    gaps = [pairwise(stream.sent) for stream in streams]
    late = sorted(1000 * (later - earlier) - FRAME_MS for gap in gaps for earlier, later in gap)
    cpu = 1000 * (after["cpu"] - before["cpu"]) / count / lasted
    memory = (after["rss"] - before["rss"]) / count / 1024
    print(f"{count} streams, {len(waits)} of {count * turns} turns answered")
    print(f"first audio after the turn's end: p50 {at(waits, 0.5):.0f} ms, p95 {at(waits, 0.95):.0f} ms")
    print(f"the clients' own frames were late by {at(late, 0.95):.0f} ms (p95)")
    print(f"server: {cpu:.2f} ms CPU a second of a stream, {memory:.0f} KiB a stream")


def at(values: Sequence[float], part: float) -> float:
    return values[min(int(part * len(values)), len(values) - 1)] if values else float("nan")


async def idle(server: Server, count: int) -> float:
    """KiB a connection."""
    before = server.cost()["rss"]
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(connect(server.url, compression=None, ping_interval=None))
        return (server.cost()["rss"] - before) / count / 1024


async def big(server: Server) -> None:
    """Another client asks all the time while one sends as much as there may be in an event, from a thread."""
    audio = base64.b64encode(random.Random(1).randbytes(15 * 1024 * 1024)).decode()
    append = {"type": "input_audio_buffer.append", "audio": audio}
    picture = f"data:image/png;base64,{audio[:14_000_000]}"
    events: dict[str, tuple[dict[str, Any] | None, dict[str, Any]]] = {
        "append, with detection": ({"type": "server_vad", "threshold": 1.0}, append),
        "append, without": (None, append),
        "item with sound": (None, _item({"type": "input_audio", "audio": audio})),
        "item with a picture": (None, _item({"type": "input_image", "image_url": picture})),
        "item with a text": (None, _item({"type": "input_text", "text": "words and more " * 69_000})),
        "item with parts": (None, _item(*[{"type": "input_text", "text": "x"}] * 1_600)),
        "item with too many": (None, _item(*[{"type": "input_text", "text": "x"}] * 400_000)),
    }
    for name, (found, event) in events.items():
        waits: list[float] = []
        settings = {"type": "realtime", "audio": {"input": {"turn_detection": found}}}
        update = masked(json.dumps({"type": "session.update", "session": settings}))
        message = masked(json.dumps(event))
        async with connect(server.url) as other:
            sender = dialled(server.port)
            sender.recv(1)  # it is let in
            sender.sendall(update)
            await other.recv()
            server.cost()
            done = asyncio.create_task(asyncio.to_thread(_worked_off, sender, message))
            while not done.done():
                begun = time.monotonic()
                await other.send(UNKNOWN)
                await other.recv()
                waits.append((time.monotonic() - begun) * 1000)
            sender.close()
        step = server.cost()["longest_ms"]
        waits.sort()
        print(
            f"{len(message) / 1e6:.1f} MB, {name}: longest step {step:.1f} ms CPU; another client waits "
            f"{at(waits, 0.5):.0f} ms (p50), {at(waits, 0.95):.0f} ms (p95), {waits[-1]:.0f} ms at most, "
            f"{len(waits)} times"
        )


def _item(*parts: dict[str, str]) -> dict[str, Any]:
    item = {"type": "message", "role": "user", "content": parts}
    return {"type": "conversation.item.create", "item": item}


def _worked_off(sender: socket.socket, append: bytes) -> None:
    """Send it, and wait until the server has worked it off: it answers one event after the other."""
    sender.sendall(append + masked(UNKNOWN))
    answered = b""
    while b"item_delete_invalid_item_id" not in answered:
        answered = answered[-40:] + sender.recv(1 << 16)


def dialled(port: int) -> socket.socket:
    """A websocket without anything around it, so that whoever sends much has no work with it meanwhile."""
    end = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(random.randbytes(16)).decode()
    end.sendall(HANDSHAKE.format(port=port, key=key).encode())
    return end


def masked(text: str) -> bytes:
    """A message as the client's frame."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)


HANDSHAKE = (
    "GET /v1/realtime HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def main(arguments: Sequence[str]) -> None:
    os.sched_setaffinity(0, {cores()[-1]})
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    match arguments:
        case ["talk", count, *rest]:
            detector, seconds = [*rest, *["loudness", "12"][len(rest) :]]
            with server("ours", detector) as running:
                asyncio.run(talk(running, int(count), max(1, int(seconds) * 1000 // TURN_MS)))
        case ["idle", count]:
            for kind in ("plain", "ours"):
                with server(kind) as running:
                    print(f"{kind:>6}: {asyncio.run(idle(running, int(count))):.1f} KiB a connection, {count} of them")
        case ["big"]:
            with server("timed") as running:
                asyncio.run(big(running))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve_until_told(*sys.argv[2:])
    else:
        main(sys.argv[1:])
