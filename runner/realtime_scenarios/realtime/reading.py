"""A response that is asked for, to what it reads: its items, what they cost, and what of them was read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import encoded
from realtime_scenarios.realtime.items import Given, Item, tokens_in
from realtime_scenarios.realtime.session import Session
from realtime_scenarios.realtime.shape import wrong_value
from realtime_scenarios.realtime.usage import Tokens, text_tokens


@dataclass(frozen=True, slots=True)
class Input:
    """What a response reads. `items` None: the conversation. `seen_before` of its tokens of text are not new."""

    items: Sequence[Item] | None
    tokens: Tokens
    seen_before: int


class Reading:
    """What the responses of one session have read: settings first, then items, as a cache of prompts counts them."""

    def __init__(self, session: Session, conversation: Conversation) -> None:
        self._session = session
        self._conversation = conversation
        self._prompt_tokens: int | None = None
        self._prompt_was_read = False

    def begin_anew(self) -> None:
        """Instructions and tools have changed, so that all behind them is read for the first time."""
        self._prompt_tokens = None
        self._prompt_was_read = False
        self._conversation.read_before = 0

    def input_of(self, wanted: Mapping[str, Any], settings: Mapping[str, Any]) -> Input:
        """What a response with these fields of its own reads; `settings` are the session's with those.

        Raises:
            ClientError: its input refers to an item that does not exist.
        """
        if _has_own_prompt(wanted):
            prompt, is_known = _prompt_tokens(settings), False
        else:
            if self._prompt_tokens is None:
                self._prompt_tokens = _prompt_tokens(settings)
            prompt, is_known = self._prompt_tokens, self._prompt_was_read
        if "input" not in wanted:
            seen_before = prompt + self._conversation.read_before if is_known else 0
            return Input(None, Tokens(prompt) + self._conversation.tokens, seen_before)
        items: list[Item] = []
        read = Tokens(prompt)
        for index, given in enumerate(wanted["input"]):
            if isinstance(given, Given):
                item = {**given.item, "id": given.item["id"] or self._conversation.new_item_id()}
                tokens = tokens_in(item, given.audio, self._session.input_format)
            elif given in self._conversation:
                item, tokens = self._conversation.item(given)
            else:
                raise wrong_value(f"response.input[{index}].id", f"the item with id '{given[:80]}' does not exist")
            items.append(item)
            read += tokens
        return Input(items, read, prompt if is_known else 0)

    def note(self, wanted: Mapping[str, Any]) -> None:
        """Keep what a later response will not read for the first time."""
        if not _has_own_prompt(wanted):
            self._prompt_was_read = True
            if "input" not in wanted:
                self._conversation.read_before = self._conversation.tokens.text


def _has_own_prompt(wanted: Mapping[str, Any]) -> bool:
    """Whether a response reads other instructions or tools than the session's."""
    return "instructions" in wanted or "tools" in wanted


def _prompt_tokens(settings: Mapping[str, Any]) -> int:
    return text_tokens(settings["instructions"]) + text_tokens(encoded({"tools": settings["tools"]}))
