"""WAV files to samples and back."""

from __future__ import annotations

import io
import wave
from array import array
from dataclasses import dataclass

from realtime_scenarios.voice.formats import PCM16, Samples, decoded, encoded
from realtime_scenarios.voice.hearing import PartFailed


@dataclass(frozen=True, slots=True)
class Wave:
    """Sound at its rate."""

    samples: Samples
    rate: int


def wave_in(data: bytes, source: str) -> Wave:
    """The sound in a WAV file of 16-bit PCM; of several channels the first.

    A length that is not true, as programs write who do not know it yet, is no mistake.

    Raises:
        PartFailed: it is no such file, and `source` is who made it.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            if file.getsampwidth() != 2:
                raise PartFailed(f"{source} gave sound with {8 * file.getsampwidth()} bits a sample, not 16")
            samples = decoded(file.readframes(len(data)), PCM16)
            return Wave(array("h", samples[:: file.getnchannels()]), file.getframerate())
    except (wave.Error, EOFError) as problem:
        raise PartFailed(f"{source} gave something that is no WAV file: {problem}") from problem


def wave_of(samples: Samples, rate: int) -> bytes:
    """A WAV file of that sound."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(encoded(samples, PCM16))
    return data.getvalue()
