"""What a caller said, as sound, to its words: what each speech-to-text part is, and one that knows them beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.voice.formats import PCM16, AudioFormat, Samples, decoded
from realtime_scenarios.voice.resampling import resampled


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of a caller. `language` (ISO 639-1) and `prompt` are what the session says about it; None: nothing."""

    audio: bytes
    audio_format: AudioFormat = PCM16
    language: str | None = None
    prompt: str | None = None

    def samples(self, rate: int) -> Samples:
        """Its sound at that rate."""
        return resampled(decoded(self.audio, self.audio_format), self.audio_format.rate, rate)


class SpeechToText(Protocol):
    """Writes down what is said, turn after turn, of one conversation.

    A part that takes its time says `takes_time = True`, and is then asked in a thread beside the loop, for one turn
    at a time; all others are asked where the turn ends.
    """

    def transcribe(self, utterance: Utterance) -> str | None:
        """The words; empty where nothing was said, None where they could not be made out.

        Raises:
            PartFailed: nothing can be said about them.
        """
        ...


def takes_time(part: object) -> bool:
    """Whether a part that hears or speaks is asked beside the loop."""
    return bool(getattr(part, "takes_time", False))


class PartFailed(ScenarioError):
    """A part that hears or speaks could not do it this time; the client is told, and the conversation goes on."""


class ScriptedWords:
    """Knows beforehand what will be said: the words of each turn, in order. After the last one nothing is made out."""

    def __init__(self, turns: Iterable[str]) -> None:
        self._turns: Sequence[str] = tuple(turns)
        self._heard = 0

    def transcribe(self, utterance: Utterance) -> str | None:
        self._heard += 1
        return self._turns[self._heard - 1] if self._heard <= len(self._turns) else None
