"""Whether a file holds a line that somebody has recorded, so that it can be played to a model."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import NamedTuple

LONGEST_S = 60
"""Seconds: a turn is ended after so long (`voice.turns`)."""

SHORTEST_S = 0.1
"""Seconds: less is never taken for a turn (API reference, input_audio_buffer.commit)."""

_RATES = range(8000, 48001)
_CONVERT = "save it with one channel and 16 bits a sample, as `sox in.wav -c 1 -b 16 out.wav` does"


class Unplayable(NamedTuple):
    """Why a recording cannot be played, as a clause, and the way out."""

    reason: str
    hint: str


def why_unplayable(path: Path) -> Unplayable | None:
    """None: it can be played. Only the head of the file is read.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with wave.open(str(path)) as file:
            channels, bits, rate = file.getnchannels(), 8 * file.getsampwidth(), file.getframerate()
            # programs that do not know the length yet when they write the head give a huge one
            frames = min(file.getnframes(), path.stat().st_size // max(channels * file.getsampwidth(), 1))
            seconds = frames / rate if rate else 0.0
    except (wave.Error, EOFError):
        return Unplayable("is no WAV file of plain samples", f"{_CONVERT}")
    if channels != 1:
        return Unplayable(f"has {channels} channels, and a caller speaks on one", _CONVERT)
    if bits != 16:
        return Unplayable(f"has {bits} bits a sample, not 16", _CONVERT)
    if rate not in _RATES:
        return Unplayable(f"has {rate} samples a second", "record it with 8,000 to 48,000 samples a second")
    if seconds > LONGEST_S:
        return Unplayable(f"lasts {seconds:.0f} s", f"a line is ended after {LONGEST_S} s: make two turns of it")
    if seconds < SHORTEST_S:
        return Unplayable(f"lasts {seconds:.2f} s, in which nobody says a word", "record the line once more")
    return None
