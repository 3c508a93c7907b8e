"""The doors of a telephone server, as one ASGI application: where carriers knock, and who of them is let in.

A carrier comes from elsewhere, so what is here is meant to be reached by everybody: nothing else is on this port, and a
request without a good signature gets nowhere.
"""

from __future__ import annotations

import http
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime_scenarios.realtime.door import Hosts, NotLetIn
from realtime_scenarios.realtime.web import Doorkeeper, Socket, body_of
from realtime_scenarios.telephone.answering import Answering
from realtime_scenarios.telephone.incoming import Buffering
from realtime_scenarios.telephone.media_call import hold_media_stream
from realtime_scenarios.telephone.public_url import PublicUrl, signed_forms
from realtime_scenarios.telephone.remembered import Remembered
from realtime_scenarios.telephone.signature import HEADER, is_signed
from realtime_scenarios.telephone.switchboard import Switchboard
from realtime_scenarios.telephone.twiml import BUSY, MEDIA_TYPE, connected_to

INCOMING_CALL, MEDIA_STREAM = "/incoming-call", "/media-stream"
"""A signature holds for an address, and for ever. So the address of a stream that we ask for ends with a word that is
good once; the one without is for somebody's own TwiML, and there a stream is only kept from coming again.
"""

MOST_MESSAGE_BYTES = 64 * 1024
"""Of a frame: 20 ms of sound are 300 bytes of JSON."""

CALLER, CALLED = "caller", "called"
"""What a call's parameters say besides those of somebody's own TwiML: the numbers it comes from, and goes to."""

_MOST_FIELDS = 200
"""Of a form: Twilio's has thirty, and it is read before it is known from whom it comes."""

_TOO_MUCH = "The form has too many fields."
_FORGED = "The request is not signed by Twilio."
_KNOWN = "No stream is awaited at this address, or it has been here."
_NO_LINE = "All lines are busy."


class Door(Protocol):
    """Something to knock at."""

    @property
    def routes(self) -> Sequence[BaseRoute]: ...


class TwilioDoor:
    """Calls that Twilio brings: it asks what to do with one, and then opens a media stream.

    `public_url` None: whoever asks is on this machine. `token` None: nothing is signed.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        answering: Answering,
        public_url: PublicUrl | None,
        token: str | None,
        buffering: Buffering | None = None,
    ) -> None:
        self._switchboard = switchboard
        self._answering = answering
        self._public_url = public_url
        self._token = token
        self._buffering = buffering
        self._invited = Remembered()
        self._streams = Remembered()

    @property
    def routes(self) -> Sequence[BaseRoute]:
        return (
            Route(INCOMING_CALL, self._incoming_call, methods=["GET", "POST"]),
            WebSocketRoute(MEDIA_STREAM, self._media_stream),
            WebSocketRoute(f"{MEDIA_STREAM}/{{word}}", self._media_stream),
        )

    async def _incoming_call(self, request: Request) -> Response:
        try:
            body = await body_of(request) if request.method == "POST" else b""
        except NotLetIn as problem:
            return PlainTextResponse(problem.refusal.message, problem.refusal.status)
        try:
            form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return PlainTextResponse(_TOO_MUCH, http.HTTPStatus.BAD_REQUEST)
        if not self._is_signed(request, self._place(request).web, form):
            return PlainTextResponse(_FORGED, http.HTTPStatus.FORBIDDEN)
        if self._switchboard.is_full:
            return Response(BUSY, media_type=MEDIA_TYPE)
        given = dict(form or request.query_params.items())
        numbers = {name: given[field] for name, field in ((CALLER, "From"), (CALLED, "To")) if given.get(field)}
        word = secrets.token_urlsafe(16)
        self._invited.is_new(word)
        address = self._place(request).socket(f"{MEDIA_STREAM}/{word}")
        return Response(connected_to(address, numbers), media_type=MEDIA_TYPE)

    async def _media_stream(self, websocket: WebSocket) -> None:
        word = websocket.path_params.get("word")
        if not self._is_signed(websocket, self._place(websocket).socket, ()):
            await websocket.send_denial_response(PlainTextResponse(_FORGED, http.HTTPStatus.FORBIDDEN))
        elif word is not None and not self._invited.forget(word):
            await websocket.send_denial_response(PlainTextResponse(_KNOWN, http.HTTPStatus.FORBIDDEN))
        elif self._switchboard.is_full:
            await websocket.send_denial_response(PlainTextResponse(_NO_LINE, http.HTTPStatus.SERVICE_UNAVAILABLE))
        else:
            try:
                await websocket.accept()
                channel = Socket(websocket)
                await hold_media_stream(channel, self._switchboard, self._answering, self._buffering, self._streams)
            except WebSocketDisconnect:
                pass  # it went before it was let in

    def _place(self, connection: HTTPConnection) -> PublicUrl:
        """Where the carrier has reached us."""
        if self._public_url is not None:
            return self._public_url
        is_secure = connection.url.scheme in ("https", "wss")
        return PublicUrl("https" if is_secure else "http", connection.headers["host"])

    def _is_signed(
        self, connection: HTTPConnection, url_of: Callable[[str], str], form: Iterable[tuple[str, str]]
    ) -> bool:
        if self._token is None:
            return True
        query = connection.scope["query_string"].decode("latin-1")
        url = url_of(connection.url.path) + (f"?{query}" if query else "")
        return is_signed(connection.headers.get(HEADER), signed_forms(url), form, self._token)


def application(hosts: Hosts, doors: Sequence[Door]) -> ASGIApp:
    """All doors behind one doorkeeper, who turns away pages of other sites."""
    routes = [route for door in doors for route in door.routes]
    return Starlette(
        routes=[*routes, WebSocketRoute("/{path:path}", _nowhere)], middleware=[Middleware(Doorkeeper, hosts=hosts)]
    )


async def _nowhere(websocket: WebSocket) -> None:
    await websocket.send_denial_response(PlainTextResponse("Not Found", http.HTTPStatus.NOT_FOUND))
