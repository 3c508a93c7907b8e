"""The private parts of the SDK that `runner/providers/wire.py` stands on are still what it takes them for."""

from __future__ import annotations

import asyncio
import inspect
from importlib.metadata import version
from typing import Any

import agents.realtime.openai_realtime as sdk
import pytest
from agents.realtime import RealtimeModelEvent, RealtimeModelListener
from agents.realtime.items import RealtimeMessageItem
from agents.realtime.openai_realtime import OpenAIRealtimeWebSocketModel

import runner.providers.wire as wire
from runner.model.names import handoff_tool_name


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
