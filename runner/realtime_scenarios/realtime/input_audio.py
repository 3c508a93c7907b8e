"""The input audio buffer: audio as it is appended becomes turns, cut by hand or where the voice stops.

Voice is told from silence by loudness alone. All times are milliseconds of audio received since the session began, so
the same audio always gives the same turns (OpenAI Realtime API reference, input_audio_buffer events).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import mul
from typing import Any

from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.speech import FORMATS, PCM16, AudioFormat

LONGEST_APPEND = 15 * 1024 * 1024
"""Bytes in one event (API reference, input_audio_buffer.append)."""

SHORTEST_COMMIT_MS = 100

_LONGEST_BUFFER = 64 * 1024 * 1024
_KEPT_SILENCE_MS = 60_000
_FRAME_MS = 20
_FRAMES_TO_START = 2
_FULL_SCALE = 32768
_LOUDNESS_AT_FULL_THRESHOLD = 0.02 * _FULL_SCALE
_EAGERNESS_MS = {"low": 1600, "medium": 800, "auto": 800, "high": 400}
_PADDING_MS = 300


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user began to speak; `at_ms` includes the padding before."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The user fell silent, so long ago that the turn is over."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class StayedSilent:
    """Nobody has spoken from `from_ms` to `to_ms`, which is longer than the session wants to wait."""

    from_ms: int
    to_ms: int


Heard = SpeechStarted | SpeechStopped | StayedSilent


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a turn begins and ends. `idle_ms` None: silence may last as long as it likes."""

    loudness: float
    padding_ms: int
    silence_ms: int
    idle_ms: int | None

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Detection:
        """The detection that `turn_detection` asks for; the semantic kind waits as long as its eagerness says."""
        if wire["type"] == "semantic_vad":
            return cls(_LOUDNESS_AT_FULL_THRESHOLD / 2, _PADDING_MS, _EAGERNESS_MS[wire["eagerness"]], None)
        loudness = wire["threshold"] * _LOUDNESS_AT_FULL_THRESHOLD
        return cls(loudness, wire["prefix_padding_ms"], wire["silence_duration_ms"], wire["idle_timeout_ms"])


class InputAudio:
    """Audio that was appended and is not part of the conversation yet.

    `silent_since` is from when on silence counts, None while it does not: before the first answer, during one, and
    once somebody has spoken. A clear or a commit by hand is neither.
    """

    def __init__(self) -> None:
        self.format = PCM16
        self.silent_since: float | None = None
        self.is_speaking = False
        self._data = bytearray()
        self._start_ms = 0.0
        self._examined = 0
        self._loud_frames = 0
        self._silent_ms = 0

    @property
    def received_ms(self) -> float:
        return self._start_ms + self.format.ms_of(len(self._data))

    def use(self, audio_format: AudioFormat) -> None:
        """From now on audio comes in this format; what came in another one is dropped."""
        if audio_format != self.format:
            self.clear()
            self.format = audio_format

    def append(self, audio: bytes, detection: Detection | None) -> Iterator[Heard]:
        """Take audio in, and tell what is heard in it; whoever is told commits before asking on.

        Raises:
            ClientError: more audio waits than any turn can hold.
        """
        if len(self._data) + len(audio) > _LONGEST_BUFFER:
            raise ClientError("invalid_value", "The input audio buffer is full: commit or clear it.", "audio")
        self._data += audio
        if detection is None:
            self._examined = len(self._data)
            return
        frame = self.format.bytes_of(_FRAME_MS)
        while self._examined + frame <= len(self._data):
            loudness = _loudness(self._data[self._examined : self._examined + frame], self.format)
            self._examined += frame
            heard = (
                self._heard_while_speaking(loudness, detection)
                if self.is_speaking
                else self._heard_at_rest(loudness, detection)
            )
            if heard is not None:
                yield heard
        if not self.is_speaking:
            self._forget_before(self._examined - self.format.bytes_of(_KEPT_SILENCE_MS))

    def commit(self) -> bytes:
        """All that is in the buffer, which is empty after.

        Raises:
            ClientError: it holds less than 100 ms.
        """
        ms = self.format.ms_of(len(self._data))
        if ms < SHORTEST_COMMIT_MS:
            message = (
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{SHORTEST_COMMIT_MS}ms of audio, but buffer only has {ms:.2f}ms of audio."
            )
            raise ClientError("input_audio_buffer_commit_empty", message)
        audio = bytes(self._data)
        self.clear()
        return audio

    def turn(self) -> bytes:
        """What has been examined since the turn began, which leaves the buffer."""
        audio = bytes(self._data[: self._examined])
        self._forget_before(self._examined)
        self._reset_detection()
        return audio

    def clear(self) -> None:
        self._start_ms = self.received_ms
        self._data.clear()
        self._examined = 0
        self._reset_detection()

    def _heard_at_rest(self, loudness: float, detection: Detection) -> Heard | None:
        self._loud_frames = self._loud_frames + 1 if loudness > detection.loudness else 0
        if self._loud_frames == _FRAMES_TO_START:
            begun = _FRAMES_TO_START * _FRAME_MS + detection.padding_ms
            self._forget_before(self._examined - self.format.bytes_of(begun))
            self.is_speaking, self._silent_ms, self.silent_since = True, 0, None
            return SpeechStarted(round(self._start_ms))
        now, since = self._start_ms + self.format.ms_of(self._examined), self.silent_since
        if detection.idle_ms is None or since is None or now - since < detection.idle_ms:
            return None
        self._forget_before(int(self.format.bytes_per_ms * (since - self._start_ms)))
        self.silent_since = None
        return StayedSilent(round(since), round(now))

    def _heard_while_speaking(self, loudness: float, detection: Detection) -> Heard | None:
        self._silent_ms = 0 if loudness > detection.loudness else self._silent_ms + _FRAME_MS
        if self._silent_ms < max(detection.silence_ms, _FRAME_MS):
            return None
        return SpeechStopped(round(self._start_ms + self.format.ms_of(self._examined)))

    def _forget_before(self, index: int) -> None:
        """Drop the audio before `index`, in whole samples."""
        index -= index % len(self.format.silence)
        if index > 0:
            self._start_ms += self.format.ms_of(index)
            self._examined -= index
            del self._data[:index]

    def _reset_detection(self) -> None:
        self.is_speaking, self._loud_frames, self._silent_ms = False, 0, 0


def _loudness(frame: bytearray, audio_format: AudioFormat) -> float:
    """The root mean square of the samples, on the scale of 16-bit PCM."""
    if audio_format is PCM16:
        samples = array("h", bytes(frame))
    else:
        levels = _MU_LAW if audio_format is FORMATS["audio/pcmu"] else _A_LAW
        samples = array("h", [levels[code] for code in frame])
    return math.sqrt(sum(map(mul, samples, samples)) / len(samples))


def _mu_law(code: int) -> int:
    """One G.711 mu-law code as a 16-bit sample (ITU-T G.711, table 2)."""
    code = ~code & 0xFF
    size = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return -size if code & 0x80 else size


def _a_law(code: int) -> int:
    """One G.711 A-law code as a 16-bit sample (ITU-T G.711, table 1)."""
    code ^= 0x55
    exponent, size = (code >> 4) & 7, (code & 0x0F) << 4
    size = size + 8 if exponent == 0 else (size + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size


_MU_LAW = [_mu_law(code) for code in range(256)]
_A_LAW = [_a_law(code) for code in range(256)]
