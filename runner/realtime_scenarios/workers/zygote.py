"""The zygote: it imports the SDK once, forks a worker whenever the command asks for one, and tells how each ended.

It runs no author's code and holds no scenario, so that every worker begins alike. There is one thread only, which is
what makes forking safe. It ends when its channel does, and takes with it every worker and whatever these have started:
each worker leads a process group, and what has left the group falls to the zygote as its reaper (Linux).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import traceback
from collections import deque
from dataclasses import dataclass, field
from typing import NoReturn

from realtime_scenarios.processes.parents import end_children, end_group, end_with_parent
from realtime_scenarios.processes.wire import Ended, Fork, Forked, Kill, framed, to_zygote
from realtime_scenarios.providers import embedded  # noqa: F401 - what nearly all dialogues are played with
from realtime_scenarios.workers.blemishes import Watch
from realtime_scenarios.workers.progress import Progress
from realtime_scenarios.workers.worker import Worker, forget_signals, print_to

_FILES_OF_A_FORK = 2
_MOST_FILES = 64


@dataclass(frozen=True, slots=True)
class _Child:
    number: int
    progress: Progress


@dataclass(slots=True)
class Zygote:
    """Its children by their process ids."""

    channel: socket.socket
    _watch: Watch = field(default_factory=Watch)
    _children: dict[int, _Child] = field(default_factory=dict)
    _files: deque[int] = field(default_factory=deque)
    _wakened: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)

    def serve(self) -> None:
        """Do what is asked until the channel ends."""
        woken, waker = self._wakened
        woken.setblocking(False)
        waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that a child's end is written to the waker
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        frames = to_zygote()
        while True:
            readable, _, _ = select.select([self.channel, woken], [], [])
            if woken in readable:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
                self._bury_the_dead()
            if self.channel in readable:
                data, files, _, _ = socket.recv_fds(self.channel, 65536, _MOST_FILES)
                if not data:
                    return
                self._files += files
                for message in frames.feed(data):
                    self._do(message)

    def end_all(self) -> None:
        """End every worker, and whatever they started."""
        for process in list(self._children):
            _kill_group(process)
            os.waitpid(process, 0)
        self._children.clear()
        end_children(but=())

    def _do(self, message: Fork | Kill) -> None:
        match message:
            case Fork():
                files = [self._files.popleft() for _ in range(_FILES_OF_A_FORK)]
                self._fork(message.number, *files)
            case Kill():
                for process, child in self._children.items():
                    if child.number == message.number:
                        _kill_group(process)

    def _fork(self, number: int, channel: int, output: int) -> None:
        progress, own = Progress(), os.getpid()
        process = os.fork()
        if process == 0:
            self._be_a_worker(socket.socket(fileno=channel), output, progress, parent=own)
        with contextlib.suppress(OSError):  # the child does the same: whoever comes first
            os.setpgid(process, process)
        os.close(channel)
        os.close(output)
        self._children[process] = _Child(number, progress)
        self._tell(Forked(number, process))

    def _be_a_worker(self, channel: socket.socket, output: int, progress: Progress, *, parent: int) -> NoReturn:
        try:
            forget_signals()
            end_with_parent()
            os.setpgid(0, 0)
            if os.getppid() != parent:
                os._exit(1)  # it has ended already, and nobody would tell
            for inherited in (self.channel, *self._wakened):
                inherited.close()
            print_to(output)
            Worker(channel, progress, self._watch).serve()
        except BaseException:
            traceback.print_exc()
        os._exit(1)

    def _bury_the_dead(self) -> None:
        for process, child in list(self._children.items()):
            dead, status = os.waitpid(process, os.WNOHANG)
            if not dead:
                continue
            del self._children[process]
            end_group(process)  # what it started, which keeps the id of its group in use
            end_children(but=self._children)  # of groups of their own, which have no other parent now
            where = child.progress.read()
            child.progress.close()
            self._tell(Ended(child.number, os.waitstatus_to_exitcode(status), where.turn, where.tool))

    def _tell(self, message: Forked | Ended) -> None:
        with contextlib.suppress(OSError):  # the command is gone: the end of the channel is read next
            self.channel.sendall(framed(message))


def _kill_group(process: int) -> None:
    """End a worker and all in its group. Before it has made itself a leader there is no group yet."""
    end_group(process)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)
