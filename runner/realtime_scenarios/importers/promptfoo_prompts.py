"""The prompts of promptfoo as messages: texts, lists of messages in JSON or YAML, and files of either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.importers.exports import Told
from realtime_scenarios.importers.promptfoo_files import data_of_file, path_of, text_of_file

_BETWEEN = re.compile(r"^---\s*$", re.MULTILINE)
_ROLES = {"user": "user", "assistant": "assistant"}


class Message(Struct, frozen=True):
    """A template of something that is said by the `user` or the `assistant`."""

    role: str
    text: str


class Prompt(Struct, frozen=True):
    """A template of the system's message (None: there is none), and what was said. `place` is where it stands."""

    place: Place
    system: str | None
    messages: tuple[Message, ...]


def prompts_at(place: Place, told: Told) -> Iterator[Prompt]:
    """The prompts that can be read; the others are told."""
    value = place.value
    if isinstance(value, dict):  # the older form: what stands for the prompt is the value, its file the key
        told.at(place, "the names of prompts")
        given: list[tuple[Place, Any]] = [(place / name, name) for name in value]
    elif isinstance(value, list):
        given = [(place / index, item) for index, item in enumerate(value)]
    else:
        given = [(place, value)] if value is not None else []
    for where, item in given:
        if isinstance(item, dict):
            told.rest(where, {"id", "label", "raw"}, "a prompt")
            item = item.get("raw") or item.get("id")
        if not isinstance(item, str) or not item.strip():
            told.at(where, "a prompt that is no text")
        elif path_of(item, where) is not None:
            yield from _from_file(where, item, told)
        else:
            yield _prompt_of(where, item, told)


def _from_file(where: Place, name: str, told: Told) -> Iterator[Prompt]:
    if name.endswith((".json", ".yaml", ".yml")):
        root = data_of_file(where, told, name)
        if root is not None:
            yield _chat(where, root.value, told)
    elif name.endswith((".txt", ".md")):
        text = text_of_file(where, told, name)
        yield from (_prompt_of(where, part.strip(), told) for part in _BETWEEN.split(text or "") if part.strip())
    else:
        told.at(where, "a prompt that is code, or in a file of another kind")


def _prompt_of(where: Place, text: str, told: Told) -> Prompt:
    """A text is what the user says, unless it is a list of messages as JSON."""
    if text.lstrip().startswith("["):
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, list):
            return _chat(where, data, told)
    return Prompt(where, None, (Message("user", text),))


def _chat(where: Place, data: Any, told: Told) -> Prompt:
    systems: list[str] = []
    messages: list[Message] = []
    for message in data if isinstance(data, list) else ():
        role = message.get("role") if isinstance(message, dict) else None
        text = _content(message.get("content")) if isinstance(message, dict) else None
        if text is None:
            told.at(where, "a message of a prompt that is no text")
        elif role in ("system", "developer"):
            systems.append(text)
        elif isinstance(role, str) and role in _ROLES:
            messages.append(Message(role, text))
        else:
            told.at(where, f"a message of a prompt whose role is '{role}'")
    if not isinstance(data, list):
        told.at(where, "a prompt that is no list of messages")
    return Prompt(where, "\n\n".join(systems) or None, tuple(messages))


def _content(content: Any) -> str | None:
    """The text of a message, whose parts may be items of a list."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "\n".join(texts) or None if len(texts) == len(parts) else None
