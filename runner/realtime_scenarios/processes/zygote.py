"""The command's end of a zygote: a process that has imported the SDK once and forks a worker whenever it is asked to.

It is a process of its own from the start, never a fork of the command's or of a user's process.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading

from realtime_scenarios.processes.parents import adopt_orphans, children, end_children
from realtime_scenarios.processes.wire import Fork, Forked, FromZygote, Kill, framed, from_zygote

_GOOD_END = 2.0
"""Seconds for a zygote to end what it has started when its channel ends."""


class NurseryGone(Exception):
    """There are no workers any more, and there will be none."""


class Zygote:
    """See `Nursery`."""

    takes_output = True

    def __init__(self, *, adopts: bool = False) -> None:
        """`adopts`: this process starts no others, and ends what is left of a zygote that is gone (Linux)."""
        if adopts:
            adopt_orphans()
        self._not_its_own = children() if adopts else None
        self.channel, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _program(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # a terminal's Ctrl-C is for the command to hear
        )
        theirs.close()
        self._frames = from_zygote()
        self._owner = os.getpid()
        self.has_forked = False

    @property
    def is_usable(self) -> bool:
        return self._owner == os.getpid() and self._process.poll() is None

    def fork(self, number: int, channel: socket.socket, output: int | None) -> None:
        assert output is not None
        with contextlib.suppress(OSError):
            socket.send_fds(self.channel, [framed(Fork(number))], [channel.fileno(), output])

    def kill(self, number: int) -> None:
        with contextlib.suppress(OSError):
            self.channel.sendall(framed(Kill(number)))

    def reports(self) -> list[FromZygote]:
        try:
            data = self.channel.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise NurseryGone
        messages = self._frames.feed(data)
        self.has_forked |= any(isinstance(message, Forked) for message in messages)
        return messages

    def exit_code(self) -> int:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOOD_END)  # its own end, before `close` makes one
        self.close()
        return self._process.returncode

    def close(self) -> None:
        self.channel.close()
        if self._owner != os.getpid():
            return
        if not self.has_forked and self._process.poll() is None:  # it may still import, and hear nothing
            self._process.kill()
        try:
            self._process.wait(_GOOD_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._not_its_own is not None:
            end_children(but=self._not_its_own)


def _program(channel: int) -> str:
    """The program of a zygote: modules are found where this process finds them, and not in the folder it is in."""
    is_main = threading.current_thread() is threading.main_thread()
    return (
        f"import sys; sys.path[:] = {sys.path!r}; from realtime_scenarios.workers.start import be_a_zygote; "
        f"be_a_zygote({channel}, dies_with_thread={is_main})"
    )
