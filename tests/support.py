"""Helpers of the tests: prepared answers, and a server that keeps what it is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from runner.realtime import connect_in_memory
from runner.realtime.responder import Output, Responder, ResponseRequest


class Written(Protocol):
    def __call__(self, text: str, name: str = "scenario.yaml") -> Path: ...


class Answers:
    """A responder with one prepared response after the other; the last one repeats where `repeat` says so."""

    def __init__(self, responses: Iterable[Sequence[Output]], *, repeat: bool = False) -> None:
        self.responses = list(responses)
        self.repeat = repeat
        self.requests: list[ResponseRequest] = []

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        self.requests.append(replace(request, items=tuple(request.items)))
        if self.repeat and len(self.responses) == 1:
            return self.responses[0]
        return self.responses.pop(0) if self.responses else ()


@dataclass
class Recording:
    """What one client sent: its request, and each frame as parsed JSON."""

    url: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    frames: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]


@asynccontextmanager
async def recording_server(
    responder: Responder, *, drop_after: int | None = None, code: int = 1011
) -> AsyncIterator[Recording]:
    """A websocket server on a free loopback port, with our engine behind it, that keeps everything it is sent.

    `drop_after`: close the connection with `code` after so many frames.
    """
    recording = Recording()

    async def handle(client: ServerConnection) -> None:
        assert client.request is not None
        recording.path = client.request.path
        recording.headers = {name.lower(): value for name, value in client.request.headers.raw_items()}
        engine = connect_in_memory(responder)

        async def forward() -> None:
            async for text in engine:
                await client.send(text)

        forwarding = asyncio.create_task(forward())
        try:
            async for text in client:
                recording.frames.append(json.loads(text))
                await engine.send(text)
                if drop_after is not None and len(recording.frames) >= drop_after:
                    await client.close(code, "the server had enough")
                    return
        except ConnectionClosed:
            pass
        finally:
            await engine.close()
            await asyncio.gather(forwarding, return_exceptions=True)

    async with serve(handle, "127.0.0.1", 0) as server:
        recording.url = f"ws://127.0.0.1:{port_of(server)}"
        yield recording


def port_of(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port
