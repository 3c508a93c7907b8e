"""HTTP and websockets of OpenAI's and Azure's Realtime endpoints as one ASGI application.

Paths, keys, sub-protocols and closing words: OpenAI Realtime API reference; Azure OpenAI documentation; reports of real
clients. Whoever is not let in gets an HTTP answer with an error body like OpenAI's, also in place of a handshake.
"""

from __future__ import annotations

import http
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime.door import Beginning, EphemeralKey, Hosts, Keys, NotLetIn, Refusal, shown_keys
from realtime_scenarios.realtime.engine import Engine, Parts
from realtime_scenarios.realtime.event_log import EventLog
from realtime_scenarios.realtime.events import ClientError, decoded
from realtime_scenarios.realtime.mcp_client import McpClients
from realtime_scenarios.realtime.secrets import (
    Wanted,
    key_wire,
    key_wire_of_old,
    session_of,
    wanted_key,
    wanted_key_of_old,
)
from realtime_scenarios.realtime.session import Session
from realtime_scenarios.realtime.speech import Pace
from realtime_scenarios.realtime.visit import Channel, LoggedChannel, Seat, Visitor, hold

PREFIXES = ("/v1/realtime", "/openai/v1/realtime")
"""OpenAI's, and Azure's since its endpoint is generally available."""

AZURE_PREVIEW = "/openai/realtime"
"""Azure's before that, which `AsyncAzureOpenAI` still dials: `?api-version=...&deployment=NAME`."""

_LONGEST_BODY = 1024 * 1024


class Rooms:
    """Where sessions are held. `welcome` says where a visitor is placed, or raises `NotLetIn`.

    `pace` holds where a seat has none of its own. `parts_factory` makes what hears and speaks in one session.
    `longest_seconds` None: a session may last for ever. `mcp_factory` makes what reaches MCP servers for one session;
    None: none is reached.
    """

    def __init__(
        self,
        welcome: Callable[[Visitor], Seat],
        keys: Keys,
        *,
        pace: Pace | None,
        parts_factory: Callable[[], Parts],
        most: int,
        longest_seconds: float | None,
        now: Callable[[], float],
        mcp_factory: Callable[[], McpClients] | None,
        event_log: EventLog | None = None,
    ) -> None:
        self._welcome = welcome
        self._keys = keys
        self._pace = pace
        self._parts_factory = parts_factory
        self._most = most
        self._longest_seconds = longest_seconds
        self._now = now
        self._mcp_factory = mcp_factory
        self._numbers = itertools.count(1)
        self._held = 0
        self._event_log = event_log

    async def hold(self, websocket: WebSocket) -> None:
        """Let a client in, hold its session, and let it out; or refuse it."""
        query = parse_qs(websocket.url.query)
        try:
            beginning = self._beginning(websocket, query)
            if self._held >= self._most:
                busy = http.HTTPStatus.SERVICE_UNAVAILABLE
                raise NotLetIn(Refusal(busy, "The server has no free session.", "server_busy"))
            number = next(self._numbers)
            seat = self._welcome(Visitor(number, query))
            engine = self._engine(number, query, beginning, seat)
        except (NotLetIn, ClientError) as problem:  # the latter where the settings that it would begin with are none
            refusal = problem.refusal if isinstance(problem, NotLetIn) else Refusal.of(problem)
            await websocket.send_denial_response(_answer(refusal))
            return
        self._held += 1
        try:
            # browsers offer `realtime` beside the one that holds their key, and fail unless one of those comes back
            offered = websocket.scope["subprotocols"]
            await websocket.accept("realtime" if "realtime" in offered else None)
            socket: Channel = Socket(websocket)
            if self._event_log is not None:
                socket = LoggedChannel(socket, self._event_log.connection())
            mcp = None if self._mcp_factory is None else self._mcp_factory()
            await hold(socket, engine, seat, self._longest_seconds, mcp)
        except WebSocketDisconnect:
            seat.left()  # it went before it was let in
        finally:
            self._held -= 1

    def _beginning(self, websocket: WebSocket, query: Mapping[str, Sequence[str]]) -> Beginning | None:
        """What the session begins with by its key or its address; None: nothing of the kind is said."""
        by_key = self._keys.beginning(shown_keys(websocket.headers.items()))
        intent = query.get("intent", [None])[-1]
        if intent not in (None, "conversation", "transcription"):
            message = "Supported intents are 'conversation' and 'transcription'."
            raise NotLetIn(Refusal(http.HTTPStatus.BAD_REQUEST, message, "invalid_value", "intent"))
        return by_key or (Beginning("transcription") if intent == "transcription" else None)

    def _engine(
        self, number: int, query: Mapping[str, Sequence[str]], beginning: Beginning | None, seat: Seat
    ) -> Engine:
        named = query.get("model") or query.get("deployment") or ()
        longest = self._longest_seconds
        begins = beginning or Beginning()
        settings = dict(begins.settings or {})
        if begins.kind == "realtime":
            settings = {**(seat.settings or {}), **settings}
        return Engine(
            # the first session has the ids that it would have in memory, and none shares one with another
            Ids() if number == 1 else Ids(number),
            model=named[-1] if named else None,
            pace=seat.pace or self._pace,
            parts=seat.heard_by(self._parts_factory()),
            expires_at=None if longest is None else int(self._now() + longest),
            kind=begins.kind,
            settings=settings,
        )


class Socket:
    """A Starlette websocket as the channel of a session."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes | None:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | bytes | None = message.get("text")
        return message["bytes"] if text is None else text

    async def send(self, text: str) -> bool:
        try:
            await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):  # Starlette raises the latter once it knows that the client is gone
            if self._websocket.application_state is not WebSocketState.DISCONNECTED and _is_there(self._websocket):
                raise
            return False
        return True

    async def close(self, code: int, reason: str) -> None:
        if _is_there(self._websocket):
            await self._websocket.close(code, reason)


def _is_there(websocket: WebSocket) -> bool:
    return websocket.client_state is WebSocketState.CONNECTED


class Office:
    """Where ephemeral keys are made."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._ids = Ids()

    async def client_secrets(self, request: Request) -> Response:
        return await self._made(request, wanted_key, lambda key, session, _: key_wire(key, session))

    async def sessions(self, request: Request) -> Response:
        return await self._made(request, lambda body: wanted_key_of_old(body, "realtime"), key_wire_of_old)

    async def transcription_sessions(self, request: Request) -> Response:
        return await self._made(request, lambda body: wanted_key_of_old(body, "transcription"), key_wire_of_old)

    async def _made(
        self,
        request: Request,
        read: Callable[[Any], Wanted],
        wire: Callable[[EphemeralKey, Session, Mapping[str, Any]], dict[str, Any]],
    ) -> Response:
        try:
            self._keys.require(shown_keys(request.headers.items()))
            body = decoded(await body_of(request) or b"{}")
            wanted = read(body)
            session = session_of(wanted.beginning, self._ids.next("sess"))
        except NotLetIn as problem:
            return _answer(problem.refusal)
        except ClientError as problem:
            return _answer(Refusal.of(problem))
        return JSONResponse(wire(self._keys.mint(wanted.beginning, wanted.seconds), session, body))


def application(hosts: Hosts, rooms: Rooms, office: Office) -> ASGIApp:
    """The whole of it."""
    routes: list[Route | WebSocketRoute] = [WebSocketRoute(path, rooms.hold) for path in (*PREFIXES, AZURE_PREVIEW)]
    for prefix in PREFIXES:
        routes += [
            Route(f"{prefix}/client_secrets", office.client_secrets, methods=["POST"]),
            Route(f"{prefix}/sessions", office.sessions, methods=["POST"]),
            Route(f"{prefix}/transcription_sessions", office.transcription_sessions, methods=["POST"]),
        ]
    routes += [Route(path, _not_a_handshake, methods=["GET"]) for path in (*PREFIXES, AZURE_PREVIEW)]
    routes.append(WebSocketRoute("/{path:path}", _nowhere))
    # the hosts stand before it, so that only origins which are let in are told so
    cors = Middleware(
        CORSMiddleware, allow_origin_regex=".*", allow_methods=["GET", "POST"], allow_headers=["*"],
        expose_headers=["Location"],
    )  # fmt: skip
    return Starlette(
        routes=routes,
        middleware=[Middleware(Doorkeeper, hosts=hosts), cors],
        exception_handlers={HTTPException: _http_problem},
    )


class Doorkeeper:
    """Turns away who asks for another host or comes from a page of another site."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = HTTPConnection(scope).headers
        refusal = self._hosts.refusal(headers.getlist("host"), headers.getlist("origin"))
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(_answer(refusal))
        else:
            await _answer(refusal)(scope, receive, send)


async def _not_a_handshake(request: Request) -> Response:
    message = "Only websockets are served here: ask for an upgrade."
    answer = _answer(Refusal(http.HTTPStatus.UPGRADE_REQUIRED, message, "upgrade_required"))
    answer.headers["Upgrade"] = "websocket"
    return answer


async def _nowhere(websocket: WebSocket) -> None:
    await websocket.send_denial_response(_answer(_unknown_url("GET", websocket.url.path)))


async def _http_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    if problem.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"Not allowed to {request.method} on {request.url.path}."
        refusal = Refusal(http.HTTPStatus.METHOD_NOT_ALLOWED, message, "method_not_allowed")
    else:
        refusal = _unknown_url(request.method, request.url.path)
    answer = _answer(refusal)
    answer.headers.update(problem.headers or {})
    return answer


def _unknown_url(method: str, path: str) -> Refusal:
    message = f"Invalid URL ({method} {path}): Realtime sessions are at {PREFIXES[0]}"
    return Refusal(http.HTTPStatus.NOT_FOUND, message, "unknown_url")


def _answer(refusal: Refusal) -> Response:
    text = json.dumps(refusal.body, indent=2) + "\n"
    return Response(text, refusal.status, media_type="application/json")


async def body_of(request: Request) -> bytes:
    """The body of a request.

    Raises:
        NotLetIn: it is too long.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY:
            too_large = http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise NotLetIn(Refusal(too_large, f"A body may have {_LONGEST_BODY} bytes.", "request_too_large"))
    return bytes(body)
