"""Text, audio and images to the tokens that they would cost: an estimate by length, as `RealtimeResponseUsage`.

Text counts a token for four characters. Audio counts one for 100 ms heard and one for 50 ms spoken (OpenAI Realtime
guide, "Managing costs").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TOKENS_PER_IMAGE = 765
_CACHE_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Tokens:
    text: int = 0
    audio: int = 0
    image: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.text + other.text, self.audio + other.audio, self.image + other.image)

    def __sub__(self, other: Tokens) -> Tokens:
        return Tokens(self.text - other.text, self.audio - other.audio, self.image - other.image)

    @property
    def total(self) -> int:
        return self.text + self.audio + self.image


def text_tokens(text: str) -> int:
    return (len(text) + 3) // 4


def heard_tokens(ms: float) -> int:
    return round(ms / 100)


def spoken_tokens(ms: float) -> int:
    return round(ms / 50)


def usage_of(read: Tokens, written: Tokens, seen_before: int) -> dict[str, Any]:
    """`seen_before` is how many tokens of text at the beginning were read before: whole blocks of them are cached."""
    cached = min(seen_before, read.text) // _CACHE_BLOCK * _CACHE_BLOCK
    return {
        "total_tokens": read.total + written.total,
        "input_tokens": read.total,
        "output_tokens": written.total,
        "input_token_details": {
            "text_tokens": read.text,
            "audio_tokens": read.audio,
            "image_tokens": read.image,
            "cached_tokens": cached,
            "cached_tokens_details": {"text_tokens": cached, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": written.text, "audio_tokens": written.audio},
    }
