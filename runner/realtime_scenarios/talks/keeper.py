"""The process that holds a conversation: it is started with what to hold, tells how it is reached, and serves.

`python -m realtime_scenarios.talks.keeper` reads a `Start` from its standard input and answers with one line on its
standard output. After that it listens on a port of the loopback, takes one request at a time, and ends when it is told
to, when nobody has asked anything for long, or at a signal.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import secrets
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.project import load
from realtime_scenarios.project.beginning import beginning, moment_typed
from realtime_scenarios.providers import ProviderRequest
from realtime_scenarios.talks.held import Decide, HeldTalk
from realtime_scenarios.talks.messages import LONGEST_LINE, Address, Answer, Request, Start, line_of


class Keeper:
    """Serves one conversation to whoever knows the word."""

    def __init__(self, talk: HeldTalk, start: Start) -> None:
        self._talk = talk
        self._start = start
        self._token = secrets.token_urlsafe(32)
        self._one_at_a_time = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._asked = asyncio.Event()

    async def serve(self) -> None:
        """Begin, say so, and serve until the end. What keeps it from beginning is said as well."""
        try:
            told = await self._talk.start()
        except ScenarioError as problem:
            await self._talk.close()
            _say(_failed(problem))
            return
        server = await asyncio.start_server(self._hear, "127.0.0.1", 0, limit=LONGEST_LINE)
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, self._stopped.set)
        file = Path(self._start.file)
        address = Address(server.sockets[0].getsockname()[1], self._token, os.getpid(), self._start.path)
        _write_privately(file, msgspec.json.encode(address))
        try:
            async with server:
                if _say(Answer(told)):
                    await self._until_the_end()
        finally:
            _take_away(file, self._token)
            await self._talk.close()

    async def _until_the_end(self) -> None:
        """Wait until it is told to stop, or nobody has asked anything for so long."""
        while not self._stopped.is_set():
            self._asked.clear()
            waits = [asyncio.create_task(self._stopped.wait()), asyncio.create_task(self._asked.wait())]
            try:
                async with asyncio.timeout(self._start.idle_minutes * 60):
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            except TimeoutError:
                return
            finally:
                for wait in waits:
                    wait.cancel()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer. Who does not know the word is told nothing else."""
        try:
            line = await reader.readline()
            try:
                request = msgspec.json.decode(line, type=Request)
            except (msgspec.DecodeError, UnicodeDecodeError):
                request = None
            if request is None or not hmac.compare_digest(request.token.encode(), self._token.encode()):
                writer.write(line_of(Answer(error="this is not for you", exit_code=3)))
            else:
                async with self._one_at_a_time:
                    self._asked.set()
                    writer.write(line_of(await self._answer(request)))
            await writer.drain()
        except (OSError, ValueError):
            pass  # whoever asked has gone, or sent a line without end
        finally:
            writer.close()
            if self._is_over:
                self._stopped.set()

    _is_over = False

    async def _answer(self, request: Request) -> Answer:
        try:
            return Answer(await self._done(request))
        except ScenarioError as problem:
            return _failed(problem)
        except Exception as problem:  # a fault of ours must not hang the command, nor end the conversation
            known = f"{type(problem).__name__}: {problem}".strip(": ")[:300]
            return Answer(error=f"this should not have happened: {known}", hint="please report it", exit_code=3)

    async def _done(self, request: Request) -> dict[str, Any]:
        match request.deed:
            case "say":
                return await self._talk.say(request.text or "")
            case "approve":
                return await self._talk.decide(Decide(True, request.fields))
            case "reject":
                return await self._talk.decide(Decide(False, message=request.text))
            case "state":
                return self._talk.state()
            case "undo":
                return await self._talk.undo()
            case "save":
                return await self._talk.save(request.text or "")
            case "stop":
                self._is_over = True
                _take_away(Path(self._start.file), self._token)  # whoever hears of the end may ask again at once
                return {"stopped": True}


def _failed(problem: ScenarioError) -> Answer:
    return Answer(error=problem.message, hint=problem.hint, exit_code=problem.exit_code)


def _say(answer: Answer) -> bool:
    """Tell the command that started this process, and close the line to it: it must not wait for more.

    Whether the command is still there: what nobody knows of, nobody ends.
    """
    try:
        os.write(1, line_of(answer))
    except OSError:
        return False
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123 - a device
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)
    return True


def _write_privately(path: Path, data: bytes) -> None:
    """Write the file so that nobody but its owner ever can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        beside.unlink()
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as opened:
        opened.write(data)
    beside.replace(path)


def _take_away(path: Path, token: str) -> None:
    """Take the file away where it is still this process's own."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        if msgspec.json.decode(path.read_bytes(), type=Address).token == token:
            path.unlink()


def _talk_of(start: Start) -> HeldTalk:
    project = load(Path(start.path))
    scenario = project.scenario
    begins = beginning(
        scenario,
        agent=start.agent,
        state=start.state,
        context=start.context,
        now=None if start.now is None else moment_typed(start.now),
    )
    named = scenario.provider.name if scenario.provider else "offline"
    where = start.where
    request = ProviderRequest(
        environment=dict(os.environ),
        model=where.get("model"),
        url=where.get("url"),
        deployment=where.get("deployment"),
        key_env=where.get("key_env"),
        on=date.today(),
    )
    name = start.provider or ("url" if where.get("url") else named)
    return HeldTalk(project, name, request.completed_by(scenario), begins)


def main() -> None:
    start = msgspec.json.decode(sys.stdin.buffer.read(), type=Start)
    try:
        talk = _talk_of(start)
    except ScenarioError as problem:
        _say(_failed(problem))
        return
    asyncio.run(Keeper(talk, start).serve())


if __name__ == "__main__":
    main()
