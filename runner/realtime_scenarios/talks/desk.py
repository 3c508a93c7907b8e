"""A command's end of a conversation that lives between commands: it starts the process that holds it, and asks it."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.suite.journal import FOLDER
from realtime_scenarios.talks.messages import LONGEST_LINE, Address, Answer, Deed, Request, Start, line_of

_PATIENCE = 120.0
"""Seconds that a process has to begin a conversation: it imports the SDK, and may have to reach a model."""

_GOOD_END = 2.0
"""Seconds that it has to end in good order."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")


class Refused(ScenarioError):
    """The process that holds the conversation says no, or that something went wrong; with the code for the shell."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.error or "nothing was answered", hint=answer.hint)
        self.exit_code = answer.exit_code or 3


def address_file(folder: Path, name: str) -> Path:
    """Where the conversation of that name in a folder says how it is reached.

    Raises:
        UsageError: none can be called so.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"no conversation can be called '{name}'", hint="letters, digits, '-', '_' and '.'")
    return folder / FOLDER / "talks" / f"{name}.json"


def started(start: Start) -> Mapping[str, Any]:
    """Start a process that holds this conversation; what has happened in it so far.

    Raises:
        UsageError: there is one of that name.
        ScenarioError: it could not begin.
    """
    file = Path(start.file)
    if (address := _address_in(file)) is not None and _is_alive(address):
        raise UsageError(
            f"a conversation with '{Path(address.scenario).name}' is being held here already",
            hint="go on with it, `scenario talk stop` it, or give this one another --name",
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.parent.name == "talks" and not (ignored := file.parent.parent / ".gitignore").exists():
        ignored.write_text("*\n", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "realtime_scenarios.talks.keeper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        return _told_in(_first_line(process, start))
    except Refused:
        raise  # and it ends by itself
    except BaseException:  # nobody will be told how to end it
        _end(process)
        raise


def _first_line(process: subprocess.Popen[bytes], start: Start) -> bytes:
    """What the process says when it has begun to hold the conversation, or cannot.

    Raises:
        ScenarioError: it says nothing.
    """
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    with contextlib.suppress(OSError):
        process.stdin.write(msgspec.json.encode(start))
        process.stdin.close()
    if not select.select([process.stdout], [], [], _PATIENCE)[0]:
        raise ScenarioError(f"the conversation has not begun within {_PATIENCE:g} s")
    line = process.stdout.readline()
    if not line:
        last = process.stderr.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ScenarioError(f"the conversation did not begin: {last[:300] or 'its process ended'}")
    return line


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, in good order where that takes no long time."""
    process.terminate()
    try:
        process.wait(_GOOD_END)
    except subprocess.TimeoutExpired:
        pass
    finally:
        process.kill()
        process.wait()


def asked(
    file: Path, deed: Deed, text: str | None = None, fields: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """What the process that holds the conversation answers.

    Raises:
        UsageError: there is none.
        Refused: it says no.
    """
    address = _address_in(file)
    if address is None:
        raise UsageError("no conversation is being held here", hint="scenario talk start FILE")
    request = Request(address.token, deed, text, dict(fields or {}))
    try:
        with socket.create_connection(("127.0.0.1", address.port), timeout=10) as line:
            line.settimeout(None)  # a turn takes as long as the model does
            line.sendall(line_of(request))
            with line.makefile("rb") as answers:
                answer = answers.readline(LONGEST_LINE)
    except ConnectionRefusedError:
        with contextlib.suppress(OSError):
            file.unlink()
        message = "the conversation that was held here is over: it was stopped, or idle for too long"
        raise UsageError(message, hint="scenario talk start FILE") from None
    except OSError as problem:
        raise ScenarioError(f"the conversation cannot be reached: {problem.strerror or problem}") from problem
    if not answer:
        raise ScenarioError("the process that held the conversation has ended", hint="scenario talk start FILE")
    return _told_in(answer)


def _told_in(line: bytes) -> Mapping[str, Any]:
    try:
        answer = msgspec.json.decode(line, type=Answer)
    except msgspec.DecodeError as problem:
        raise ScenarioError(f"what was answered cannot be read: {problem}") from problem
    if answer.told is None:
        raise Refused(answer)
    return answer.told


def _address_in(file: Path) -> Address | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Address)
    except (OSError, msgspec.DecodeError):
        return None


def _is_alive(address: Address) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", address.port), timeout=2):
        return True
    return False
