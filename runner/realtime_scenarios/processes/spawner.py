"""Workers where processes cannot be forked: each imports the SDK by itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections import deque

from realtime_scenarios.processes.wire import Ended, Forked, FromZygote

_PROGRAM = "import sys; sys.path[:] = {path!r}; from realtime_scenarios.workers.start import be_a_worker; be_a_worker()"


class Spawner:
    """See `Nursery`. What workers print goes where this process prints, unmarked."""

    takes_output = False

    def __init__(self) -> None:
        self.channel, self._told = socket.socketpair()
        self._reports: deque[FromZygote] = deque()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._owner = os.getpid()
        self.has_forked = True

    @property
    def is_usable(self) -> bool:
        return self._owner == os.getpid()

    def fork(self, number: int, channel: socket.socket, output: int | None) -> None:
        program = _PROGRAM.format(path=sys.path)
        inherited = [] if sys.platform == "win32" else [channel.fileno()]
        process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, pass_fds=inherited)
        self._processes[number] = process
        assert process.stdin is not None
        with process.stdin as stdin:
            stdin.write(_handed_over(channel, process.pid))
        self._tell(Forked(number, process.pid))
        threading.Thread(target=self._wait_for, args=(number, process), daemon=True).start()

    def kill(self, number: int) -> None:
        if (process := self._processes.get(number)) is not None:
            process.kill()

    def reports(self) -> list[FromZygote]:
        self.channel.recv(1)
        return [self._reports.popleft()]

    def exit_code(self) -> int:
        return 0

    def close(self) -> None:
        for process in self._processes.values():
            process.kill()
        self.channel.close()

    def _wait_for(self, number: int, process: subprocess.Popen[bytes]) -> None:
        status = process.wait()
        self._processes.pop(number, None)
        self._tell(Ended(number, status))

    def _tell(self, report: FromZygote) -> None:
        self._reports.append(report)
        try:
            self._told.send(b"!")
        except OSError:
            return  # nobody listens any more


def _handed_over(channel: socket.socket, process: int) -> bytes:
    """What the process makes its end of the channel from."""
    if sys.platform == "win32":
        return channel.share(process)
    return b"%d" % channel.fileno()
