"""A call from a file takes as long as it says, and in virtual time none."""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from pathlib import Path

import pytest

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.devices import FRAME_BYTES, FileDevice, Frame, HeardPiece, sound_in
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.voice.waves import wave_of
from support.sounds import hum

SAID = b"\x07\x00" * 480


async def some(device: FileDevice, count: int) -> list[Frame]:
    frames = device.frames()
    found = [await anext(frames) for _ in range(count)]
    await frames.aclose()
    return found


def test_the_caller_says_what_is_in_the_file_and_then_nothing() -> None:
    device = FileDevice(SAID + SAID[:100])
    said = [frame.said for frame in run_in_virtual_time(some(device, 3))]
    assert said == [SAID, SAID[:100] + bytes(FRAME_BYTES - 100), bytes(FRAME_BYTES)]
    assert device.is_through


def test_what_is_played_is_heard_with_the_frame_in_which_it_sounds() -> None:
    async def played() -> list[Frame]:
        device = FileDevice(SAID * 4)
        frames = device.frames()
        first = await anext(frames)
        device.play("item", SAID + SAID)
        second = await anext(frames)
        device.flush()
        return [first, second, await anext(frames)]

    first, second, third = run_in_virtual_time(played())
    assert (first.heard, first.pieces) == (bytes(FRAME_BYTES), [])
    assert (second.heard, second.pieces) == (SAID, [HeardPiece("item", 20.0)])
    assert third.heard == bytes(FRAME_BYTES)


def test_a_minute_of_it_takes_the_loops_time_and_not_ours() -> None:
    async def loops_time() -> float:
        began = asyncio.get_running_loop().time()
        await some(FileDevice(b""), 60 * 50)
        return asyncio.get_running_loop().time() - began

    began = time.monotonic()
    assert math.isclose(run_in_virtual_time(loops_time()), 60, abs_tol=0.01)
    assert time.monotonic() - began < 30


def test_a_file_of_another_rate_is_brought_to_24_khz(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wave_of(hum(440, 500, rate=8000), 8000))
    assert len(sound_in(path)) == 24000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"ID3 and more of it that is no sound", "no WAV file"),
        (b"", "no WAV file"),
        (wave_of(array("h"), 24000), "holds no sound"),
    ],
)
def test_what_is_no_sound_is_refused_with_the_way_to_make_one(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(ScenarioError, match=message) as refused:
        sound_in(path)
    assert refused.value.hint is not None and "ffmpeg" in refused.value.hint


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        sound_in(tmp_path / "a.wav")
