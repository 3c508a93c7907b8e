"""Who may open the studio: a known name, our own origin, the token that the start has printed, and nothing else.

The engine beside it lets every page of this machine in, as Realtime clients need it; the studio reads and writes files
and says yes to tools, so its door is its own. A page of another site reaches this machine through a name that it makes
mean this machine: so the name is held against those that are known before the origin is held against the name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.studio.refusals import Refusal

TOKEN = "t"
"""The parameter of the address in which the token stands."""

CSRF_HEADER = "x-studio"
"""No form and no other page can send it without asking first, and nobody is answered who asks."""

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'{scripts}",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(self), geolocation=(), payment=()",
}

_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""What stands in a `Host` that somebody's browser sends (RFC 9110, section 7.2)."""

_SAFE = frozenset(("GET", "HEAD"))
_MOST_WRONG = 20
"""So many wrong tokens in a minute, and nobody is let in by a token for the rest of it."""


def answer(data: Any, status: int = http.HTTPStatus.OK) -> Response:
    """Data as JSON."""
    return Response(orjson.dumps(data), status, media_type="application/json")


def refusal(problem: Refusal) -> Response:
    """What a request is told that is not done."""
    return answer(problem.body, problem.status)


@dataclass(slots=True)
class Lock:
    """What opens the door: a token of 256 bits, and the cookie that it is exchanged for.

    `now` is a clock in seconds, by which wrong tokens are counted.
    """

    now: Callable[[], float]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _wrong: list[float] = field(default_factory=list)

    def is_opened_by_token(self, shown: str) -> bool:
        """Whether it is the token.

        Raises:
            Refusal: too many wrong ones were shown of late.
        """
        since = self.now() - 60
        self._wrong = [at for at in self._wrong if at > since]
        if len(self._wrong) >= _MOST_WRONG:
            raise Refusal(http.HTTPStatus.TOO_MANY_REQUESTS, "too many wrong tokens", "wait a minute")
        if _same(shown, self.token):
            return True
        self._wrong.append(self.now())
        return False

    def is_opened_by_cookie(self, shown: str | None) -> bool:
        return shown is not None and _same(shown, self.cookie)


def _same(shown: str, known: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), known.encode())


class Doorkeeper:
    """Stands before the studio, and sees to it that every answer has the headers that keep a page in its place."""

    def __init__(self, app: ASGIApp, hosts: Hosts, lock: Lock, *, scripts: Sequence[str], is_secure: bool) -> None:
        """`scripts`: the hashes (`hash_of`) of what may run though it stands in a page."""
        self._app = app
        self._scripts = "".join(f" '{script}'" for script in scripts)
        self._hosts = hosts
        self._lock = lock
        self._scheme = "https" if is_secure else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def guarded(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce, scripts=self._scripts)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
                if self._scheme == "https":
                    headers["Strict-Transport-Security"] = "max-age=86400"
            await send(message)

        try:
            entered = self._entered(HTTPConnection(scope))
        except Refusal as problem:
            entered = refusal(problem)
        if entered is None:
            await self._app(scope, receive, guarded)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, guarded).send_denial_response(entered)
        else:
            await entered(scope, receive, guarded)

    def _entered(self, asked: HTTPConnection) -> Response | None:
        """What is answered at the door; None: whoever asks is let in.

        Raises:
            Refusal: they are not.
        """
        hosts, origins = asked.headers.getlist("host"), asked.headers.getlist("origin")
        if self._hosts.refusal(hosts, []) is not None or not _HOST.fullmatch(hosts[0]):
            raise Refusal(http.HTTPStatus.FORBIDDEN, "this server has another name", "add it with --allow-host")
        ours = f"{self._scheme}://{hosts[0]}".casefold()
        if any(origin.casefold() != ours for origin in origins):
            raise Refusal(http.HTTPStatus.FORBIDDEN, "pages of another origin may not use the studio")
        is_socket = asked.scope["type"] == "websocket"
        if is_socket and not origins:
            raise Refusal(http.HTTPStatus.FORBIDDEN, "a websocket of the studio comes from its own page")
        if not is_socket and (entering := self._by_token(asked)) is not None:
            return entering
        if not self._lock.is_opened_by_cookie(asked.cookies.get(cookie_name(hosts[0]))):
            raise Refusal(
                http.HTTPStatus.UNAUTHORIZED,
                "the studio does not know this browser",
                "open the address that `scenario serve` printed, with its ?t=...",
            )
        if not is_socket and asked.scope["method"] not in _SAFE and asked.headers.get(CSRF_HEADER) != "1":
            raise Refusal(http.HTTPStatus.FORBIDDEN, "a change needs the header X-Studio: 1")
        return None

    def _by_token(self, asked: HTTPConnection) -> Response | None:
        """The way in for who shows the token: back to the same address without it, with a cookie."""
        shown = asked.query_params.get(TOKEN)
        if shown is None or asked.url.path != "/" or asked.scope["method"] != "GET":
            return None
        if not self._lock.is_opened_by_token(shown):
            raise Refusal(http.HTTPStatus.UNAUTHORIZED, "that is not the token", "copy the whole address once more")
        rest = urlencode([(name, value) for name, value in asked.query_params.multi_items() if name != TOKEN])
        entering = RedirectResponse(f"/?{rest}" if rest else "/", http.HTTPStatus.SEE_OTHER)
        entering.set_cookie(
            cookie_name(asked.headers["host"]),
            self._lock.cookie,
            path="/",
            httponly=True,
            samesite="strict",
            secure=self._scheme == "https",
        )
        return entering


def cookie_name(host: str) -> str:
    """What the cookie is called for whoever asks for this host: a jar is shared by all ports."""
    try:
        port = urlsplit(f"//{host}").port
    except ValueError:
        port = None
    return f"studio_{port or 'web'}"


def hash_of(script: str) -> str:
    """What a policy calls a script that stands in a page (Content Security Policy Level 3, 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def nonce_of(request: Request) -> str:
    """What styles of this very page are allowed by."""
    nonce: str = request.scope["state"]["nonce"]
    return nonce
