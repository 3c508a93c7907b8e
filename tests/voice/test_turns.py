"""Turns: where they begin and end, in any noise that is not louder than the voice."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.voice import (
    VOICE_DETECTORS,
    Samples,
    TurnBegan,
    TurnDetector,
    TurnEnded,
    TurnTaking,
    decoded,
    encoded,
    resampled,
)
from realtime_scenarios.voice.formats import MU_LAW
from support.sounds import RATE, at_level, hum, joined, mixed, needs_flite, needs_silero, noise, quiet, said_by_flite

TAKING = TurnTaking(0.5, 500)
DETECTORS = ["loudness", pytest.param("silero", marks=needs_silero)]
LINES = ("What flight am I on?", "I would like to change my seat to one by the window please.")


@dataclass(frozen=True)
class Heard:
    """When a turn began and when its last voice was, in ms."""

    began: int
    ended: int | None


def turns_in(sound: Samples, name: str = "loudness", taking: TurnTaking = TAKING, rate: int = RATE) -> list[Heard]:
    turns = TurnDetector(VOICE_DETECTORS[name](rate))
    size = rate * turns.frame_ms // 1000
    found: list[Heard] = []
    for end in range(size, len(sound) + 1, size):
        now = end * 1000 // rate
        match turns.hear(sound[end - size : end], taking):
            case TurnBegan(voiced_ms):
                found.append(Heard(now - voiced_ms, None))
            case TurnEnded():
                found[-1] = Heard(found[-1].began, now - taking.silence_ms)
    return found


@cache
def call(voice: str = "slt") -> tuple[Samples, list[Heard]]:
    """Two lines at -26 dBFS with silence around them, and when they are said."""
    said = [at_level(said_by_flite(line, voice), -26) for line in LINES]
    parts = [quiet(1500), said[0], quiet(1500), said[1], quiet(2000)]
    begins, at = [], 0
    for part in parts:
        begins.append(at * 1000 // RATE)
        at += len(part)
    return joined(parts), [Heard(begins[1], begins[2]), Heard(begins[3], begins[4])]


@needs_flite
@pytest.mark.parametrize("voice", ["slt", "rms"])
@pytest.mark.parametrize("room", [None, *((kind, db) for kind in ("white", "pink", "hum") for db in (20, 10))])
@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("telephone", [False, True], ids=["wide", "telephone"])
def test_both_turns_are_heard_alone(name: str, room: tuple[str, int] | None, voice: str, telephone: bool) -> None:
    sound, said = call(voice)
    if room is not None:
        kind, db = room
        sound = mixed(sound, noise(kind, len(sound) * 1000 // RATE + 1, -26 - db)[: len(sound)])
    rate = RATE
    if telephone:
        rate = 8000
        sound = decoded(encoded(resampled(sound, RATE, rate), MU_LAW), MU_LAW)
    heard = turns_in(sound, name, rate=rate)
    assert len(heard) == len(said)
    for found, true in zip(heard, said, strict=True):
        assert abs(found.began - true.began) <= 450
        assert found.ended is not None and true.ended is not None and abs(found.ended - true.ended) <= 400


@needs_flite
@needs_silero
@pytest.mark.parametrize("kind", ["white", "pink", "hum"])
def test_silero_hears_voices_that_are_no_louder_than_the_noise(kind: str) -> None:
    sound, said = call()
    heard = turns_in(mixed(sound, noise(kind, len(sound) * 1000 // RATE + 1, -26)[: len(sound)]), "silero")
    assert len(heard) == len(said) and all(found.ended is not None for found in heard)


@pytest.mark.parametrize("kind", ["white", "pink", "hum"])
@pytest.mark.parametrize("level", [-26, -40, -56])
def test_noise_alone_is_no_turn(kind: str, level: float) -> None:
    assert turns_in(noise(kind, 15_000, level)) == []


def test_noise_that_comes_to_stay_is_one_turn_and_the_room_from_then_on() -> None:
    noisy = joined([quiet(2000), noise("white", 20_000, -36)])
    (turn,) = turns_in(noisy)
    assert turn.ended is not None and turn.ended < 6000
    sound = joined([noisy, mixed(noise("white", 3000, -36), joined([hum(300, 1000, loud=0.2), quiet(2000)]))])
    assert len(turns_in(sound)) == 2


@needs_flite
def test_a_quiet_caller_is_heard() -> None:
    """At -45 dBFS, which one fixed loudness for all never hears."""
    sound = joined([quiet(500), at_level(said_by_flite(LINES[1]), -45), quiet(1000)])
    assert len(turns_in(sound)) == 1


@needs_flite
def test_who_speaks_without_end_is_answered_all_the_same() -> None:
    taking = TurnTaking(0.5, 500, longest_ms=3000)
    sound = at_level(joined([said_by_flite(LINES[1])] * 4), -26)
    heard = turns_in(joined([quiet(300), sound, quiet(1000)]), taking=taking)
    assert len(heard) > 2
    assert all(turn.ended is not None for turn in heard)


@pytest.mark.parametrize("silence_ms", [100, 300, 900])
def test_a_turn_ends_after_as_much_silence_as_is_asked_for(silence_ms: int) -> None:
    pause = joined([quiet(500), hum(300, 400), quiet(400), hum(300, 400), quiet(2000)])
    assert len(turns_in(pause, taking=TurnTaking(0.5, silence_ms))) == (2 if silence_ms < 400 else 1)


def test_the_higher_the_threshold_the_fewer_voices_are_heard() -> None:
    room = noise("white", 3000, -46)
    counts = []
    for threshold in (0.3, 0.5, 0.7, 0.9, 1.0):
        heard = 0
        for level in range(-44, -20, 2):
            sound = mixed(room, joined([quiet(1500), at_level(hum(300, 500), level), quiet(1000)]))
            heard += bool(turns_in(sound, taking=TurnTaking(threshold, 300)))
        counts.append(heard)
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[-1]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=12), st.sampled_from([60, 200, 500]))
def test_beginnings_and_ends_alternate_and_lie_in_the_sound(parts: list[tuple[bool, int]], silence_ms: int) -> None:
    sound = joined(hum(300, 20 * frames) if loud else quiet(20 * frames) for loud, frames in parts)
    heard = turns_in(sound, taking=TurnTaking(0.5, silence_ms))
    times = [time for turn in heard for time in (turn.began, turn.ended) if time is not None]
    assert times == sorted(times)
    assert all(0 <= time <= len(sound) * 1000 // RATE for time in times)
    assert all(turn.ended is not None for turn in heard[:-1])


@needs_flite
@pytest.mark.parametrize("name", DETECTORS)
def test_the_same_sound_is_heard_alike_each_time(name: str) -> None:
    sound, _ = call()
    certainties: list[list[float]] = []
    make: Callable[[int], object] = VOICE_DETECTORS[name]
    for _ in range(2):
        detector = VOICE_DETECTORS[name](RATE)
        size = RATE * detector.frame_ms // 1000
        frames = [sound[at : at + size] for at in range(0, 3 * RATE, size)]
        certainties.append([detector.certainty(frame) for frame in frames])
    assert certainties[0] == certainties[1]
    assert all(0 <= certainty <= 1 for certainty in certainties[0])
    assert make(8000) is not None


def test_the_edges_of_samples_do_no_harm() -> None:
    loudest = array("h", [32767, -32768] * 240)
    detector = VOICE_DETECTORS["loudness"](RATE)
    assert all(0 <= detector.certainty(frame) <= 1 for frame in (quiet(20), loudest, quiet(20)))
