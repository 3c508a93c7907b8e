"""HTTP and websockets of OpenAI's and Azure's Realtime endpoints as one ASGI application.

Paths, keys, sub-protocols and closing words: OpenAI Realtime API reference; Azure OpenAI documentation; reports of real
clients. Whoever is not let in gets an HTTP answer with an error body like OpenAI's, also in place of a handshake.
"""

from __future__ import annotations

import contextlib
import http
import json
from collections.abc import Callable, Mapping
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
from realtime_scenarios.realtime.call import Call
from realtime_scenarios.realtime.calls import Calls
from realtime_scenarios.realtime.door import EphemeralKey, Hosts, Keys, NotLetIn, Refusal, shown_keys
from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.long_events import read_at_once
from realtime_scenarios.realtime.rooms import Rooms
from realtime_scenarios.realtime.secrets import (
    Wanted,
    key_wire,
    key_wire_of_old,
    session_of,
    wanted_key,
    wanted_key_of_old,
)
from realtime_scenarios.realtime.session import Session
from realtime_scenarios.realtime.visit import hold

PREFIXES = ("/v1/realtime", "/openai/v1/realtime")
"""OpenAI's, and Azure's since its endpoint is generally available."""

AZURE_PREVIEW = "/openai/realtime"
"""Azure's before that, which `AsyncAzureOpenAI` still dials: `?api-version=...&deployment=NAME`."""

_LONGEST_BODY = 1024 * 1024


class Door:
    """Where websockets come in: to a session of their own, or beside a call."""

    def __init__(self, rooms: Rooms, calls: Calls) -> None:
        self._rooms = rooms
        self._calls = calls

    async def hold(self, websocket: WebSocket) -> None:
        """Let a client in, hold its session, and let it out; or refuse it."""
        query, shown = parse_qs(websocket.url.query), shown_keys(websocket.headers.items())
        try:
            if "call_id" in query:
                await self._attend(websocket, self._calls.call(query["call_id"][-1], shown))
                return
            beginning = self._rooms.let_in(shown, query)
            room = self._rooms.room(query, beginning)
        except (NotLetIn, ClientError) as problem:  # the latter where the settings that it would begin with are none
            await websocket.send_denial_response(_refused(problem))
            return
        with self._rooms.taken():
            try:
                await websocket.accept(_protocol(websocket))
                await hold(
                    room.logged(Socket(websocket)), room.engine, room.seat, self._rooms.longest_seconds, room.mcp
                )
            except WebSocketDisconnect:
                room.seat.left()  # it went before it was let in

    async def _attend(self, websocket: WebSocket, call: Call) -> None:
        with contextlib.suppress(WebSocketDisconnect):  # it went before it was let in
            await websocket.accept(_protocol(websocket))
            await call.attend(Socket(websocket))


def _protocol(websocket: WebSocket) -> str | None:
    """Browsers offer `realtime` beside what holds their key, and fail unless one of those comes back."""
    return "realtime" if "realtime" in websocket.scope["subprotocols"] else None


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
            sent = await body_of(request) or b"{}"
            body = read_at_once(sent)
            wanted = read(body)
            session = session_of(wanted.beginning, self._ids.next("sess"))
            key = self._keys.mint(wanted.beginning, wanted.seconds, len(sent))
        except (NotLetIn, ClientError) as problem:
            return _refused(problem)
        return JSONResponse(wire(key, session, body))


class Switchboard:
    """Where calls come in."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def begin(self, request: Request) -> Response:
        shown, query = shown_keys(request.headers.items()), parse_qs(request.url.query)
        try:
            body, kind = await body_of(request), request.headers.get("content-type", "")
            begun = await self._calls.begin(body, kind, shown, query, request.scope["server"][0])
        except (NotLetIn, ClientError) as problem:
            return _refused(problem)
        where = {"Location": f"{request.url.path}/{begun.call_id}"}
        return Response(begun.answer, http.HTTPStatus.CREATED, where, "application/sdp")

    async def hang_up(self, request: Request) -> Response:
        try:
            call = self._calls.call(request.path_params["call_id"], shown_keys(request.headers.items()))
        except NotLetIn as problem:
            return _refused(problem)
        call.hang_up()
        return Response()


def application(hosts: Hosts, rooms: Rooms, calls: Calls, office: Office) -> ASGIApp:
    """The whole of it."""
    door, switchboard = Door(rooms, calls), Switchboard(calls)
    routes: list[Route | WebSocketRoute] = [WebSocketRoute(path, door.hold) for path in (*PREFIXES, AZURE_PREVIEW)]
    for prefix in PREFIXES:
        routes += [
            Route(f"{prefix}/calls", switchboard.begin, methods=["POST"]),
            Route(f"{prefix}/calls/{{call_id}}/hangup", switchboard.hang_up, methods=["POST"]),
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


def _refused(problem: NotLetIn | ClientError) -> Response:
    return _answer(problem.refusal if isinstance(problem, NotLetIn) else Refusal.of(problem))


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
