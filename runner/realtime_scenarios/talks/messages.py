"""What is said between a command and the process that holds its conversation: one line of JSON each way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

LONGEST_LINE = 4_000_000
"""Bytes of a line. A request is far shorter; an answer holds what has happened since the last one."""

IDLE_MINUTES = 30.0
"""Minutes without a command after which a conversation ends."""

Deed = Literal["say", "approve", "reject", "state", "undo", "save", "stop"]


class Start(Struct, frozen=True):
    """The conversation to hold: on the standard input of the process that will.

    `path` is the scenario's file; `provider` None: the scenario's own, offline where it names none. `where` is the rest
    of what was wished of it. `context` are the variables that differ from their defaults; `now` is ISO 8601, None: the
    present moment. `file` is where the process writes how it is reached.
    """

    path: str
    file: str
    provider: str | None = None
    where: Mapping[str, str | None] = {}
    agent: str | None = None
    state: str | None = None
    context: Mapping[str, Any] = {}
    now: str | None = None
    idle_minutes: float = IDLE_MINUTES


class Address(Struct, frozen=True):
    """How the process is reached: a port of this machine's loopback, and the word without which it does nothing."""

    port: int
    token: str
    pid: int
    scenario: str


class Request(Struct, frozen=True):
    """`text` is what the caller says, why somebody says no, or the name of a file; `fields` go with an approval."""

    token: str
    deed: Deed
    text: str | None = None
    fields: Mapping[str, str] = {}


class Answer(Struct, frozen=True):
    """`told` is for the command's reader; None: it failed, as `error` and `hint` say, with the code for the shell."""

    told: Mapping[str, Any] | None = None
    error: str | None = None
    hint: str | None = None
    exit_code: int = 0


def line_of(message: Struct) -> bytes:
    return msgspec.json.encode(message, enc_hook=str) + b"\n"
