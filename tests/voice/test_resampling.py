"""Other rates: what the new rate can carry stays, what it cannot carry goes, and nothing else comes."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.voice import Resampler, resampled
from support.counting import lengths_given
from support.sounds import decibels, hum, power_at

RATES = [(24000, 16000), (24000, 8000), (16000, 24000), (8000, 24000), (8000, 16000), (22050, 24000), (48000, 24000)]
noise = st.lists(st.integers(-32768, 32767), max_size=2000).map(lambda values: array("h", values))


@pytest.mark.parametrize(("old", "new"), RATES)
def test_a_tone_that_both_rates_carry_stays_as_it_is(old: int, new: int) -> None:
    again = resampled(hum(1000, 300, rate=old), old, new)
    expected = hum(1000, 300, rate=new)
    assert len(again) == len(expected)
    shift = 30 if old != 22050 else 600  # a rate 147 steps away is late by a part of a sample
    assert max(abs(a - b) for a, b in list(zip(again, expected, strict=True))[200:-200]) < shift


@pytest.mark.parametrize("hertz", [4400, 5000, 7000, 9000, 11000])
def test_what_is_too_high_for_the_new_rate_is_gone(hertz: int) -> None:
    """Linear interpolation, as `audioop.ratecv` has it, lets 9 kHz back in at -2 dB as 7 kHz."""
    sound = hum(hertz, 300)
    assert decibels(resampled(sound, 24000, 8000)[300:-300]) < decibels(sound) - 70
    if hertz > 8700:
        assert decibels(resampled(sound, 24000, 16000)[300:-300]) < decibels(sound) - 70


@pytest.mark.parametrize(("old", "new"), RATES)
@pytest.mark.parametrize("hertz", [300, 1000, 3400])
def test_nothing_comes_that_was_not_there(old: int, new: int, hertz: int) -> None:
    again = resampled(hum(hertz, 400, rate=old), old, new)[300:-300]
    whole = again[: len(again) // (new // 100) * (new // 100)]  # so many periods of each tone
    all_of_it = sum(sample * sample for sample in whole) / len(whole)
    other = all_of_it - power_at(whole, hertz, rate=new)
    assert 10 * math.log10(max(other, 1e-3) / all_of_it) < -70


@given(noise, st.lists(st.integers(0, 2000), max_size=5), st.sampled_from(RATES))
def test_pieces_of_any_size_give_the_same(sound: array[int], cuts: list[int], rates: tuple[int, int]) -> None:
    whole = Resampler(*rates).feed(sound)
    stream = Resampler(*rates)
    pieces = array("h")
    for begin, end in pairwise([0, *sorted(cuts), len(sound) + 2000]):
        pieces += stream.feed(sound[begin:end])
    assert pieces == whole


@given(noise, st.sampled_from([rates for rates in RATES if rates[0] != 22050]))
def test_long_multiplication_sums_as_one_would_by_hand(sound: array[int], rates: tuple[int, int]) -> None:
    from realtime_scenarios.voice import resampling

    fast = Resampler(*rates)
    slow = Resampler(*rates)
    slow._filters = resampling._Filters(fast.step, fast._filters._phases, fast.delay)
    slow._filters._products = None
    assert fast.feed(sound) == slow.feed(sound)


def test_the_loudest_sound_does_not_wrap_around() -> None:
    square = array("h", ([32767] * 12 + [-32768] * 12) * 200)
    again = resampled(square, 24000, 16000)
    assert max(again) == 32767 and min(again) == -32768
    assert max(abs(a - b) for a, b in pairwise(again)) < 65535


def test_the_same_rate_is_the_same_sound() -> None:
    sound = hum(440, 20)
    assert resampled(sound, 24000, 24000) is sound


def test_of_a_long_sound_little_is_multiplied_at_once_since_no_thread_goes_on_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from realtime_scenarios.voice import resampling

    multiplied = lengths_given(monkeypatch, resampling, "_number")
    assert len(resampled(array("h", bytes(2 * 24_000 * 60)), 24_000, 16_000)) == 16_000 * 60
    assert max(multiplied) <= 24_000
