"""Helpers of the tests: prepared answers, and a server that keeps what it is sent."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from realtime_scenarios.realtime import MemoryConnection, connect_in_memory
from realtime_scenarios.realtime.responder import Output, Responder, ResponseRequest

AS_OF = date(2026, 11, 29)
"""The day by which tests judge models: none of them depends on the calendar."""

PROGRAM = [sys.executable, "-c", "from realtime_scenarios.cli.main import main; main()"]
"""The command line as a process of its own."""


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


class SpoiltUpdates:
    """A connection to our engine on which the session update with that number, from 1, asks for something unknown.

    So the engine refuses it. `anonymous`: what it is sent has no ids, so that its errors name no event.
    """

    def __init__(self, connection: MemoryConnection, number: int, *, anonymous: bool = False) -> None:
        self._connection = connection
        self._left = number
        self._anonymous = anonymous

    async def send(self, text: str | bytes) -> None:
        event = json.loads(text)
        if event["type"] == "session.update":
            self._left -= 1
            event["session"] |= {} if self._left else {"spoilt": True}
        if self._anonymous:
            event.pop("event_id", None)
        await self._connection.send(json.dumps(event))

    async def close(self) -> None:
        await self._connection.close()

    def __aiter__(self) -> AsyncIterator[str]:
        return self._connection.__aiter__()


@asynccontextmanager
async def recording_server(
    responder: Responder, *, drop_after: int | None = None, code: int = 1011, spoils: int | None = None
) -> AsyncIterator[Recording]:
    """A websocket server on a free loopback port, with our engine behind it, that keeps everything it is sent.

    `drop_after`: close the connection with `code` after so many frames. `spoils`: see `SpoiltUpdates`.
    """
    recording = Recording()

    async def handle(client: ServerConnection) -> None:
        assert client.request is not None
        recording.path = client.request.path
        recording.headers = {name.lower(): value for name, value in client.request.headers.raw_items()}
        engine = SpoiltUpdates(connect_in_memory(responder), spoils or 0)

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


Reply = str | tuple[str, str]
"""What a text model answers: a text, or a call as its function's name and the JSON of its arguments."""


@contextmanager
def text_api(answer: Callable[[dict[str, Any]], Reply]) -> Iterator[tuple[str, list[tuple[str, dict[str, str], Any]]]]:
    """An OpenAI-compatible API of text models on a free loopback port: its base, and what it was sent.

    It knows chat completions and responses; each request is kept as its path, its headers and its body.
    """
    requests: list[tuple[str, dict[str, str], Any]] = []

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            reply = _chat_completion if self.path.endswith("/chat/completions") else _model_response
            data = json.dumps(reply(body, answer(body))).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    with http_served(Api) as address:
        yield f"{address}/v1", requests


@contextmanager
def http_served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on a free port, in a thread until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _chat_completion(body: dict[str, Any], reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply}
    if isinstance(reply, tuple):
        function = {"name": reply[0], "arguments": reply[1]}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": function}],
        }
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    read = {"prompt_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 200}}
    usage = {**read, "completion_tokens": 100, "total_tokens": 1100}
    head = {"id": "x", "object": "chat.completion", "created": 1, "model": body["model"]}
    return {**head, "choices": [choice], "usage": usage}


def _model_response(body: dict[str, Any], reply: Reply) -> dict[str, Any]:
    content = [{"type": "output_text", "text": reply, "annotations": []}]
    item = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": content}
    settings = {"status": "completed", "parallel_tool_calls": False, "tool_choice": "auto", "tools": []}
    read = {"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 200}}
    written = {"output_tokens": 100, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 1100}
    head = {"id": "r", "object": "response", "created_at": 1, "model": body["model"]}
    return {**head, "output": [item], "usage": {**read, **written}, **settings}
