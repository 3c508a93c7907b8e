"""Whatever a client sends, it gets an `error` event, and the session goes on."""

from __future__ import annotations

import json

import pytest

from support.talk import Talk, error_of, kinds

CLIENT_EVENTS = [
    "session.update",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.truncate",
    "conversation.item.delete",
    "response.create",
    "response.cancel",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "output_audio_buffer.clear",
]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "hello",
        b"\xff\xfe",
        b"\x00",
        '{"type": "response.create"} trailing',
        '{"type": "conversation.item.retrieve", "item_id": NaN}',
        '{"type": "session.update", "session": {"audio": {"output": {"speed": 1e999}}}}',
        '{"type": "conversation.item.retrieve", "item_id": "\\ud800"}',
        "[" * 100_000,
        '{"type":' * 50 + "1" + "}" * 50 + "x",
        '{"a":' * 200 + "1" + "}" * 200,
        "1" * 5000,
        "[]",
        "null",
        '"response.create"',
    ],
)
def test_what_is_no_event_is_an_invalid_event(text: str | bytes) -> None:
    talk = Talk()
    error = error_of(talk.send_raw(text))
    assert (error["type"], error["code"], error["event_id"]) == ("invalid_request_error", "invalid_event", None)
    assert kinds(talk.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]


def test_an_event_without_a_type_is_told_so() -> None:
    error = error_of(Talk().send_raw('{"event_id": "mine"}'))
    assert (error["code"], error["param"], error["event_id"]) == ("missing_required_parameter", "type", "mine")


@pytest.mark.parametrize("kind", ["session.destroy", "transcription_session.update", "", "x" * 500])
def test_an_unknown_type_is_answered_with_the_known_ones(kind: str) -> None:
    error = error_of(Talk().send(kind, event_id="mine"))
    assert (error["code"], error["param"], error["event_id"]) == ("invalid_value", "type", "mine")
    assert "'session.update'" in error["message"]
    assert len(error["message"]) < 600


@pytest.mark.parametrize("kind", [None, 7, [], {}, True])
def test_a_type_that_is_no_text_is_refused(kind: object) -> None:
    assert error_of(Talk().send_raw(json.dumps({"type": kind})))["param"] == "type"


def test_an_event_id_that_is_no_text_is_refused_and_not_echoed() -> None:
    error = error_of(Talk().send("input_audio_buffer.clear", event_id=7))
    assert (error["code"], error["param"], error["event_id"]) == ("invalid_type", "event_id", None)


@pytest.mark.parametrize("kind", CLIENT_EVENTS)
def test_no_event_takes_fields_of_another(kind: str) -> None:
    error = error_of(Talk().send(kind, surprise=1))
    assert (error["code"], error["param"]) == ("unknown_parameter", "surprise")
    assert error["message"] == "Unknown parameter: 'surprise'."


@pytest.mark.parametrize(
    ("kind", "param"),
    [
        ("session.update", "session"),
        ("conversation.item.create", "item"),
        ("conversation.item.retrieve", "item_id"),
        ("conversation.item.truncate", "item_id"),
        ("conversation.item.delete", "item_id"),
        ("input_audio_buffer.append", "audio"),
    ],
)
def test_a_field_that_is_needed_is_asked_for(kind: str, param: str) -> None:
    error = error_of(Talk().send(kind))
    assert (error["code"], error["param"]) == ("missing_required_parameter", param)


def test_escaped_characters_beyond_the_basic_plane_are_fine() -> None:
    assert Talk().say("🛫")["content"][0]["text"] == "🛫"


def test_bytes_are_read_as_text() -> None:
    assert kinds(Talk().send_raw(b'{"type": "input_audio_buffer.clear"}')) == ["input_audio_buffer.cleared"]
