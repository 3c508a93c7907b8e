"""Clients that go while they are sent something, that do not read, or send what never ends: what they cost."""

from __future__ import annotations

import asyncio
import base64
import socket
import struct
from collections.abc import Sequence

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Frame, Opcode

from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.realtime.frames import TextProtocol
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
from realtime_scenarios.realtime.visit import Seat
from support.responders import Says

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


def test_a_client_that_does_not_read_its_pongs_is_kept_from_sending_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    count, ping = 120_000, Frame(Opcode.PING, bytes(125)).serialize(mask=True)
    unread: list[int] = []
    is_kept = asyncio.Event()
    handle_ping = TextProtocol.handle_ping

    def noted(protocol: TextProtocol) -> None:
        handle_ping(protocol)
        unread.append(protocol.transport.get_write_buffer_size())
        if not protocol.transport.is_reading():
            is_kept.set()

    monkeypatch.setattr(TextProtocol, "handle_ping", noted)

    async def visit() -> None:
        loop = asyncio.get_running_loop()
        async with serve_visitors(lambda _: Seat(Says())) as server:
            client = await dialled(server.port)
            sending = asyncio.create_task(loop.sock_sendall(client, ping * count))
            kept = asyncio.create_task(is_kept.wait())
            await asyncio.wait([sending, kept], return_when=asyncio.FIRST_COMPLETED)
            kept.cancel()
            pongs = bytearray()
            while len(pongs) < count * 127:
                pongs += await loop.sock_recv(client, 1 << 20)
            await sending
            client.close()

    asyncio.run(visit())
    assert len(unread) == count
    assert max(unread) < 1 << 20


def test_pieces_behind_those_that_were_too_many_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    piece = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True)

    async def visit() -> bytes:
        loop = asyncio.get_running_loop()
        async with serve_visitors(lambda _: Seat(Says())) as server:
            client = await dialled(server.port)
            await loop.sock_sendall(client, Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True) + 9_990 * piece)
            told = b""
            while b"session.created" not in told:
                told += await loop.sock_recv(client, 1 << 16)
            await loop.sock_sendall(client, 1_000 * piece)
            told = b""
            while more := await loop.sock_recv(client, 1 << 16):
                told += more
            client.close()
            return told

    assert b"\x03\xf1A message has too many pieces." in asyncio.run(visit())  # 1009
    assert [record.getMessage() for record in caplog.records] == []


def test_a_message_in_pieces_without_an_end_is_refused() -> None:
    async def visit() -> None:
        async with serve_visitors(lambda _: Seat(Says())) as server, connect(server.url, compression=None) as client:
            await client.recv()
            with pytest.raises(ConnectionClosedError) as caught:
                await client.send(iter([""] * 20_000))
                await client.recv()
            assert caught.value.rcvd is not None and caught.value.rcvd.code == 1009

    asyncio.run(visit())
