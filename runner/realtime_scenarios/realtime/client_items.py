"""What a client does to the items of the conversation: puts them in, looks at them, cuts them short, takes them out."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from realtime_scenarios.realtime.approvals import Approvals
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import Event, Events
from realtime_scenarios.realtime.items import given_item, with_audio
from realtime_scenarios.realtime.responses import Responses
from realtime_scenarios.realtime.session import Session

_PIECE = 192 * 1024
"""Bytes of sound that are put into base64 in one step; a multiple of three."""


class ClientItems:
    """Answers the events `conversation.item.*` of a client."""

    def __init__(
        self,
        events: Events,
        session: Session,
        conversation: Conversation,
        responses: Responses,
        approvals: Approvals,
    ) -> None:
        self._events = events
        self._session = session
        self._conversation = conversation
        self._responses = responses
        self._approvals = approvals

    def on_create(self, event: dict[str, Any]) -> Iterable[Event]:
        given = given_item(event["item"], "item")
        after = event.get("previous_item_id")
        if given.item["type"] == "mcp_approval_response":
            return self._approvals.decide(given, after)
        item, previous = self._conversation.insert(given, after, heard_in=self._session.input_format)
        return self._events.item_added_and_done(item, previous)

    def on_retrieve(self, event: dict[str, Any]) -> Iterable[Event | None]:
        # openai-agents asks for an item after a truncate or a transcription, and its history takes over the answer
        _, sounds = self._conversation.retrieve(event["item_id"])
        written = []
        for sound in sounds:
            pieces = []
            for start in range(0, len(sound), _PIECE):
                pieces.append(base64.b64encode(sound[start : start + _PIECE]).decode())
                if len(sound) > _PIECE:
                    yield None
            written.append("".join(pieces))
        item, _ = self._conversation.retrieve(event["item_id"])  # by now it may have its transcript, or be cut
        in_progress = self._responses.open_item(event["item_id"])
        yield self._events.make("conversation.item.retrieved", item=in_progress or with_audio(item, written))

    def on_truncate(self, event: dict[str, Any]) -> Iterable[Event]:
        """Who truncates an answer that is being given cuts in, and `interrupt_response` ends it, as a voice would.

        openai-agents then sends no cancel of its own (`OpenAIRealtimeWebSocketModel._send_interrupt` in 0.24).
        """
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self._conversation.truncate(**where)
        yield self._events.make("conversation.item.truncated", **where)
        yield from self._responses.cut_short(event["item_id"])

    def on_delete(self, event: dict[str, Any]) -> Iterable[Event]:
        self._conversation.delete(event["item_id"])
        yield self._events.make("conversation.item.deleted", item_id=event["item_id"])
