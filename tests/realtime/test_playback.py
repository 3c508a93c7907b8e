"""What is played of an answer, and what the server says about it: sample by sample, without a connection."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime import Engine, Pace, Parts
from realtime_scenarios.realtime.events import Events
from realtime_scenarios.realtime.playback import RATE, Playback
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.voice import PCM16, Samples, Tone, encoded
from support.client import LOUD, QUIET, sound
from support.sounds import decibels, hum, joined, quiet
from support.strict import Strict
from support.talk import kinds, only

Event = dict[str, Any]
FRAME = RATE // 50
FOUR_WORDS_MS = 1600
ANSWER = "one two three four"


class Played:
    """A session whose answers are played: `events` is all that its client is told, `ear` all that is heard."""

    def __init__(self, *, pace: Pace | None = None, **session: Any) -> None:
        ids = Ids()
        self.engine = Engine(ids, pace=pace, parts=Parts(speaker=Tone()))
        self.playback = Playback(Events(ids), self.engine.truncate)
        self.strict = Strict()
        self.events: list[Event] = []
        self.ear: list[Samples] = []
        self.audio: list[Event] = []
        self.take(self.engine.open())
        self.send("session.update", session={"type": "realtime", **session})

    def send(self, kind: str, **fields: Any) -> None:
        self.take(self.engine.receive(json.dumps({"type": kind, **fields})))
        for request in self.engine.take_requests():
            self.take(self.engine.answer(request.response_id, [SayText(ANSWER)], 0))

    def take(self, events: Sequence[Event]) -> None:
        """What a call does with events: the audio and the end of an answer come by another line, which may be slow."""
        for event in events:
            self.tell(event)
            for more in self.playback.follow(event):
                self.tell(more)

    def tell(self, event: Event) -> None:
        self.events.append(self.strict.read(event))
        if event["type"] in ("response.output_audio.delta", "response.done"):
            self.audio.append(event)

    def deliver_audio(self) -> None:
        for event in self.audio:
            if event["type"] == "response.done":
                for more in self.playback.end(event["response"]["id"]):
                    self.tell(more)
            else:
                self.playback.add(event)
        self.audio.clear()

    def answer(self, **response: Any) -> str:
        """Have it answer, all of which comes at once; the id of the response."""
        self.send("response.create", response=response)
        self.deliver_audio()
        found: str = [event for event in self.events if event["type"] == "response.created"][-1]["response"]["id"]
        return found

    def play(self, ms: int) -> None:
        for _ in range(ms // 20):
            samples, events = self.playback.play(FRAME)
            assert len(samples) == FRAME
            self.ear.append(samples)
            for event in events:
                self.tell(event)

    def speak(self) -> None:
        """The caller says something, long enough to be heard."""
        self.send("input_audio_buffer.append", audio=sound(QUIET, 200))
        self.send("input_audio_buffer.append", audio=sound(LOUD, 400))

    def since(self, kind: str) -> list[str]:
        """What the client was told from the last such event on."""
        told = kinds(self.events)
        return told[len(told) - 1 - told[::-1].index(kind) :]

    @property
    def heard_ms(self) -> int:
        """For how long something was to be heard, in frames that hold more than silence."""
        return 20 * sum(decibels(frame) > -60 for frame in self.ear)


def test_an_answer_begins_with_its_first_part_and_stops_when_its_last_sample_was_played() -> None:
    played = Played()
    response_id = played.answer()
    told = kinds(played.events)
    assert told[told.index("response.content_part.added") + 1] == "output_audio_buffer.started"
    assert only(played.events, "output_audio_buffer.started")["response_id"] == response_id
    played.play(FOUR_WORDS_MS - 20)
    assert "output_audio_buffer.stopped" not in kinds(played.events)
    played.play(20)
    assert played.since("response.done")[-1] == "output_audio_buffer.stopped"
    assert FOUR_WORDS_MS - 5 * 80 <= played.heard_ms <= FOUR_WORDS_MS  # between words there are gaps
    played.play(200)
    assert kinds(played.events).count("output_audio_buffer.stopped") == 1


def test_silence_is_played_where_nothing_is_said_and_nothing_is_told_of_it() -> None:
    played = Played()
    before = list(played.events)
    played.play(1000)
    assert played.events == before and played.heard_ms == 0


def test_an_answer_in_text_is_not_played() -> None:
    played = Played(output_modalities=["text"])
    played.answer()
    played.play(100)
    assert not any(kind.startswith("output_audio_buffer") for kind in kinds(played.events))


@pytest.mark.parametrize("law", ["audio/pcmu", "audio/pcma"])
def test_an_answer_in_a_telephones_format_is_played_as_long_and_as_loud(law: str) -> None:
    wide, narrow = Played(), Played(audio={"output": {"format": {"type": law}}})
    for played in (wide, narrow):
        played.answer()
        played.play(FOUR_WORDS_MS)
        assert played.since("response.done")[-1] == "output_audio_buffer.stopped"
    loudness = [decibels(joined(played.ear)) for played in (wide, narrow)]
    assert abs(loudness[0] - loudness[1]) < 1


def test_a_caller_who_cuts_in_is_not_told_the_rest_and_the_item_ends_where_the_ear_did() -> None:
    played = Played()
    response_id = played.answer()
    played.play(500)
    played.speak()
    assert played.since("input_audio_buffer.speech_started") == [
        "input_audio_buffer.speech_started",
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]
    assert only(played.events, "output_audio_buffer.cleared")["response_id"] == response_id
    cut = only(played.events, "conversation.item.truncated")
    assert (cut["content_index"], cut["audio_end_ms"]) == (0, 500)
    played.send("conversation.item.retrieve", item_id=cut["item_id"])
    assert played.events[-1]["item"]["content"][0]["transcript"] == "one"
    heard_ms = played.heard_ms
    played.play(FOUR_WORDS_MS)
    assert played.heard_ms == heard_ms and "output_audio_buffer.stopped" not in kinds(played.events)


def test_a_caller_who_cuts_in_with_a_long_append_is_heard_to_its_end() -> None:
    played = Played()
    played.answer()
    played.play(500)
    line = joined([quiet(200), hum(300, 1000), quiet(1000)])
    audio = base64.b64encode(encoded(line, PCM16)).decode()
    played.take(played.engine.begin(json.dumps({"type": "input_audio_buffer.append", "audio": audio})))
    while played.engine.is_busy:
        played.take(played.engine.go_on())
    assert only(played.events, "conversation.item.truncated")["audio_end_ms"] == 500
    assert played.since("input_audio_buffer.speech_stopped")[1] == "input_audio_buffer.committed"


def test_audio_that_was_still_on_its_way_is_cut_off_as_well() -> None:
    played = Played()
    played.send("response.create")  # its audio waits on a slow line
    played.speak()
    assert only(played.events, "conversation.item.truncated")["audio_end_ms"] == 0
    played.deliver_audio()
    played.play(FOUR_WORDS_MS)
    assert played.heard_ms == 0 and "output_audio_buffer.stopped" not in kinds(played.events)


def test_a_caller_who_may_not_cut_in_is_told_all_of_it() -> None:
    detection = {"type": "server_vad", "interrupt_response": False, "create_response": False}
    played = Played(audio={"input": {"turn_detection": detection}})
    played.answer()
    played.play(500)
    played.speak()
    played.play(FOUR_WORDS_MS - 500)
    assert kinds(played.events)[-1] == "output_audio_buffer.stopped"
    assert "conversation.item.truncated" not in kinds(played.events)


def test_an_item_that_the_client_has_deleted_is_not_cut_off() -> None:
    played = Played()
    played.answer()
    played.play(500)
    item_id = only(played.events, "response.output_item.added")["item"]["id"]
    played.send("conversation.item.delete", item_id=item_id)
    played.speak()
    assert played.since("input_audio_buffer.speech_started")[1:] == ["output_audio_buffer.cleared"]


def test_a_client_that_clears_the_buffer_has_the_item_cut_where_the_ear_stopped() -> None:
    played = Played(audio={"input": {"turn_detection": None}})
    played.answer()
    played.play(700)
    played.send("output_audio_buffer.clear")
    assert played.since("output_audio_buffer.cleared")[1:] == ["conversation.item.truncated"]
    assert only(played.events, "conversation.item.truncated")["audio_end_ms"] == 700


def test_what_was_heard_to_its_end_is_not_truncated() -> None:
    played = Played()
    played.answer()
    played.play(FOUR_WORDS_MS)
    played.speak()
    assert played.since("input_audio_buffer.speech_started") == ["input_audio_buffer.speech_started"]


def test_two_answers_are_played_one_after_the_other_and_one_out_of_band_is_not_truncated() -> None:
    played = Played()
    first, beside = played.answer(), played.answer(conversation="none")
    played.play(FOUR_WORDS_MS + 200)
    assert only(played.events, "output_audio_buffer.stopped")["response_id"] == first
    played.speak()
    assert only(played.events, "output_audio_buffer.cleared")["response_id"] == beside
    assert "conversation.item.truncated" not in kinds(played.events)


def test_an_answer_that_comes_bit_by_bit_waits_for_a_little_of_it_before_it_is_played() -> None:
    played = Played(pace=Pace(words_per_delta=1, follows_speech=True))
    played.send("response.create")
    played.deliver_audio()
    played.play(100)
    assert played.heard_ms == 0
    played.play(100)
    assert played.heard_ms > 0


def test_ten_minutes_wait_to_be_played_and_what_comes_beyond_is_not_heard() -> None:
    call = Played()
    answers = 10 * 60_000 // FOUR_WORDS_MS + 20
    for _ in range(answers):
        call.answer()
    seconds = 0
    while any(call.playback.play(RATE)[0]):
        seconds += 1
    assert 10 * 60 <= seconds <= 10 * 60 + 3
