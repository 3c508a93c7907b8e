"""A server of chat completions on a free loopback port, that streams what a test has prepared over real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from realtime_scenarios.realtime.responder import CallFunction, Output, SayText

Frame = Mapping[str, Any] | str
"""What stands behind `data:`, as data or as it is."""


@dataclass(frozen=True)
class Streamed:
    """An answer in frames. `ends`: it is finished as it should be; otherwise the connection just closes.

    `waits_for_hang_up`: after the frames nothing more comes until the client has gone.
    """

    frames: Sequence[Frame]
    ends: bool = True
    waits_for_hang_up: bool = False


@dataclass(frozen=True)
class Refused:
    status: int
    body: Mapping[str, Any] | str


Reply = Streamed | Refused


def says(*pieces: str, finish: str | None = "stop") -> Streamed:
    return Streamed([*(chunk({"content": piece}) for piece in pieces), chunk({}, finish)])


def calls(*functions: tuple[str, str]) -> Streamed:
    """Calls as OpenAI streams them: the name first, then the arguments in two pieces."""
    frames: list[Frame] = []
    for index, (name, arguments) in enumerate(functions):
        half = len(arguments) // 2
        frames += [
            called(index, f"c{index}", name=name, arguments=""),
            called(index, None, arguments=arguments[:half]),
            called(index, None, arguments=arguments[half:]),
        ]
    return Streamed([*frames, chunk({}, "tool_calls")])


def called(index: int | None, call_id: str | None, **function: str) -> Frame:
    return chunk({"tool_calls": [{"index": index, "id": call_id, "type": "function", "function": function}]})


def chunk(delta: Mapping[str, Any], finish: str | None = None) -> Frame:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def streamed(outputs: Sequence[Output]) -> Streamed:
    """A response as a text model gives it."""
    words = [output.text for output in outputs if isinstance(output, SayText)]
    made = [(output.name, output.arguments) for output in outputs if isinstance(output, CallFunction)]
    return Streamed([*says(*words).frames[:-1], *calls(*made).frames])


@dataclass
class ChatApi:
    """What was asked of it: each body, its headers in lower case, and the paths of all requests."""

    base: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    stop: Callable[[], None] = lambda: None


@contextmanager
def chat_api(*replies: Reply, greets: Refused | None = None) -> Iterator[ChatApi]:
    """A server that gives one reply after the other, the last one again and again; `greets` is what `/models` gets."""
    api, left = ChatApi(), list(replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            api.paths.append(self.path)
            self._refuse(greets or Refused(200, {"object": "list", "data": []}))

        def do_POST(self) -> None:
            api.paths.append(self.path)
            api.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            api.headers.append({name.lower(): value for name, value in self.headers.items()})
            reply = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(reply, Refused):
                self._refuse(reply)
            else:
                self._stream(reply)

        def _refuse(self, reply: Refused) -> None:
            data = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
            self.send_response(reply.status)
            self.send_header("connection", "close")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, reply: Streamed) -> None:
            self.send_response(200)
            self.send_header("connection", "close")
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for frame in (*reply.frames, *(["[DONE]"] if reply.ends else [])):
                self._write(f"data: {frame if isinstance(frame, str) else json.dumps(frame)}\n\n".encode())
            if reply.waits_for_hang_up:
                self.connection.settimeout(10)
                if self.connection.recv(1) == b"":
                    api.hung_up.set()
            elif reply.ends:
                self._write(b"")

        def _write(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    api.stop = stop
    try:
        api.base = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield api
    finally:
        stop()
