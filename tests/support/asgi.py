"""An ASGI application asked without a socket: a request and its answer, a handshake and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """`status` 101 stands for a websocket that is let in."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def data(self) -> Any:
        return orjson.loads(self.body)


def asked(app: Any, target: str, headers: Headers = (), *, method: str = "GET", body: bytes = b"") -> Answer:
    """The answer to a request."""
    return asyncio.run(ask(app, target, headers, method=method, body=body))


def knocked(app: Any, target: str, headers: Headers = ()) -> Answer:
    """What a websocket's handshake is answered."""
    return asyncio.run(ask(app, target, headers, kind="websocket"))


async def ask(
    app: Any, target: str, headers: Headers = (), *, method: str = "GET", body: bytes = b"", kind: str = "http"
) -> Answer:
    """Either, within a loop."""
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8765),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    if kind == "http":
        scope["method"] = method
        coming: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]
    else:
        coming = [{"type": "websocket.connect"}]
    sent: list[dict[str, Any]] = []
    over = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if coming:
            return coming.pop(0)
        if kind == "websocket":
            return {"type": "websocket.disconnect", "code": 1005}
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    over.set()
    first = sent[0]
    if first["type"] == "websocket.accept":
        return Answer(101, {})
    told = {name.decode().lower(): value.decode("latin-1") for name, value in first["headers"]}
    return Answer(first["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))
