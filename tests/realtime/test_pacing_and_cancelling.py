"""Answers that take time, and what is left of them when somebody cuts in."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_scenarios.realtime import Pace
from realtime_scenarios.realtime.responder import CallFunction, SayText
from support.talk import Talk, error_of, kinds, only, text_of

WORDS = "one two three four five "
SLOW = Pace(words_per_delta=1, ms_per_word=100)


def slow(*outputs: Any, modality: str = "text") -> Talk:
    talk = Talk(list(outputs) or [SayText(WORDS)], pace=SLOW)
    talk.update(output_modalities=[modality], audio={"input": {"turn_detection": None}})
    return talk


def test_words_come_one_by_one_and_the_answer_ends_when_it_is_spoken() -> None:
    talk = slow()
    assert text_of(talk.send("response.create")) == "one "
    assert talk.engine.next_due() == 100
    assert talk.later(99) == []
    assert text_of(talk.later(1)) == "two "
    assert text_of(talk.later(250)) == "three four "
    assert kinds(talk.later(100)) == ["response.output_text.delta"]
    assert kinds(talk.later(50))[-2:] == ["response.done", "rate_limits.updated"]
    assert talk.engine.next_due() is None
    talk.strict.finished()


def test_without_a_pace_everything_is_due_at_once() -> None:
    talk = Talk([SayText(WORDS)])
    assert "response.done" in kinds(talk.send("response.create"))


@pytest.mark.parametrize("modality", ["text", "audio"])
@pytest.mark.parametrize("waited", [0, 1, 100, 150, 299, 300, 499])
def test_a_cancelled_answer_keeps_what_was_sent_and_sends_no_more(modality: str, waited: int) -> None:
    talk = slow(SayText(WORDS), CallFunction("look_up", "{}"), modality=modality)
    sent = text_of(talk.send("response.create") + talk.later(waited))
    events = talk.send("response.cancel")
    assert text_of(events) == ""
    done = only(events, "response.done")["response"]
    assert done["status"] == "cancelled"
    assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    (item,) = done["output"]
    assert item["status"] == "incomplete"
    assert item["content"][0].get("text", item["content"][0].get("transcript")) == sent
    assert talk.later(10_000) == []
    talk.strict.finished()


def test_a_cancelled_answer_closes_what_it_had_opened() -> None:
    talk = slow()
    talk.send("response.create")
    assert kinds(talk.send("response.cancel")) == [
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]


def test_an_answer_that_was_not_thought_of_yet_can_be_cancelled() -> None:
    talk = Talk()
    talk.send("response.create")
    (request,) = talk.requests
    done = only(talk.send("response.cancel"), "response.done")["response"]
    assert (done["status"], done["output"]) == ("cancelled", [])
    assert not talk.engine.is_waiting_for(request.response_id)
    assert talk.engine.answer(request.response_id, [SayText("Too late.")], 0) == []


def test_a_request_that_was_cancelled_before_anyone_took_it_is_never_handed_out() -> None:
    talk = Talk()
    talk.engine.receive('{"type": "response.create"}')
    talk.engine.receive('{"type": "response.cancel"}')
    assert talk.engine.take_requests() == []


def test_after_a_cancel_the_next_answer_may_begin() -> None:
    talk = slow()
    talk.send("response.create")
    talk.send("response.cancel")
    talk.answers = [[SayText("Yes?")]]
    talk.say("Wait")
    assert text_of(talk.send("response.create")) == "Yes?"
    assert talk.requests[-1].items[0]["content"] == [{"type": "output_text", "text": "one "}]
    assert talk.requests[-1].items[0]["status"] == "incomplete"


@pytest.mark.parametrize("fields", [{}, {"response_id": "resp_0001"}, {"response_id": "ghost"}])
def test_there_must_be_something_to_cancel(fields: dict[str, str]) -> None:
    talk = Talk([SayText("Done.")])
    talk.send("response.create")
    error = error_of(talk.send("response.cancel", event_id="c", **fields))
    assert (error["code"], error["event_id"]) == ("response_cancel_not_active", "c")


def test_a_cancel_without_an_id_leaves_out_of_band_answers_alone() -> None:
    talk = Talk()
    talk.send("response.create", response={"conversation": "none"})
    assert error_of(talk.send("response.cancel"))["code"] == "response_cancel_not_active"
    assert kinds(talk.send("response.cancel", response_id=talk.requests[0].response_id))[0] == "response.done"


def test_out_of_band_answers_share_the_time() -> None:
    talk = slow()
    talk.answers.append([SayText("a b ")])
    talk.send("response.create")
    talk.send("response.create", response={"conversation": "none"})
    assert sorted(event["delta"] for event in talk.later(100) if "delta" in event) == ["b ", "two "]
    talk.later(1000)
    talk.strict.finished()


def test_speech_can_be_truncated_while_it_goes_on_and_is_then_cancelled() -> None:
    talk = slow(modality="audio")
    item_id = only(talk.send("response.create") + talk.later(250), "response.output_item.added")["item"]["id"]
    talk.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=850)
    done = only(talk.send("response.cancel"), "response.done")["response"]
    assert done["output"][0]["content"] == [{"type": "output_audio", "transcript": "one two"}]
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=item_id)
    assert retrieved["item"]["content"] == [{"type": "output_audio", "transcript": "one two"}]


def item_in_speech(talk: Talk) -> str:
    """The id of the message that is being said, two words of which have gone out."""
    events = talk.send("response.create") + talk.later(150)
    found: str = only(events, "response.output_item.added")["item"]["id"]
    return found


def transcript(talk: Talk, item_id: str) -> str:
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=item_id)
    found: str = retrieved["item"]["content"][0]["transcript"]
    return found


@pytest.mark.parametrize("cancels_too", [False, True])
def test_a_truncate_ends_the_answer_where_users_may_interrupt(cancels_too: bool) -> None:
    talk = slow(modality="audio")
    talk.update(audio={"input": {"turn_detection": {"type": "semantic_vad"}}})
    item_id = item_in_speech(talk)
    truncated, *events = talk.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=500)
    assert truncated["type"] == "conversation.item.truncated"
    done = only(events, "response.done")["response"]
    assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    (item,) = done["output"]
    assert (item["status"], item["content"][0]["transcript"]) == ("incomplete", "one")
    if cancels_too:
        assert talk.send("response.cancel") == talk.send("response.cancel", response_id=done["id"]) == []
    assert talk.later(10_000) == []
    assert transcript(talk, item_id) == "one"
    talk.send("response.create")
    talk.send("response.cancel")
    assert error_of(talk.send("response.cancel"))["code"] == "response_cancel_not_active"


def test_a_truncate_of_an_older_item_lets_the_answer_go_on() -> None:
    talk = slow(modality="audio")
    talk.update(audio={"input": {"turn_detection": {"type": "semantic_vad"}}})
    older = item_in_speech(talk)
    talk.later(10_000)
    talk.answers = [[SayText(WORDS)]]
    talk.send("response.create")
    where = {"item_id": older, "content_index": 0, "audio_end_ms": 500}
    assert kinds(talk.send("conversation.item.truncate", **where)) == ["conversation.item.truncated"]
    assert "response.done" in kinds(talk.later(10_000))


@pytest.mark.parametrize("detection", [None, {"type": "semantic_vad", "interrupt_response": False}])
@pytest.mark.parametrize("heard_ms", [500, 800])
def test_what_was_truncated_stays_truncated_while_the_answer_goes_on(detection: Any, heard_ms: int) -> None:
    talk = slow(modality="audio")
    talk.update(audio={"input": {"turn_detection": detection}})
    item_id = item_in_speech(talk)
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": heard_ms}
    assert kinds(talk.send("conversation.item.truncate", **where)) == ["conversation.item.truncated"]
    heard = transcript(talk, item_id)
    assert heard == ("one" if heard_ms == 500 else "one two")
    assert text_of(talk.later(100)) == "three "
    assert transcript(talk, item_id) == heard
    done = only(talk.later(10_000), "response.done")["response"]
    (item,) = done["output"]
    assert (done["status"], item["status"], item["content"][0]["transcript"]) == ("completed", "incomplete", heard)
    error = error_of(talk.send("conversation.item.truncate", **{**where, "audio_end_ms": heard_ms + 1}))
    assert error["message"] == f"Audio content of {heard_ms}ms is already shorter than {heard_ms + 1}ms"


def test_a_delta_between_truncate_and_cancel_brings_no_word_back() -> None:
    talk = slow(modality="audio")
    item_id = item_in_speech(talk)
    talk.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=100)
    assert text_of(talk.later(100)) == "three "
    done = only(talk.send("response.cancel"), "response.done")["response"]
    assert done["output"][0]["content"][0]["transcript"] == transcript(talk, item_id) == ""


def test_an_item_in_progress_is_retrieved_as_far_as_it_is() -> None:
    talk = slow()
    item_id = only(talk.send("response.create"), "response.output_item.added")["item"]["id"]
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=item_id)
    assert (retrieved["item"]["status"], retrieved["item"]["content"][0]["text"]) == ("in_progress", "one ")


def test_an_item_can_be_deleted_while_it_is_being_said() -> None:
    talk = slow()
    item_id = only(talk.send("response.create"), "response.output_item.added")["item"]["id"]
    talk.send("conversation.item.delete", item_id=item_id)
    assert "conversation.item.done" not in kinds(talk.later(1000))
    assert talk.ids() == []
    talk.strict.finished()


def test_clearing_the_output_ends_the_spoken_answer() -> None:
    talk = slow(modality="audio")
    assert error_of(talk.send("output_audio_buffer.clear"))["code"] == "invalid_event"
    talk.send("response.create")
    events = talk.send("output_audio_buffer.clear")
    assert only(events, "response.done")["response"]["status"] == "cancelled"
    assert events[-1]["type"] == "output_audio_buffer.cleared"
    (again,) = talk.send("output_audio_buffer.clear")
    assert again["response_id"] == "resp_0001"
