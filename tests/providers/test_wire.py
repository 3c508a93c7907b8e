"""The private parts of the SDK that `providers/wire.py` stands on are still what it takes them for."""

from __future__ import annotations

import asyncio
import inspect
import re
from importlib.metadata import version
from typing import Any

import agents.agent
import agents.realtime.handoffs
import agents.realtime.openai_realtime as sdk
import agents.realtime.session
import pytest
from agents import _tool_invocation
from agents.realtime import (
    RealtimeModelEvent,
    RealtimeModelListener,
    RealtimeSessionModelSettings,
    _tool_filtering,
)
from agents.realtime.items import RealtimeMessageItem
from agents.realtime.openai_realtime import OpenAIRealtimeWebSocketModel
from pydantic import ValidationError

import realtime_scenarios.providers.wire as wire
from realtime_scenarios.model.names import handoff_tool_name


def test_the_sdk_is_the_one_that_was_measured() -> None:
    assert version("openai-agents") == "0.24.0"


def test_the_sdk_opens_its_connection_in_one_method_that_can_be_replaced() -> None:
    parameters = inspect.signature(OpenAIRealtimeWebSocketModel._create_websocket_connection).parameters
    assert list(parameters) == ["self", "url", "headers", "transport_config"]
    assert "_create_websocket_connection" in inspect.getsource(OpenAIRealtimeWebSocketModel.connect)


def test_the_sdk_still_builds_type_adapters_on_its_hot_path_and_ours_are_built_once() -> None:
    assert "TypeAdapter(RealtimeMessageItem)" in inspect.getsource(OpenAIRealtimeWebSocketModel._handle_ws_event)
    assert sdk.TypeAdapter is wire._type_adapter
    assert sdk.TypeAdapter(RealtimeMessageItem) is sdk.TypeAdapter(RealtimeMessageItem)


def test_handoffs_are_named_as_the_sdk_names_them() -> None:
    from agents.handoffs import Handoff
    from agents.realtime import RealtimeAgent

    for name in ("qa", "QA Agent", "haikuWriter", "Éric's desk", "a-b c", "x" * 80):
        assert handoff_tool_name(name) == Handoff.default_tool_name(RealtimeAgent(name=name))


@pytest.mark.parametrize(("connect", "counted"), [(None, True), (lambda: None, False)])
def test_only_a_real_server_is_believed_about_usage(connect: Any, counted: bool) -> None:
    usage = {"total_tokens": 3, "input_tokens": 1, "output_tokens": 2}
    response = {"id": "resp_1", "object": "realtime.response", "status": "completed", "output": [], "usage": usage}
    seen: list[str] = []

    class Hears(RealtimeModelListener):
        async def on_event(self, event: RealtimeModelEvent) -> None:
            seen.append(event.type)

    async def handled() -> None:
        model = wire.WireModel(connect)
        model.add_listener(Hears())
        await model._handle_ws_event({"type": "response.done", "event_id": "event_1", "response": response})

    asyncio.run(handled())
    assert "turn_ended" in seen
    assert ("usage" in seen) is counted


ITEMS = [
    {"type": "message", "role": "user", "id": "item_1", "content": [{"type": "input_text", "text": "Hello"}]},
    {"type": "message", "role": "system", "id": "item_1", "content": [{"type": "input_text", "text": "Be kind"}]},
    {"type": "message", "role": "assistant", "id": "item_1", "content": [{"type": "output_text", "text": "Hi"}]},
    {"type": "message", "role": "assistant", "id": "item_1", "content": [{"type": "output_audio", "transcript": "Hi"}]},
    {"type": "function_call", "id": "item_1", "call_id": "call_1", "name": "look", "arguments": "{}"},
    {"type": "function_call_output", "id": "item_1", "call_id": "call_1", "output": "found"},
    {"type": "mcp_list_tools", "id": "item_1", "server_label": "maps", "tools": []},
]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item['type']}-{item.get('role', '')}")
@pytest.mark.parametrize("kind", ["conversation.item.added", "response.output_item.done"])
def test_items_are_read_as_the_sdk_reads_them(kind: str, item: dict[str, Any]) -> None:
    event = {"type": kind, "event_id": "event_1", "response_id": "resp_1", "output_index": 0, "item": item}
    read = wire.WireModel()._server_event_type_adapter.validate_python(event)
    assert read == sdk.get_server_event_type_adapter().validate_python(event)


def test_an_item_that_is_none_is_no_event() -> None:
    item = {"type": "message", "role": "user", "content": "no list"}
    event = {"type": "conversation.item.added", "event_id": "event_1", "item": item}
    with pytest.raises(ValidationError):
        wire.WireModel()._server_event_type_adapter.validate_python(event)


def test_the_sdk_reads_of_a_response_its_id_and_usage_alone() -> None:
    source = inspect.getsource(OpenAIRealtimeWebSocketModel._handle_ws_event)
    assert set(re.findall(r"parsed\.response\.(\w+)|getattr\(parsed\.response, \"(\w+)\"", source)) == {
        ("id", ""),
        ("", "id"),
        ("usage", ""),
    }


def test_what_the_sdk_gathers_is_asked_one_after_the_other() -> None:
    for module in (agents.agent, agents.realtime.handoffs, agents.realtime.session, _tool_filtering):
        assert module.gather_with_cancel is wire._one_after_the_other  # type: ignore[attr-defined]


def test_the_first_failure_of_what_is_gathered_ends_it_and_leaves_nothing_waiting() -> None:
    asked: list[str] = []

    async def answers(name: str) -> str:
        asked.append(name)
        if name == "wrong":
            raise ValueError(name)
        return name

    assert asyncio.run(wire._one_after_the_other(answers("one"), answers("two"))) == ("one", "two")
    failures: list[BaseException] = []
    with pytest.raises(ValueError, match="wrong"):
        asyncio.run(wire._one_after_the_other(answers("wrong"), answers("never"), on_child_failure=failures.append))
    assert asked == ["one", "two", "wrong"]
    assert [str(failure) for failure in failures] == ["wrong"]


@pytest.mark.parametrize(
    "arguments", ['{"b": 1, "a": [{"d": null, "c": "x"}]}', "no JSON", "", "NaN", '"text"', {"a": 1}, None]
)
def test_the_fingerprint_of_a_call_is_the_one_that_the_sdk_takes(arguments: Any) -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": arguments}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_tool_invocation, "_normalize_arguments", wire._parse_and_sort)
        taken = _tool_invocation.tool_invocation_identity(call)
    assert _tool_invocation.tool_invocation_identity(call) == taken
    assert _tool_invocation.tool_invocation_identity(call) == taken


def test_the_sdk_drops_the_truncation_of_a_session_and_ours_sends_it() -> None:
    settings: Any = {"truncation": "disabled"}
    assert "truncation" not in RealtimeSessionModelSettings.__annotations__
    assert OpenAIRealtimeWebSocketModel()._get_session_config(settings).truncation is None
    assert wire.WireModel()._get_session_config(settings).truncation == "disabled"


@pytest.mark.parametrize(
    ("event", "read"),
    [
        (
            {
                "type": "conversation.item.input_audio_transcription.completed",
                "item_id": "item_1",
                "content_index": 0,
                "transcript": "Hello",
                "usage": {"type": "duration", "seconds": 1.5},
            },
            "input_audio_transcription_completed",
        ),
        (
            {
                "type": "response.output_item.done",
                "response_id": "resp_1",
                "output_index": 0,
                "item": {**ITEMS[2], "status": "completed", "phase": "commentary"},
            },
            "item_updated",
        ),
        (
            {
                "type": "response.done",
                "response": {
                    "id": "resp_1",
                    "object": "realtime.response",
                    "status": "completed",
                    "output": [{**ITEMS[2], "phase": "commentary"}, {**ITEMS[2], "phase": "final_answer"}],
                    "usage": {
                        "total_tokens": 30,
                        "input_tokens": 10,
                        "output_tokens": 20,
                        "input_token_details": {"text_tokens": 10, "audio_tokens": 0, "cached_tokens": 0},
                        "output_token_details": {"text_tokens": 8, "audio_tokens": 0, "reasoning_tokens": 12},
                    },
                },
            },
            "usage",
        ),
    ],
    ids=["seconds", "phase", "reasoning-tokens"],
)
def test_what_no_published_type_holds_yet_is_taken_as_it_comes(event: dict[str, Any], read: str) -> None:
    seen: list[RealtimeModelEvent] = []

    class Hears(RealtimeModelListener):
        async def on_event(self, event: RealtimeModelEvent) -> None:
            seen.append(event)

    async def handled() -> None:
        model = wire.WireModel()
        model.add_listener(Hears())
        await model._handle_ws_event({"event_id": "event_1", **event})

    asyncio.run(handled())
    kinds = [event.type for event in seen]
    assert kinds[0] == "raw_server_event" and read in kinds
    assert not {"error", "exception"} & set(kinds)
