"""Small MCP servers over streamable HTTP on this machine: one that works, and some that do not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Handler = Callable[[dict[str, Any]], Awaitable[Any]]
"""What a server answers to a request of JSON-RPC: its result."""

ASK = {
    "name": "ask",
    "description": "Asks the wiki.",
    "inputSchema": {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]},
    "annotations": {"readOnlyHint": True},
}
WRITE = {"name": "write", "description": "Writes into the wiki.", "inputSchema": {"type": "object", "properties": {}}}


class Wiki:
    """An MCP server by hand. `requests` and `headers` are what has come; `calls` are the tools that were called."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        self.hangs_in = ""
        self.is_asked = asyncio.Event()
        self.has_hung = asyncio.Event()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/mcp", self._take, methods=["POST", "GET", "DELETE"])])

    async def _take(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status_code=405)
        message = json.loads(await request.body())
        method = message["method"]
        self.requests.append(method)
        self.headers.append(dict(request.headers))
        if self.status != 200:
            return Response("no", self.status)
        if method == self.hangs_in:
            self.is_asked.set()
            await self.has_hung.wait()
        if "id" not in message:
            return Response(status_code=202)
        answer = self._answer(method, message.get("params") or {})
        return JSONResponse({"jsonrpc": "2.0", "id": message["id"], **answer})

    def _answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "initialize":
                info = {"name": "wiki", "version": "1"}
                version = params["protocolVersion"]
                return {"result": {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}}
            case "tools/list":
                if params.get("cursor") is None:
                    return {"result": {"tools": [ASK], "nextCursor": "2"}}
                return {"result": {"tools": [WRITE]}}
            case "tools/call":
                return self._called(params["name"], params.get("arguments") or {})
            case _:
                return {"error": {"code": -32601, "message": f"there is no {method}"}}

    def _called(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((name, arguments))
        question = arguments.get("question", "")
        if question == "broken":
            return {"error": {"code": -32000, "message": "the wiki is broken"}}
        text = {"type": "text", "text": f"The wiki says: {question or name}"}
        return {"result": {"content": [text], "isError": question == "wrong"}}


@contextlib.asynccontextmanager
async def served(app: Any, *, lifespan: Any = "off") -> AsyncIterator[str]:
    """The address of an application that is served until the block ends, at `/mcp`."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan=lifespan, log_config=None, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        await serving
        listening.close()
