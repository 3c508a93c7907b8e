"""An engine to a connection without a socket: a stand-in for `websockets.asyncio.client.ClientConnection`.

It has what the SDK's websocket model uses of a connection: `send`, `recv`, `close` and asynchronous iteration.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK
from websockets.frames import OK_CLOSE_CODES, Close

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime.engine import Engine, Parts
from realtime_scenarios.realtime.events import Event, encoded
from realtime_scenarios.realtime.exchange import Beside, Exchange, here_and_now
from realtime_scenarios.realtime.responder import Responder
from realtime_scenarios.realtime.speech import Pace


def connect_in_memory(
    responder: Responder,
    *,
    pace: Pace | None = None,
    model: str | None = None,
    parts: Parts | None = None,
    beside: Beside | None = None,
    ids: Ids | None = None,
) -> MemoryConnection:
    """A connection to an engine of its own, inside a running event loop. Whoever takes it closes it.

    `beside` is where parts that take their time are asked; None: the loop stands still for them.
    """
    engine = Engine(ids, model=model, pace=pace, parts=parts)
    return MemoryConnection(engine, responder, beside)


class MemoryConnection:
    """The client's end. Texts wait here until they are asked for; nothing runs unless the answers are paced."""

    def __init__(self, engine: Engine, responder: Responder, beside: Beside | None = None) -> None:
        self._inbox: deque[str] = deque()
        self._end: BaseException | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._exchange = Exchange(engine, responder, self._take, self._end_with, beside or here_and_now)
        self._exchange.open()

    async def send(self, message: str | bytes) -> None:
        """Give a text to the server.

        Raises:
            ConnectionClosed: the connection is closed.
        """
        if self._end is not None:
            raise self._end
        await self._exchange.receive(message)

    async def recv(self) -> str:
        """The next text from the server; what has arrived can still be read after the end.

        Raises:
            ConnectionClosed: the connection is closed. An error of the responder comes out as it is.
        """
        while not self._inbox:
            await self._until_arrival()
        return self._inbox.popleft()

    async def __aiter__(self) -> AsyncIterator[str]:
        """The texts from the server until the connection is closed in good order."""
        try:
            while True:
                while self._inbox:
                    yield self._inbox.popleft()
                await self._until_arrival()
        except ConnectionClosedOK:
            return

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close in good order, which may be done more than once."""
        self.break_off(code, reason)

    def break_off(self, code: int = 1006, reason: str = "") -> None:
        """The server goes away with this close code; 1006 is no goodbye at all."""
        # 1006 is never sent: it means that no close frame came (RFC 6455, section 7.4.1)
        frame = None if code == 1006 else Close(code, reason)
        kind: type[ConnectionClosed] = ConnectionClosedOK if code in OK_CLOSE_CODES else ConnectionClosedError
        self._end_with(kind(frame, frame, None if frame is None else True))

    async def _until_arrival(self) -> None:
        """Wait for a text or the end, which is raised."""
        if self._end is not None:
            raise self._end
        if self._arrival is None or self._arrival.done():
            self._arrival = asyncio.get_running_loop().create_future()
        await self._arrival

    def _take(self, event: Event) -> None:
        self._inbox.append(encoded(event))
        if self._arrival is not None:
            self._wake()

    def _end_with(self, end: BaseException) -> None:
        if self._end is None:
            self._end = end
            self._exchange.close()
            self._wake()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
        self._arrival = None
