"""Responders to a server on one port that any Realtime client on this machine can reach.

It is uvicorn's protocols under Starlette's routes (docs/decisions/0026). Both are imported when a server is started:
nobody who reads, lints or replays pays for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from realtime_scenarios.realtime.door import Hosts, Keys
from realtime_scenarios.realtime.engine import Parts
from realtime_scenarios.realtime.event_log import EventLog
from realtime_scenarios.realtime.mcp_client import McpClients
from realtime_scenarios.realtime.mcp_servers import is_loopback
from realtime_scenarios.realtime.responder import Responder
from realtime_scenarios.realtime.speech import Pace
from realtime_scenarios.realtime.taps import Taps
from realtime_scenarios.realtime.visit import Seat, Visitor

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_FAREWELL_SECONDS = 5.0
"""How long clients may take to go when the server stops."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is running. `url` is where Realtime clients connect."""

    host: str
    port: int
    scheme: str = "ws"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/v1/realtime"


@contextlib.asynccontextmanager
async def serve_visitors(
    welcome: Callable[[Visitor], Seat],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    pace: Pace | None = None,
    parts_factory: Callable[[], Parts] = Parts,
    api_keys: Collection[str] | None = None,
    hosts: Collection[str] = (),
    origins: Collection[str] = (),
    max_message_bytes: int = 24 * 1024 * 1024,
    max_connections: int = 100,
    max_session_seconds: float | None = None,
    ping_interval: float | None = 20,
    tls: ssl.SSLContext | None = None,
    now: Callable[[], float] = time.time,
    mcp_factory: Callable[[], McpClients] = McpClients,
    event_log: EventLog | None = None,
    beside: Callable[[ASGIApp], ASGIApp] | None = None,
    taps: Taps | None = None,
) -> AsyncIterator[Server]:
    """Serve until the block ends. `welcome` places each visitor, or raises `NotLetIn`.

    `port` 0 takes a free one. `api_keys` None: any key or none will do, but for ephemeral ones that have expired.
    `hosts` are names of the server besides those of this machine. `origins` are pages that may connect besides those of
    this machine, such as "https://app.example". `max_session_seconds` None: a session may last for ever. `tls` is for
    clients that insist on wss, as openai-node does. `max_message_bytes` has room for the longest append, 20 MiB in
    base64. `parts_factory` makes what hears and speaks in one session. `now` is the Unix time.
    `mcp_factory` makes what reaches MCP servers for one session; where others than this machine are listened to, none
    is reached, since who comes from there has no business with what runs here.
    `event_log` is told every frame of all websockets, None: there is none. `beside` puts something else on the port,
    and gives the rest to what it is given; None: nothing else is there.
    `taps` are told the sound of calls, None: nobody listens to it here.

    Raises:
        OSError: the address cannot be listened at.
    """
    from realtime_scenarios.realtime.calls import Calls
    from realtime_scenarios.realtime.rooms import Rooms
    from realtime_scenarios.realtime.web import Office, application

    keys = Keys(api_keys, now=now)
    rooms = Rooms(
        welcome,
        keys,
        pace=pace,
        parts_factory=parts_factory,
        most=max_connections,
        longest_seconds=max_session_seconds,
        now=now,
        mcp_factory=mcp_factory if is_loopback(host) else None,
        event_log=event_log,
    )
    calls = Calls(rooms, keys, taps or Taps())
    app = application(Hosts(host, hosts, origins), rooms, calls, Office(keys))
    if beside is not None:
        app = beside(app)
    async with listening(app, host, port, tls, max_message_bytes, ping_interval) as bound:
        try:
            yield Server(host, bound, "ws" if tls is None else "wss")
        finally:
            await calls.close()


def _for_responders(
    serving: Callable[Concatenate[Callable[[Visitor], Seat], P], R],
) -> Callable[Concatenate[Callable[[], Responder], P], R]:
    def serve(responder_factory: Callable[[], Responder], /, *args: P.args, **options: P.kwargs) -> R:
        return serving(lambda _: Seat(responder_factory()), *args, **options)

    return serve


serve = _for_responders(serve_visitors)
"""Serve as `serve_visitors` does, with a responder of its own for each connection."""


@contextlib.asynccontextmanager
async def listening(
    app: ASGIApp,
    host: str,
    port: int,
    tls: ssl.SSLContext | None,
    max_message_bytes: int,
    ping_interval: float | None,
) -> AsyncIterator[int]:
    """The application at an address, by uvicorn's protocols; the port it has got.

    `uvicorn.Server` is left out: it takes the signals, ends the process where it cannot listen, and looks ten times a
    second whether it should go.
    """
    from uvicorn import Config
    from uvicorn.server import ServerState

    from realtime_scenarios.realtime.frames import TextProtocol

    config = Config(
        app,
        http="h11",
        ws=TextProtocol,
        ws_max_size=max_message_bytes,
        ws_ping_interval=ping_interval,
        ws_ping_timeout=ping_interval,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="critical",  # it tells of everybody who knocks with something else than HTTP; what is ours we tell
        access_log=False,
        server_header=False,
        date_header=False,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    bound = await loop.create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
        host,
        port,
        ssl=tls,
    )
    try:
        yield bound.sockets[0].getsockname()[1]
    finally:
        bound.close()
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            _, late = await asyncio.wait(list(state.tasks), timeout=_FAREWELL_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
