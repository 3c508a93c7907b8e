"""Items: created anywhere, retrieved, truncated, deleted."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from openai.types.realtime import RealtimeConversationItemUserMessage

from realtime_scenarios.realtime import Engine, Parts
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.voice import Utterance
from support.talk import Talk, error_of, kinds, only

HELLO = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}
CALL = {"type": "function_call", "name": "look_up", "arguments": "{}", "call_id": "call_x"}
SILENCE = base64.b64encode(bytes(4800)).decode()


def test_an_item_is_added_and_done_with_the_one_before_it() -> None:
    talk = Talk()
    first = talk.say("One")
    added, done = talk.send("conversation.item.create", item=HELLO)
    assert (added["type"], done["type"]) == ("conversation.item.added", "conversation.item.done")
    assert added["previous_item_id"] == done["previous_item_id"] == first["id"]
    assert added["item"] == done["item"]
    assert added["item"] == {**HELLO, "id": added["item"]["id"], "object": "realtime.item", "status": "completed"}


def test_a_client_may_choose_ids_and_places() -> None:
    talk = Talk()
    talk.say(item={"id": "b"})
    assert talk.say(item={"id": "a"}, previous_item_id="root")["id"] == "a"
    talk.say(item={"id": "d"}, previous_item_id="b")
    added, _ = talk.send("conversation.item.create", item={**HELLO, "id": "c"}, previous_item_id="b")
    assert added["previous_item_id"] == "b"
    assert talk.ids() == ["a", "b", "c", "d"]


def test_the_first_item_has_none_before_it() -> None:
    talk = Talk()
    talk.say(item={"id": "b"})
    added, _ = talk.send("conversation.item.create", item=HELLO, previous_item_id="root")
    assert added["previous_item_id"] is None


def test_own_ids_never_collide_with_those_that_clients_choose() -> None:
    talk = Talk([CallFunction("look_up", "{}")])
    talk.say(item={"id": "item_0001"})
    talk.send("conversation.item.create", item={**CALL, "call_id": "call_0001"})
    talk.send("response.create")
    assert len(set(talk.ids())) == 3
    calls = [event["item"] for event in talk.strict.events if event["type"] == "response.output_item.done"]
    assert calls[0]["call_id"] == "call_0002"


def test_messages_of_all_roles_and_kinds_are_kept() -> None:
    talk = Talk()
    parts = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
        {"type": "input_audio", "audio": SILENCE, "transcript": "hm"},
    ]
    added, _ = talk.send("conversation.item.create", item={**HELLO, "content": parts})
    assert added["item"]["content"] == [*parts[:2], {"type": "input_audio", "transcript": "hm"}]
    for role, kind in (("system", "input_text"), ("assistant", "output_text")):
        item = {"type": "message", "role": role, "content": [{"type": kind, "text": "Hm."}]}
        added, _ = talk.send("conversation.item.create", item=item)
        assert added["item"]["role"] == role


def test_a_message_of_the_assistant_keeps_its_phase() -> None:
    talk = Talk()
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Let me look."}]}
    for phase in ("commentary", "final_answer"):
        added, done = talk.send("conversation.item.create", item={**message, "phase": phase})
        assert added["item"]["phase"] == done["item"]["phase"] == phase
    added, _ = talk.send("conversation.item.create", item={**message, "phase": None})
    assert "phase" not in added["item"]
    error = error_of(talk.send("conversation.item.create", item={**message, "phase": "thinking"}))
    assert (error["code"], error["param"]) == ("invalid_value", "item.phase")
    error = error_of(talk.send("conversation.item.create", item={**HELLO, "phase": "commentary"}))
    assert (error["code"], error["param"]) == ("unknown_parameter", "item.phase")


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_text", "text": "Hello"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        {"type": "input_audio", "audio": SILENCE},
    ],
)
def test_parts_are_accepted_as_model_dump_writes_them(part: dict[str, Any]) -> None:
    item = RealtimeConversationItemUserMessage.model_validate({**HELLO, "content": [part]}).model_dump()
    assert None in item["content"][0].values()
    added, _ = Talk().send("conversation.item.create", item=item)
    kept = {"type": "input_audio", "transcript": None} if "audio" in part else part
    assert added["item"]["content"] == [kept]


def test_a_call_and_its_output_are_kept_and_an_output_without_a_call_is_refused() -> None:
    talk = Talk()
    added, _ = talk.send("conversation.item.create", item=CALL)
    assert added["item"]["call_id"] == "call_x"
    output = {"type": "function_call_output", "call_id": "call_x", "output": "8am"}
    assert kinds(talk.send("conversation.item.create", item=output))[0] == "conversation.item.added"
    talk.send("conversation.item.delete", item_id=added["item"]["id"])
    for call_id in ("call_x", "call_nowhere"):
        error = error_of(talk.send("conversation.item.create", item={**output, "call_id": call_id}))
        assert (error["code"], error["param"]) == ("invalid_tool_call_id", "item.call_id")


def test_a_call_without_a_call_id_is_given_one() -> None:
    call = {"type": "function_call", "name": "look_up", "arguments": "{}"}
    added, _ = Talk().send("conversation.item.create", item=call)
    assert added["item"]["call_id"] == "call_0001"


def test_an_id_is_used_once_but_is_free_again_after_a_delete() -> None:
    talk = Talk()
    talk.say(item={"id": "a"})
    error = error_of(talk.send("conversation.item.create", item={**HELLO, "id": "a"}))
    assert (error["code"], error["param"]) == ("item_create_duplicate_item_id", "item.id")
    talk.send("conversation.item.delete", item_id="a")
    assert talk.say(item={"id": "a"})["id"] == "a"


def test_a_place_after_an_unknown_item_is_refused_and_nothing_is_added() -> None:
    talk = Talk()
    error = error_of(talk.send("conversation.item.create", item=HELLO, previous_item_id="ghost"))
    assert (error["code"], error["param"]) == ("item_create_invalid_previous_item_id", "previous_item_id")
    assert talk.ids() == []


@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        ({}, "missing_required_parameter", "item.type"),
        ({"type": "note"}, "invalid_value", "item.type"),
        ({"type": "mcp_approval_response"}, "missing_required_parameter", "item.approval_request_id"),
        ({"type": "mcp_approval_response", "approval_request_id": "a"}, "missing_required_parameter", "item.approve"),
        ({"type": "mcp_approval_response", "approval_request_id": "a", "approve": True}, "invalid_value",
         "item.approval_request_id"),
        ({"type": "mcp_call", "server_label": "wiki", "name": "ask", "arguments": "{}"}, "invalid_value", "item.type"),
        ({"type": ["message"]}, "invalid_type", "item.type"),
        ([], "invalid_type", "item"),
        ({"type": "message", "content": []}, "missing_required_parameter", "item.role"),
        ({"type": "message", "role": "user"}, "missing_required_parameter", "item.content"),
        ({**HELLO, "content": "Hello"}, "invalid_type", "item.content"),
        ({**HELLO, "content": [{"type": "text", "text": "x"}]}, "invalid_value", "item.content[0].type"),
        ({**HELLO, "content": [{"type": "input_text"}]}, "missing_required_parameter", "item.content[0].text"),
        ({**HELLO, "content": [{"type": "input_text", "text": "x", "audio": "AAAA"}]}, "unknown_parameter",
         "item.content[0].audio"),
        ({**HELLO, "content": [{"type": "input_text", "text": None}]}, "invalid_type", "item.content[0].text"),
        ({**HELLO, "content": [{"type": "input_audio"}]}, "missing_required_parameter", "item.content[0].audio"),
        ({**HELLO, "content": [{"type": "input_audio", "audio": "%"}]}, "invalid_value", "item.content[0].audio"),
        ({**HELLO, "name": "x"}, "unknown_parameter", "item.name"),
        ({**HELLO, "id": "x" * 33}, "invalid_value", "item.id"),
        ({**HELLO, "id": ""}, "invalid_value", "item.id"),
        ({**HELLO, "id": "root"}, "invalid_value", "item.id"),
        ({"type": "message", "role": "assistant", "content": [{"type": "output_image"}]},
         "invalid_value", "item.content[0].type"),
        ({"type": "message", "role": "assistant", "content": [{"type": "output_audio", "audio": "%"}]},
         "invalid_value", "item.content[0].audio"),
        ({"type": "function_call", "name": "x"}, "missing_required_parameter", "item.arguments"),
        ({"type": "function_call_output", "call_id": "c", "output": {}}, "invalid_type", "item.output"),
    ],
)  # fmt: skip
def test_a_wrong_item_is_refused_with_its_path(item: Any, code: str, param: str) -> None:
    talk = Talk()
    error = error_of(talk.send("conversation.item.create", item=item))
    assert (error["code"], error["param"]) == (code, param)
    assert talk.ids() == []


@pytest.mark.parametrize("given", [{"transcript": "Hello."}, {"transcript": "Hello.", "audio": SILENCE}, {}])
def test_what_was_said_aloud_can_be_brought_back_after_a_reconnect(given: dict[str, Any]) -> None:
    talk = Talk([SayText("Hello again.")])
    part = {"type": "output_audio", **given}
    added, _ = talk.send("conversation.item.create", item={"type": "message", "role": "assistant", "content": [part]})
    kept = [{"type": "output_audio", "transcript": given.get("transcript")}]
    assert added["item"]["content"] == kept
    talk.send("response.create")
    assert talk.requests[0].items[0]["content"] == kept


def test_an_item_is_retrieved_as_it_is_and_user_audio_with_its_sound() -> None:
    talk = Talk()
    said = talk.say("Hello")
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=said["id"])
    assert retrieved == {**retrieved, "type": "conversation.item.retrieved", "item": said}
    item = {**HELLO, "id": "spoken", "content": [{"type": "input_audio", "audio": SILENCE}]}
    talk.send("conversation.item.create", item=item)
    (retrieved,) = talk.send("conversation.item.retrieve", item_id="spoken")
    assert retrieved["item"]["content"][0]["audio"] == SILENCE


class Slow:
    """Writes down what it has heard when it is asked to, beside the engine."""

    takes_time = True

    def transcribe(self, utterance: Utterance) -> str:
        raise NotImplementedError


def test_an_item_is_shown_as_it_is_when_all_of_its_sound_has_been_written() -> None:
    engine = Engine(parts=Parts(listener=Slow()))
    detection = {"turn_detection": None, "transcription": {"model": "any"}}
    engine.receive(
        json.dumps({"type": "session.update", "session": {"type": "realtime", "audio": {"input": detection}}})
    )
    sound = base64.b64encode(bytes(48 * 6_000)).decode()
    engine.receive(json.dumps({"type": "input_audio_buffer.append", "audio": sound}))
    item_id = engine.receive('{"type": "input_audio_buffer.commit"}')[0]["item_id"]
    (heard,) = engine.take_heard()
    engine.begin(json.dumps({"type": "conversation.item.retrieve", "item_id": item_id}))
    assert engine.is_busy
    events = engine.transcribed(heard, "book me a flight")
    while engine.is_busy:
        events += engine.go_on()
    (part,) = only(events, "conversation.item.retrieved")["item"]["content"]
    assert (part["transcript"], part["audio"]) == ("book me a flight", sound)


def test_each_part_of_a_message_has_its_own_sound() -> None:
    sounds = [base64.b64encode(byte * 480).decode() for byte in (b"\x01", b"\x02")]
    parts: list[Any] = [{"type": "input_audio", "audio": sound} for sound in sounds]
    talk = Talk()
    item = {**HELLO, "id": "spoken", "content": [parts[0], {"type": "input_text", "text": "and"}, parts[1]]}
    talk.send("conversation.item.create", item=item)
    (retrieved,) = talk.send("conversation.item.retrieve", item_id="spoken")
    assert [part.get("audio") for part in retrieved["item"]["content"]] == [sounds[0], None, sounds[1]]


def test_what_was_said_out_of_band_can_be_taken_into_the_conversation_under_its_id() -> None:
    talk = Talk([SayText("billing")])
    talk.text_only()
    (said,) = talk.send("response.create", response={"conversation": "none"})[-2]["response"]["output"]
    added, _ = talk.send("conversation.item.create", item=said)
    assert added["item"] == said
    assert talk.say()["id"] != said["id"]


def test_a_deleted_item_is_gone() -> None:
    talk = Talk()
    talk.say(item={"id": "a"})
    (deleted,) = talk.send("conversation.item.delete", item_id="a")
    assert (deleted["type"], deleted["item_id"]) == ("conversation.item.deleted", "a")
    assert talk.ids() == []


@pytest.mark.parametrize(
    ("kind", "code", "doing"),
    [
        ("conversation.item.retrieve", "item_retrieve_invalid_item_id", "retrieving"),
        ("conversation.item.delete", "item_delete_invalid_item_id", "deleting"),
        ("conversation.item.truncate", "item_truncate_invalid_item_id", "truncating"),
    ],
)
def test_an_item_that_does_not_exist_is_named(kind: str, code: str, doing: str) -> None:
    fields = {"content_index": 0, "audio_end_ms": 0} if kind.endswith("truncate") else {}
    error = error_of(Talk().send(kind, item_id="ghost", event_id="e", **fields))
    assert (error["code"], error["param"], error["event_id"]) == (code, "item_id", "e")
    assert error["message"] == f"Error {doing} item: the item with id 'ghost' does not exist."


def test_truncating_speech_keeps_the_words_that_were_heard() -> None:
    talk = Talk([SayText("one two three four five")])
    done = talk.send("response.create")[-2]
    item_id = done["response"]["output"][0]["id"]
    (truncated,) = talk.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=900)
    assert truncated["audio_end_ms"] == 900
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=item_id)
    assert retrieved["item"]["content"] == [{"type": "output_audio", "transcript": "one two"}]
    talk.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=0)
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=item_id)
    assert retrieved["item"]["content"] == [{"type": "output_audio", "transcript": ""}]


@pytest.mark.parametrize("ends", [(850, 850), (850, 410), (1200, 1200, 410)])
def test_a_second_truncate_keeps_the_words_that_one_truncate_keeps(ends: tuple[int, ...]) -> None:
    talk = Talk([SayText("one two three ")])
    item_id = talk.send("response.create")[-2]["response"]["output"][0]["id"]
    for end in ends:
        talk.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=end)
    (retrieved,) = talk.send("conversation.item.retrieve", item_id=item_id)
    heard = {850: "one two", 410: "one"}[ends[-1]]
    assert retrieved["item"]["content"] == [{"type": "output_audio", "transcript": heard}]


def test_only_speech_is_truncated_and_only_as_far_as_it_goes() -> None:
    talk = Talk([SayText("one two")], [SayText("written")])
    item_id = talk.send("response.create")[-2]["response"]["output"][0]["id"]
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 801}
    error = error_of(talk.send("conversation.item.truncate", **where))
    assert (error["code"], error["param"]) == ("invalid_value", "audio_end_ms")
    assert error["message"] == "Audio content of 800ms is already shorter than 801ms"
    error = error_of(talk.send("conversation.item.truncate", **{**where, "content_index": 1, "audio_end_ms": 1}))
    assert (error["code"], error["param"]) == ("invalid_value", "content_index")
    talk.text_only()
    written = talk.send("response.create")[-2]["response"]["output"][0]["id"]
    for other in (talk.say("Hello")["id"], written):
        error = error_of(talk.send("conversation.item.truncate", **{**where, "item_id": other}))
        assert error["message"] == "Only model output audio messages can be truncated"
