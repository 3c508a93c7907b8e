"""`session.update`: partial, several in a row, refused as a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.realtime import RealtimeAudioConfigOutput

from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.realtime.session import VOICES
from support.talk import Talk, error_of, kinds

TOOL = {"type": "function", "name": "look_up", "description": "Looks up.", "parameters": {"type": "object"}}


def test_a_session_opens_with_the_documented_defaults() -> None:
    talk = Talk(expires_at=1_800_000_000)
    created = talk.strict.events[0]
    session = created["session"]
    assert created["type"] == "session.created"
    assert (session["object"], session["type"], session["model"]) == (
        "realtime.session",
        "realtime",
        "gpt-realtime-2.1",
    )
    assert session["expires_at"] == 1_800_000_000
    assert session["output_modalities"] == ["audio"]
    assert (session["tools"], session["tool_choice"], session["max_output_tokens"]) == ([], "auto", "inf")
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"
    assert session["audio"]["output"]["voice"] == "marin"


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    talk = Talk()
    before = talk.strict.events[0]["session"]
    after = talk.update(instructions="Be brief.", audio={"output": {"speed": 1.25}})
    assert after["instructions"] == "Be brief."
    assert after["audio"]["output"] == {**before["audio"]["output"], "speed": 1.25}
    assert after["audio"]["input"] == before["audio"]["input"]
    assert talk.update(tools=[TOOL])["instructions"] == "Be brief."


def test_several_updates_in_a_row_are_all_answered_and_all_hold() -> None:
    talk = Talk()
    talk.update(instructions="One.")
    talk.update(tools=[TOOL])
    session = talk.update(tracing="auto")
    assert (session["instructions"], session["tools"], session["tracing"]) == ("One.", [TOOL], "auto")


def test_null_turns_detection_transcription_and_noise_reduction_off() -> None:
    talk = Talk()
    on = {"transcription": {"model": "whisper-1"}, "noise_reduction": {"type": "near_field"}}
    heard = talk.update(audio={"input": on})["audio"]["input"]
    assert heard["transcription"] == {"model": "whisper-1"}
    assert heard["noise_reduction"] == {"type": "near_field", "strength": 1}
    off = {"transcription": None, "noise_reduction": None, "turn_detection": None}
    heard = talk.update(audio={"input": off})["audio"]["input"]
    assert {name: heard[name] for name in off} == off


def test_null_brings_other_settings_back_to_their_default() -> None:
    talk = Talk()
    talk.update(max_output_tokens=100, instructions="Short.", tool_choice="none")
    session = talk.update(max_output_tokens=None, instructions=None, tool_choice=None, audio=None)
    assert (session["max_output_tokens"], session["instructions"], session["tool_choice"]) == ("inf", "", "auto")


def test_turn_detection_is_merged_within_its_kind_and_begins_anew_with_another() -> None:
    talk = Talk()
    first = talk.update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.8}}})
    second = talk.update(audio={"input": {"turn_detection": {"silence_duration_ms": 900}}})
    assert first["audio"]["input"]["turn_detection"]["threshold"] == 0.8
    assert second["audio"]["input"]["turn_detection"]["threshold"] == 0.8
    assert second["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 900
    third = talk.update(audio={"input": {"turn_detection": {"type": "semantic_vad", "interrupt_response": False}}})
    assert third["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": False,
    }


def test_an_empty_object_changes_nothing() -> None:
    talk = Talk()
    before = talk.update(audio={"input": {"transcription": {"model": "whisper-1"}}})
    empty: dict[str, Any] = {"turn_detection": {}, "transcription": {}}
    assert talk.update(audio={"input": empty, "output": {}}) == before


def test_detection_that_is_off_wants_a_kind_to_be_turned_on() -> None:
    talk = Talk()
    talk.text_only()
    for detection in ({"create_response": False}, {}):
        wanted = {"input": {"turn_detection": detection}}
        error = error_of(talk.send("session.update", session={"type": "realtime", "audio": wanted}))
        assert error["code"] == "missing_required_parameter"
        assert error["param"] == "session.audio.input.turn_detection.type"


def test_formats_are_taken_whole() -> None:
    talk = Talk()
    audio = {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcma"}}}
    session = talk.update(audio=audio)
    assert session["audio"]["input"]["format"] == {"type": "audio/pcmu"}
    assert session["audio"]["output"]["format"] == {"type": "audio/pcma"}
    back = talk.update(audio={"input": {"format": {"type": "audio/pcm"}}})
    assert back["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


def test_a_custom_voice_is_echoed_by_its_id() -> None:
    assert Talk().update(audio={"output": {"voice": {"id": "voice_7"}}})["audio"]["output"]["voice"] == "voice_7"


def test_the_model_is_the_connections_or_else_the_first_one_named() -> None:
    named = Talk(model="gpt-realtime-mini")
    assert named.update(model="gpt-realtime-2")["model"] == "gpt-realtime-mini"
    unnamed = Talk()
    assert unnamed.update(instructions="Hi.")["model"] == "gpt-realtime-2.1"
    assert unnamed.update(model="gpt-realtime-2")["model"] == "gpt-realtime-2"
    assert unnamed.update(model="gpt-realtime-mini")["model"] == "gpt-realtime-2"


def test_the_voice_stays_once_it_was_heard() -> None:
    talk = Talk([SayText("Hello.")])
    assert talk.update(audio={"output": {"voice": "cedar"}})["audio"]["output"]["voice"] == "cedar"
    talk.send("response.create")
    error = error_of(
        talk.send(
            "session.update",
            event_id="mine",
            session={"type": "realtime", "instructions": "New.", "audio": {"output": {"voice": "ash"}}},
        )
    )
    assert (error["code"], error["param"]) == ("cannot_update_voice", "session.audio.output.voice")
    assert error["event_id"] == "mine"
    session = talk.update(audio={"output": {"voice": "cedar"}})
    assert session["instructions"] == "", "a refused update changes nothing"
    response = {"audio": {"output": {"voice": "ash"}}}
    assert error_of(talk.send("response.create", response=response))["code"] == "cannot_update_voice"


def test_a_voice_is_one_of_the_service_or_has_an_id_of_its_own() -> None:
    talk = Talk()
    for voice in VOICES:
        assert talk.update(audio={"output": {"voice": voice}})["audio"]["output"]["voice"] == voice
    assert talk.update(audio={"output": {"voice": "voice_7"}})["audio"]["output"]["voice"] == "voice_7"
    for wrong in ("fable", "Marin", ""):
        session = {"type": "realtime", "audio": {"output": {"voice": wrong}}}
        error = error_of(talk.send("session.update", session=session))
        assert (error["code"], error["param"]) == ("invalid_value", "session.audio.output.voice")
        assert "'marin' and 'cedar'" in error["message"]
    published = RealtimeAudioConfigOutput.model_json_schema()["properties"]["voice"]["anyOf"]
    assert [set(kind["enum"]) for kind in published if "enum" in kind] == [set(VOICES)]


def test_written_answers_leave_the_voice_open() -> None:
    talk = Talk([SayText("Hello.")])
    talk.text_only()
    talk.send("response.create")
    assert talk.update(audio={"output": {"voice": "ash"}})["audio"]["output"]["voice"] == "ash"


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"instructions": "x"}, "missing_required_parameter", "session.type"),
        ({"voice": "ash"}, "unknown_parameter", "session.voice"),
        ({"modalities": ["text"]}, "unknown_parameter", "session.modalities"),
        ({"type": "realtime", "turn_detection": None}, "unknown_parameter", "session.turn_detection"),
        ({"type": "realtime", "temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
        ({"type": 7}, "invalid_type", "session.type"),
        ("realtime", "invalid_type", "session"),
        (None, "invalid_type", "session"),
        ({"type": "realtime", "instructions": 7}, "invalid_type", "session.instructions"),
        ({"type": "realtime", "output_modalities": ["video"]}, "invalid_value", "session.output_modalities[0]"),
        ({"type": "realtime", "output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
        ({"type": "realtime", "output_modalities": []}, "invalid_value", "session.output_modalities"),
        ({"type": "realtime", "max_output_tokens": 0}, "invalid_value", "session.max_output_tokens"),
        ({"type": "realtime", "max_output_tokens": 4097}, "invalid_value", "session.max_output_tokens"),
        ({"type": "realtime", "max_output_tokens": True}, "invalid_type", "session.max_output_tokens"),
        ({"type": "realtime", "max_output_tokens": "many"}, "invalid_value", "session.max_output_tokens"),
        ({"type": "realtime", "tools": {}}, "invalid_type", "session.tools"),
        ({"type": "realtime", "tools": [{}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"type": "realtime", "tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"type": "realtime", "tools": [{**TOOL, "name": "a b"}]}, "invalid_value", "session.tools[0].name"),
        ({"type": "realtime", "tools": [{**TOOL, "strict": True}]}, "unknown_parameter", "session.tools[0].strict"),
        ({"type": "realtime", "tools": [{**TOOL, "parameters": []}]}, "invalid_type", "session.tools[0].parameters"),
        ({"type": "realtime", "tools": [{"type": "mcp"}]}, "missing_required_parameter", "session.tools[0].server_label"),
        ({"type": "realtime", "tools": [{"type": "mcp", "server_label": "wiki"}]}, "missing_required_parameter",
         "session.tools[0].server_url"),
        ({"type": "realtime", "tools": [{"type": "mcp", "server_label": "wiki", "server_url": 3}]}, "invalid_type",
         "session.tools[0].server_url"),
        ({"type": "realtime", "tool_choice": {"type": "mcp", "server_label": "wiki"}}, "invalid_value",
         "session.tool_choice"),
        ({"type": "realtime", "prompt": {"id": "p", "variables": {"city": 1}}}, "invalid_type",
         "session.prompt.variables.city"),
        ({"type": "realtime", "prompt": {"id": "p", "variables": {"city": {"name": "Oslo"}}}},
         "missing_required_parameter", "session.prompt.variables.city.type"),
        ({"type": "realtime", "tool_choice": "maybe"}, "invalid_value", "session.tool_choice"),
        ({"type": "realtime", "tool_choice": {"type": "function"}}, "missing_required_parameter",
         "session.tool_choice.name"),
        ({"type": "realtime", "reasoning": {"effort": "huge"}}, "invalid_value", "session.reasoning.effort"),
        ({"type": "realtime", "reasoning": {"effort": 3}}, "invalid_type", "session.reasoning.effort"),
        ({"type": "realtime", "reasoning": {"summary": "auto"}}, "unknown_parameter", "session.reasoning.summary"),
        ({"type": "realtime", "reasoning": "low"}, "invalid_type", "session.reasoning"),
        ({"type": "realtime", "parallel_tool_calls": "no"}, "invalid_type", "session.parallel_tool_calls"),
        ({"type": "realtime", "truncation": {"type": "retention_ratio"}}, "missing_required_parameter",
         "session.truncation.retention_ratio"),
        ({"type": "realtime", "truncation": "never"}, "invalid_value", "session.truncation"),
        ({"type": "realtime", "truncation": {"retention_ratio": 0.5}}, "missing_required_parameter",
         "session.truncation.type"),
        ({"type": "realtime", "truncation": {"type": "retention_ratio", "retention_ratio": 1.1}}, "invalid_value",
         "session.truncation.retention_ratio"),
        ({"type": "realtime", "truncation": {"type": "retention_ratio", "retention_ratio": 1,
          "token_limits": {"post_instructions": -1}}}, "invalid_value",
         "session.truncation.token_limits.post_instructions"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_with_its_path(session: Any, code: str, param: str) -> None:
    talk = Talk()
    error = error_of(talk.send("session.update", session=session, event_id="up_1"))
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)
    assert error["event_id"] == "up_1"
    assert param in error["message"] or code == "invalid_value"


@pytest.mark.parametrize(
    ("audio", "code", "param"),
    [
        ({"output": {"speed": 3}}, "invalid_value", "output.speed"),
        ({"output": {"voice": 3}}, "invalid_type", "output.voice"),
        ({"output": {"format": "pcm16"}}, "invalid_type", "output.format"),
        ({"input": {"format": {"type": "audio/pcm", "rate": 16000}}}, "invalid_value", "input.format.rate"),
        ({"input": {"format": {"type": "audio/mp3"}}}, "invalid_value", "input.format.type"),
        ({"input": {"format": {"type": "audio/pcmu", "rate": 24000}}}, "unknown_parameter", "input.format.rate"),
        ({"input": {"turn_detection": {"type": "none"}}}, "invalid_value", "input.turn_detection.type"),
        ({"input": {"turn_detection": {"type": "server_vad", "threshold": 2}}}, "invalid_value",
         "input.turn_detection.threshold"),
        ({"input": {"turn_detection": {"type": "server_vad", "eagerness": "low"}}}, "unknown_parameter",
         "input.turn_detection.eagerness"),
        ({"input": {"turn_detection": {"type": "semantic_vad", "threshold": 0.5}}}, "unknown_parameter",
         "input.turn_detection.threshold"),
        ({"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 10}}}, "invalid_value",
         "input.turn_detection.idle_timeout_ms"),
        ({"input": {"noise_reduction": {"type": "loud"}}}, "invalid_value", "input.noise_reduction.type"),
        ({"input": {"noise_reduction": {"type": "near_field", "strength": 1.5}}}, "invalid_value",
         "input.noise_reduction.strength"),
        ({"input": {"noise_reduction": {"strength": "much"}}}, "invalid_type", "input.noise_reduction.strength"),
        ({"input": {"transcription": {"modle": "x"}}}, "unknown_parameter", "input.transcription.modle"),
        ({"input": {"transcription": {"delay": "none"}}}, "invalid_value", "input.transcription.delay"),
        ({"input": {"transcription": {"keywords": "Renfe"}}}, "invalid_type", "input.transcription.keywords"),
        ({"input": {"transcription": {"keywords": ["Renfe", 7]}}}, "invalid_type", "input.transcription.keywords[1]"),
        ({"input": {"transcription": {"languages": {"en": 1}}}}, "invalid_type", "input.transcription.languages"),
    ],
)  # fmt: skip
def test_a_wrong_audio_setting_is_refused_with_its_path(audio: Any, code: str, param: str) -> None:
    error = error_of(Talk().send("session.update", session={"type": "realtime", "audio": audio}))
    assert (error["code"], error["param"]) == (code, f"session.audio.{param}")


def test_everything_a_session_may_hold_is_echoed() -> None:
    wanted = {
        "prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Oslo"}},
        "reasoning": {"effort": "low"},
        "truncation": {"type": "retention_ratio", "retention_ratio": 0.8, "token_limits": {"post_instructions": 5000}},
        "tracing": {"workflow_name": "calls", "group_id": "g", "metadata": {"a": 1}},
        "include": ["item.input_audio_transcription.logprobs"],
        "tools": [TOOL],
        "tool_choice": {"type": "function", "name": "look_up"},
        "max_output_tokens": 4096,
    }
    session = Talk().update(**wanted)
    assert {name: session[name] for name in wanted} == wanted


def test_the_strength_of_noise_reduction_stays_until_another_is_named_and_begins_anew_once_it_was_off() -> None:
    talk = Talk()

    def heard(noise_reduction: Any) -> Any:
        return talk.update(audio={"input": {"noise_reduction": noise_reduction}})["audio"]["input"]["noise_reduction"]

    assert heard({"type": "near_field", "strength": 0.4}) == {"type": "near_field", "strength": 0.4}
    assert heard({"type": "far_field"}) == {"type": "far_field", "strength": 0.4}
    assert heard({"strength": 0}) == {"type": "far_field", "strength": 0}
    assert heard(None) is None
    assert heard({"type": "far_field"}) == {"type": "far_field", "strength": 1}


def test_what_guides_a_transcription_is_echoed_and_stays_when_another_part_changes() -> None:
    talk = Talk()
    wanted = {"model": "gpt-live-transcribe", "languages": ["en", "de"], "keywords": ["Renfe"], "delay": "xhigh"}
    heard = talk.update(audio={"input": {"transcription": wanted}})
    assert heard["audio"]["input"]["transcription"] == wanted
    heard = talk.update(audio={"input": {"transcription": {"keywords": []}}})
    assert heard["audio"]["input"]["transcription"] == {**wanted, "keywords": []}


def test_parallel_tool_calls_are_echoed_once_a_client_has_named_them() -> None:
    talk = Talk()
    assert "parallel_tool_calls" not in talk.update()
    assert talk.update(parallel_tool_calls=False)["parallel_tool_calls"] is False
    assert talk.update(instructions="Hi.")["parallel_tool_calls"] is False


VARIABLES: list[Any] = [
    "Oslo",
    {"type": "input_text", "text": "Oslo", "prompt_cache_breakpoint": None},
    {"type": "input_image", "detail": "low", "image_url": "data:image/png;base64,AAAA", "file_id": None},
    {"type": "input_file", "file_id": "file_1"},
]


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_variables_of_a_prompt_are_texts_images_and_files(variable: Any) -> None:
    prompt = {"id": "pmpt_1", "variables": {"city": variable}}
    assert Talk().update(prompt=prompt)["prompt"] == prompt


def test_a_tool_is_a_function_and_a_format_pcm_where_nothing_else_is_said() -> None:
    bare = {name: value for name, value in TOOL.items() if name != "type"}
    for tool in (bare, {**bare, "type": None}):
        assert Talk().update(tools=[tool])["tools"] == [TOOL]
    for given in ({"type": None}, {"type": None, "rate": None}, {"type": "audio/pcm", "rate": None}):
        session = Talk().update(audio={"input": {"format": given}})
        assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


def test_a_choice_of_a_tool_needs_the_tool_in_the_session_and_in_the_response() -> None:
    choice = {"type": "function", "name": "look_up"}
    talk = Talk()
    error = error_of(talk.send("session.update", session={"type": "realtime", "tool_choice": choice}))
    assert (error["code"], error["param"]) == ("invalid_value", "session.tool_choice")
    assert talk.update(tools=[TOOL], tool_choice=choice)["tool_choice"] == choice
    error = error_of(talk.send("session.update", session={"type": "realtime", "tools": [], "instructions": "New."}))
    assert (error["code"], error["param"]) == ("invalid_value", "session.tool_choice")
    error = error_of(talk.send("response.create", response={"tools": []}))
    assert (error["code"], error["param"]) == ("invalid_value", "session.tool_choice")
    session = talk.update(tools=[], tool_choice="auto")
    assert (session["tools"], session["tool_choice"], session["instructions"]) == ([], "auto", "")


def test_an_mcp_server_costs_the_session_nothing_but_its_own_tools() -> None:
    wiki = {
        "type": "mcp",
        "server_label": "wiki",
        "server_url": "https://wiki.example/mcp",
        "require_approval": "never",
    }
    secret = {"authorization": "token-1", "headers": {"X-Key": "key-1"}}
    talk = Talk([SayText("Hello.")])
    session = {
        "type": "realtime",
        "tools": [TOOL, {**wiki, **secret}],
        "tool_choice": {"type": "mcp", "server_label": "wiki"},
    }
    events = talk.send("session.update", session=session)
    assert kinds(events) == [
        "session.updated",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.failed",
        "conversation.item.done",
    ]
    assert events[0]["session"]["tools"] == [TOOL, wiki]
    assert "token-1" not in str(events) and "key-1" not in str(events)
    assert events[1]["item"] == {"id": "item_0001", "type": "mcp_list_tools", "server_label": "wiki", "tools": []}
    assert (
        talk.send("session.update", session={"type": "realtime", "instructions": "Be brief."})[1:] == []
    )  # asked once
    talk.send("response.create")
    assert (talk.requests[0].tools, talk.requests[0].tool_choice) == ([TOOL], "auto")


def test_what_a_client_wrote_is_repeated_to_it_in_short() -> None:
    talk = Talk()
    long = "x" * 100_000
    item = {"type": "message", "role": "user", "content": []}
    for event in (
        {"session": {"type": "realtime", long: 1}},
        {"session": {"type": "realtime", "prompt": {"id": "p", "variables": {long: 1}}}},
        {"session": {"type": long}},
        {long: 1, "session": {}},
    ):
        assert len(str(error_of(talk.send("session.update", **event)))) < 1000
    assert len(str(error_of(talk.send("conversation.item.create", item=item, previous_item_id=long)))) < 1000
    assert len(str(error_of(talk.send(long)))) < 1000


def test_an_echo_that_was_sent_is_never_altered() -> None:
    talk = Talk()
    first = talk.engine.receive(
        json.dumps({"type": "session.update", "session": {"type": "realtime", "instructions": "A"}})
    )
    talk.engine.receive(json.dumps({"type": "session.update", "session": {"type": "realtime", "instructions": "B"}}))
    assert kinds(first) == ["session.updated"]
    assert first[0]["session"]["instructions"] == "A"
