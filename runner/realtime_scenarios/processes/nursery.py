"""Where workers come from.

A nursery lives as long as the process that has it, and may serve one run after the other.
"""

from __future__ import annotations

import atexit
import os
import socket
from collections import deque
from typing import Protocol

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.processes.spawner import Spawner
from realtime_scenarios.processes.wire import FromZygote
from realtime_scenarios.processes.zygote import Zygote


class Nursery(Protocol):
    """`channel` is readable when there is something to read in `reports`. `takes_output`: what workers print as well.

    `has_forked`: it is able to. `is_usable`: it is alive, and this process's own.
    """

    channel: socket.socket
    takes_output: bool
    has_forked: bool

    @property
    def is_usable(self) -> bool: ...

    def fork(self, number: int, channel: socket.socket, output: int | None) -> None:
        """Start a worker on this channel, which prints to this output. That it fails is in the reports."""
        ...

    def kill(self, number: int) -> None:
        """End the worker, and all that it has started; `Ended` follows."""
        ...

    def reports(self) -> list[FromZygote]:
        """What there is to tell; waits until there is something.

        Raises:
            NurseryGone: nothing more will be told, and there are no workers any more.
        """
        ...

    def exit_code(self) -> int:
        """Of one that is gone; a signal is a negative number."""
        ...

    def close(self) -> None:
        """End it, and every worker that it has."""
        ...


_idle: deque[Nursery] = deque()
"""Those that nobody uses at present. Processes are global; so is the list of ours."""


_is_alone = False
"""Whether this process starts no others."""


def be_alone() -> None:
    """Let it be known that this process is a command, which starts nothing but its nursery and what comes of that."""
    global _is_alone
    _is_alone = True


def warm_up() -> None:
    """Start a zygote now, so that it imports the SDK while this process reads and checks."""
    leave(taken_nursery())


def taken_nursery() -> Nursery:
    """One that nobody else uses until it is left; a warm one where there is one.

    Raises:
        ScenarioError: the system refuses another process.
    """
    while _idle:
        nursery = _idle.pop()
        if nursery.is_usable:
            return nursery
        nursery.close()
    try:
        return Zygote(adopts=_is_alone) if hasattr(os, "fork") else Spawner()
    except OSError as problem:
        raise ScenarioError(f"no process can be started to play dialogues in: {problem.strerror}") from problem


def leave(nursery: Nursery) -> None:
    """Let others use it. It has no workers any more."""
    _idle.append(nursery) if nursery.is_usable else nursery.close()


@atexit.register
def cool_down() -> None:
    """End those that nobody uses."""
    while _idle:
        _idle.pop().close()
