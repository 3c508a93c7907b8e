"""OpenAI's side of calls by SIP, as far as a runner sees it: accept, reject, hang up, and a session beside the call.

The session is our own engine's, which a caller's typed words reach as if they had been spoken. Nothing of it has been
held against the service.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from realtime_scenarios.realtime import Engine, Pace
from realtime_scenarios.realtime.events import encoded
from realtime_scenarios.realtime.responder import Responder
from realtime_scenarios.realtime.server import listening
from realtime_scenarios.realtime.visit import Seat, hold
from realtime_scenarios.realtime.web import Socket

SECRET = "whsec_" + base64.b64encode(b"of the webhook").decode()
KEY = "sk-of-the-service"


@dataclass
class OpenAICalls:
    """`statuses` are what `accept` answers, one after the other; then 200. `asked` are requests, as (what, call, body)."""

    responder: Responder
    statuses: list[int] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    attached: dict[str, WebSocket] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """The base address of the API."""
        routes = [
            Route("/v1/realtime/calls/{call}/{what}", self._asked, methods=["POST"]),
            WebSocketRoute("/v1/realtime", self._attach),
        ]
        async with listening(Starlette(routes=routes), "127.0.0.1", 0, None, 1 << 20, None) as port:
            yield f"http://127.0.0.1:{port}/v1"

    async def _asked(self, request: Request) -> Response:
        what, call = request.path_params["what"], request.path_params["call"]
        body = await request.body()
        self.asked.append((what, call, json.loads(body) if body else None))
        self.keys.append(request.headers.get("authorization"))
        self.news.set()
        status = self.statuses.pop(0) if what == "accept" and self.statuses else 200
        if what == "hangup" and (socket := self.attached.pop(call, None)):
            await socket.close(1000)
        return JSONResponse({} if status == 200 else {"error": {"message": "no such call"}}, status)

    async def _attach(self, websocket: WebSocket) -> None:
        call = websocket.query_params["call_id"]
        assert "model" not in websocket.query_params
        self.keys.append(websocket.headers.get("authorization"))
        await websocket.accept()
        self.attached[call] = websocket
        self.news.set()
        await hold(_Heard(websocket, self.texts), Engine(pace=Pace(1)), Seat(self.responder), None)

    async def tells(self, call: str, event: Mapping[str, Any]) -> None:
        """An event of the session that the engine knows nothing of."""
        await self.attached[call].send_text(encoded(dict(event)))

    async def hang_up(self, call: str) -> None:
        """The caller hangs up: the session ends in good order."""
        await self.attached.pop(call).close(1000)


class _Heard(Socket):
    """A channel that keeps what the client says."""

    def __init__(self, websocket: WebSocket, texts: list[dict[str, Any]]) -> None:
        super().__init__(websocket)
        self._texts = texts

    async def receive(self) -> str | bytes | None:
        text = await super().receive()
        if text is not None:
            self._texts.append(json.loads(text))
        return text


def incoming(call: str, kind: str = "realtime.call.incoming") -> bytes:
    """The body of the webhook, as `openai.types.webhooks` has it."""
    headers = [{"name": "From", "value": "sip:+14155550100@carrier.example"}]
    event = {
        "id": "evt_1",
        "object": "event",
        "created_at": 1,
        "type": kind,
        "data": {"call_id": call, "sip_headers": headers},
    }
    return json.dumps(event).encode()


def signed(body: bytes, *, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    """The headers that the service signs it with (standard-webhooks, as the `openai` package verifies it)."""
    at = str(int(time.time()) - age)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, b".".join([b"wh_1", at.encode(), body]), hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    return {"webhook-id": "wh_1", "webhook-timestamp": at, "webhook-signature": signature}
