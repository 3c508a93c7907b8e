"""The wire's audio and samples: both laws of G.711 as their tables have them."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.voice import FORMATS, PCM16, AudioFormat, decoded, encoded

LAWS = [FORMATS["audio/pcmu"], FORMATS["audio/pcma"]]
samples = st.lists(st.integers(-32768, 32767), max_size=50).map(lambda values: array("h", values))


@given(samples)
def test_pcm_is_what_it_was(sound: array[int]) -> None:
    assert decoded(encoded(sound, PCM16), PCM16) == sound


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_every_code_comes_back_as_itself(law: AudioFormat) -> None:
    codes = bytes(range(256))
    once = decoded(codes, law)
    assert decoded(encoded(once, law), law) == once
    other_zero = {0x7F} if law.name == "audio/pcmu" else set()
    assert {code for code, again in zip(codes, encoded(once, law), strict=True) if code != again} <= other_zero


@pytest.mark.parametrize(("law", "error"), [(LAWS[0], 0.0308), (LAWS[1], 0.0320)], ids=["mu", "a"])
def test_what_a_law_makes_of_a_sample_is_near_it(law: AudioFormat, error: float) -> None:
    values = array("h", range(-32768, 32768, 7))
    for value, again in zip(values, decoded(encoded(values, law), law), strict=True):
        if abs(value) < 32100:  # the loudest level of mu-law
            assert abs(value - again) <= max(error * abs(value) + 4, 8)


@pytest.mark.parametrize(
    ("law", "sample", "code"),
    [  # ITU-T G.711, tables 1 and 2, from 13 and 14 bits up to 16
        (LAWS[0], 0, 0xFF),
        (LAWS[0], 32124, 0x80),
        (LAWS[0], -32124, 0x00),
        (LAWS[0], 32767, 0x80),
        (LAWS[1], 8, 0xD5),
        (LAWS[1], -8, 0x55),
        (LAWS[1], 32256, 0xAA),
        (LAWS[1], -32256, 0x2A),
    ],
)
def test_ends_and_middle_of_the_tables(law: AudioFormat, sample: int, code: int) -> None:
    assert encoded(array("h", [sample]), law) == bytes([code])


@pytest.mark.parametrize("known", FORMATS.values(), ids=lambda known: known.name)
def test_a_format_knows_its_rate_and_its_silence(known: AudioFormat) -> None:
    assert known.rate == (24000 if known is PCM16 else 8000)
    assert all(abs(sample) <= 8 for sample in decoded(known.silence, known))
    assert known.ms_of(known.bytes_of(250)) == 250
    assert math.isclose(known.bytes_of(1000) / len(known.silence), known.rate)
