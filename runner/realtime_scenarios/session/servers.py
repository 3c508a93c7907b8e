"""MCP servers as processes: one that a conversation has for itself, or one for all conversations of an event loop.

The library wants a server closed by the task that has opened it, so a shared one lives in a task of its own, from the
first conversation that asks for it until its loop ends or the server does.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.mcp import MCPServerStdio

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.model.scenario import McpServer
from realtime_scenarios.processes.parents import children

START_TIMEOUT = 20.0
"""Seconds until a server has told what tools it has."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that has been started. `offered` are the tools it has, as the library knows them."""

    spec: McpServer
    client: MCPServerStdio
    offered: Sequence[Any]


@contextlib.asynccontextmanager
async def running_server(spec: McpServer, folder: Path) -> AsyncIterator[RunningServer]:
    """The server, started in `folder` and ended again.

    Raises:
        ScenarioError: it does not start.
    """
    async with contextlib.AsyncExitStack() as stack:
        client = _stdio_client(spec, folder)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await stack.enter_async_context(client)
                offered = await client.list_tools()
        except Exception as problem:  # a process of the author's may fail to start in any way
            hint = f"try it by hand: {' '.join(spec.command)}"
            message = f"the MCP server '{spec.name}' does not start: {_first_cause(problem)}"
            raise ScenarioError(message, hint=hint) from problem
        yield RunningServer(spec, client, offered)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What shared servers need as long as they run: process ids of ours, and threads that wait for these."""

    processes: frozenset[int] = frozenset()
    threads: frozenset[threading.Thread] = frozenset()


NO_UPKEEP = Upkeep()


@dataclass(slots=True)
class SharedServers:
    """The servers of one event loop whose authors say that they keep nothing, by folder, command and timeout.

    They end with the loop's tasks. One that has ended by then is started again when it is next asked for.
    """

    _held: dict[tuple[Path, tuple[str, ...], float], _HeldServer] = field(default_factory=dict)

    async def running(self, spec: McpServer, folder: Path) -> RunningServer:
        """The server, alive.

        Raises:
            ScenarioError: it does not start.
        """
        key = (folder, spec.command, spec.timeout)
        held = self._held.get(key)
        if held is not None and not await held.answers():
            print(f"the shared MCP server '{spec.name}' has ended, and is started again", file=sys.stderr)  # noqa: T201
            await self._held.pop(key).end()
            held = None
        if held is None:
            held = _HeldServer(spec, folder)
            await held.start()
            self._held[key] = held
        return held.running_as(spec)

    @property
    def upkeep(self) -> Upkeep:
        """What is no dialogue's, though it stays when a dialogue is over."""
        held = self._held.values()
        return Upkeep(
            frozenset(process for server in held for process in server.upkeep.processes),
            frozenset(thread for server in held for thread in server.upkeep.threads),
        )


class _HeldServer:
    def __init__(self, spec: McpServer, folder: Path) -> None:
        self._spec = spec
        self._folder = folder
        self._over = asyncio.Event()
        self._started: asyncio.Future[RunningServer] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self.upkeep = NO_UPKEEP

    async def start(self) -> None:
        """Start it. What this process has then and had not before is the server's: no author's code runs meanwhile."""
        processes, threads = children(), set(threading.enumerate())
        self._task = asyncio.create_task(self._hold())
        await self._started
        self.upkeep = Upkeep(children() - processes, frozenset(threading.enumerate()) - threads)

    async def answers(self) -> bool:
        """Whether it is alive. It is asked for its tools, which every server knows how to answer."""
        client = self._started.result().client
        client.invalidate_tools_cache()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await client.list_tools()
        except Exception:  # however it has ended
            return False
        return True

    def running_as(self, spec: McpServer) -> RunningServer:
        """The server under the name that a scenario has for it."""
        started = self._started.result()
        return RunningServer(spec, started.client, started.offered)

    async def end(self) -> None:
        self._over.set()
        if self._task is not None:
            await self._task

    async def _hold(self) -> None:
        try:
            async with running_server(self._spec, self._folder) as running:
                self._started.set_result(running)
                await self._over.wait()
        except Exception as problem:  # a process of the author's may end in any way, too
            if not self._started.done():
                self._started.set_exception(problem)


def _stdio_client(spec: McpServer, folder: Path) -> MCPServerStdio:
    program, *arguments = spec.command
    return MCPServerStdio(
        params={
            "command": sys.executable if program == "python" else program,
            "args": arguments,
            "cwd": str(folder),
        },
        name=spec.name,
        cache_tools_list=True,
        client_session_timeout_seconds=spec.timeout,
    )


def _first_cause(problem: BaseException) -> str:
    """Why it failed in one line; the libraries wrap the reason into groups of exceptions."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    if isinstance(problem, TimeoutError):
        return f"it did not answer within {START_TIMEOUT:g} seconds"
    if isinstance(problem, FileNotFoundError):
        return f"there is no program '{problem.filename}'"
    lines = str(problem).splitlines()
    return lines[0] if lines else type(problem).__name__
