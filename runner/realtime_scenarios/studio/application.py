"""The studio as one ASGI application, on the same port as the engine that it is beside."""

from __future__ import annotations

import functools
import http
import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.studio import conversations, listing, sockets, workshop
from realtime_scenarios.studio.bundling import loaded_with
from realtime_scenarios.studio.door import Doorkeeper, answer, hash_of, nonce_of, refusal
from realtime_scenarios.studio.known import KnownHere
from realtime_scenarios.studio.refusals import FAILED, Refusal, brief
from realtime_scenarios.studio.seeing import seeing_routes
from realtime_scenarios.studio.studio import Studio

PAGE = Path(__file__).with_name("page")

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".json": "application/json",
    ".txt": "text/plain",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
"""Told here, since the system's own table may say something else of a suffix, and nothing is guessed."""


def application(studio: Studio, hosts: Hosts, engine: ASGIApp, *, is_secure: bool = False) -> ASGIApp:
    """The studio at `/` and below `/studio`; whatever else is asked for is the engine's, behind its own door."""
    making = workshop.Workshop(studio)
    studio.closing.append(making.bench.close)
    routes: list[BaseRoute] = [
        Route("/", _page, methods=["GET"]),
        Route("/studio/static/{path:path}", _static, methods=["GET"]),
        *listing.routes(studio),
        *conversations.routes(studio),
        *workshop.routes(making),
        *seeing_routes(KnownHere(studio, making.bench)),
        *sockets.routes(studio),
        WebSocketRoute("/{path:path}", _nowhere),
    ]
    ours = Doorkeeper(
        Starlette(routes=routes, exception_handlers=_PROBLEMS),
        hosts,
        studio.lock,
        scripts=(hash_of(_first()),),
        is_secure=is_secure,
    )

    async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_ours = path == "/" or path == "/studio" or path.startswith("/studio/") or path == "/favicon.ico"
        await (ours if is_ours else engine)(scope, receive, send)

    return by_path


async def _page(request: Request) -> Response:
    try:
        text = (PAGE / "index.html").read_text(encoding="utf-8")
    except OSError:
        raise HTTPException(http.HTTPStatus.NOT_FOUND) from None
    nonce = nonce_of(request)

    def sheet(link: re.Match[str]) -> str:
        return f'<style nonce="{nonce}">\n{(PAGE / link["name"]).read_text(encoding="utf-8")}</style>'

    text = _SHEET.sub(sheet, text).replace(_SCRIPT, f"<script>{_first()}</script>")
    return Response(text.replace(_MODULES, f'data-modules="{_modules()}"'), media_type="text/html")


# A browser draws nothing before it has these, so they come with the page and not after it, one by one.
_SHEET = re.compile(r'<link rel="stylesheet" href="/studio/static/(?P<name>[^"]+)">')
_SCRIPT = '<script src="/studio/static/first.js"></script>'
_MODULES = 'data-modules="app.js"'


@functools.cache
def _first() -> str:
    return (PAGE / "first.js").read_text(encoding="utf-8")


@functools.cache
def _modules() -> str:
    """What the page asks for at once when it is painted, and would otherwise find out of module by module."""
    return " ".join(dict.fromkeys(name for entry in _ENTRIES for name in loaded_with(PAGE, entry)))


_ENTRIES = ("app.js", "conversation.js")
"""The page, and the view that it begins with."""


async def _static(request: Request) -> Response:
    try:
        path = (PAGE / request.path_params["path"]).resolve()
        is_there = path.is_relative_to(PAGE) and path.is_file()
    except (OSError, ValueError):  # no system has a file of that name
        is_there = False
    kind = _TYPES.get(path.suffix) if is_there else None
    if kind is None:
        raise HTTPException(http.HTTPStatus.NOT_FOUND)
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "no-cache"})


async def _nowhere(websocket: WebSocket) -> None:
    await websocket.send_denial_response(answer({"error": "there is no such socket"}, http.HTTPStatus.NOT_FOUND))


async def _http_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    message = f"{request.method} {brief(request.url.path)}: {problem.detail.lower()}"
    return refusal(Refusal(problem.status_code, message))


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Refusal)
    return refusal(problem)


async def _failed(request: Request, problem: Exception) -> Response:
    return refusal(Refusal(http.HTTPStatus.INTERNAL_SERVER_ERROR, FAILED))


_PROBLEMS: Any = {Exception: _failed, HTTPException: _http_problem, Refusal: _refused}
