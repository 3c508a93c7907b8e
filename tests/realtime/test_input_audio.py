"""Audio in: by hand, by voice, in silence, with and without somebody to write it down."""

from __future__ import annotations

import base64
import json
import math
import tracemalloc
from array import array
from typing import Any

import pytest

from realtime_scenarios.realtime import Pace, Parts
from realtime_scenarios.realtime.heard_audio import MOST_KEPT
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.voice import Utterance
from support.talk import Event, Talk, error_of, kinds, only

COMMITTED = ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]


def tone(ms: int, loudness: int = 8000) -> bytes:
    """A hum in 16-bit PCM at 24 kHz."""
    return array("h", [int(loudness * math.sin(at * 0.05)) for at in range(24 * ms)]).tobytes()


def silence(ms: int) -> bytes:
    return bytes(48 * ms)


def append(talk: Talk, audio: bytes) -> list[Event]:
    return talk.send("input_audio_buffer.append", audio=base64.b64encode(audio).decode())


def by_hand(**options: Any) -> Talk:
    talk = Talk(**options)
    talk.update(audio={"input": {"turn_detection": None}})
    return talk


def by_voice(*answers: Any, pace: Pace | None = None, listener: Any = None, **detection: Any) -> Talk:
    talk = Talk(*answers, pace=pace, parts=Parts(listener=listener))
    wanted = {"type": "server_vad", "silence_duration_ms": 200, "prefix_padding_ms": 100, **detection}
    talk.update(audio={"input": {"turn_detection": wanted}})
    return talk


class Secretary:
    """Writes down the same words each time, and keeps what it was given."""

    def __init__(self, words: str | None) -> None:
        self.words = words
        self.heard: list[tuple[int, str]] = []

    def transcribe(self, utterance: Utterance) -> str | None:
        self.heard.append((len(utterance.audio), utterance.audio_format.name))
        return self.words


@pytest.mark.parametrize("kept_ms", [1000, 5000])
def test_of_what_a_microphone_hears_the_latest_is_kept_for_a_turn_that_is_cut_by_hand(kept_ms: int) -> None:
    talk = by_hand()
    for _ in range(4):
        append(talk, tone(500))
        talk.engine.keep_audio(kept_ms)
    append(talk, silence(500))
    talk.engine.keep_audio(kept_ms)
    item_id = only(talk.send("input_audio_buffer.commit"), "input_audio_buffer.committed")["item_id"]
    item = only(talk.send("conversation.item.retrieve", item_id=item_id), "conversation.item.retrieved")["item"]
    audio = base64.b64decode(item["content"][0]["audio"])
    assert len(audio) == 48 * min(kept_ms, 2500) and audio.endswith(silence(500))


def test_a_turn_that_has_begun_is_kept_whole() -> None:
    talk = by_voice()
    append(talk, silence(300) + tone(2000))
    talk.engine.keep_audio(100)
    heard = append(talk, silence(400))
    item_id = only(heard, "input_audio_buffer.committed")["item_id"]
    item = only(talk.send("conversation.item.retrieve", item_id=item_id), "conversation.item.retrieved")["item"]
    assert len(base64.b64decode(item["content"][0]["audio"])) > 48 * 2000


def test_audio_that_is_committed_becomes_an_item_and_no_response() -> None:
    talk = by_hand()
    talk.say("Before")
    assert append(talk, tone(300)) == []
    events = talk.send("input_audio_buffer.commit")
    assert kinds(events) == COMMITTED
    committed, added, _ = events
    assert committed["item_id"] == added["item"]["id"]
    assert committed["previous_item_id"] == added["previous_item_id"] is not None
    assert added["item"]["content"] == [{"type": "input_audio", "transcript": None}]
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=committed["item_id"])
    assert base64.b64decode(retrieved["item"]["content"][0]["audio"]) == tone(300)
    assert talk.requests == []


@pytest.mark.parametrize(("ms", "told"), [(0, "0.00ms"), (50, "50.00ms")])
def test_too_little_audio_is_not_committed(ms: int, told: str) -> None:
    talk = by_hand()
    append(talk, tone(ms))
    error = error_of(talk.send("input_audio_buffer.commit", event_id="c"))
    assert (error["code"], error["event_id"]) == ("input_audio_buffer_commit_empty", "c")
    assert error["message"].endswith(f"buffer only has {told} of audio.")


def test_cleared_audio_is_gone() -> None:
    talk = by_hand()
    append(talk, tone(300))
    assert kinds(talk.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert error_of(talk.send("input_audio_buffer.commit"))["code"] == "input_audio_buffer_commit_empty"


def test_audio_in_another_format_than_before_starts_afresh() -> None:
    talk = by_hand()
    append(talk, tone(300))
    talk.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
    assert error_of(talk.send("input_audio_buffer.commit"))["code"] == "input_audio_buffer_commit_empty"
    append(talk, b"\xff" * 800)
    assert kinds(talk.send("input_audio_buffer.commit")) == COMMITTED


@pytest.mark.parametrize("audio", ["%%%", "abc", "äöü", "AAAA\n"])
def test_audio_must_be_base64(audio: str) -> None:
    error = error_of(by_hand().send("input_audio_buffer.append", audio=audio))
    assert (error["code"], error["param"]) == ("invalid_value", "audio")


def test_audio_must_not_be_larger_than_documented() -> None:
    error = error_of(by_hand().send("input_audio_buffer.append", audio="A" * (21 * 1024 * 1024)))
    assert (error["code"], error["param"]) == ("invalid_value", "audio")


def test_a_voice_makes_a_turn_and_an_answer() -> None:
    talk = by_voice([SayText("Hello.")])
    assert append(talk, silence(500)) == []
    (started,) = append(talk, tone(400))
    assert (started["type"], started["audio_start_ms"]) == ("input_audio_buffer.speech_started", 400)
    assert append(talk, silence(180)) == []
    stopped, *events = append(talk, silence(100))
    assert (stopped["type"], stopped["audio_end_ms"]) == ("input_audio_buffer.speech_stopped", 1100)
    assert kinds(events)[:4] == [*COMMITTED, "response.created"]
    assert started["item_id"] == stopped["item_id"] == events[0]["item_id"]
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=started["item_id"])
    assert len(base64.b64decode(retrieved["item"]["content"][0]["audio"])) == 48 * 700
    assert "response.done" in kinds(events)


def test_a_turn_for_which_a_full_conversation_has_no_room_is_told_and_not_taken() -> None:
    talk = by_voice([SayText("Hello.")])
    item = {"type": "message", "role": "user", "content": []}
    while kinds(talk.engine.receive(json.dumps({"type": "conversation.item.create", "item": item}))) != ["error"]:
        pass
    append(talk, tone(400))
    stopped, full = append(talk, silence(280))
    assert stopped["type"] == "input_audio_buffer.speech_stopped"
    assert error_of([full])["code"] == "conversation_full"
    last = talk.engine.receive(json.dumps({"type": "conversation.item.retrieve", "item_id": stopped["item_id"]}))
    assert error_of(last)["code"] == "item_retrieve_invalid_item_id"


def test_the_same_audio_gives_the_same_turns_in_any_pieces() -> None:
    audio = silence(330) + tone(410) + silence(300) + tone(220) + silence(500)
    seen = []
    for size in (len(audio), 4800, 961):
        talk = by_voice(create_response=False)
        pieces = [audio[at : at + size] for at in range(0, len(audio), size)]
        events = [event for piece in pieces for event in append(talk, piece)]
        seen.append([{name: event[name] for name in event if name != "event_id"} for event in events])
    assert seen[0] == seen[1] == seen[2]
    assert kinds(seen[0]).count("input_audio_buffer.committed") == 2


def test_quiet_noise_and_a_click_are_no_voice() -> None:
    talk = by_voice()
    assert append(talk, tone(1000, loudness=200)) == []
    assert append(talk, tone(18) + silence(500)) == []


def test_a_higher_threshold_wants_a_louder_voice() -> None:
    quiet = silence(200) + tone(200, loudness=700)
    assert kinds(append(by_voice(), quiet)) == ["input_audio_buffer.speech_started"]
    assert append(by_voice(threshold=1.0), quiet) == []


@pytest.mark.parametrize(
    ("kind", "loud", "quiet"), [("audio/pcmu", b"\x80\x00", b"\xff"), ("audio/pcma", b"\xaa\x2a", b"\xd5")]
)
def test_telephone_audio_is_heard_as_well(kind: str, loud: bytes, quiet: bytes) -> None:
    talk = by_voice(create_response=False)
    talk.update(audio={"input": {"format": {"type": kind}}})
    assert append(talk, quiet * 8 * 200) == []
    assert kinds(append(talk, loud * 4 * 200)) == ["input_audio_buffer.speech_started"]
    assert kinds(append(talk, quiet * 8 * 300))[0] == "input_audio_buffer.speech_stopped"


def test_semantic_detection_waits_as_long_as_its_eagerness_says() -> None:
    waited = {}
    for eagerness in ("high", "auto", "low"):
        talk = Talk()
        wanted = {"type": "semantic_vad", "eagerness": eagerness, "create_response": False}
        talk.update(audio={"input": {"turn_detection": wanted}})
        stopped = only(append(talk, tone(200) + silence(3000)), "input_audio_buffer.speech_stopped")
        waited[eagerness] = stopped["audio_end_ms"]
    assert waited["high"] < waited["auto"] < waited["low"]


def test_a_voice_cuts_a_running_answer_short() -> None:
    talk = by_voice([SayText("one two three four")], pace=Pace(1, 100))
    talk.send("response.create")
    talk.later(150)
    started, *events = append(talk, tone(100))
    assert started["type"] == "input_audio_buffer.speech_started"
    done = only(events, "response.done")["response"]
    assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert done["output"][0]["content"][0]["transcript"] == "one two "


def test_a_voice_may_be_told_not_to_interrupt_and_then_its_answer_fails() -> None:
    talk = by_voice([SayText("one two three four")], pace=Pace(1, 100), interrupt_response=False)
    talk.send("response.create")
    events = append(talk, tone(100) + silence(300))
    assert kinds(events) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        *COMMITTED,
        "error",
    ]
    assert events[-1]["error"]["code"] == "conversation_already_has_active_response"
    assert "response.done" in kinds(talk.later(1000))


def test_a_voice_is_not_answered_where_the_client_wants_to_ask_itself() -> None:
    talk = by_voice(create_response=False)
    assert kinds(append(talk, tone(100) + silence(300)))[-1] == "conversation.item.done"


def test_a_commit_by_hand_in_the_middle_of_speech_takes_the_announced_item() -> None:
    talk = by_voice(create_response=False)
    (started,) = append(talk, tone(400))
    committed, *_ = talk.send("input_audio_buffer.commit")
    assert committed["item_id"] == started["item_id"]
    assert append(talk, silence(600)) == []


def test_an_announced_id_cannot_be_taken_by_a_client() -> None:
    talk = by_voice(create_response=False)
    (started,) = append(talk, tone(400))
    item = {"type": "message", "role": "user", "content": [], "id": started["item_id"]}
    error = error_of(talk.send("conversation.item.create", item=item))
    assert error["code"] == "item_create_duplicate_item_id"


def test_silence_after_an_answer_brings_another_one() -> None:
    talk = by_voice([SayText("one two three four five")], [SayText("Are you there?")], idle_timeout_ms=5000)
    append(talk, silence(1000))
    talk.send("response.create")
    assert append(talk, silence(6900)) == []
    timeout, *events = append(talk, silence(200))
    assert timeout["type"] == "input_audio_buffer.timeout_triggered"
    assert (timeout["audio_start_ms"], timeout["audio_end_ms"]) == (3000, 8000)
    assert kinds(events)[:4] == [*COMMITTED, "response.created"]
    assert timeout["item_id"] == events[0]["item_id"]
    assert append(talk, silence(5900)) == []


@pytest.mark.parametrize("event", ["input_audio_buffer.clear", "input_audio_buffer.commit"])
def test_silence_goes_on_counting_after_a_clear_and_a_commit_by_hand(event: str) -> None:
    talk = by_voice([SayText("one two three four five")], [SayText("Are you there?")], idle_timeout_ms=5000)
    talk.send("response.create")
    append(talk, silence(4000))
    assert "error" not in kinds(talk.send(event))
    assert append(talk, silence(2900)) == []
    timeout, *_ = append(talk, silence(200))
    assert (timeout["audio_start_ms"], timeout["audio_end_ms"]) == (2000, 7000)


def test_silence_before_any_answer_is_nothing() -> None:
    assert append(by_voice(idle_timeout_ms=5000), silence(20_000)) == []


@pytest.mark.parametrize(
    ("secretary", "expected"),
    [
        (Secretary("What flight am I on?"), ["delta", "completed"]),
        (Secretary(""), ["completed"]),
        (Secretary(None), ["failed"]),
        (None, ["failed"]),
    ],
)
def test_speech_is_written_down_where_the_client_wants_it(secretary: Secretary | None, expected: list[str]) -> None:
    talk = by_voice([SayText("8am.")], listener=secretary)
    talk.update(audio={"input": {"transcription": {"model": "whisper-1"}}})
    events = append(talk, tone(100) + silence(300))
    kind = "conversation.item.input_audio_transcription."
    assert [event["type"].removeprefix(kind) for event in events if event["type"].startswith(kind)] == expected
    assert kinds(events).index(kind + expected[-1]) < kinds(events).index("response.created")
    told = talk.requests[0].items[0]["content"][0]
    assert told == {"type": "input_audio", "transcript": secretary.words if secretary else None}
    if secretary is None:
        assert only(events, kind + "failed")["error"]["code"] == "transcription_unavailable"
    else:
        assert secretary.heard == [(48 * 300, "audio/pcm")]


def test_the_client_is_told_no_words_that_it_did_not_ask_for_and_who_answers_reads_them() -> None:
    talk = by_voice([SayText("8am.")], listener=Secretary("What flight am I on?"))
    events = append(talk, tone(100) + silence(300))
    assert not any("transcription" in kind for kind in kinds(events))
    added = next(event["item"] for event in events if event["type"] == "conversation.item.added")
    assert added["content"] == [{"type": "input_audio", "transcript": None}]
    assert talk.requests[0].items[0]["content"] == [{"type": "input_audio", "transcript": "What flight am I on?"}]
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=added["id"])
    assert retrieved["item"]["content"][0]["transcript"] is None


def test_hours_of_silence_do_not_pile_up() -> None:
    talk = by_voice()
    for _ in range(30):
        append(talk, silence(10_000))
    (started,) = append(talk, tone(100))
    assert started["audio_start_ms"] == 300_000 - 100
    talk.send("input_audio_buffer.clear")
    for _ in range(10):
        append(talk, silence(10_000))
    committed, *_ = talk.send("input_audio_buffer.commit")
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=committed["item_id"])
    assert len(base64.b64decode(retrieved["item"]["content"][0]["audio"])) == 48 * (5_000 + 100)


def committed(talk: Talk, audio: bytes) -> str:
    append(talk, audio)
    item_id: str = only(talk.send("input_audio_buffer.commit"), "input_audio_buffer.committed")["item_id"]
    return item_id


def sound_of(talk: Talk, item_id: str) -> int | None:
    """How much of what was heard an item is retrieved with, in bytes; None: it has no sound."""
    item = only(talk.send("conversation.item.retrieve", item_id=item_id), "conversation.item.retrieved")["item"]
    (part,) = item["content"]
    return len(base64.b64decode(part["audio"])) if "audio" in part else None


def test_of_a_long_conversation_the_newest_eight_megabytes_of_sound_are_kept_and_all_of_the_words() -> None:
    talk = by_hand(parts=Parts(listener=Secretary("How big?")))
    talk.update(audio={"input": {"transcription": {"model": "whisper-1"}}})
    items = [committed(talk, silence(20_000)) for _ in range(20)]
    kept = MOST_KEPT // len(silence(20_000))
    assert [sound_of(talk, item_id) for item_id in items] == [None] * (20 - kept) + [960_000] * kept
    (first,) = talk.send("conversation.item.retrieve", item_id=items[0])
    assert first["item"]["content"] == [{"type": "input_audio", "transcript": "How big?"}]


def test_a_turn_that_is_longer_than_what_is_kept_has_its_sound_until_the_next_one() -> None:
    talk = by_hand()
    longest = committed(talk, silence(200_000))
    assert sound_of(talk, longest) == 200_000 * 48 > MOST_KEPT
    assert sound_of(talk, committed(talk, silence(100))) == 4800
    assert sound_of(talk, longest) is None


def test_items_that_are_deleted_make_room() -> None:
    talk = by_hand()
    first = committed(talk, silence(80_000))
    second = committed(talk, silence(80_000))
    talk.send("conversation.item.delete", item_id=second)
    third = committed(talk, silence(80_000))
    assert [sound_of(talk, item_id) for item_id in (first, third)] == [80_000 * 48, 80_000 * 48]


def test_half_an_hour_of_sound_takes_no_more_memory_than_what_is_kept() -> None:
    talk = by_hand()
    append_of_ten_seconds = json.dumps(
        {"type": "input_audio_buffer.append", "audio": base64.b64encode(tone(2000) + silence(8000)).decode()}
    )
    tracemalloc.start()
    try:
        for _ in range(180):
            talk.engine.receive(append_of_ten_seconds)  # the talk itself would keep what is answered
            talk.engine.receive('{"type": "input_audio_buffer.commit"}')
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < MOST_KEPT + 2 * 1024 * 1024
