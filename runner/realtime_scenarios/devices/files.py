"""A call from files: a WAV is what the caller says, at the pace of the loop's clock, and nobody needs a sound card."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import count
from pathlib import Path

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.devices.playout import PlayoutBuffer, PlaysBuffered
from realtime_scenarios.devices.port import FRAME_BYTES, FRAME_MS, RATE, Frame
from realtime_scenarios.voice import PCM16, PartFailed, encoded, resampled
from realtime_scenarios.voice.waves import wave_in

LONGEST_SECONDS = 3600
_CONVERTED = "16-bit PCM is read: ffmpeg -i IN -ac 1 -ar 24000 -c:a pcm_s16le OUT.wav makes it of anything"


def sound_in(path: Path) -> bytes:
    """A WAV file of 16-bit PCM, any rate, the first of its channels, as 24 kHz PCM16.

    Raises:
        ScenarioError: it cannot be read, is no such file, holds nothing, or lasts longer than an hour.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise ScenarioError(f"cannot read '{path}': {problem.strerror}") from problem
    try:
        sound = wave_in(data, f"the file '{path}'")
    except PartFailed as problem:
        raise ScenarioError(problem.message, hint=_CONVERTED) from problem
    if not sound.samples:
        raise ScenarioError(f"'{path}' holds no sound", hint=_CONVERTED)
    if len(sound.samples) > LONGEST_SECONDS * sound.rate:
        raise ScenarioError(f"'{path}' lasts longer than an hour", hint="cut it into shorter calls")
    return encoded(resampled(sound.samples, sound.rate, RATE), PCM16)


class FileDevice(PlaysBuffered):
    """Says `said` (24 kHz PCM16), then nothing more. In virtual time it takes none."""

    def __init__(self, said: bytes) -> None:
        self._said = said + bytes(-len(said) % FRAME_BYTES)
        self._said_bytes = 0
        super().__init__(PlayoutBuffer())

    async def frames(self) -> AsyncGenerator[Frame, None]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in count(1):
            # counted from the beginning: a machine that was busy catches up, and the call does not grow longer
            await asyncio.sleep(max(began + number * FRAME_MS / 1000 - loop.time(), 0))
            self._playout.take(FRAME_BYTES)
            heard, pieces = self._playout.heard(FRAME_BYTES)
            said = self._said[self._said_bytes : self._said_bytes + FRAME_BYTES] or bytes(FRAME_BYTES)
            self._said_bytes += FRAME_BYTES
            yield Frame(said, heard, pieces)

    @property
    def is_through(self) -> bool:
        return self._said_bytes >= len(self._said)
