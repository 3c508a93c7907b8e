"""What an agent says is played in order, and it is known how much of it was heard."""

from __future__ import annotations

from realtime_scenarios.devices import FRAME_BYTES, HeardPiece, PlayoutBuffer

ONE, TWO = b"\x01\x00" * 480, b"\x02\x00" * 480
QUIET = bytes(FRAME_BYTES)


def test_items_are_heard_one_after_the_other_and_told_by_the_millisecond() -> None:
    buffer = PlayoutBuffer()
    buffer.add("a", ONE[:480])
    buffer.add("b", TWO)
    buffer.take(FRAME_BYTES)
    audio, pieces = buffer.heard(FRAME_BYTES)
    assert audio == ONE[:480] + TWO[:480]
    assert pieces == [HeardPiece("a", 10.0), HeardPiece("b", 10.0)]


def test_where_nothing_waits_silence_is_heard_that_belongs_to_no_item() -> None:
    buffer = PlayoutBuffer()
    buffer.add("a", ONE[:480])
    assert buffer.take(FRAME_BYTES) == ONE[:480] + QUIET[480:]
    assert buffer.heard(FRAME_BYTES) == (ONE[:480] + QUIET[480:], [HeardPiece("a", 10.0)])
    assert not buffer.is_playing


def test_what_a_loudspeaker_has_taken_is_heard_after_its_latency() -> None:
    buffer = PlayoutBuffer()
    buffer.set_latency(0.04)
    buffer.add("a", ONE)
    heard = []
    for _ in range(3):
        buffer.take(FRAME_BYTES)
        heard.append(buffer.heard(FRAME_BYTES))
    assert heard == [(QUIET, []), (QUIET, []), (ONE, [HeardPiece("a", 20.0)])]


def test_after_a_flush_nothing_of_the_item_is_played_also_what_comes_late() -> None:
    buffer = PlayoutBuffer()
    buffer.add("a", ONE + ONE)
    buffer.take(FRAME_BYTES)
    buffer.flush()
    buffer.add("a", ONE)
    assert buffer.take(FRAME_BYTES) == QUIET
    buffer.add("b", TWO)
    assert buffer.take(FRAME_BYTES) == TWO


def test_a_loudspeaker_that_was_flushed_is_still_playing_what_it_has_taken() -> None:
    buffer = PlayoutBuffer()
    buffer.set_latency(0.02)
    buffer.add("a", ONE + ONE)
    buffer.take(FRAME_BYTES)
    buffer.flush()
    assert buffer.is_playing
    buffer.take(FRAME_BYTES)
    assert buffer.heard(FRAME_BYTES) == (ONE, [HeardPiece("a", 20.0)])
    assert not buffer.is_playing


def test_a_loudspeaker_whose_clock_is_fast_loses_silence_and_no_words() -> None:
    buffer = PlayoutBuffer()
    for _ in range(20):
        buffer.take(FRAME_BYTES)
    buffer.add("a", ONE)
    buffer.take(FRAME_BYTES)
    audio, pieces = buffer.heard(FRAME_BYTES)
    assert (audio, pieces) == (ONE, [HeardPiece("a", 20.0)])


def test_a_loudspeaker_that_has_taken_nothing_yet_is_silent() -> None:
    assert PlayoutBuffer().heard(FRAME_BYTES) == (QUIET, [])


def test_what_comes_after_a_silence_is_kept_back_a_little_so_that_what_follows_may_be_late() -> None:
    buffer = PlayoutBuffer(lead_ms=20)
    buffer.add("a", ONE)
    assert buffer.take(FRAME_BYTES) == QUIET
    assert buffer.take(FRAME_BYTES // 2) == ONE[: FRAME_BYTES // 2]
    buffer.add("a", TWO)
    assert buffer.take(FRAME_BYTES) == ONE[FRAME_BYTES // 2 :] + TWO[: FRAME_BYTES // 2]
