"""Conversations at the command line, each in a process of its own that is forked where the SDK is imported already.

Such a process has its own streams, folder and environment, and leaves as one does that was started. What is about
starting, signals and terminals starts `PROGRAM`. There is one thread where it is forked, which makes forking safe.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

_MOST_BYTES = 1_000_000


def conversed(
    *arguments: str,
    typed: str = "",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    errors: str = "strict",
    check: bool = False,
) -> subprocess.CompletedProcess[str]:
    """What `scenario` with these arguments comes to, where that is typed. None: this folder, and this environment.

    With `check`, as `subprocess.run` has it, an exit code other than 0 is an error.
    """
    with tempfile.TemporaryFile() as read, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        read.write(typed.encode(errors="surrogateescape"))
        read.seek(0)
        surroundings = dict(os.environ if environment is None else environment)
        asked = json.dumps([arguments, str(folder or Path.cwd()), surroundings]).encode()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                files = [file.fileno() for file in (read, out, err, theirs)]
                socket.send_fds(_forker()[0], [asked], files)
            code = int(ours.recv(16))
        done = subprocess.CompletedProcess(arguments, code, _written(out, errors), _written(err, errors))
    if check:
        done.check_returncode()
    return done


def _written(file: IO[bytes], errors: str) -> str:
    file.seek(0)
    return file.read().decode(errors=errors)


@functools.cache
def _forker() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The process that forks, and the way to it; it ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST_BYTES)
    with theirs:
        code = f"from support.warm import fork_on_demand; fork_on_demand({theirs.fileno()})"
        surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(
            [sys.executable, "-c", code], pass_fds=[theirs.fileno()], env=surroundings, start_new_session=True
        )
    return ours, process


def fork_on_demand(channel: int) -> None:
    """Have a process hold each conversation that is asked for, until nobody can ask any more."""
    import gc

    gc.disable()
    from realtime_scenarios.cli import run, talking  # noqa: F401
    from realtime_scenarios.compiler import compiled  # noqa: F401
    from realtime_scenarios.providers import embedded  # noqa: F401

    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=channel) as asking:
        while True:
            asked, files, _, _ = socket.recv_fds(asking, _MOST_BYTES, 4)
            if not asked:
                return
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                asking.close()
                break
            for file in files:
                os.close(file)
    *streams, told = files
    if (process := os.fork()) != 0:
        _, status = os.waitpid(process, 0)
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    _converse(*json.loads(asked), streams)


def _converse(arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> None:
    for number, file in enumerate(streams):
        os.dup2(file, number)
    os.closerange(3, max(streams) + 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments

    from realtime_scenarios.cli.main import main

    main()
