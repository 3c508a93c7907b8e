"""Both sides of a conversation as one WAV file: the caller on the left, the agent on the right, by one clock.

The right side is what was heard, when it was: a page says how much it has played, and that moment is the end of it.
What was said faster than it could be heard, and cut off, is in no recording.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from realtime_scenarios.devices import RATE, Tape
from realtime_scenarios.voice import PCM16, AudioFormat, Resampler, decoded, encoded

_BYTES_PER_SECOND = RATE * 2
_SETTLED_SECONDS = 2.0
"""So long after its moment a piece may still come; then it is written."""


class _Side:
    """One side: pieces at their moments, silence between them. `begun` is the byte that the first of them stands at."""

    def __init__(self) -> None:
        self._sound = bytearray()
        self._begun = 0

    def add(self, end: int, sound: bytes) -> None:
        """A piece whose last byte stands before `end`; never over what is there, which pushes it back."""
        start = max(end - len(sound), self._begun + len(self._sound))
        self._sound.extend(bytes(start - self._begun - len(self._sound)))
        self._sound.extend(sound)

    def taken(self, upto: int) -> bytes:
        """What stands before a byte, with silence where nothing does; it is gone then."""
        size = max(0, upto - self._begun)
        piece = bytes(self._sound[:size])
        del self._sound[:size]
        self._begun += size
        return piece + bytes(size - len(piece))


class Recording:
    """A recording that goes on. `now` is a clock in seconds. `output` is the format of what the agent says."""

    def __init__(self, path: Path, output: AudioFormat, said: AudioFormat, now: Callable[[], float]) -> None:
        """Begin the file.

        Raises:
            ScenarioError: it cannot be written.
        """
        self.path = path
        self._tape = Tape(path, sides=2, option="the recording")
        self._now = now
        self._began = now()
        self._written = 0
        self._caller, self._agent = _Side(), _Side()
        self._output, self._said = output, said
        self._resamplers = {name: Resampler(kind.rate, RATE) for name, kind in (("out", output), ("in", said))}

    def heard_caller(self, sound: bytes) -> None:
        """A piece of the caller as it was sent, just now."""
        self._caller.add(self._here, self._converted(sound, self._said, "in"))
        self._write(self._here - round(_SETTLED_SECONDS * _BYTES_PER_SECOND))

    def heard_agent(self, sound: bytes) -> None:
        """A piece of the agent, which has just been played to its end."""
        self._agent.add(self._here, self._converted(sound, self._output, "out"))
        self._write(self._here - round(_SETTLED_SECONDS * _BYTES_PER_SECOND))

    def end(self) -> None:
        """Write the rest; nothing more comes."""
        self._write(self._here)
        self._tape.close()

    @property
    def _here(self) -> int:
        return round((self._now() - self._began) * RATE) * 2

    def _converted(self, sound: bytes, audio_format: AudioFormat, side: str) -> bytes:
        if audio_format is PCM16:
            return sound
        return encoded(self._resamplers[side].feed(decoded(sound, audio_format)), PCM16)

    def _write(self, upto: int) -> None:
        upto = max(upto, self._written)
        if upto > self._written:
            self._tape.add(self._caller.taken(upto), self._agent.taken(upto))
            self._written = upto
