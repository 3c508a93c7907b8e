"""Server events as the state of a turn: what runs, what is owed, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.core import listed, parsed_json, sendable


class WireState:
    """What the wire says about the turn: is a response running, is one owed, which calls have no output yet."""

    def __init__(self) -> None:
        self.active: str | None = None
        self.awaits_response = False
        self.open_calls: dict[str, str] = {}
        self.heard = ""
        self.messages = 0
        self.responses = 0
        self.interrupted = False
        self.progress = 0

    def started(self, response_id: str) -> None:
        self.responses += 1
        self.active, self.awaits_response, self.interrupted, self.heard = response_id, False, False, ""

    def ended(self) -> None:
        self.active = None

    def is_quiet(self) -> bool:
        return self.active is None and not self.awaits_response and not self.open_calls

    def describe(self) -> str:
        if self.active is not None:
            return f"response {self.active} never ended"
        if self.open_calls:
            return f"no output came for {listed(self.open_calls.values())}"
        return "the model never began to answer"


def spoken_text(item: Mapping[str, Any]) -> str:
    """What a message item says, as text or as the transcript of speech."""
    parts = item.get("content") or ()
    return "".join(str(part.get("text") or part.get("transcript") or "") for part in parts)


def parsed_arguments(arguments: str) -> Any:
    """The arguments of a call as data; the text itself where it is no JSON that can be written again."""
    try:
        return parsed_json(arguments)
    except ValueError:
        return sendable(arguments)
