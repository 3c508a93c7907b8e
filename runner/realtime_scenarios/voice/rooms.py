"""The rooms that callers speak in: steady noise of a kind, so loud; and how sounds are put together.

Loudness is in dB below full scale (dBFS), as the mean of squares. Sounds are at 24 kHz.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from realtime_scenarios.core import UsageError, listed
from realtime_scenarios.voice.formats import FULL_SCALE, PCM16, Samples

RATE = PCM16.rate

_LOOP_MS = 6000
"""A room sounds the same again after so long."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of a kind that is `below_db` dB softer than whoever speaks in it."""

    kind: str
    below_db: float

    @classmethod
    def of(cls, written: str) -> Noise:
        """The noise that is written `KIND:DB`.

        Raises:
            UsageError: there is none such.
        """
        kind, _, db = written.partition(":")
        try:
            below = float(db)
        except ValueError:
            below = math.nan
        if kind not in _KINDS or not -20 <= below <= 60:
            kinds = f"kinds are {listed(list(_KINDS))}"
            hint = f"write its kind and how many dB the voice is louder, from -20 to 60, as white:10; {kinds}"
            raise UsageError(f"there is no noise '{written}'", hint=hint)
        return cls(kind, below)

    def around(self, samples: Samples, level: float, seed: int) -> Samples:
        """The sound in a room whose noise is so much softer than `level`; the seed says where the noise begins."""
        room = noise(self.kind, _LOOP_MS, round(level - self.below_db, 1), seed=seed)
        start = random.Random(seed).randrange(len(room))
        return mixed(samples, array("h", (room[(start + at) % len(room)] for at in range(len(samples)))))


@cache
def noise(kind: str, ms: int, level: float, *, seed: int = 1) -> Samples:
    """Noise of that kind, so loud."""
    count = RATE * ms // 1000
    values = list(_KINDS[kind](random.Random(seed), count))
    root = math.sqrt(sum(value * value for value in values) / count)
    gain = FULL_SCALE * 10 ** (level / 20) / root
    return _clipped(value * gain for value in values)


def _white(draw: random.Random, count: int) -> Iterator[float]:
    return (draw.gauss(0, 1) for _ in range(count))


def _pink(draw: random.Random, count: int) -> Iterator[float]:
    """White noise through Kellet's filter (musicdsp.org, "Pink noise filter", the economy version)."""
    low = middle = high = 0.0
    for _ in range(count):
        white = draw.gauss(0, 1)
        low = 0.99765 * low + white * 0.0990460
        middle = 0.96300 * middle + white * 0.2965164
        high = 0.57000 * high + white * 1.0526913
        yield low + middle + high + white * 0.1848


def _hum(draw: random.Random, count: int) -> Iterator[float]:
    """The mains, 50 Hz, with their overtones and a little hiss."""
    overtones = ((50, 1.0, 0.0), (100, 0.6, 1.0), (150, 0.4, 2.0), (250, 0.2, 0.5))
    for at in range(count):
        mains = sum(loud * math.sin(2 * math.pi * hertz * at / RATE + shift) for hertz, loud, shift in overtones)
        yield mains + draw.gauss(0, 0.05)


_KINDS: Mapping[str, Callable[[random.Random, int], Iterator[float]]] = {"white": _white, "pink": _pink, "hum": _hum}


def decibels(samples: Samples) -> float:
    """How loud a sound is."""
    return 10 * math.log10(max(sum(sample * sample for sample in samples) / max(len(samples), 1), 1e-9) / FULL_SCALE**2)


def at_level(samples: Samples, level: float) -> Samples:
    """The sound, as loud as that."""
    gain = 10 ** ((level - decibels(samples)) / 20)
    return _clipped(sample * gain for sample in samples)


def mixed(first: Samples, second: Samples) -> Samples:
    """Two sounds of the same length at once."""
    return _clipped(loud + soft for loud, soft in zip(first, second, strict=True))


def quiet(ms: int) -> Samples:
    return array("h", bytes(2 * (RATE * ms // 1000)))


def _clipped(values: Iterator[float]) -> Samples:
    return array("h", [round(min(max(value, -FULL_SCALE), FULL_SCALE - 1)) for value in values])
