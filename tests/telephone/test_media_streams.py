"""Frames of a media stream: what they are read as, and what the caller's sound and the agent's become of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.telephone.frames import (
    BadFrame,
    Connected,
    KeyPressed,
    Played,
    Sound,
    Started,
    Stopped,
    frame_of,
)
from realtime_scenarios.telephone.incoming import Buffering, IncomingSound
from realtime_scenarios.telephone.outgoing import OutgoingSound
from realtime_scenarios.telephone.signature import is_signed, signature_of
from support.carrier import CALL, STREAM, BadLine, CarriersEar, frames_of, mark, media, started

RECORDED = (Path(__file__).parent.parent / "cases" / "telephone" / "call.jsonl").read_text().splitlines()
RAMP = bytes((37 * at) % 256 for at in range(25 * 160))
"""The sound of the recorded call: mu-law that no coder would give back as it was."""


class Told:
    """What an ear is told: which item, and how much of it has been played by now."""

    def __init__(self) -> None:
        self.item: tuple[str, int] | None = None
        self.ms = 0.0

    def on_play_ms(self, item_id: str, item_content_index: int, ms: float) -> None:
        begins = self.item != (item_id, item_content_index)
        self.item, self.ms = (item_id, item_content_index), ms if begins else self.ms + ms


def sounds(frames: list[str]) -> list[Sound]:
    return [frame for text in frames if isinstance(frame := frame_of(text), Sound)]


def heard(frames: list[str], incoming: IncomingSound | None = None) -> bytes:
    incoming = incoming or IncomingSound()
    return b"".join(map(incoming.take, sounds(frames))) + incoming.end()


def test_a_recorded_call_is_read_frame_by_frame() -> None:
    first, second, *middle = [frame_of(line) for line in RECORDED]
    assert first == Connected()
    assert second == Started(STREAM, CALL, {"caller": "+14155550100"})
    assert middle[-3:] == [Played("0.1"), KeyPressed("5"), Stopped()]
    assert len(middle[:-3]) == 25 and all(isinstance(frame, Sound) for frame in middle[:-3])


def test_its_sound_goes_on_untouched_in_pieces_of_50_ms_after_three_of_them() -> None:
    incoming = IncomingSound()
    pieces = [incoming.take(sound) for sound in sounds(RECORDED)]
    assert [len(piece) // 8 for piece in pieces[:12]] == [0, 0, 0, 0, 0, 0, 0, 150, 0, 50, 0, 0]
    assert b"".join(pieces) + incoming.end() == RAMP


def test_frames_that_are_not_needed_are_passed_over() -> None:
    outbound = json.loads(media(1, RAMP[:160]))
    outbound["media"]["track"] = "outbound"
    assert frame_of(json.dumps(outbound)) is None
    assert frame_of('{"event": "something new"}') is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not JSON", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "object"),
        ("{}", "'event'"),
        ('{"event": "media"}', "an object 'media'"),
        ('{"event": "media", "media": {"payload": "?"}}', "base64"),
        ('{"event": "media", "media": {"payload": "/w==", "chunk": "-1"}}', "'chunk'"),
        ('{"event": "media", "media": {"payload": "/w==", "timestamp": "²"}}', "'timestamp'"),
        ('{"event": "mark", "mark": {}}', "a text 'name'"),
        ('{"event": "dtmf", "dtmf": {"digit": "12"}}', "key '12'"),
        ('{"event": "start", "start": {"callSid": "CA1"}}', "'streamSid'"),
        (started().replace("audio/x-mulaw", "audio/x-l16"), "audio/x-l16 at 8000 Hz"),
    ],
)
def test_what_is_no_frame_is_said_to_be_none(text: str, why: str) -> None:
    with pytest.raises(BadFrame) as caught:
        frame_of(text)
    assert why in str(caught.value)


def test_frames_in_any_order_make_the_sound_that_was_sent() -> None:
    line = BadLine(seed=3, doubled=0.3, late=0.5, late_ms=70)
    arrived = [frame for _, frame in line.arrivals(frames_of(RAMP))]
    assert arrived != frames_of(RAMP)
    incoming = IncomingSound()
    assert heard(arrived, incoming) == RAMP
    assert incoming.late > 0 and incoming.lost == 0


def test_silence_stands_for_frames_that_are_lost() -> None:
    frames = frames_of(RAMP)
    incoming = IncomingSound()
    sound = heard(frames[:4] + frames[6:], incoming)
    assert sound == RAMP[: 4 * 160] + b"\xff" * 2 * 160 + RAMP[6 * 160 :]
    assert incoming.lost == 2


@given(st.integers(0, 1000), st.floats(0, 0.3), st.floats(0, 0.3), st.floats(0, 0.6))
def test_whatever_happens_to_frames_the_sound_is_as_long_as_the_call(
    seed: int, lost: float, doubled: float, late: float
) -> None:
    """All that was heard of it is in its place, but for what came too late: silence stands there."""
    arrived = [frame for _, frame in BadLine(seed, lost, doubled, late).arrivals(frames_of(RAMP))]
    sound = heard(arrived)
    last = max((json.loads(frame)["media"]["chunk"] for frame in arrived), key=int, default="0")
    first = min((json.loads(frame)["media"]["chunk"] for frame in arrived), key=int, default="1")
    skipped = int(first) - 1  # time begins with the first frame that is there
    assert len(sound) <= int(last) * 160
    if skipped == 0 and arrived:
        assert len(sound) == int(last) * 160
        assert all(ours in (sent, 0xFF) for ours, sent in zip(sound, RAMP, strict=False))


def test_a_caller_who_sends_nothing_while_silent_is_silent_for_so_long() -> None:
    incoming = IncomingSound()
    frames = [Sound(RAMP[:160], 1, 0), Sound(RAMP[160:320], 2, 1020)]
    assert b"".join(map(incoming.take, frames)) + incoming.end() == RAMP[:160] + b"\xff" * 8000 + RAMP[160:320]


def test_what_only_came_late_is_not_filled_up_twice() -> None:
    incoming = IncomingSound(Buffering(startup_chunks=1))
    frames = sounds(frames_of(RAMP))
    sound = incoming.take(frames[0]) + incoming.stalled(750)
    sound += b"".join(map(incoming.take, frames[1:])) + incoming.end()
    assert sound == RAMP[:160] + b"\xff" * 6000 + RAMP[160:]


def test_frames_without_numbers_are_taken_as_they_come() -> None:
    incoming = IncomingSound()
    sound = b"".join(incoming.take(Sound(RAMP[at : at + 160])) for at in range(0, 4000, 160)) + incoming.end()
    assert sound == RAMP


def test_the_agents_sound_goes_out_untouched_with_a_mark_behind_each_piece() -> None:
    told, ear = Told(), CarriersEar()
    outgoing = OutgoingSound(STREAM, told)
    frames = [*outgoing.say("item_1", RAMP[:2000]), *outgoing.say("item_1", RAMP[2000:])]
    assert [json.loads(frame)["event"] for frame in frames] == ["media", "mark"] * 10
    for frame in frames:
        ear.take(frame, 0)
    marks = ear.play(10_000)
    assert bytes(ear.heard) == RAMP
    for text in marks:
        frame = frame_of(text)
        assert isinstance(frame, Played)
        outgoing.played(frame.mark)
    assert (told.item, told.ms, outgoing.is_heard) == (("item_1", 0), 500, True)


def play(outgoing: OutgoingSound, ear: CarriersEar, until_ms: float) -> None:
    for text in ear.play(until_ms):
        frame = frame_of(text)
        assert isinstance(frame, Played)
        outgoing.played(frame.mark)


def test_a_caller_who_cuts_in_hears_nothing_more_of_what_was_sent() -> None:
    told, ear = Told(), CarriersEar()
    outgoing = OutgoingSound(STREAM, told)
    for frame in outgoing.say("item_1", RAMP):
        ear.take(frame, 0)
    play(outgoing, ear, 220)
    cut = outgoing.cut()
    assert told.ms == 200 and not cut.unheard
    late_marks = [text for frame in cut.frames for text in ear.take(frame, 220)]
    assert len(late_marks) == 6
    for text in late_marks:
        frame = frame_of(text)
        assert isinstance(frame, Played)
        outgoing.played(frame.mark)
    assert told.ms == 200 and len(ear.heard) == 220 * 8
    assert outgoing.say("item_1", RAMP) == ()
    assert len(outgoing.say("item_2", RAMP)) == 20


def test_an_answer_that_waits_behind_another_is_told_of_when_it_begins_to_be_heard() -> None:
    told, ear = Told(), CarriersEar()
    outgoing = OutgoingSound(STREAM, told)
    for item in ("filler", "answer", "more"):
        for frame in outgoing.say(item, RAMP[:800]):
            ear.take(frame, 0)
    assert (told.item, told.ms) == (("filler", 0), 0)
    play(outgoing, ear, 60)
    assert (told.item, told.ms) == (("filler", 0), 50)
    play(outgoing, ear, 160)
    assert (told.item, told.ms) == (("answer", 0), 50)
    assert outgoing.cut().unheard == ["more"]


def test_a_mark_that_is_lost_or_comes_again_is_made_up_for_by_those_behind_it() -> None:
    told = Told()
    outgoing = OutgoingSound(STREAM, told)
    outgoing.say("item_1", RAMP)
    for name in ("2", "1", "7", "7", "nonsense", "²", "9" * 5000, "-9"):
        frame = frame_of(mark(name))
        assert isinstance(frame, Played)
        outgoing.played(frame.mark)
    assert told.ms == 350


def test_an_answer_cut_off_before_anything_of_it_was_heard_is_cut_at_its_beginning() -> None:
    told = Told()
    outgoing = OutgoingSound(STREAM, told)
    outgoing.say("item_1", RAMP)
    assert (told.item, told.ms) == (("item_1", 0), 0)


EXAMPLE = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"


def test_a_request_is_signed_as_in_the_example_of_the_documentation() -> None:
    assert signature_of(URL, EXAMPLE.items(), "12345") == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_only_the_signature_of_the_very_request_is_good() -> None:
    good = signature_of(URL, EXAMPLE.items(), "12345")
    assert is_signed(good, ["https://other.example/", URL], EXAMPLE.items(), "12345")
    assert not is_signed(good, [URL + "&x=1"], EXAMPLE.items(), "12345")
    assert not is_signed(good, [URL], {**EXAMPLE, "From": "+1"}.items(), "12345")
    assert not is_signed(good, [URL], EXAMPLE.items(), "54321")
    assert not any(is_signed(given, [URL], EXAMPLE.items(), "12345") for given in (None, "", "é", "0/KCTR6DLpKmkAf8"))
