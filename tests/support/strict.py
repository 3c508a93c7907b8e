"""A strict reader of server events: the published types, no field that they do not declare, and the order of things.

`Strict` is fed with every event of one session, in order; it raises `AssertionError` at the first that is wrong.
"""

from __future__ import annotations

import json
import re
from typing import Any

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from openai.types.realtime.realtime_session_create_response import RealtimeSessionCreateResponse
from openai.types.realtime.realtime_transcription_session_create_response import (
    RealtimeTranscriptionSessionCreateResponse,
)
from pydantic import BaseModel, TypeAdapter

from realtime_scenarios.model.names import SERVER_EVENTS

SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
CLIENT_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeClientEvent)
_IN_ONE_TYPE_OF_SESSION = {f"event.session.{name}" for name in ("id", "object", "expires_at", "parallel_tool_calls")}
"""The events hold a `RealtimeSessionCreateRequest`, the service answers a `RealtimeSessionCreateResponse`: all else
must be declared by both."""
_IN_ONE_TYPE_OF_LISTENING = {
    f"event.session.audio.input.turn_detection.{name}"
    for name in ("create_response", "interrupt_response", "idle_timeout_ms", "eagerness")
}
"""What a transcription session's turn detection has in the type of the request, and not in that of the answer."""
_ANSWERED: dict[str, type[BaseModel]] = {
    "realtime": RealtimeSessionCreateResponse,
    "transcription": RealtimeTranscriptionSessionCreateResponse,
}
_IN_NO_TYPE = re.compile(r"event\.(item|response\.output\[\d+\])\.phase")
"""`phase` of an assistant's message, which the service sends since gpt-realtime-2 and openai 3.57 does not declare."""
_OPEN_FIELDS = {"parameters", "metadata", "variables", "arguments"}
_ENDED: dict[str, tuple[str | None, ...]] = {
    "message": ("completed", "incomplete"),
    "function_call": ("completed", "incomplete"),
    "mcp_call": (None,),
}
"""The status of an item that a response is done with; the calls of MCP tools have none."""
_TEXT_DELTAS = {
    "output_text.delta",
    "output_audio_transcript.delta",
    "function_call_arguments.delta",
    "mcp_call_arguments.delta",
}


def undeclared_fields(event: Any, parsed: Any, path: str = "event") -> list[str]:
    """The paths of fields that the type of `parsed` does not declare."""
    if isinstance(parsed, BaseModel) and isinstance(event, dict):
        fields = type(parsed).model_fields
        known = {name: field.alias or name for name, field in fields.items()}
        found = [f"{path}.{name}" for name in event if name not in known.values()]
        for name, alias in known.items():
            if alias in event and alias not in _OPEN_FIELDS:
                found += undeclared_fields(event[alias], getattr(parsed, name), f"{path}.{alias}")
        return found
    if isinstance(parsed, list):
        pairs = enumerate(zip(event, parsed, strict=True))
        return [name for index, (raw, item) in pairs for name in undeclared_fields(raw, item, f"{path}[{index}]")]
    return []


class Strict:
    """Checks the events of one session as they come. `finished` says that nothing is left open."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._ids: set[str] = set()
        self._responses: dict[str, _ResponseOrder] = {}
        self._items: set[str] = set()
        self._pending: set[str] = set()
        self._mcp_calls: dict[str, str] = {}

    def read(self, event: str | bytes | dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = event if isinstance(event, dict) else json.loads(event)
        kind = data["type"]
        assert kind in SERVER_EVENTS, f"{kind} is not among the events that this server is said to send"
        parsed = SERVER_EVENT.validate_python(data)
        assert not isinstance(parsed, dict), f"no published type is called {kind!r}"
        undeclared = set(undeclared_fields(data, parsed))
        if "session" in data:
            answered = _ANSWERED[data["session"]["type"]].model_validate(data["session"])
            undeclared |= set(undeclared_fields(data["session"], answered, "event.session"))
            undeclared -= _IN_ONE_TYPE_OF_SESSION
            if data["session"]["type"] == "transcription":
                undeclared -= _IN_ONE_TYPE_OF_LISTENING
        undeclared = {name for name in undeclared if not _IN_NO_TYPE.fullmatch(name)}
        assert not undeclared, f"{kind} has fields that its type does not declare: {undeclared}"
        assert data["event_id"] not in self._ids, f"event id {data['event_id']} is used twice"
        self._ids.add(data["event_id"])
        if not self.events:
            assert kind == "session.created", f"the first event is {kind}"
        self.events.append(data)
        self._dispatch(kind, data)
        return data

    def finished(self) -> None:
        open_ones = [found for found, order in self._responses.items() if not order.is_done]
        assert not open_ones, f"these responses were never done: {open_ones}"
        assert not self._pending, f"these items were added and never done: {self._pending}"

    def _dispatch(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "response.created":
            found = data["response"]["id"]
            assert found not in self._responses, f"response {found} was created twice"
            self._responses[found] = _ResponseOrder(data["response"])
        elif kind.startswith("response.mcp_call."):  # these do not say of which response
            self._follow_mcp_call(kind, data["item_id"])
        elif kind.startswith("response."):
            found = data["response"]["id"] if kind == "response.done" else data["response_id"]
            assert found in self._responses, f"{kind} of response {found}, which was not created"
            self._responses[found].follow(kind, data)
        elif kind == "conversation.item.added":
            self._add_item(data)
        elif kind == "conversation.item.done":
            self._pending.discard(data["item"]["id"])
            assert data["item"]["id"] in self._items, "an item was done that was not added"
            assert data["item"].get("status") != "in_progress"
        elif kind == "conversation.item.deleted":
            self._items.remove(data["item_id"])
            self._pending.discard(data["item_id"])
        elif kind == "error":
            assert data["error"]["message"] and data["error"]["code"]

    def _follow_mcp_call(self, kind: str, item_id: str) -> None:
        """A call is in progress once, and then it is over once; one that was refused has never been in progress."""
        was = self._mcp_calls.get(item_id)
        assert was in ((None,) if kind.endswith("in_progress") else (None, "response.mcp_call.in_progress")), (
            was,
            kind,
        )
        assert was is not None or not kind.endswith("completed"), f"{item_id} was completed before it was in progress"
        self._mcp_calls[item_id] = kind

    def _add_item(self, data: dict[str, Any]) -> None:
        item_id, previous = data["item"]["id"], data["previous_item_id"]
        assert item_id not in self._items, f"item {item_id} was added twice"
        assert previous is None or previous in self._items, f"{item_id} was added after {previous}, which is not there"
        self._items.add(item_id)
        self._pending.add(item_id)


class _ResponseOrder:
    """The life of one response: its items one after the other, each opened, filled and closed."""

    def __init__(self, created: dict[str, Any]) -> None:
        assert created["status"] == "in_progress" and created["output"] == []
        self._created = created
        self._done_items: list[dict[str, Any]] = []
        self._item: dict[str, Any] | None = None
        self._text = ""
        self._part_is_open = False
        self._seen: list[str] = []
        self.is_done = False

    def follow(self, kind: str, data: dict[str, Any]) -> None:
        assert not self.is_done, f"{kind} came after response.done"
        name = kind.removeprefix("response.")
        if name == "done":
            self._end_response(data["response"])
        elif name == "output_item.added":
            assert self._item is None, "an item began inside another"
            assert data["output_index"] == len(self._done_items)
            assert data["item"].get("status") == (None if data["item"]["type"] == "mcp_call" else "in_progress")
            self._item, self._text, self._seen = data["item"], "", []
        else:
            assert self._item is not None, f"{kind} came outside of any item"
            assert data["output_index"] == len(self._done_items)
            if name == "output_item.done":
                self._end_item(data["item"])
            else:
                assert data["item_id"] == self._item["id"]
                self._fill_item(name, data)
        self._seen.append(name)

    def _fill_item(self, name: str, data: dict[str, Any]) -> None:
        if name == "content_part.added":
            assert not self._part_is_open and self._item is not None and self._item["type"] == "message"
            self._part_is_open = True
        elif name == "content_part.done":
            self._part_is_open = False
            assert (data["part"].get("text") or data["part"].get("transcript") or "") == self._text
        elif name in _TEXT_DELTAS:
            assert data["delta"], "a delta is empty"
            assert self._part_is_open or name.endswith("arguments.delta"), "a delta came outside of its part"
            self._text += data["delta"]
        elif name in {delta.replace(".delta", ".done") for delta in _TEXT_DELTAS}:
            whole = data.get("text", data.get("transcript", data.get("arguments")))
            assert whole == self._text, f"{name} says {whole!r}, the deltas said {self._text!r}"

    def _end_item(self, item: dict[str, Any]) -> None:
        assert self._item is not None and not self._part_is_open, "an item ended with its part open"
        assert item["id"] == self._item["id"] and item.get("status") in _ENDED[item["type"]]
        assert item["type"] != "message" or "content_part.done" in self._seen
        assert item["type"] != "mcp_call" or "mcp_call_arguments.done" in self._seen
        self._done_items.append(item)
        self._item = None

    def _end_response(self, response: dict[str, Any]) -> None:
        assert self._item is None, "response.done came inside an item"
        assert response["output"] == self._done_items
        assert response["status"] in ("completed", "cancelled", "failed", "incomplete")
        assert (response["status"] == "completed") == (response["status_details"] is None)
        same = ("id", "conversation_id", "metadata", "output_modalities", "max_output_tokens", "audio")
        assert {name: response[name] for name in same} == {name: self._created[name] for name in same}
        usage = response["usage"]
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        read, written = usage["input_token_details"], usage["output_token_details"]
        assert usage["input_tokens"] == read["text_tokens"] + read["audio_tokens"] + read["image_tokens"]
        assert usage["output_tokens"] == written["text_tokens"] + written["audio_tokens"]
        assert read["cached_tokens"] <= usage["input_tokens"]
        self.is_done = True
