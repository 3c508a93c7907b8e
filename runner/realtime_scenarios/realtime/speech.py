"""Words to deltas, and to audio of the length that they take to say.

The audio is silence: what is said stands in the transcript. Formats are those of `RealtimeAudioFormats` in
`openai.types.realtime`: 16-bit mono PCM at 24 kHz, and G.711 (mu-law, A-law) at 8 kHz.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Pace:
    """How an answer is handed out: in deltas of so many words, each followed by so many milliseconds a word.

    With `ms_per_word` 0 the whole answer is due at once.
    """

    words_per_delta: int = 8
    ms_per_word: int = 0


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """`silence` is one sample that cannot be heard."""

    name: str
    bytes_per_ms: int
    silence: bytes

    def bytes_of(self, ms: int) -> int:
        return ms * self.bytes_per_ms

    def ms_of(self, size: int) -> float:
        return size / self.bytes_per_ms


PCM16 = AudioFormat("audio/pcm", 48, b"\x00\x00")
FORMATS: Mapping[str, AudioFormat] = {
    known.name: known for known in (PCM16, AudioFormat("audio/pcmu", 8, b"\xff"), AudioFormat("audio/pcma", 8, b"\xd5"))
}


def format_of(wire: Mapping[str, Any]) -> AudioFormat:
    """The format behind its wire form, such as {"type": "audio/pcm", "rate": 24000}."""
    return FORMATS[wire["type"]]


def deltas_of(words: list[str], words_per_delta: int) -> list[tuple[str, int]]:
    """The words in deltas, each with the number of its words."""
    if len(words) <= words_per_delta:
        return [("".join(words), len(words))] if words else []
    starts = range(0, len(words), words_per_delta)
    chunks = (words[start : start + words_per_delta] for start in starts)
    return [("".join(chunk), len(chunk)) for chunk in chunks]


@functools.lru_cache(maxsize=64)
def silence_base64(audio_format: AudioFormat, ms: int) -> str:
    """Silence of that length in base64, as an audio delta carries it."""
    samples = audio_format.bytes_of(ms) // len(audio_format.silence)
    return base64.b64encode(audio_format.silence * samples).decode()
