"""What a process does about its parent, its children and their groups, where the system can be asked for it.

Parents and orphans are Linux's alone: elsewhere a process hears that its channel ends, and nothing more.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Container
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def end_with_parent() -> None:
    """Be killed when the thread that started this process ends."""
    _set_of_process(_PR_SET_PDEATHSIG, signal.SIGKILL)


def survive_parent() -> None:
    """Take `end_with_parent` back: there is something to put in order first."""
    _set_of_process(_PR_SET_PDEATHSIG, 0)


def adopt_orphans() -> None:
    """Be the parent of whatever is left of one's children's children."""
    _set_of_process(_PR_SET_CHILD_SUBREAPER, 1)


def end_children(*, but: Container[int]) -> None:
    """Kill all children but these, and what that leaves behind; nothing is done where the system tells of none."""
    while others := [child for child in children() if child not in but]:
        for child in others:
            with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def end_group(leader: int) -> None:
    """Kill the process group that this process leads or led, where the system has groups."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def children() -> frozenset[int]:
    """Process ids of one's own children, whichever thread started them; none where the system does not tell."""
    try:
        return frozenset(
            int(child) for file in Path("/proc/self/task").glob("*/children") for child in file.read_text().split()
        )
    except OSError:
        return frozenset()


def _set_of_process(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
