"""The private parts of the SDK that `runner/providers/wire.py` stands on are still what it takes them for."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import agents.realtime.openai_realtime as sdk
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
