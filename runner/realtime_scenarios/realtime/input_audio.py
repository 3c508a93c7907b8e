"""The input audio buffer: audio as it is appended becomes turns, cut by hand or where the voice stops.

A part of its own tells voices from silence (`voice.activity`). All times are milliseconds of audio received since the
session began, so the same audio always gives the same turns (OpenAI Realtime API reference, input_audio_buffer events).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.speech import PCM16, AudioFormat
from realtime_scenarios.voice import (
    PartFailed,
    Samples,
    TurnBegan,
    TurnChange,
    TurnDetector,
    TurnEnded,
    TurnTaking,
    VoiceActivity,
    decoded,
)
from realtime_scenarios.voice.asking import made

LONGEST_APPEND = 15 * 1024 * 1024
"""Bytes in one event (API reference, input_audio_buffer.append)."""

SHORTEST_COMMIT_MS = 100

_LONGEST_BUFFER = 32 * 1024 * 1024
"""Eleven minutes at 24 kHz; to copy them takes 20 ms, in which everybody else waits."""

_KEPT_SILENCE_MS = 5_000
_LISTENED_TO_AT_ONCE_MS = 200
_SEMANTIC_THRESHOLD = 0.5
_EAGERNESS_MS = {"low": 1600, "medium": 800, "auto": 800, "high": 400}
_PADDING_MS = 300


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The user began to speak; `at_ms` includes the padding before."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The user fell silent, so long ago that the turn is over, or has spoken for too long. `audio` is the turn."""

    at_ms: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class StayedSilent:
    """Nobody has spoken from `from_ms` to `to_ms`, which is longer than the session wants to wait.

    `audio` is what has come meanwhile.
    """

    from_ms: int
    to_ms: int
    audio: bytes


Heard = SpeechStarted | SpeechStopped | StayedSilent


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a turn begins and ends. `idle_ms` None: silence may last as long as it likes.

    `kept_ms` of audio in which nobody speaks are kept: what a turn may begin with, or become one by itself.
    """

    taking: TurnTaking
    padding_ms: int
    idle_ms: int | None

    @property
    def kept_ms(self) -> int:
        return max(self.padding_ms, self.idle_ms or 0) + _KEPT_SILENCE_MS

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Detection:
        """The detection that `turn_detection` asks for; the semantic kind waits as long as its eagerness says."""
        if wire["type"] == "semantic_vad":
            return cls(TurnTaking(_SEMANTIC_THRESHOLD, _EAGERNESS_MS[wire["eagerness"]]), _PADDING_MS, None)
        taking = TurnTaking(wire["threshold"], wire["silence_duration_ms"])
        return cls(taking, wire["prefix_padding_ms"], wire["idle_timeout_ms"])


class InputAudio:
    """Audio that was appended and is not part of the conversation yet.

    Silence counts from the end of an answer until there is another or somebody has spoken. A clear or a commit by hand
    is neither.
    """

    def __init__(self, detector: Callable[[int], VoiceActivity]) -> None:
        self.format = PCM16
        self._silent_since: float | None = None
        self._silent_since_ms: float | None = None
        self._detector = detector
        self._turns = self._detector_at(self.format.rate)
        self._data = bytearray()
        self._start_ms = 0.0
        self._examined = 0

    @property
    def received_ms(self) -> float:
        return self._start_ms + self.format.ms_of(len(self._data))

    def use(self, audio_format: AudioFormat) -> None:
        """From now on audio comes in this format; what came in another one is dropped."""
        if audio_format != self.format:
            self.clear()
            self.format = audio_format
            self._turns = self._detector_at(audio_format.rate)

    def make_room(self, size: int) -> None:
        """See that so many bytes more can be held.

        Raises:
            ClientError: more audio waits than any turn can hold, or the detector has broken.
        """
        if len(self._data) + size > _LONGEST_BUFFER:
            raise ClientError("invalid_value", "The input audio buffer is full: commit or clear it.", "audio")

    def append(self, audio: bytes, detection: Detection | None) -> Iterator[Heard | None]:
        """Take audio in, and tell what is heard in it, with the audio of each turn, which leaves the buffer.

        None where it has been listened to for a while, and there is more.
        """
        self._data += audio
        if detection is None:
            self._examined = len(self._data)
            return
        frame = self.format.bytes_of(self._turns.frame_ms)
        frames = 0
        while self._examined + frame <= len(self._data):
            if frames == self._frames_at_once:
                frames = 0
                yield None
            frames += 1
            samples = decoded(self._data[self._examined : self._examined + frame], self.format)
            self._examined += frame
            heard = self._heard(self._change(samples, detection), detection)
            if heard is not None:
                yield heard
        if not self._turns.is_speaking:
            self._forget_before(self._examined - self.format.bytes_of(detection.kept_ms))

    def count_silence(self, *, after_ms: float, now_ms: float) -> None:
        """An answer is over, and plays for so long: from then on silence counts, by audio and by the clock.

        It does not while somebody is speaking.
        """
        if self._turns.is_speaking:
            return
        self._silent_since = self.received_ms + after_ms
        self._silent_since_ms = now_ms + after_ms

    def stop_counting_silence(self) -> None:
        """There is an answer again."""
        self._silent_since = None

    def idle_due(self, idle_ms: float) -> float | None:
        """When nobody will have spoken for so long by the clock; None while silence does not count."""
        if self._silent_since is None or self._silent_since_ms is None:
            return None
        return self._silent_since_ms + idle_ms

    def idle(self) -> StayedSilent:
        """What it is when nobody has spoken for long enough by the clock, however much audio has come."""
        since = self.received_ms if self._silent_since is None else self._silent_since
        return self._stayed_silent(since, max(self.received_ms, since))

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

    def keep(self, ms: int) -> None:
        """Drop what is older than so much, but for a turn that has begun."""
        if not self._turns.is_speaking:
            self._forget_before(min(len(self._data) - self.format.bytes_of(ms), self._examined))

    def clear(self) -> None:
        self._start_ms = self.received_ms
        self._data.clear()
        self._examined = 0
        self._turns.reset()

    @property
    def _frames_at_once(self) -> int:
        return _LISTENED_TO_AT_ONCE_MS // self._turns.frame_ms

    def _detector_at(self, rate: int) -> TurnDetector:
        return TurnDetector(made(lambda: self._detector(rate), "the detector of voices"))

    def _change(self, samples: Samples, detection: Detection) -> TurnChange | None:
        try:
            return self._turns.hear(samples, detection.taking)
        except PartFailed as problem:
            raise ClientError("turn_detection_failed", str(problem), kind="server_error") from problem

    def _heard(self, change: TurnChange | None, detection: Detection) -> Heard | None:
        match change:
            case TurnBegan(voiced_ms):
                self._forget_before(self._examined - self.format.bytes_of(voiced_ms + detection.padding_ms))
                self._silent_since = None
                return SpeechStarted(round(self._start_ms))
            case TurnEnded():
                return SpeechStopped(round(self._examined_ms), self._turn())
            case None:
                return None if self._turns.is_speaking else self._heard_nothing(detection)

    def _heard_nothing(self, detection: Detection) -> StayedSilent | None:
        now, since = self._examined_ms, self._silent_since
        if detection.idle_ms is None or since is None or now - since < detection.idle_ms:
            return None
        return self._stayed_silent(since, now)

    def _stayed_silent(self, since: float, now: float) -> StayedSilent:
        self._forget_before(int(self.format.bytes_per_ms * (since - self._start_ms)))
        self._silent_since = None
        return StayedSilent(round(since), round(now), self._turn())

    def _turn(self) -> bytes:
        """What has been examined since the turn began, which leaves the buffer."""
        audio = bytes(self._data[: self._examined])
        self._forget_before(self._examined)
        self._turns.reset()
        return audio

    @property
    def _examined_ms(self) -> float:
        return self._start_ms + self.format.ms_of(self._examined)

    def _forget_before(self, index: int) -> None:
        """Drop the audio before `index`, in whole samples."""
        index -= index % len(self.format.silence)
        if index > 0:
            self._start_ms += self.format.ms_of(index)
            self._examined -= index
            del self._data[:index]
