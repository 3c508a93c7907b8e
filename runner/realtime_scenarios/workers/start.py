"""Where the processes begin that dialogues are played in: they see to their end before they import the SDK."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from typing import NoReturn

from realtime_scenarios.processes.parents import adopt_orphans, end_with_parent, survive_parent


def be_a_zygote(channel: int, *, dies_with_thread: bool) -> NoReturn:
    """Serve the command at the other end. `dies_with_thread`: the parent's, which lives as long as the parent does.

    While it imports, it does not hear that its channel ends; from then on it must hear it, since there is more to end
    than itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if dies_with_thread:
        end_with_parent()
    gc.disable()
    from realtime_scenarios.workers.zygote import Zygote

    zygote = Zygote(socket.socket(fileno=channel))
    gc.collect()
    gc.freeze()  # no worker's collector looks at these million objects again, and so their memory stays shared
    gc.enable()
    survive_parent()
    adopt_orphans()
    try:
        zygote.serve()
    finally:
        zygote.end_all()
        os._exit(0)


def be_a_worker() -> NoReturn:
    """Serve the command as a worker that nobody has forked. How to reach the command stands in standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    from realtime_scenarios.workers.blemishes import Watch
    from realtime_scenarios.workers.progress import Progress
    from realtime_scenarios.workers.worker import Worker

    gc.enable()
    Worker(_channel_in(sys.stdin.buffer.read()), Progress(), Watch()).serve()


def _channel_in(handed_over: bytes) -> socket.socket:
    """The socket whose number it is; on Windows, the one that was shared with this process."""
    if sys.platform == "win32":
        return socket.fromshare(handed_over)
    return socket.socket(fileno=int(handed_over))
