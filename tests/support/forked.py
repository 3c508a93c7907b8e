"""`scenario serve` in processes that are forked from one that has imported what it needs, once for all tests of a process.

Each is as fresh as one that is started: in the process that it comes from nothing but imports has happened.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

_IMPORTED = (
    "realtime_scenarios.cli.files",
    "realtime_scenarios.cli.main",
    "realtime_scenarios.cli.serve",
    "realtime_scenarios.cli.studio",
    "realtime_scenarios.realtime.web",
    "realtime_scenarios.studio.application",
    "realtime_scenarios.studio.hosted",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
_ENDS_WITHIN = 20.0
"""Seconds for a command to end after Ctrl-C."""


class Forked:
    """A command as a process of its own; what it says is written to a file."""

    def __init__(self, arguments: list[str], output: Path, folder: Path) -> None:
        self._number = _asked(
            start=arguments, output=str(output), folder=str(folder), environment=dict(os.environ), path=sys.path
        )

    @property
    def is_there(self) -> bool:
        return bool(_asked(is_there=self._number))

    def stop(self) -> None:
        """As Ctrl-C does, and otherwise where that is not heard."""
        _asked(stop=self._number)


@functools.cache
def _forking() -> subprocess.Popen[str]:
    program = f"import sys; sys.path[:] = {sys.path!r}; from support.forked import fork_for_ever; fork_for_ever()"
    command = [sys.executable, "-c", program]
    forking = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    atexit.register(forking.communicate)  # which ends its input
    return forking


def _asked(**asked: Any) -> Any:
    forking = _forking()
    assert forking.stdin is not None and forking.stdout is not None
    forking.stdin.write(json.dumps(asked) + "\n")
    forking.stdin.flush()
    return json.loads(forking.stdout.readline())


def fork_for_ever() -> None:
    """The process that the others come from: until its input ends."""
    for name in _IMPORTED:
        importlib.import_module(name)
    gc.freeze()
    there: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        answer: int | bool
        if "start" in asked:
            answer = os.fork()
            if answer == 0:
                _be_a_command(asked)
            there.add(answer)
        elif "stop" in asked:
            answer = _stopped(asked["stop"], there)
        else:
            answer = _is_there(asked["is_there"], there)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for number in there:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def _is_there(number: int, there: set[int]) -> bool:
    if number in there and os.waitpid(number, os.WNOHANG) != (0, 0):
        there.remove(number)
    return number in there


def _stopped(number: int, there: set[int]) -> bool:
    if not _is_there(number, there):
        return True
    os.kill(number, signal.SIGINT)
    until = time.monotonic() + _ENDS_WITHIN
    while _is_there(number, there):
        if time.monotonic() > until:
            os.kill(number, signal.SIGKILL)
        time.sleep(0.01)
    return True


def _be_a_command(asked: dict[str, Any]) -> NoReturn:
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path[:] = asked["path"]
    os.chdir(asked["folder"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    told = os.open(asked["output"], os.O_WRONLY | os.O_TRUNC)
    for at in (1, 2):
        os.dup2(told, at)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.argv = ["scenario", *asked["start"]]
    from realtime_scenarios.cli.main import main

    try:
        main()
    finally:
        atexit._run_exitfuncs()
        os._exit(0)
