"""Work for MCP servers to their answers, over streamable HTTP, by the `mcp` library's client.

The library takes more than a second to import: it is imported when the first server is asked, beside the loop. What
opens a connection has to close it, as anyio wants it, so each is held by a task of its own. Whatever a server does
becomes an answer: nothing is raised here.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import importlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from realtime_scenarios.core import sendable
from realtime_scenarios.core.arguments import arguments_of
from realtime_scenarios.realtime.mcp_servers import (
    CallTool,
    ListTools,
    McpAnswer,
    McpFailed,
    McpServer,
    McpTool,
    McpWork,
)

if TYPE_CHECKING:
    from httpx2 import Response
    from mcp.client import Client

_FAREWELL_SECONDS = 2.0
_MOST_PAGES = 50
_MOST_LINES = 64
"""Of a session: the one that nobody has used for longest is hung up for another, and called again where it is wanted.

Those that are being used are kept, however many they are: what is asked for at once is bounded (`mcp_servers.py`).
"""
_LOGGERS = ("mcp", "httpx2", "httpcore2")


class McpClients:
    """The connections of one session to the servers that its client has named. Times are seconds.

    `list_seconds` and `call_seconds` are how long a server may take to connect and list its tools, and to answer.
    """

    def __init__(self, *, list_seconds: float = 10, call_seconds: float = 60) -> None:
        self._list_seconds = list_seconds
        self._call_seconds = call_seconds
        self._lines: dict[McpServer, _Line] = {}

    async def answer(self, work: McpWork) -> McpAnswer:
        """What the server answers, or why there is no answer."""
        seconds = self._list_seconds if isinstance(work, ListTools) else self._call_seconds
        await asyncio.to_thread(_import_library)
        line = self._line_to(work.server)
        line.users += 1
        try:
            async with asyncio.timeout(seconds):
                client = await line.client()
                line.refused_with = None
                return await (_tools_of(client) if isinstance(work, ListTools) else _called(client, work))
        except TimeoutError:
            self._hang_up(work.server)
            return McpFailed("tool_execution_error", f"The server has not answered within {seconds:g} seconds.")
        except Exception as problem:
            failure = _failure(problem, line.refused_with)
            if failure.kind != "protocol_error":  # a server that says what is wrong is still there
                self._hang_up(work.server)
            return failure
        finally:
            line.users -= 1

    async def close(self) -> None:
        """End all connections."""
        lines = list(self._lines.values())
        self._lines.clear()
        await asyncio.gather(*(line.close() for line in lines))

    def _line_to(self, server: McpServer) -> _Line:
        line = self._lines.pop(server, None)
        if line is None or line.is_down:
            line = _Line(server)
        idle = next((other for other, each in self._lines.items() if not each.users), None)
        if len(self._lines) >= _MOST_LINES and idle is not None:
            self._hang_up(idle)
        self._lines[server] = line
        return line

    def _hang_up(self, server: McpServer) -> None:
        """After what went wrong the next one begins anew."""
        line = self._lines.pop(server, None)
        if line is not None:
            line.hang_up()


class _Line:
    """A connection to a server, held by a task from its beginning to its end.

    `refused_with` is the HTTP status of what was refused last; None: nothing was. `users` are waiting for an answer.
    """

    def __init__(self, server: McpServer) -> None:
        self.refused_with: int | None = None
        self.users = 0
        self._server = server
        self._is_over = asyncio.Event()
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._holding = asyncio.create_task(self._hold())

    @property
    def is_down(self) -> bool:
        return self._holding.done()

    async def client(self) -> Client:
        """The client, once it is connected.

        Raises:
            Exception: it cannot be connected, for whatever reason.
        """
        return await asyncio.shield(self._client)

    def hang_up(self) -> None:
        self._is_over.set()
        if not self._client.done():
            self._holding.cancel()

    async def close(self) -> None:
        self.hang_up()
        await asyncio.wait([self._holding], timeout=_FAREWELL_SECONDS)
        self._holding.cancel()
        await asyncio.gather(self._holding, return_exceptions=True)

    async def _hold(self) -> None:
        try:
            async with contextlib.AsyncExitStack() as stack:
                client = await stack.enter_async_context(await _client_of(self._server, stack, self._look_at))
                self._client.set_result(client)
                await self._is_over.wait()
        except BaseException as problem:
            if not self._client.done():
                self._client.set_exception(problem if isinstance(problem, Exception) else ConnectionError("hung up"))
                self._client.exception()  # nobody need ask
            if not isinstance(problem, Exception):
                raise

    async def _look_at(self, response: Response) -> None:
        # servers of before 2026 refuse the GET that would open a stream of what they say unasked
        if response.request.method == "POST" and response.status_code >= http.HTTPStatus.BAD_REQUEST:
            self.refused_with = response.status_code


def _import_library() -> None:
    for name in ("mcp.client", "mcp.client.streamable_http", "mcp.shared.exceptions", "httpx2"):
        importlib.import_module(name)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is an answer


async def _client_of(
    server: McpServer, stack: contextlib.AsyncExitStack, looked_at: Callable[[Response], Awaitable[None]]
) -> Client:
    """A client that shows each HTTP response to `looked_at`; what it needs is closed with the stack."""
    import httpx2
    from mcp.client import Client
    from mcp.client.streamable_http import streamable_http_client

    assert server.url is not None, "only what has an address is asked"
    # the time is bounded by who asks; no proxy stands between this machine and itself
    client = httpx2.AsyncClient(
        headers=dict(server.headers), timeout=None, trust_env=False, event_hooks={"response": [looked_at]}
    )
    await stack.enter_async_context(client)
    return Client(streamable_http_client(server.url, http_client=client))


async def _tools_of(client: Client) -> Sequence[McpTool]:
    tools: list[McpTool] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += [
            McpTool(
                sendable(tool.name),
                None if tool.description is None else sendable(tool.description),
                tool.input_schema,
                None if tool.annotations is None else tool.annotations.model_dump(by_alias=True, exclude_none=True),
            )
            for tool in page.tools
        ]
        cursor = page.next_cursor
        if cursor is None:
            break
    return tools


async def _called(client: Client, work: CallTool) -> str | McpFailed:
    arguments = arguments_of(work.arguments)
    if arguments is None:
        return McpFailed("tool_execution_error", "The arguments are not a JSON object: nothing was called.")
    result = await client.call_tool(work.name, dict(arguments))
    text = sendable("\n".join(map(_text_of, result.content)))
    return McpFailed("tool_execution_error", text) if result.is_error else text


def _text_of(part: Any) -> str:
    return str(part.text) if hasattr(part, "text") else json.dumps(part.model_dump(mode="json", by_alias=True))


def _failure(problem: BaseException, refused_with: int | None) -> McpFailed:
    """Why there is no answer, in the service's three kinds. `refused_with` is an HTTP status; None: there is none."""
    import httpx2
    from mcp.shared.exceptions import MCPError

    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    message = sendable(str(problem)) or type(problem).__name__
    if refused_with is not None:
        return McpFailed("http_error", f"The server has refused it with HTTP status {refused_with}.", refused_with)
    match problem:
        case MCPError():
            return McpFailed("protocol_error", message, problem.code)
        case httpx2.HTTPError() | OSError():
            return McpFailed("http_error", f"The server cannot be reached: {message}", 502)
        case _:
            return McpFailed("tool_execution_error", message)
