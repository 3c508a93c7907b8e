"""Conversation items in wire form as what was said, called and answered, in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from realtime_scenarios.realtime.responder import Item

_READ = 2_000
"""So many characters of a message are looked at."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `text` is empty where nothing was said that can be read (silence, audio without a transcript)."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """A function call. `arguments` are empty where their text is no JSON object."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Returned:
    """The output of a call; `call` is None where the call itself is not among the items."""

    call: Called | None
    output: str

    @property
    def agent(self) -> str | None:
        """The name of the agent that the caller was handed to; None where this is no handoff that went through."""
        data = as_object(self.output)
        if data.get("did_transfer") is True:
            return str(data.get("assistant") or data.get("destination_agent") or "")
        name = data.get("assistant") if data.keys() <= {"assistant", "told"} else None
        return name if isinstance(name, str) else None


Entry = Said | Called | Returned


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the caller said, and the agent just before: empty where the caller had spoken, or something was called,
    since; None: it is the request, and answers nothing. `at` is its place among the entries, `called` the call that was
    answered last before it, if it was no handoff."""

    at: int
    words: str | None
    text: str
    called: Called | None = None


@dataclass(frozen=True)
class Conversation:
    """What happened so far; `entries` is oldest first. `first` is the agent that it began with; None: its name cannot
    be seen on the wire."""

    entries: tuple[Entry, ...]
    first: str | None

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """All that the caller said, oldest first."""
        found, words, called = [], "", None
        for at, entry in enumerate(self.entries):
            match entry:
                case Said(role="user", text=text):
                    found.append(Exchange(at, words, text[:_READ], called))
                    words = ""
                case Said(text=words):
                    pass
                case Called():
                    words = ""
                case Returned():
                    called = entry.call if entry.agent is None else None
        return found

    @property
    def text(self) -> str:
        """The caller's newest message; empty where they have said nothing."""
        return self.exchanges[-1].text if self.exchanges else ""

    @property
    def since_user(self) -> Conversation:
        """What came after the caller's newest message; everything where they have said nothing."""
        return Conversation(self.entries[self.exchanges[-1].at + 1 :], self.first) if self.exchanges else self

    def after(self, is_meant: Callable[[Returned], bool]) -> Conversation:
        """What came after the last output of such a kind; everything where there was none."""
        meant = [at for at, entry in enumerate(self.entries, 1) if isinstance(entry, Returned) and is_meant(entry)]
        return Conversation(self.entries[meant[-1] :], self.first) if meant else self

    @property
    def called(self) -> list[Called]:
        return [entry for entry in self.entries if isinstance(entry, Called)]

    @property
    def returned(self) -> list[Returned]:
        return [entry for entry in self.entries if isinstance(entry, Returned)]

    @property
    def said(self) -> list[str]:
        """What the agents said, newest first."""
        return [e.text for e in reversed(self.entries) if isinstance(e, Said) and e.role == "assistant" and e.text]

    @cached_property
    def agents(self) -> list[str | None]:
        """The agents that the caller has been with, the one who answers now last."""
        return [self.first, *(it.agent for it in self.returned if it.agent is not None)]

    @property
    def visited(self) -> list[str | None]:
        """The agents that already had the message at hand; empty where it was not handed on."""
        handoffs = sum(returned.agent is not None for returned in self.since_user.returned)
        return self.agents[-handoffs - 1 :] if handoffs else []


def parsed(text: str) -> Any:
    """The JSON value of the text; the text itself where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def as_object(text: str) -> Mapping[str, Any]:
    """The JSON object of the text; empty where it is none."""
    data = parsed(text)
    return data if isinstance(data, dict) else {}


def entries_of(items: Sequence[Item]) -> Iterator[Entry]:
    """Conversation items in wire form as entries; what is none of ours is passed over."""
    calls: dict[str, Called] = {}
    for item in items:
        call_id = str(item.get("call_id"))
        match item:
            case {"type": "message", "role": "user" | "assistant" as role}:
                yield Said(role, _text_of(item.get("content")))
            case {"type": "function_call"}:
                calls[call_id] = Called(str(item.get("name")), as_object(str(item.get("arguments"))))
                yield calls[call_id]
            case {"type": "function_call_output"}:
                output = item.get("output")
                yield Returned(calls.get(call_id), output if isinstance(output, str) else json.dumps(output))


def _text_of(content: object) -> str:
    """What a message says; a text model's are bare texts."""
    parts = [{"text": content}] if isinstance(content, str) else content if isinstance(content, list) else []
    texts = (part.get("text") or part.get("transcript") for part in parts if isinstance(part, Mapping))
    return " ".join(text.strip() for text in texts if isinstance(text, str) and text.strip())
