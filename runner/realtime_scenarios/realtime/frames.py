"""The frames of a client's websocket to its messages: texts are read here, all else is left to `websockets`.

Nearly all that clients send is text in frames of its own, one message each. Those are taken out of the stream as they
come: a short one in one go, a long one in the pieces in which it arrives, so that 20 MiB never have to be unmasked,
copied and checked at once while others wait. All other frames, and whatever is wrong, go on to `websockets` as they
are, which knows the protocol (RFC 6455).
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

try:
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent
    from websockets.frames import Frame

_LONG = 64 * 1024
_MOST_UNREAD = 16
"""How many short messages of a client may wait before it is kept from sending more."""
_MOST_PIECES = 10_000
"""How many a message may come in."""

_LONG_ANSWER = 1024 * 1024
"""Of a longer text so much goes out at a time: a millisecond, where 14 MB take twenty."""

_WHOLE_TEXT = 0x81
_BEGINS_PIECES = (0x01, 0x02)
_LAST_PIECE = 0x80


@dataclass(frozen=True, slots=True)
class NoText:
    """What was to be text and is no UTF-8. Nothing that comes after it is looked at."""


Received = str | bytearray | NoText | bytes
"""A short text, a long one in UTF-8, and, as bytes, what is for `websockets`."""


class ClientFrames:
    """What comes from one client after the handshake. No text is longer than `longest` bytes."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._begun = b""
        self._long: _LongText | _Passing | None = None
        self._is_in_pieces = False

    def feed(self, data: bytes) -> Iterator[Received]:
        """What has come with these bytes."""
        if self._begun:
            data, self._begun = self._begun + data, b""
        at = 0
        while at < len(data):
            if self._long is None:
                header = _header_at(data, at)
                if header is None:
                    break
                if not self._is_text(header):
                    self._long = self._passing(header, at)
                elif header.size > _LONG:
                    self._long = _LongText(header)
                    at = header.start
                    continue
                else:
                    end = header.start + header.size
                    if end > len(data):
                        break
                    yield self._text(apply_mask(data[header.start : end], header.mask))
                    at = end
                    continue
            long = self._long
            piece = data[at : at + long.left]
            at += len(piece)
            found = long.take(piece)
            if not long.left:
                self._long = None
            if found is not None:
                yield found
        self._begun = data[at:]

    def _is_text(self, header: _Header) -> bool:
        """Whether it is one that is read here. What is too long, or in the midst of another message, is not."""
        return (
            header.kind == _WHOLE_TEXT and bool(header.mask) and header.size <= self._longest and not self._is_in_pieces
        )

    def _passing(self, header: _Header, at: int) -> _Passing:
        if header.kind in _BEGINS_PIECES:
            self._is_in_pieces = True
        elif header.kind == _LAST_PIECE:
            self._is_in_pieces = False
        return _Passing(header.start + header.size - at)

    def _text(self, data: bytes) -> str | NoText:
        try:
            return data.decode()
        except UnicodeDecodeError:
            return NoText()


class _Header(NamedTuple):
    """How a frame begins: its first byte, and where what it holds begins, and how long that is."""

    kind: int
    start: int
    size: int
    mask: bytes


def _header_at(data: bytes, at: int) -> _Header | None:
    """None: not all of it has come."""
    if len(data) < at + 2:
        return None
    start, size = at + 2, data[at + 1] & 0x7F
    if size >= 126:
        begin, start = start, start + (2 if size == 126 else 8)
        size = int.from_bytes(data[begin:start], "big")
    is_masked = data[at + 1] & 0x80
    end = start + 4 if is_masked else start
    return _Header(data[at], end, size, data[start:end]) if end <= len(data) else None


class _Passing:
    """A frame that goes on to `websockets`, of which so much has still to come."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, data: bytes) -> bytes:
        self.left -= len(data)
        return data


class _LongText:
    """A text as it comes."""

    def __init__(self, header: _Header) -> None:
        self.left = header.size
        self._mask = header.mask
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._text = bytearray()

    def take(self, data: bytes) -> bytearray | NoText | None:
        """The next piece; the whole text with the last one."""
        turned = len(self._text) % 4
        piece = apply_mask(data, self._mask[turned:] + self._mask[:turned])
        self.left -= len(piece)
        self._text += piece
        try:
            self._utf8.decode(piece, final=not self.left)
        except UnicodeDecodeError:
            return NoText()
        return None if self.left else self._text


class TextProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol with texts as `ClientFrames` reads them; a long text comes to the application as bytes.

    A client is kept from sending while some of its messages wait, and not after each of them: that costs two calls of
    the system for every frame of sound.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._frames = ClientFrames(self.config.ws_max_size)
        self._sending = asyncio.Lock()

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:  # the request, which comes alone and whole
            super().data_received(data)
            return
        for received in self._frames.feed(data):
            if self.transport.is_closing():  # what stands behind the mistake that ended it
                return
            match received:
                case str():
                    self._hand_on({"type": "websocket.receive", "text": received})
                case bytearray():
                    self._hand_on({"type": "websocket.receive", "bytes": received}, is_long=True)
                case NoText():
                    self.conn.send_close(1007)
                    self.handle_parser_exception()
                    return
                case bytes():
                    super().data_received(received)

    def handle_cont(self, event: Frame) -> None:
        """As uvicorn's, but of pieces that hold nothing there may not be any number either."""
        if len(self.frames) < _MOST_PIECES:
            super().handle_cont(event)
        elif not self.close_sent:
            self.conn.send_close(1009, "A message has too many pieces.")
            self.handle_parser_exception()

    def handle_ping(self) -> None:
        """As uvicorn's, but a client that does not read its pongs is kept from sending more pings."""
        super().handle_ping()
        if not self.writable.is_set() and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()

    async def send(self, message: ASGISendEvent) -> None:
        """As uvicorn's, but to a client that has gone nothing is written, also before the loop has told that it has.

        asyncio takes such a write, and from the fifth on says so on stderr each time. A long text goes out in pieces,
        as fast as it is read, and others have their turn in between.
        """
        if message["type"] != "websocket.send":
            await super().send(message)
            return
        async with self._sending:
            text = message.get("text")
            if text is not None and len(text) > _LONG_ANSWER:
                await self._send_in_pieces(text.encode())
                return
            if self.transport.is_closing():
                raise ClientDisconnected
            await super().send(message)

    async def _send_in_pieces(self, text: bytes) -> None:
        for start in range(0, len(text), _LONG_ANSWER):
            await asyncio.sleep(0)
            await self.writable.wait()
            if self.transport.is_closing() or self.close_sent:
                raise ClientDisconnected
            send = self.conn.send_continuation if start else self.conn.send_text
            send(text[start : start + _LONG_ANSWER], fin=start + _LONG_ANSWER >= len(text))
            self.transport.write(b"".join(self.conn.data_to_send()))

    def _hand_on(self, message: Any, *, is_long: bool = False) -> None:
        if self.close_sent or self.conn.close_rcvd is not None:
            return
        self.queue.put_nowait(message)
        if (is_long or self.queue.qsize() >= _MOST_UNREAD) and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
