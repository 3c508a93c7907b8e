"""A response that is asked for to the request of chat completions that asks for the same.

Local servers put messages through the model's own chat template, and these are strict. They want one system message,
and that first (Qwen's refuse any other, vllm issue 41114); an answer to every call, right behind it; arguments that are
JSON; and the last word not the model's own: llama.cpp takes it for one to go on with (pull request 13174).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from realtime_scenarios.core import parsed_json
from realtime_scenarios.project.prompts import NO_ANSWER_YET, SILENCE, UNHEARD
from realtime_scenarios.realtime.responder import Item, ResponseRequest

Message = dict[str, Any]
"""A message in its wire form (`openai.types.chat.ChatCompletionMessageParam`)."""


def completion_request(request: ResponseRequest) -> dict[str, Any]:
    """What chat completions are asked for, without the model's name."""
    return {"messages": messages_of(request), **_tool_settings(request), **_bounds(request)}


def messages_of(request: ResponseRequest) -> list[Message]:
    """The instructions and the conversation."""
    messages = [*_system_message(request), *_conversation(request.items)]
    if messages[-1:] == [] or messages[-1]["role"] not in ("user", "tool"):
        messages.append({"role": "user", "content": SILENCE})
    return messages


def _system_message(request: ResponseRequest) -> Iterator[Message]:
    """The instructions, and all that stands in system messages of the conversation."""
    texts = [request.instructions, *(_text_of(item) for item in request.items if item.get("role") == "system")]
    if any(texts):
        yield {"role": "system", "content": "\n\n".join(filter(None, texts))}


def _conversation(items: Sequence[Item]) -> Iterator[Message]:
    outputs = {str(item["call_id"]): str(item["output"]) for item in items if item["type"] == "function_call_output"}
    words = ""
    for kind, group in groupby(items, key=_kind_of):
        match kind:
            case "assistant":
                words = "\n\n".join(filter(None, map(_text_of, group)))
                continue
            case "function_call":
                yield from _calls(words, list(group), outputs)
            case "user":
                yield from _words_alone(words)
                yield from ({"role": "user", "content": _content_of(item)} for item in group)
            case _:
                continue  # system messages are at the beginning, outputs behind their calls
        words = ""
    yield from _words_alone(words)


def _kind_of(item: Item) -> str:
    return str(item["role"] if item["type"] == "message" else item["type"])


def _words_alone(words: str) -> Iterator[Message]:
    """What the model has said without a call behind it."""
    if words:
        yield {"role": "assistant", "content": words}


def _calls(words: str, calls: Sequence[Item], outputs: Mapping[str, str]) -> Iterator[Message]:
    """Calls that were made together, with what was said before them, and what came of each."""
    yield {"role": "assistant", "content": words or None, "tool_calls": [_call(item) for item in calls]}
    for item in calls:
        output = outputs.get(str(item["call_id"]), NO_ANSWER_YET)
        yield {"role": "tool", "tool_call_id": item["call_id"], "content": output}


def _call(item: Item) -> dict[str, Any]:
    function = {"name": item["name"], "arguments": _readable_arguments(item["arguments"])}
    return {"id": item["call_id"], "type": "function", "function": function}


def _readable_arguments(text: str) -> str:
    """The arguments as they were given, or inside of an object where they are none: templates read them as one."""
    try:
        is_object = isinstance(parsed_json(text), dict)
    except ValueError:
        is_object = False
    return text if is_object else json.dumps({"arguments": text} if text.strip() else {}, ensure_ascii=False)


def _content_of(item: Item) -> str | list[dict[str, Any]]:
    """What a caller has said and shown."""
    if not any(part["type"] == "input_image" for part in item["content"]):
        return _text_of(item)
    return [_picture(part) if part["type"] == "input_image" else _text(part) for part in item["content"]]


def _text(part: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": _words_of_part(part)}


def _picture(part: Mapping[str, Any]) -> dict[str, Any]:
    detail = {"detail": part["detail"]} if part.get("detail") else {}
    return {"type": "image_url", "image_url": {"url": part["image_url"], **detail}}


def _text_of(item: Item) -> str:
    return "\n".join(map(_words_of_part, item["content"]))


def _words_of_part(part: Mapping[str, Any]) -> str:
    words = part.get("text") or part.get("transcript")
    return str(words) if words else UNHEARD if part["type"] == "input_audio" else ""


def _tool_settings(request: ResponseRequest) -> dict[str, Any]:
    """The tools that may be called now.

    Servers that do not know `tool_choice` are held to it as far as can be: where nothing may be called they get no
    tools, and where one must be, that one alone.
    """
    choice = request.tool_choice
    named = choice.get("name") if isinstance(choice, Mapping) else None
    offered = [tool for tool in request.tools if named is None or tool["name"] == named]
    if choice == "none" or not offered:
        return {}
    settings: dict[str, Any] = {"tools": [_function(tool) for tool in offered]}
    if named is not None:
        settings["tool_choice"] = {"type": "function", "function": {"name": named}}
    elif choice != "auto":
        settings["tool_choice"] = choice
    if request.parallel_tool_calls is not None:
        settings["parallel_tool_calls"] = request.parallel_tool_calls
    return settings


def _function(tool: Mapping[str, Any]) -> dict[str, Any]:
    parameters = tool.get("parameters") or {"type": "object", "properties": {}}
    function = {"name": tool["name"], "description": tool.get("description") or "", "parameters": parameters}
    return {"type": "function", "function": function}


def _bounds(request: ResponseRequest) -> dict[str, Any]:
    return {} if request.max_output_tokens is None else {"max_completion_tokens": request.max_output_tokens}
