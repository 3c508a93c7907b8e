"""What an agent says is played in order, and it is known how much of it was heard."""

from __future__ import annotations

from realtime_scenarios.devices import FRAME_BYTES, HeardPiece, Playback

ONE, TWO = b"\x01\x00" * 480, b"\x02\x00" * 480
QUIET = bytes(FRAME_BYTES)


def test_items_are_heard_one_after_the_other_and_told_by_the_millisecond() -> None:
    playback = Playback()
    playback.add("a", ONE[:480])
    playback.add("b", TWO)
    playback.take(FRAME_BYTES)
    audio, pieces = playback.heard(FRAME_BYTES)
    assert audio == ONE[:480] + TWO[:480]
    assert pieces == [HeardPiece("a", 10.0), HeardPiece("b", 10.0)]


def test_where_nothing_waits_silence_is_heard_that_belongs_to_no_item() -> None:
    playback = Playback()
    playback.add("a", ONE[:480])
    assert playback.take(FRAME_BYTES) == ONE[:480] + QUIET[480:]
    assert playback.heard(FRAME_BYTES) == (ONE[:480] + QUIET[480:], [HeardPiece("a", 10.0)])
    assert not playback.is_playing


def test_what_a_loudspeaker_has_taken_is_heard_after_its_latency() -> None:
    playback = Playback()
    playback.set_latency(0.04)
    playback.add("a", ONE)
    heard = []
    for _ in range(3):
        playback.take(FRAME_BYTES)
        heard.append(playback.heard(FRAME_BYTES))
    assert heard == [(QUIET, []), (QUIET, []), (ONE, [HeardPiece("a", 20.0)])]


def test_after_a_flush_nothing_of_the_item_is_played_also_what_comes_late() -> None:
    playback = Playback()
    playback.add("a", ONE + ONE)
    playback.take(FRAME_BYTES)
    playback.flush()
    playback.add("a", ONE)
    assert playback.take(FRAME_BYTES) == QUIET
    playback.add("b", TWO)
    assert playback.take(FRAME_BYTES) == TWO


def test_a_loudspeaker_that_was_flushed_is_still_playing_what_it_has_taken() -> None:
    playback = Playback()
    playback.set_latency(0.02)
    playback.add("a", ONE + ONE)
    playback.take(FRAME_BYTES)
    playback.flush()
    assert playback.is_playing
    playback.take(FRAME_BYTES)
    assert playback.heard(FRAME_BYTES) == (ONE, [HeardPiece("a", 20.0)])
    assert not playback.is_playing


def test_a_loudspeaker_whose_clock_is_fast_loses_silence_and_no_words() -> None:
    playback = Playback()
    for _ in range(20):
        playback.take(FRAME_BYTES)
    playback.add("a", ONE)
    playback.take(FRAME_BYTES)
    audio, pieces = playback.heard(FRAME_BYTES)
    assert (audio, pieces) == (ONE, [HeardPiece("a", 20.0)])


def test_a_loudspeaker_that_has_taken_nothing_yet_is_silent() -> None:
    assert Playback().heard(FRAME_BYTES) == (QUIET, [])
