"""`response.create`: the order of events, overrides, out-of-band answers, limits, failures, usage."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.realtime import Pace
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.responder import CallFunction, FailResponse, SayText
from support.talk import Event, Talk, error_of, kinds, only, text_of

EXPECTED = Path(__file__).parent / "expected"
TOOL = {"type": "function", "name": "look_up", "description": "Looks up.", "parameters": {"type": "object"}}


def written(*answers: Any, **options: Any) -> Talk:
    talk = Talk(*answers, **options)
    talk.text_only()
    return talk


def spoken_bytes(events: list[Event]) -> int:
    deltas = [event["delta"] for event in events if event["type"] == "response.output_audio.delta"]
    return sum(len(base64.b64decode(delta)) for delta in deltas)


def outline(events: list[Event]) -> str:
    """The events one a line, with what a reader wants to know of each."""
    told = ("delta", "text", "transcript", "arguments", "name", "call_id", "item_id", "output_index")
    lines = []
    for event in events:
        facts = [f"{name}={event[name]!r}" for name in told if name in event and "audio.delta" not in event["type"]]
        if "item" in event:
            facts.append(f"{event['item']['id']} {event['item']['type']} {event['item']['status']}")
        if "part" in event:
            facts.append(str(event["part"]))
        if "response" in event:
            facts.append(f"{event['response']['id']} {event['response']['status']}")
        lines.append("  ".join([event["type"], *facts]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("modality", ["text", "audio"])
def test_a_message_and_two_calls_come_in_the_documented_order(modality: str) -> None:
    outputs = [SayText("One moment, I look that up for you right away."), CallFunction("look_up", '{"what": "bags"}')]
    talk = Talk([*outputs, CallFunction("look_up", '{"what": "seats"}')])
    talk.update(output_modalities=[modality], tools=[TOOL])
    talk.say("How big can my bag be, and where do I sit?")
    assert outline(talk.send("response.create")) == (EXPECTED / f"message_and_calls_{modality}.txt").read_text()


def test_the_output_of_a_call_leads_to_the_next_answer() -> None:
    talk = written([CallFunction("look_up", "{}")], [SayText("22 inches.")])
    talk.say("How big?")
    call = only(talk.send("response.create"), "response.done")["response"]["output"][0]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "22 by 14"}
    talk.send("conversation.item.create", item=output)
    assert text_of(talk.send("response.create")) == "22 inches."
    kinds_seen = [item["type"] for item in talk.requests[-1].items]
    assert kinds_seen == ["message", "function_call", "function_call_output"]
    assert talk.requests[-1].items[1]["status"] == "completed"


def test_a_response_shows_what_it_was_made_with() -> None:
    talk = Talk([SayText("Hello.")], model="gpt-realtime-mini")
    talk.update(audio={"output": {"voice": "cedar", "format": {"type": "audio/pcmu"}}}, max_output_tokens=500)
    events = talk.send("response.create", response={"metadata": {"topic": "greeting"}})
    created, done = events[0]["response"], only(events, "response.done")["response"]
    assert created["metadata"] == done["metadata"] == {"topic": "greeting"}
    assert done["conversation_id"] == "conv_0001"
    assert done["audio"]["output"] == {"format": {"type": "audio/pcmu"}, "voice": "cedar"}
    assert (done["max_output_tokens"], done["output_modalities"]) == (500, ["audio"])
    assert kinds(events)[-2:] == ["response.done", "rate_limits.updated"]


def test_overrides_hold_for_one_response_only() -> None:
    talk = Talk([SayText("Hi.")], [SayText("Hi.")])
    talk.update(instructions="Session.", tools=[TOOL])
    other = {**TOOL, "name": "other"}
    events = talk.send(
        "response.create",
        response={
            "instructions": "Only now.",
            "tools": [other],
            "tool_choice": {"type": "function", "name": "other"},
            "output_modalities": ["text"],
            "reasoning": {"effort": "low"},
            "parallel_tool_calls": False,
            "prompt": {"id": "pmpt_1"},
        },
    )
    assert "response.output_text.delta" in kinds(events)
    assert "response.output_audio.delta" in kinds(talk.send("response.create"))
    first, second = talk.requests
    assert (first.instructions, first.tools) == ("Only now.", [other])
    assert first.tool_choice == {"type": "function", "name": "other"}
    assert (second.instructions, second.tools, second.tool_choice) == ("Session.", [TOOL], "auto")


def test_nulls_and_an_empty_response_ask_for_nothing_special() -> None:
    talk = Talk([SayText("Hi.")], [SayText("Hi.")])
    talk.update(instructions="Session.")
    talk.send("response.create", response=None)
    talk.send("response.create", response={"instructions": None, "conversation": None, "metadata": None})
    assert [request.instructions for request in talk.requests] == ["Session.", "Session."]


def test_an_out_of_band_answer_leaves_the_conversation_as_it_was() -> None:
    talk = written([SayText("billing")])
    talk.say("I want my money back.")
    before = talk.ids()
    events = talk.send("response.create", response={"conversation": "none", "metadata": {"for": "routing"}})
    assert not any(kind.startswith("conversation.") for kind in kinds(events))
    done = only(events, "response.done")["response"]
    assert (done["conversation_id"], done["metadata"]) == (None, {"for": "routing"})
    assert talk.ids() == before


def test_out_of_band_answers_run_beside_the_one_of_the_conversation() -> None:
    talk = written()
    talk.send("response.create")
    talk.send("response.create", response={"conversation": "none"})
    talk.send("response.create", response={"conversation": "none"})
    first, second, third = [request.response_id for request in talk.requests]
    for response_id in (third, first, second):
        events = talk.read(talk.engine.answer(response_id, [SayText(response_id)], 0))
        assert text_of(events) == response_id
    talk.strict.finished()


def test_a_response_may_look_at_items_of_its_own_and_at_references() -> None:
    talk = written([SayText("ok")], [SayText("ok")])
    talk.say(item={"id": "kept"})
    talk.say(item={"id": "left_out"})
    own = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Own"}]}
    given = [{"type": "item_reference", "id": "kept"}, own]
    talk.send("response.create", response={"conversation": "none", "input": given})
    first, second = talk.requests[-1].items
    assert first["id"] == "kept" and second["content"][0]["text"] == "Own"
    talk.send("response.create", response={"input": []})
    assert talk.requests[-1].items == ()
    error = error_of(talk.send("response.create", response={"input": [{"type": "item_reference", "id": "ghost"}]}))
    assert (error["code"], error["param"]) == ("invalid_value", "response.input[0].id")


def test_one_conversation_has_one_response_at_a_time() -> None:
    talk = written()
    talk.send("response.create")
    error = error_of(talk.send("response.create", event_id="agents_py_response_create_2"))
    assert error["code"] == "conversation_already_has_active_response"
    assert error["event_id"] == "agents_py_response_create_2"
    assert error["message"] == (
        "Conversation already has an active response in progress: resp_0001. "
        "Wait until the response is finished before creating a new one."
    )


@pytest.mark.parametrize(
    ("response", "code", "param"),
    [
        ({"modalities": ["text"]}, "unknown_parameter", "response.modalities"),
        ({"temperature": 1}, "unknown_parameter", "response.temperature"),
        ({"conversation": "other"}, "invalid_value", "response.conversation"),
        ({"metadata": {"a": 1}}, "invalid_type", "response.metadata.a"),
        ({"metadata": {str(n): "x" for n in range(17)}}, "invalid_value", "response.metadata"),
        ({"metadata": {"k" * 65: "x"}}, "invalid_value", "response.metadata"),
        ({"metadata": {"a": "x" * 513}}, "invalid_value", "response.metadata.a"),
        ({"input": [{"type": "message"}]}, "missing_required_parameter", "response.input[0].role"),
        ({"max_output_tokens": 1.5}, "invalid_type", "response.max_output_tokens"),
        ({"tool_choice": {"type": "function", "name": "ghost"}}, "invalid_value", "response.tool_choice"),
        ({"audio": {"input": {}}}, "unknown_parameter", "response.audio.input"),
        ([], "invalid_type", "response"),
    ],
)
def test_a_wrong_wish_is_refused_and_no_response_begins(response: Any, code: str, param: str) -> None:
    talk = Talk()
    error = error_of(talk.send("response.create", response=response))
    assert (error["code"], error["param"]) == (code, param)
    assert talk.requests == []


def test_an_answer_that_is_too_long_is_cut_and_says_so() -> None:
    talk = written([SayText("one two three four five six")])
    done = only(talk.send("response.create", response={"max_output_tokens": 4}), "response.done")["response"]
    assert done["status"] == "incomplete"
    assert done["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    (item,) = done["output"]
    assert item["status"] == "incomplete"
    assert item["content"][0]["text"] == "one two three "
    assert done["usage"]["output_tokens"] <= 4


def test_a_call_that_is_too_long_is_cut_and_stays_incomplete() -> None:
    talk = written([SayText("ok"), CallFunction("look_up", '{"what": "bags and seats"}'), SayText("never")])
    done = only(talk.send("response.create", response={"max_output_tokens": 5}), "response.done")["response"]
    assert [item["status"] for item in done["output"]] == ["completed", "incomplete"]
    assert done["output"][1]["arguments"] == '{"what":'


def test_speech_spends_its_tokens_on_sound() -> None:
    talk = Talk([SayText("one two three four")])
    done = only(talk.send("response.create", response={"max_output_tokens": 20}), "response.done")["response"]
    assert done["output"][0]["content"][0]["transcript"] == "one two "
    assert done["usage"]["output_token_details"] == {"text_tokens": 2, "audio_tokens": 16}


@pytest.mark.parametrize("words_per_delta", [1, 3, 8])
@pytest.mark.parametrize("speed", [0.7, 1.1, 1.5])
def test_no_answer_costs_more_than_it_may(words_per_delta: int, speed: float) -> None:
    talk = Talk([SayText("word " * 400)], pace=Pace(words_per_delta))
    talk.update(audio={"output": {"speed": speed}})
    events = talk.send("response.create", response={"max_output_tokens": 500})
    done = only(events, "response.done")["response"]
    assert 490 <= done["usage"]["output_tokens"] <= 500
    words = len(text_of(events).split())
    assert spoken_bytes(events) == round(words * 400 / speed) * 48


def test_a_failure_ends_the_response_with_its_reason() -> None:
    talk = written([SayText("Let me see."), FailResponse("server_overloaded", "try again"), SayText("never")])
    events = talk.send("response.create")
    done = only(events, "response.done")["response"]
    assert done["status"] == "failed"
    error = {"type": "server_error", "code": "server_overloaded", "message": "try again"}
    assert done["status_details"] == {"type": "failed", "error": error}
    assert [item["content"][0]["text"] for item in done["output"]] == ["Let me see."]
    assert text_of(events) == "Let me see."


def test_silence_is_an_answer_too() -> None:
    done = only(written([]).send("response.create"), "response.done")["response"]
    assert (done["status"], done["output"]) == ("completed", [])


def test_empty_words_make_an_empty_message() -> None:
    done = only(written([SayText("")]).send("response.create"), "response.done")["response"]
    assert done["output"][0]["content"] == [{"type": "output_text", "text": ""}]


@pytest.mark.parametrize("modality", ["text", "audio"])
def test_a_response_may_hold_two_messages_each_with_its_phase(modality: str) -> None:
    talk = Talk([SayText("Let me look.", "commentary"), SayText("It is at gate 12.", "final_answer")], [])
    talk.update(output_modalities=[modality])
    events = talk.send("response.create")
    items = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert [item["phase"] for item in items] == ["commentary", "final_answer"]
    assert [item["id"] for item in only(events, "response.done")["response"]["output"]] == [
        item["id"] for item in items
    ]
    talk.send("response.create")
    assert [item["phase"] for item in talk.requests[-1].items] == ["commentary", "final_answer"]
    assert all("phase" not in item for item in Talk([SayText("Hello.")]).send("response.create") if "item" in item)


@pytest.mark.parametrize("text", ["  two  spaces\n\nand lines ", "日本語のテキスト", "e\u0301 🛫 half \ud83d", "\n"])
def test_deltas_joined_are_the_text(text: str) -> None:
    events = written([SayText(text)], pace=Pace(words_per_delta=2)).send("response.create")
    assert text_of(events) == only(events, "response.output_text.done")["text"] == text.replace("\ud83d", "\ufffd")


@pytest.mark.parametrize(("kind", "bytes_per_ms"), [("audio/pcm", 48), ("audio/pcmu", 8), ("audio/pcma", 8)])
def test_speech_lasts_as_long_as_its_words(kind: str, bytes_per_ms: int) -> None:
    talk = Talk([SayText("one two three")], [SayText("one two three")])
    talk.update(audio={"output": {"format": {"type": kind}}})
    assert spoken_bytes(talk.send("response.create")) == 3 * 400 * bytes_per_ms
    talk.update(audio={"output": {"speed": 1.5}})
    assert spoken_bytes(talk.send("response.create")) == 3 * 400 * bytes_per_ms * 2 // 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("日本語のテキストです。", 5),
        ("您的航班明天早上八点起飞，请提前到达。", 9),
        ("เที่ยวบินของคุณออกพรุ่งนี้", 7),
        ("Flight 飛行機 AA12 は8時です。 OK", 9),
        ("naïve “quoted” – 안녕하세요 여러분", 5),
    ],
)
def test_scripts_without_spaces_take_their_time_too(text: str, words: int) -> None:
    talk = Talk([SayText(text)], pace=Pace(words_per_delta=1))
    events = talk.send("response.create")
    assert kinds(events).count("response.output_audio_transcript.delta") == words
    assert spoken_bytes(events) == words * 400 * 48
    assert text_of(events) == text


def test_usage_counts_what_was_read_and_grows_with_the_conversation() -> None:
    talk = written([SayText("Hello.")], [SayText("Hello.")])
    talk.update(instructions="Be kind. " * 100)
    talk.say("Hi there")
    first = only(talk.send("response.create"), "response.done")["response"]["usage"]
    second = only(talk.send("response.create"), "response.done")["response"]["usage"]
    assert first["input_tokens"] > 200
    assert first["input_token_details"]["cached_tokens"] == 0
    assert second["input_tokens"] == first["input_tokens"] + first["output_tokens"]
    assert second["input_token_details"]["cached_tokens"] == 192
    talk.update(instructions="Other.")
    talk.answers = [[SayText("Hello.")]]
    third = only(talk.send("response.create"), "response.done")["response"]["usage"]
    assert third["input_token_details"]["cached_tokens"] == 0


def usage(events: list[Event]) -> Any:
    return only(events, "response.done")["response"]["usage"]


def test_a_spoken_answer_is_read_as_what_it_cost_and_a_truncated_one_as_what_was_heard() -> None:
    talk = Talk([SayText("one two three four")], *[[]] * 2)
    first = talk.send("response.create")
    second = usage(talk.send("response.create"))
    assert usage(first)["output_token_details"] == {"text_tokens": 5, "audio_tokens": 32}
    assert second["input_tokens"] == usage(first)["total_tokens"]
    assert second["input_token_details"]["audio_tokens"] == 32
    item_id = only(first, "response.done")["response"]["output"][0]["id"]
    talk.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=500)
    third = usage(talk.send("response.create"))
    assert third["input_token_details"]["audio_tokens"] == 10
    assert second["input_tokens"] - third["input_tokens"] == 5 + 32 - (1 + 10)


def test_usage_counts_the_instructions_and_tools_of_the_response_itself() -> None:
    talk = written(*[[]] * 4)
    bare = usage(talk.send("response.create"))["input_tokens"]
    own = usage(talk.send("response.create", response={"instructions": "Be kind. " * 100}))
    assert (own["input_tokens"], own["input_token_details"]["cached_tokens"]) == (bare + 225, 0)
    assert usage(talk.send("response.create", response={"tools": [TOOL]}))["input_tokens"] > bare
    assert usage(talk.send("response.create"))["input_tokens"] == bare


def test_usage_counts_the_sound_of_a_response_own_input() -> None:
    talk = written(*[[]] * 2)
    sound = base64.b64encode(bytes(48 * 1000)).decode()
    heard = {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": sound}]}
    for given in (heard, {"type": "item_reference", "id": talk.say(item={**heard, "id": "kept"})["id"]}):
        read = usage(talk.send("response.create", response={"conversation": "none", "input": [given]}))
        assert read["input_token_details"]["audio_tokens"] == 10


def test_only_a_beginning_that_was_read_before_is_cached() -> None:
    talk = written(*[[]] * 7)
    text = "word " * 256  # 320 tokens
    ids = [talk.say(text)["id"] for _ in range(3)]

    def cached(**response: Any) -> int:
        found: int = usage(talk.send("response.create", response=response))["input_token_details"]["cached_tokens"]
        return found

    fresh: list[Any] = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}]
    assert cached() == 0
    assert cached() == 960
    assert cached(conversation="none", input=fresh) == 0
    talk.send("conversation.item.delete", item_id=ids[1])
    assert cached() == 320
    assert cached() == 640
    talk.say("Before all that", previous_item_id="root")
    assert cached() == 0
    talk.update(instructions="Other.")
    assert cached() == 0


@pytest.mark.parametrize("given", ["references", "turns"])
def test_a_large_request_looks_at_the_conversation_once(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    whole = Conversation.first_read

    def first_read(conversation: Conversation, count: int) -> Any:
        looks.append(1)
        return whole(conversation, count)

    monkeypatch.setattr(Conversation, "first_read", first_read)
    talk = Talk()
    if given == "references":
        references = [{"type": "item_reference", "id": talk.say()["id"]}] * 100
        talk.send("response.create", response={"input": references})
        assert len(talk.requests[0].items) == 100
    else:
        detection = {"type": "server_vad", "silence_duration_ms": 0, "prefix_padding_ms": 0}
        talk.update(audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": detection}})
        turns = base64.b64encode((b"\x80\x00" * 160 + b"\xff" * 1600) * 100).decode()
        events = talk.send("input_audio_buffer.append", audio=turns)
        assert kinds(events).count("response.created") == 100
        assert len(talk.requests[0].items) == 100
    assert len(looks) <= 1


def test_a_function_that_is_not_offered_may_be_called_as_models_do() -> None:
    done = only(written([CallFunction("ghost", "not json")]).send("response.create"), "response.done")["response"]
    assert done["output"][0]["arguments"] == "not json"


def test_an_answer_to_nothing_is_ignored() -> None:
    assert Talk().engine.answer("resp_9999", [SayText("Hello.")], 0) == []
