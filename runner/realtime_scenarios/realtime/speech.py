"""Words to deltas, and at which pace these are handed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.voice import FORMATS, PCM16, AudioFormat

__all__ = ["FORMATS", "PCM16", "AudioFormat", "Pace", "deltas_of", "format_of"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How an answer is handed out: in deltas of so many words, each followed by so many milliseconds a word.

    With `ms_per_word` 0 the whole answer is due at once. Where it `follows_speech`, spoken words take as long as they
    sound, and written ones no time.
    """

    words_per_delta: int = 8
    ms_per_word: int = 0
    follows_speech: bool = False

    def wait_ms(self, words: int, sounding_ms: int) -> int:
        """How long to wait after a delta of so many words, which sound for so long."""
        return sounding_ms if self.follows_speech else self.ms_per_word * words


def format_of(wire: Mapping[str, Any]) -> AudioFormat:
    """The format behind its wire form, such as {"type": "audio/pcm", "rate": 24000}."""
    return FORMATS[wire["type"]]


def deltas_of(words: Sequence[str], words_per_delta: int) -> list[tuple[str, int]]:
    """The words in deltas, each with the number of its words."""
    if len(words) <= words_per_delta:
        return [("".join(words), len(words))] if words else []
    starts = range(0, len(words), words_per_delta)
    return [
        ("".join(words[start : start + words_per_delta]), min(words_per_delta, len(words) - start)) for start in starts
    ]
