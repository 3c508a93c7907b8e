"""Server events as dictionaries with counted ids, what a client did wrong as `error` events, and both as JSON text.

Codes and wording follow the OpenAI Realtime API reference and what its service answers in public bug reports.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from runner.core import Ids

Event = dict[str, Any]
"""A server event in its wire form (`openai.types.realtime.RealtimeServerEvent`). It is never changed once made."""


class ClientError(Exception):
    """A client event that cannot be obeyed. It becomes one `error` event, and the session goes on.

    `param` is the path of the field at fault (`session.audio.input.format`), or None where it is no single field.
    """

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param

    def body(self, event_id: str | None) -> dict[str, Any]:
        """The `error` object; `event_id` is the client's own, None where it gave none."""
        return {
            "type": "invalid_request_error",
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

    def error(self, problem: ClientError, event_id: str | None) -> Event:
        return self.make("error", error=problem.body(event_id))


def encoded(event: Event) -> str:
    """The event as it goes over the wire."""
    try:
        return orjson.dumps(event).decode()
    except TypeError:  # an integer beyond 64 bits, which JSON allows and a client may have sent
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def decoded(text: str | bytes) -> Any:
    """What a client sent, as data.

    Raises:
        ClientError: it is no JSON, or JSON that cannot be echoed (endless numbers, half characters, no bottom).
    """
    try:
        if not isinstance(text, str):
            text = text.decode()
        elif not text.isascii():
            text.encode()
        data = _DECODER.decode(text)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(data, ensure_ascii=False).encode()
        if text.count("{") + text.count("[") > _DEEPEST:
            _refuse_depth(data, _DEEPEST)
    except (ValueError, RecursionError) as problem:
        reason = "it is nested too deeply" if isinstance(problem, RecursionError) else str(problem)
        raise ClientError("invalid_event", f"The event could not be read as JSON: {whole(reason)}.") from None
    return data


def whole(text: str) -> str:
    """The text with half characters (lone surrogates) replaced, since no JSON text may carry them."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refuse_depth(data: Any, left: int) -> None:
    if left == 0:
        raise RecursionError
    if isinstance(data, dict):
        for value in data.values():
            _refuse_depth(value, left - 1)
    elif isinstance(data, list):
        for value in data:
            _refuse_depth(value, left - 1)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


_DEEPEST = 100
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_no_number)
