"""Files of recorded lines: which can be played, and what is said of those that cannot."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest

from realtime_scenarios.core.recordings import why_unplayable


def recorded(path: Path, *, seconds: float, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(2 * round(seconds * rate)))
    return path


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_a_line_of_a_few_seconds_can_be_played_at_any_usual_rate(tmp_path: Path, rate: int) -> None:
    assert why_unplayable(recorded(tmp_path / "line.wav", seconds=2, rate=rate)) is None


def test_a_line_is_at_most_a_minute_long(tmp_path: Path) -> None:
    assert why_unplayable(recorded(tmp_path / "minute.wav", seconds=60)) is None
    problem = why_unplayable(recorded(tmp_path / "long.wav", seconds=61))
    assert problem is not None and problem.reason == "lasts 61 s"


def test_a_head_that_does_not_know_the_length_is_no_mistake(tmp_path: Path) -> None:
    path = recorded(tmp_path / "line.wav", seconds=2)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    assert why_unplayable(path) is None


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEfmt ", b"ID3\x04 some music", bytes(100)])
def test_what_is_no_wav_file_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "line.wav"
    path.write_bytes(content)
    problem = why_unplayable(path)
    assert problem is not None and problem.reason == "is no WAV file of plain samples"
