"""Text to words and deltas, to the time that they take to say, and to audio of that length.

The audio is silence: what is said stands in the transcript. Formats are those of `RealtimeAudioFormats` in
`openai.types.realtime`: 16-bit mono PCM at 24 kHz, and G.711 (mu-law, A-law) at 8 kHz.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MS_PER_WORD = 400
"""150 words a minute, the pace of plain speech."""

_WORDS = re.compile(r"\S+\s*|\s+")
_HAN_AND_KANA = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_THAI_AND_NEIGHBOURS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNSPACED = _HAN_AND_KANA + _THAI_AND_NEIGHBOURS
_MARKS = "\u3001-\u3003\u3008-\u303f\uff01-\uff0f\uff1a-\uff1f"
_WORDS_WITHOUT_SPACES = re.compile(
    rf"(?:[{_HAN_AND_KANA}]{{1,2}}|[{_THAI_AND_NEIGHBOURS}]{{1,4}})[{_MARKS}]*\s*|[^\s{_UNSPACED}]+\s*|\s+"
)
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")


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


def words_of(text: str) -> list[str]:
    """The words with the space behind them; joined they are the text.

    Scripts that put no space between words are cut into pieces that take about as long to say: two characters of
    Chinese or Japanese, four of Thai, Lao, Khmer or Burmese, with the punctuation behind them.
    """
    if text.isascii() or not _HAS_UNSPACED.search(text):
        return _WORDS.findall(text)
    return _WORDS_WITHOUT_SPACES.findall(text)


def deltas_of(words: list[str], words_per_delta: int) -> list[tuple[str, int]]:
    """The words in deltas, each with the number of its words."""
    if len(words) <= words_per_delta:
        return [("".join(words), len(words))] if words else []
    starts = range(0, len(words), words_per_delta)
    chunks = (words[start : start + words_per_delta] for start in starts)
    return [("".join(chunk), len(chunk)) for chunk in chunks]


def spoken_ms(words: int, speed: float) -> int:
    """How long so many words last when spoken at `speed` (1.0 is plain speech)."""
    return round(words * MS_PER_WORD / speed)


@functools.lru_cache(maxsize=64)
def silence_base64(audio_format: AudioFormat, ms: int) -> str:
    """Silence of that length in base64, as an audio delta carries it."""
    samples = audio_format.bytes_of(ms) // len(audio_format.silence)
    return base64.b64encode(audio_format.silence * samples).decode()
