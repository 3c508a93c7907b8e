"""Responders to a websocket server that any Realtime client on this machine can connect to.

Paths, keys, sub-protocols and closing words are those of OpenAI's and Azure's GA endpoints (OpenAI Realtime API
reference; Azure OpenAI documentation; reports of real clients).
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import http
import json
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime.engine import Engine, Parts
from realtime_scenarios.realtime.exchange import Exchange
from realtime_scenarios.realtime.responder import Responder
from realtime_scenarios.realtime.speech import Pace

PATHS = ("/v1/realtime", "/openai/v1/realtime")

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_KEY_PROTOCOL = "openai-insecure-api-key."
_MOST_UNREAD = 1000
_MOST_UNREAD_CHARACTERS = 16 * 1024 * 1024
_OTHER_METHODS = (b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"HEAD")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is running. `url` is where Realtime clients connect."""

    host: str
    port: int
    scheme: str = "ws"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}{PATHS[0]}"


@contextlib.asynccontextmanager
async def serve(
    responder_factory: Callable[[], Responder],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    pace: Pace | None = None,
    parts_factory: Callable[[], Parts] = Parts,
    api_keys: Collection[str] | None = None,
    origins: Collection[str] = (),
    max_message_bytes: int = 24 * 1024 * 1024,
    max_connections: int = 100,
    max_session_seconds: float | None = None,
    ping_interval: float | None = 20,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Server]:
    """Serve until the block ends. Each connection has an engine, a responder, and parts to hear and speak of its own.

    `port` 0 takes a free one. `api_keys` None: any key or none will do. `origins` are pages that may connect besides
    those of this machine, such as "https://app.example". `max_session_seconds` None: a session may last for ever.
    `tls` is for clients that insist on wss, as openai-node does. `max_message_bytes` has room for the longest append,
    20 MiB in base64.

    Raises:
        OSError: the address cannot be listened at.
    """
    door = _Door(api_keys, origins)
    room = _Room(responder_factory, pace, parts_factory, max_session_seconds)

    def let_in(connection: ServerConnection, request: Request) -> Response | None:
        refusal = door.refusal(request)
        if refusal is None and len(connection.server.connections) >= max_connections:
            refusal = _Refusal(http.HTTPStatus.SERVICE_UNAVAILABLE, "The server has no free session.", "server_busy")
        return None if refusal is None else refusal.answer(connection)

    async with serve_websocket(
        room.hold,
        host,
        port,
        process_request=let_in,
        create_connection=_Visit,
        select_subprotocol=_chosen_protocol,
        compression=None,
        max_size=max_message_bytes,
        ping_interval=ping_interval,
        ssl=tls,
        logger=_log_of_connections(),
    ) as listening:
        yield Server(host, next(iter(listening.sockets)).getsockname()[1], "ws" if tls is None else "wss")


class _Visit(ServerConnection):
    """A connection that answers in HTTP to another method than GET, which websockets meets with silence."""

    def data_received(self, data: bytes) -> None:
        if self.state is not State.CONNECTING or data.split(b" ", 1)[0] not in _OTHER_METHODS:
            super().data_received(data)
            return
        status = http.HTTPStatus.METHOD_NOT_ALLOWED
        refusal = _Refusal(status, "Only websockets are served: connect with GET.", "method_not_allowed")
        response = refusal.answer(self)
        response.headers["Allow"] = "GET"
        self.transport.write(response.serialize())
        self.transport.close()


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: http.HTTPStatus
    message: str
    code: str

    def answer(self, connection: ServerConnection) -> Response:
        """An HTTP answer with an error body like OpenAI's."""
        error = {"message": self.message, "type": "invalid_request_error", "param": None, "code": self.code}
        response = connection.respond(self.status, json.dumps({"error": error}, indent=2) + "\n")
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        return response


class _Door:
    """Who may come in."""

    def __init__(self, api_keys: Collection[str] | None, origins: Collection[str]) -> None:
        self._api_keys = None if api_keys is None else [key.encode() for key in api_keys]
        self._origins = frozenset(origins)

    def refusal(self, request: Request) -> _Refusal | None:
        where = urlsplit(request.path)
        if where.path not in PATHS:
            message = f"Invalid URL (GET {where.path}): Realtime sessions are at {PATHS[0]}"
            return _Refusal(http.HTTPStatus.NOT_FOUND, message, "unknown_url")
        if any(not self._is_allowed_origin(origin) for origin in request.headers.get_all("Origin")):
            return _Refusal(http.HTTPStatus.FORBIDDEN, "Pages of this origin may not connect.", "origin_not_allowed")
        if self._api_keys is not None and not any(map(self._is_valid_key, _keys_in(request))):
            message = "Incorrect API key provided." if _keys_in(request) else "You didn't provide an API key."
            return _Refusal(http.HTTPStatus.UNAUTHORIZED, message, "invalid_api_key")
        if parse_qs(where.query).get("intent", ["conversation"]) != ["conversation"]:
            return _Refusal(http.HTTPStatus.BAD_REQUEST, "Only conversation sessions are served.", "invalid_value")
        return None

    def _is_allowed_origin(self, origin: str) -> bool:
        try:
            return origin in self._origins or urlsplit(origin).hostname in _LOOPBACK
        except ValueError:
            return False

    def _is_valid_key(self, key: str) -> bool:
        given = key.encode("utf-8", "surrogateescape")
        return any(hmac.compare_digest(given, known) for known in self._api_keys or ())


class _Room:
    """What happens between a client and its engine."""

    def __init__(
        self,
        responder_factory: Callable[[], Responder],
        pace: Pace | None,
        parts_factory: Callable[[], Parts],
        max_session_seconds: float | None,
    ) -> None:
        self._responder_factory = responder_factory
        self._pace = pace
        self._parts_factory = parts_factory
        self._max_session_seconds = max_session_seconds

    async def hold(self, connection: ServerConnection) -> None:
        """Hold one session from its greeting until one of the two goes."""
        engine = Engine(Ids(), model=_model_in(connection), pace=self._pace, parts=self._parts_factory())
        outbox = _Outbox()
        exchange = Exchange(engine, self._responder_factory(), outbox.put_text, outbox.put_nowait, asyncio.to_thread)
        exchange.open()
        writing = asyncio.create_task(_write(connection, outbox))
        try:
            async with asyncio.timeout(self._max_session_seconds):
                async for text in connection:
                    await exchange.receive(text)
                    if outbox.is_full:
                        await outbox.until_read(writing)
                    if writing.done():
                        break
        except TimeoutError:
            # the code and the words with which the service ends a session after its 60 minutes
            minutes = f"{(self._max_session_seconds or 0) / 60:g} minutes"
            await connection.close(1001, f"Your session hit the maximum duration of {minutes}.")
        except ConnectionClosed:
            pass
        finally:
            exchange.close()
            writing.cancel()
            await asyncio.wait([writing])


class _Outbox(asyncio.Queue[str | BaseException]):
    """What a client has not read yet, and at the end the error of its responder."""

    def __init__(self) -> None:
        super().__init__()
        self._characters = 0

    @property
    def is_full(self) -> bool:
        return self.qsize() > _MOST_UNREAD or self._characters > _MOST_UNREAD_CHARACTERS

    def put_text(self, text: str) -> None:
        self._characters += len(text)
        self.put_nowait(text)

    def sent(self, text: str) -> None:
        self._characters -= len(text)
        self.task_done()

    async def until_read(self, writing: asyncio.Task[None]) -> None:
        """A client that does not read is not listened to either."""
        reading = asyncio.create_task(self.join())
        await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
        reading.cancel()


async def _write(connection: ServerConnection, outbox: _Outbox) -> None:
    """Send what waits in the outbox, until the connection or the responder ends."""
    with contextlib.suppress(ConnectionClosed):
        while not isinstance(text := await outbox.get(), BaseException):
            await connection.send(text)
            outbox.sent(text)
        _LOG.error("the responder failed", exc_info=text)
        await connection.close(1011, "The server had an error while processing your request.")


def _log_of_connections() -> logging.Logger:
    """The log of the websocket layer, without those who knock with something else than a handshake."""
    log = logging.Logger(f"{__name__}.connections")
    log.parent = _LOG
    log.addFilter(lambda record: record.msg != "opening handshake failed")
    return log


def _model_in(connection: ServerConnection) -> str | None:
    assert connection.request is not None, "a session begins after its handshake"
    named = parse_qs(urlsplit(connection.request.path).query).get("model")
    return named[0] if named else None


def _keys_in(request: Request) -> list[str]:
    """The keys a client shows: as a bearer token, in Azure's header, or as a sub-protocol, as browsers must."""
    keys = list(request.headers.get_all("api-key"))
    for header in request.headers.get_all("Authorization"):
        scheme, _, token = header.partition(" ")
        if scheme.casefold() == "bearer":
            keys.append(token.strip())
    for header in request.headers.get_all("Sec-WebSocket-Protocol"):
        offered = [name.strip() for name in header.split(",")]
        keys += [name.removeprefix(_KEY_PROTOCOL) for name in offered if name.startswith(_KEY_PROTOCOL)]
    return keys


def _chosen_protocol(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Browsers offer `realtime` beside the one that holds their key, and fail unless one of those comes back."""
    return Subprotocol("realtime") if "realtime" in offered else None
