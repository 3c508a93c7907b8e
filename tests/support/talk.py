"""A client and an engine in one process, without a carrier: what is sent, what comes back, and time by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from realtime_scenarios.realtime import Engine, Pace, Parts
from realtime_scenarios.realtime.responder import Output, ResponseRequest
from support.strict import Strict

Event = dict[str, Any]


class Talk:
    """One session. Each response takes the next of `answers`; when they run out, it stays without an answer.

    Everything that comes back passes the strict reader.
    """

    def __init__(
        self,
        *answers: Sequence[Output],
        pace: Pace | None = None,
        parts: Parts | None = None,
        model: str | None = None,
        expires_at: int | None = None,
    ) -> None:
        self.engine = Engine(pace=pace, parts=parts, model=model, expires_at=expires_at)
        self.answers = list(answers)
        self.requests: list[ResponseRequest] = []
        self.strict = Strict()
        self.now_ms = 0.0
        self.read(self.engine.open())

    def read(self, events: Sequence[Event]) -> list[Event]:
        return [self.strict.read(json.dumps(event, allow_nan=False)) for event in events]

    def send(self, kind: str, **fields: Any) -> list[Event]:
        """Everything that comes back at once."""
        return self.send_raw(json.dumps({"type": kind, **fields}))

    def send_raw(self, text: str | bytes) -> list[Event]:
        return self.read(self.engine.receive(text)) + self.answered()

    def answered(self) -> list[Event]:
        """What comes of the requests that there are by now."""
        events = []
        for request in self.engine.take_requests():
            self.requests.append(request)
            if self.answers:
                events += self.read(self.engine.answer(request.response_id, self.answers.pop(0), self.now_ms))
        return events

    def later(self, ms: float) -> list[Event]:
        """Everything that comes in the next so many milliseconds."""
        end, events = self.now_ms + ms, []
        while (due := self.engine.next_due()) is not None and due <= end:
            self.now_ms = due
            events += self.read(self.engine.advance(due)) + self.answered()
        self.now_ms = end
        return events

    def update(self, **session: Any) -> Event:
        """The effective session after an update."""
        (answer,) = self.send("session.update", session={"type": "realtime", **session})
        assert answer["type"] == "session.updated", answer
        found: Event = answer["session"]
        return found

    def text_only(self) -> None:
        self.update(output_modalities=["text"], audio={"input": {"turn_detection": None}})

    def say(self, text: str = "Hello", **fields: Any) -> Event:
        """The user's message as it was added."""
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        added, _ = self.send("conversation.item.create", item={**item, **fields.pop("item", {})}, **fields)
        found: Event = added["item"]
        return found

    def ids(self) -> list[str]:
        """The ids of the conversation, in order, as the engine tells them to a responder."""
        known = len(self.requests)
        held, self.answers = self.answers, []
        self.send("response.create", response={"conversation": "none"})
        self.answers = held
        self.send("response.cancel", response_id=self.requests[known].response_id)
        return [item["id"] for item in self.requests.pop().items]


def kinds(events: Sequence[Event]) -> list[str]:
    return [event["type"] for event in events]


def only(events: Sequence[Event], kind: str) -> Event:
    """The one event of that kind."""
    (found,) = [event for event in events if event["type"] == kind]
    return found


def error_of(events: Sequence[Event]) -> Event:
    """The error, where nothing else came back."""
    assert kinds(events) == ["error"], kinds(events)
    found: Event = events[0]["error"]
    return found


def text_of(events: Sequence[Event]) -> str:
    """All text and transcript deltas, joined."""
    spoken = ("response.output_text.delta", "response.output_audio_transcript.delta")
    return "".join(event["delta"] for event in events if event["type"] in spoken)
