"""Audio as it goes over the wire to 16-bit samples and back: PCM at 24 kHz, and both laws of G.711 at 8 kHz.

Formats are those of `RealtimeAudioFormats` in `openai.types.realtime`. Samples are mono, in the machine's byte order.
"""

from __future__ import annotations

import functools
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Samples: TypeAlias = "array[int]"
"""Sound as 16-bit samples, an `array("h")`; at which rate, whoever passes it on says."""

FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """`silence` is one sample that cannot be heard."""

    name: str
    bytes_per_ms: int
    silence: bytes

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self.bytes_per_ms * 1000 // len(self.silence)

    def bytes_of(self, ms: int) -> int:
        return ms * self.bytes_per_ms

    def ms_of(self, size: int) -> float:
        return size / self.bytes_per_ms


PCM16 = AudioFormat("audio/pcm", 48, b"\x00\x00")
MU_LAW = AudioFormat("audio/pcmu", 8, b"\xff")
A_LAW = AudioFormat("audio/pcma", 8, b"\xd5")
FORMATS: Mapping[str, AudioFormat] = {known.name: known for known in (PCM16, MU_LAW, A_LAW)}


def decoded(audio: bytes | bytearray, audio_format: AudioFormat) -> Samples:
    """The samples of whole audio; half a sample at its end is left out."""
    if audio_format is PCM16:
        return _little_endian(array("h", audio if len(audio) % 2 == 0 else audio[:-1]))
    return array("h", map(_levels(audio_format).__getitem__, audio))


def encoded(samples: Samples, audio_format: AudioFormat) -> bytes:
    """The audio of samples that are at the format's rate."""
    if audio_format is PCM16:
        return _little_endian(samples[:]).tobytes()
    return bytes(map(_codes(audio_format).__getitem__, samples))


def _little_endian(samples: Samples) -> Samples:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


@functools.cache
def _levels(law: AudioFormat) -> list[int]:
    """The sample behind each of the 256 codes."""
    level = _mu_law_level if law is MU_LAW else _a_law_level
    return [level(code) for code in range(256)]


@functools.cache
def _codes(law: AudioFormat) -> bytes:
    """The code of each sample: from 0 up, then the negative ones, so that a sample is its own index.

    It is the code whose level is nearest, the louder one of two that are as near, as the tables of the law decide.
    """
    known = sorted((level, code) for code, level in enumerate(_levels(law)))
    codes = bytearray(2 * FULL_SCALE)
    below = 0
    for sample in range(-FULL_SCALE, FULL_SCALE):
        while below + 1 < len(known) and _is_nearer(sample, known[below + 1][0], known[below][0]):
            below += 1
        codes[sample] = known[below][1]
    return bytes(codes)


def _is_nearer(sample: int, level: int, other: int) -> bool:
    """Whether `level` is nearer to the sample than `other`, which is below it."""
    distance, other_distance = abs(level - sample), abs(other - sample)
    return distance < other_distance or (distance == other_distance and sample >= 0)


def _mu_law_level(code: int) -> int:
    """One G.711 mu-law code as a 16-bit sample (ITU-T G.711, table 2)."""
    code = ~code & 0xFF
    size = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return -size if code & 0x80 else size


def _a_law_level(code: int) -> int:
    """One G.711 A-law code as a 16-bit sample (ITU-T G.711, table 1)."""
    code ^= 0x55
    exponent, size = (code >> 4) & 7, (code & 0x0F) << 4
    size = size + 8 if exponent == 0 else (size + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size
