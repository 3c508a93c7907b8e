"""A client's message to one of the eleven events that it may be, with every field checked.

Fields: `openai.types.realtime.RealtimeClientEvent` and `RealtimeResponseCreateParams`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.realtime.items import Given, given_item
from realtime_scenarios.realtime.long_events import LongText
from realtime_scenarios.realtime.session import (
    FORMAT,
    MAX_OUTPUT_TOKENS,
    METADATA,
    MODALITIES,
    PROMPT,
    REASONING,
    VOICE,
)
from realtime_scenarios.realtime.shape import (
    Check,
    anything,
    array,
    boolean,
    integer,
    kinds,
    nullable,
    one_of,
    record,
    text,
)
from realtime_scenarios.realtime.tools import TOOL_CHOICE, TOOLS

_FURTHEST_MS = 24 * 60 * 60 * 1000


def client_event(event: Any) -> dict[str, Any]:
    """The event with its own fields checked; `session` and `item` are left to those who know their state.

    Raises:
        ClientError: it is no client event, lacks a field or has one that does not belong to it.
    """
    checked: dict[str, Any] = _CLIENT_EVENT(event, "")
    return checked


def _event_with(fields: Mapping[str, Check], *, required: tuple[str, ...] = ()) -> Check:
    return record({"type": anything, "event_id": nullable(text()), **fields}, required=required)


def _input_item(value: Any, path: str) -> Given | str:
    """An item of a response's own input; a reference to one of the conversation is its id."""
    if isinstance(value, dict) and value.get("type") == "item_reference":
        return str(_ITEM_REFERENCE(value, path)["id"])
    return given_item(value, path)


def _appended(value: Any, path: str) -> Any:
    """Base64; it is decoded where it is heard."""
    return value if isinstance(value, LongText) else text()(value, path)


_ITEM_REFERENCE = record({"type": anything, "id": text()}, required=("id",))
_ITEM_ID = {"item_id": text()}
_RESPONSE = record(
    {
        "instructions": nullable(text()),
        "tools": nullable(TOOLS),
        "tool_choice": nullable(TOOL_CHOICE),
        "output_modalities": nullable(MODALITIES),
        "metadata": nullable(METADATA),
        "input": nullable(array(_input_item)),
        "conversation": nullable(one_of("auto", "none")),
        "max_output_tokens": nullable(MAX_OUTPUT_TOKENS),
        "audio": nullable(record({"output": nullable(record({"format": nullable(FORMAT), "voice": nullable(VOICE)}))})),
        "prompt": nullable(PROMPT),
        "parallel_tool_calls": nullable(boolean),
        "reasoning": nullable(REASONING),
    }
)
_CLIENT_EVENT = kinds(
    {
        "session.update": _event_with({"session": anything}, required=("session",)),
        "conversation.item.create": _event_with(
            {"item": anything, "previous_item_id": nullable(text())}, required=("item",)
        ),
        "conversation.item.retrieve": _event_with(_ITEM_ID, required=("item_id",)),
        "conversation.item.truncate": _event_with(
            {**_ITEM_ID, "content_index": integer(0, 1000), "audio_end_ms": integer(0, _FURTHEST_MS)},
            required=("item_id", "content_index", "audio_end_ms"),
        ),
        "conversation.item.delete": _event_with(_ITEM_ID, required=("item_id",)),
        "response.create": _event_with({"response": nullable(_RESPONSE)}),
        "response.cancel": _event_with({"response_id": nullable(text())}),
        "input_audio_buffer.append": _event_with({"audio": _appended}, required=("audio",)),
        "input_audio_buffer.commit": _event_with({}),
        "input_audio_buffer.clear": _event_with({}),
        "output_audio_buffer.clear": _event_with({}),
    }
)
