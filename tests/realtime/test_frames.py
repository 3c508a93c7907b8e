"""Frames of a websocket: what is read here means what it means to `websockets`, however the bytes come."""

from __future__ import annotations

import asyncio
import json
import random
import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from realtime_scenarios.realtime import serve
from realtime_scenarios.realtime.frames import ClientFrames, NoText
from support.counting import lengths_given
from support.responders import Says

LIMIT = 200_000
Seen = list[tuple[object, ...]]


def read_by_websockets(data: bytes) -> Seen:
    """What `websockets` makes of the stream, up to what ends it."""
    protocol = Protocol(SERVER, state=OPEN, max_size=LIMIT)
    protocol.receive_data(data)
    return list(events(protocol))


def events(protocol: Protocol) -> Iterator[tuple[object, ...]]:
    for event in protocol.events_received():
        assert isinstance(event, Frame)
        if event.opcode is Opcode.TEXT and event.fin:
            try:
                yield "text", bytes(event.data).decode()
            except UnicodeDecodeError:
                yield ("no text",)
        else:
            yield event.opcode, event.fin, bytes(event.data)
    if protocol.parser_exc is not None:
        yield "wrong", type(protocol.parser_exc)


def read_here(data: bytes, cuts: Sequence[int]) -> Seen:
    """What is read here, and by `websockets` of what is left to it, where the stream comes in these parts."""
    seen: Seen = []
    frames, protocol = ClientFrames(LIMIT), Protocol(SERVER, state=OPEN, max_size=LIMIT)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(places):
        for received in frames.feed(data[start:end]):
            match received:
                case str():
                    seen.append(("text", received))
                case bytearray():
                    seen.append(("text", received.decode()))
                case NoText():
                    seen.append(("no text",))
                case bytes():
                    protocol.receive_data(received)
                    seen += events(protocol)
    return seen


def to_what_ends_it(seen: Seen) -> Seen:
    ends = (place for place, what in enumerate(seen, 1) if what[0] in ("no text", "wrong", Opcode.CLOSE))
    return seen[: next(ends, len(seen))]


def frame(opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=mask)


LONG = random.Random(1).randbytes(75_000).hex()
GOOD = [
    frame(Opcode.TEXT, b""),
    frame(Opcode.TEXT, b"short"),
    frame(Opcode.TEXT, "\u00e4\U0001f600".encode()),
    frame(Opcode.TEXT, b"x" * 126),
    frame(Opcode.TEXT, b"y" * 65_536),
    frame(Opcode.TEXT, LONG.encode()),
    frame(Opcode.TEXT, "\U0001f600".encode() * 40_000),
    frame(Opcode.BINARY, b"\xff" * 300),
    frame(Opcode.PING, b"?"),
    frame(Opcode.PONG, b""),
    frame(Opcode.TEXT, b"in ", fin=False) + frame(Opcode.PING, b"") + frame(Opcode.CONT, b"pieces"),
]
ENDING = [
    frame(Opcode.TEXT, b"\xff"),
    frame(Opcode.TEXT, b"a" * 70_000 + b"\xc3"),
    frame(Opcode.TEXT, b"z" * (LIMIT + 1)),
    frame(Opcode.TEXT, b"not masked", mask=False),
    frame(Opcode.TEXT, b"in ", fin=False) + frame(Opcode.TEXT, b"another"),
    frame(Opcode.CONT, b"of nothing"),
    b"\xc1" + frame(Opcode.TEXT, b"reserved bit")[1:],
    b"\x83\x80" + bytes(4),
    b"\x81\xff" + struct.pack("!Q", 1 << 63) + bytes(4),
    b"\x89\x00",
    frame(Opcode.CLOSE, struct.pack("!H", 1000) + b"bye"),
]
streams = st.tuples(st.lists(st.sampled_from(GOOD), max_size=4), st.sampled_from([b"", *ENDING]))


@given(streams, st.lists(st.integers(0, 1 << 20), max_size=12))
def test_a_stream_means_what_it_means_to_websockets_however_it_comes(
    stream: tuple[list[bytes], bytes], cuts: list[int]
) -> None:
    data = b"".join((*stream[0], stream[1]))
    assert to_what_ends_it(read_here(data, cuts)) == to_what_ends_it(read_by_websockets(data))


@pytest.mark.parametrize("data", [*GOOD, *ENDING], ids=range(len(GOOD) + len(ENDING)))  # their masks are random
def test_it_may_come_byte_by_byte(data: bytes) -> None:
    cuts = [*range(min(len(data), 30)), *range(max(len(data) - 30, 0), len(data))]
    assert to_what_ends_it(read_here(data, cuts)) == to_what_ends_it(read_by_websockets(data))


def test_of_a_long_text_no_more_is_looked_at_in_a_step_than_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    from realtime_scenarios.realtime import frames

    unmasked = lengths_given(monkeypatch, frames, "apply_mask")
    reader, data = ClientFrames(1 << 24), frame(Opcode.TEXT, b"a" * (1 << 22))
    found = [text for start in range(0, len(data), 50_000) for text in reader.feed(data[start : start + 50_000])]
    assert found == [bytearray(b"a" * (1 << 22))]
    assert max(unmasked) <= 50_000 and sum(unmasked) == 1 << 22


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\xff", 1007), (b"a" * 70_000 + b"\xff", 1007), (b"a" * (25 * 1024 * 1024), 1009)],
)
def test_a_client_that_sends_no_text_or_too_much_of_it_is_told_by_the_code_of_the_close(data: bytes, code: int) -> None:
    async def visit() -> None:
        async with serve(Says) as server, connect(server.url, compression=None, max_size=None) as client:
            await client.recv()
            with pytest.raises(ConnectionClosedError) as caught:
                await client.send(data, text=True)
                await client.recv()
            assert caught.value.rcvd is not None and caught.value.rcvd.code == code

    asyncio.run(visit())


def test_a_message_in_pieces_a_ping_and_a_close_are_answered_as_ever() -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            async with connect(server.url, compression=None) as client:
                await client.recv()
                await client.send(iter(['{"type": "input_audio', '_buffer.clear"}']))
                assert '"input_audio_buffer.cleared"' in str(await client.recv())
                await (await client.ping())
                await client.send(b'{"type": "input_audio_buffer.clear"}')
                assert '"input_audio_buffer.cleared"' in str(await client.recv())
            assert client.close_code == 1000

    asyncio.run(visit())


def test_a_long_answer_goes_out_in_pieces_and_a_client_that_pings_meanwhile_is_answered() -> None:
    picture = "data:image/png;base64," + "A" * (5 << 20)
    item = {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": picture}]}

    async def visit() -> None:
        async with serve(Says) as server, connect(server.url, compression=None, max_size=None) as client:
            await client.recv()
            await client.send(json.dumps({"type": "conversation.item.create", "item": item}))
            ponged = await client.ping()
            pieces = [piece async for piece in client.recv_streaming(decode=False)]
            assert max(map(len, pieces)) <= 1 << 20
            assert json.loads(b"".join(pieces))["item"]["content"][0]["image_url"] == picture
            await ponged
            assert json.loads(await client.recv())["type"] == "conversation.item.done"

    asyncio.run(visit())
