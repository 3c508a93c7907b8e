"""What the server says and what a client did wrong, to events with counted ids; events to JSON text, and text to data.

Codes and wording follow the OpenAI Realtime API reference and what its service answers in public bug reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import orjson

from realtime_scenarios.core import Ids, parsed_json, sendable

Event = dict[str, Any]
"""A server event in its wire form (`openai.types.realtime.RealtimeServerEvent`). It is never changed once made."""


class ClientError(Exception):
    """A client event that cannot be obeyed. It becomes one `error` event, and the session goes on.

    `param` is the path of the field at fault (`session.audio.input.format`), or None where it is no single field.
    `kind` "server_error": the client is not to blame.
    """

    def __init__(
        self,
        code: str,
        message: str,
        param: str | None = None,
        *,
        kind: Literal["invalid_request_error", "server_error"] = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.kind = kind

    def body(self, event_id: str | None) -> dict[str, Any]:
        """The `error` object; `event_id` is the client's own, None where it gave none."""
        return {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": event_id,
        }


class Events:
    """Makes the events of one session; each has its own id."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def make(self, kind: str, **fields: Any) -> Event:
        return {"type": kind, "event_id": self._ids.next("event"), **fields}

    def item_added_and_done(self, item: Mapping[str, Any], previous: str | None) -> Iterator[Event]:
        """The two that took the place of the beta's `conversation.item.created`, for an item that comes complete."""
        yield self.make("conversation.item.added", previous_item_id=previous, item=item)
        yield self.make("conversation.item.done", previous_item_id=previous, item=item)

    def error(self, problem: ClientError, event_id: str | None) -> Event:
        return self.make("error", error=problem.body(event_id))


def expired(seconds: float) -> ClientError:
    """What the service says before it ends a session: seen in reports of 15, 30 and 60 minutes."""
    return ClientError("session_expired", f"Your session hit the maximum duration of {seconds / 60:g} minutes.")


def encoded(event: Event) -> str:
    """The event as it goes over the wire."""
    try:
        return orjson.dumps(event).decode()
    except TypeError:  # an integer beyond 64 bits, which JSON allows and a client may have sent
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def decoded(text: str | bytes | bytearray, values: Sequence[Any] = ()) -> Any:
    """What a client sent, as data; `values` are what each `NaN` in it stands for.

    Raises:
        ClientError: it is no JSON, or JSON that cannot be echoed (endless numbers, half characters, no bottom).
    """
    try:
        return parsed_json(text, values)
    except ValueError as problem:
        reason = sendable(str(problem))
        raise ClientError("invalid_event", f"What was sent could not be read as JSON: {reason}.") from None
