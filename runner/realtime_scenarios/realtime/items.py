"""Conversation items as clients send them, to checked ones in the form in which they are kept and echoed.

Shapes: `openai.types.realtime.ConversationItem`. What an assistant said aloud is kept as its transcript: clients bring
it back after a reconnect. Of the items about MCP servers a client sends only its answers to approval requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from realtime_scenarios.realtime.events import encoded
from realtime_scenarios.realtime.responder import Phase
from realtime_scenarios.realtime.shape import (
    Check,
    anything,
    array,
    base64_bytes,
    boolean,
    kinds,
    null,
    nullable,
    one_of,
    record,
    text,
    wrong_value,
)
from realtime_scenarios.realtime.speech import AudioFormat
from realtime_scenarios.realtime.usage import TOKENS_PER_IMAGE, Tokens, heard_tokens, text_tokens

Item = dict[str, Any]
"""An item in its wire form. It is never changed once made: a new state is a new dictionary."""


@dataclass(frozen=True, slots=True)
class Given:
    """An item from a client. `item` has an id only where the client chose one; `audio` is what its parts sound like."""

    item: Item
    audio: Sequence[bytes] = ()


def given_item(value: Any, path: str) -> Given:
    """The item as it will be kept.

    Raises:
        ClientError: it has no known shape.
    """
    checked = _ITEM(value, path)
    if checked["type"] == "mcp_approval_response":
        return Given({"id": None, **{name: found for name, found in checked.items() if found is not None}})
    audio = []
    if checked["type"] == "message":
        contents = []
        for part in checked["content"]:
            if part["type"] == "input_audio":
                audio.append(part["audio"])  # events echo no audio, and `with_audio` puts it back for a retrieve
                part = {"type": "input_audio", "transcript": part.get("transcript")}
            elif part["type"] == "output_audio":
                part = {"type": "output_audio", "transcript": part.get("transcript")}
            contents.append(part)
        checked["content"] = contents
    checked.pop("object", None)
    if checked.get("phase") is None:
        checked.pop("phase", None)
    head = {"id": checked.pop("id", None), "object": "realtime.item", "type": checked.pop("type")}
    return Given({**head, **checked, "status": "completed"}, audio)


def audio_item(item_id: str, transcript: str | None) -> Item:
    """What a user said into the input audio buffer. `transcript` None: nobody has transcribed it."""
    content = [{"type": "input_audio", "transcript": transcript}]
    return {
        "id": item_id,
        "object": "realtime.item",
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": content,
    }


def listing_item(item_id: str, server_label: str) -> Item:
    """The tools of an MCP server, of which none are known yet."""
    return {"id": item_id, "type": "mcp_list_tools", "server_label": server_label, "tools": []}


def mcp_call_item(item_id: str, server_label: str, name: str, arguments: str) -> Item:
    """The call of a tool of an MCP server, before anything has come of it."""
    return {
        "id": item_id,
        "type": "mcp_call",
        "server_label": server_label,
        "name": name,
        "arguments": arguments,
        "approval_request_id": None,
        "output": None,
        "error": None,
    }


def approval_request_item(item_id: str, call: Item) -> Item:
    """The question whether a call of an MCP tool may be made."""
    asked = {name: call[name] for name in ("server_label", "name", "arguments")}
    return {"id": item_id, "type": "mcp_approval_request", **asked}


def as_functions(item: Item) -> tuple[Item, ...]:
    """The item as whoever answers reads it, who knows of functions only: an MCP call is a call and its output."""
    match item["type"]:
        case "mcp_call":
            return _as_function_call(item)
        case "mcp_list_tools" | "mcp_approval_request" | "mcp_approval_response":
            return ()  # the tools stand among those of the request
        case _:
            return (item,)


def _as_function_call(item: Item) -> tuple[Item, ...]:
    shared = {"object": "realtime.item", "status": "completed", "call_id": item["id"]}
    call = {"name": item["name"], "arguments": item["arguments"]}
    if item["output"] is not None:
        output = item["output"]
    elif item["error"] is not None:
        output = f"Failed: {item['error']['message']}"
    else:
        output = "Nothing has come of it yet."
    return (
        {"id": item["id"], "type": "function_call", **shared, **call},
        {"id": f"{item['id']}_output", "type": "function_call_output", **shared, "output": output},
    )


def with_words(item: Item, words: str) -> Item:
    """What a user said as whoever answers reads it, where the client has not asked for the words."""
    content = [{**part, "transcript": part["transcript"] or words} for part in item["content"]]
    return {**item, "content": content}


def with_audio(item: Item, sounds: Sequence[str]) -> Item:
    """The item as `conversation.item.retrieve` shows it: each part with the audio that was heard, in base64."""
    if not sounds:
        return item
    left = iter(sounds)
    content = [{**part, "audio": next(left)} if part["type"] == "input_audio" else part for part in item["content"]]
    return {**item, "content": content}


def size_of(item: Mapping[str, Any]) -> int:
    """How many characters of text and of pictures are in it."""
    texts = [item, *item.get("content", ())]
    return sum(len(found) for text in texts for found in text.values() if isinstance(found, str))


def tokens_in(item: Mapping[str, Any], audio: Sequence[bytes], audio_format: AudioFormat) -> Tokens:
    """What the item costs when a model reads it."""
    match item["type"]:
        case "function_call":
            return Tokens(text_tokens(item["name"]) + text_tokens(item["arguments"]))
        case "function_call_output":
            return Tokens(text_tokens(item["output"]))
        case "mcp_call":
            return Tokens(text_tokens(item["name"]) + text_tokens(item["arguments"]))
        case "mcp_list_tools":
            return Tokens(text_tokens(encoded({"tools": item["tools"]})) if item["tools"] else 0)
        case "mcp_approval_request" | "mcp_approval_response":
            return Tokens()
        case _:
            heard = heard_tokens(audio_format.ms_of(sum(map(len, audio)))) if audio else 0
            words = sum(text_tokens(part.get("text") or part.get("transcript") or "") for part in item["content"])
            images = sum(part["type"] == "input_image" for part in item["content"])
            return Tokens(words, heard, images * TOKENS_PER_IMAGE)


def _function_call(value: Any, path: str) -> Any:
    checked = _FUNCTION_CALL(value, path)
    return {**checked, "call_id": checked.get("call_id")}


def _part_with(fields: Mapping[str, Check], *, required: Sequence[str]) -> Check:
    """A content part; the fields of other parts may stand there as null, as `model_dump()` writes them."""
    whole = record({**dict.fromkeys(_FIELDS_OF_PARTS, null), "type": anything, **fields}, required=required)
    return lambda value, path: {name: found for name, found in whole(value, path).items() if found is not None}


def _item_id(value: Any, path: str) -> str:
    """An id of the client's own; "root" is none, because `previous_item_id` means the beginning by it."""
    if value == "root":
        raise wrong_value(path, "'root' is the beginning of a conversation and no item")
    return str(_ANY_ID(value, path))


_FIELDS_OF_PARTS = ("text", "audio", "transcript", "image_url", "detail")
_COMMON: Mapping[str, Check] = {
    "type": anything,
    "object": nullable(one_of("realtime.item")),
    "status": nullable(one_of("completed", "incomplete", "in_progress")),
}
_ANY_ID = text(longest=32, pattern=r"[^\x00-\x1f]+")
_INPUT_TEXT = _part_with({"text": text()}, required=("text",))
_INPUT_AUDIO = _part_with({"audio": base64_bytes, "transcript": nullable(text())}, required=("audio",))
_INPUT_IMAGE = _part_with(
    {"image_url": text(), "detail": nullable(one_of("auto", "low", "high"))}, required=("image_url",)
)
_OUTPUT_TEXT = _part_with({"text": text()}, required=("text",))
_OUTPUT_AUDIO = _part_with({"audio": nullable(base64_bytes), "transcript": nullable(text())}, required=())


def _message_of(role: str, parts: Mapping[str, Check], **more: Check) -> Check:
    fields = {**_COMMON, "id": nullable(_item_id), "role": one_of(role), "content": array(kinds(parts)), **more}
    return record(fields, required=("role", "content"))


_MESSAGE = kinds(
    {
        "user": _message_of(
            "user", {"input_text": _INPUT_TEXT, "input_audio": _INPUT_AUDIO, "input_image": _INPUT_IMAGE}
        ),
        "assistant": _message_of(
            "assistant",
            {"output_text": _OUTPUT_TEXT, "output_audio": _OUTPUT_AUDIO},
            phase=nullable(one_of(*get_args(Phase))),
        ),
        "system": _message_of("system", {"input_text": _INPUT_TEXT}),
    },
    key="role",
)
_FUNCTION_CALL = record(
    {**_COMMON, "id": nullable(_item_id), "name": text(), "arguments": text(), "call_id": nullable(text(longest=64))},
    required=("name", "arguments"),
)
_FUNCTION_CALL_OUTPUT = record(
    {**_COMMON, "id": nullable(_item_id), "call_id": text(), "output": text()}, required=("call_id", "output")
)
_APPROVAL_RESPONSE = record(
    {
        "type": anything,
        "id": nullable(_item_id),
        "approval_request_id": text(),
        "approve": boolean,
        "reason": nullable(text()),
    },
    required=("approval_request_id", "approve"),
)
_ITEM = kinds(
    {
        "message": _MESSAGE,
        "function_call": _function_call,
        "function_call_output": _FUNCTION_CALL_OUTPUT,
        "mcp_approval_response": _APPROVAL_RESPONSE,
    }
)
