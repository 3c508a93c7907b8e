"""A client that goes while it is being sent something: nothing more is written to it, and nobody reads about it."""

from __future__ import annotations

import asyncio
import base64
import socket
import struct
from collections.abc import Sequence

import pytest
from websockets.frames import Frame, Opcode

from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
from realtime_scenarios.realtime.visit import Seat

ASKED = Frame(Opcode.TEXT, b'{"type": "response.create"}').serialize(mask=True)


async def dialled(port: int) -> socket.socket:
    """A websocket that is a socket alone, so that it can go at any instant, without a word."""
    end = socket.create_connection(("127.0.0.1", port))
    end.setblocking(False)
    key = base64.b64encode(bytes(16)).decode()
    asked = (
        f"GET /v1/realtime HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(end, asked.encode())
    assert (await loop.sock_recv(end, 1 << 16)).startswith(b"HTTP/1.1 101")
    return end


def vanish(end: socket.socket) -> None:
    """As by a crash or a cut line: the connection is reset."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


class SaysMuchTo:
    """The client goes in the instant in which it is answered."""

    def __init__(self, clients: list[socket.socket]) -> None:
        self._clients = clients

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        vanish(self._clients.pop())
        return [SayText("word " * 2_000)]


def test_nothing_is_written_to_a_client_that_has_gone_and_nobody_reads_about_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def visit() -> None:
        has_left = asyncio.Event()
        clients: list[socket.socket] = []
        async with serve_visitors(lambda _: Seat(SaysMuchTo(clients), left=has_left.set)) as server:
            clients.append(await dialled(server.port))
            await asyncio.get_running_loop().sock_sendall(clients[0], ASKED)
            await asyncio.wait_for(has_left.wait(), 30)

    asyncio.run(visit())
    assert [record.getMessage() for record in caplog.records] == []
