"""How long a server lets a session last: until when the present one is used, before a fresh one takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

_SHARE = 0.1
_LONGEST_REST = 120.0
_SHORTEST = 2.0
_LONGEST = 86_400.0


def seconds_to_use(session: Mapping[str, Any], unix_time: float) -> float | None:
    """For how many seconds a session that has just been created is used; None: it does not say when it ends.

    A tenth of its time, and at most two minutes, is left for a quiet moment to come. The service sends `expires_at`, a
    Unix time in whole seconds, with `session.created`, and ends a session after 60 minutes. By a clock that does not
    agree with the server's the session may be over already, or last for days: then nothing is known.
    """
    ends = session.get("expires_at")
    if not isinstance(ends, (int, float)) or isinstance(ends, bool):
        return None
    left = ends - unix_time
    if not _SHORTEST <= left <= _LONGEST:
        return None
    return float(left - min(left * _SHARE, _LONGEST_REST))


class Lifetime:
    """The time of the present session. `near_its_end` is called once when it comes there; it may then be taken later.

    `unix_time` is what the server's clock is compared with.
    """

    def __init__(self, unix_time: Callable[[], float], near_its_end: Callable[[], None]) -> None:
        self.is_near_its_end = False
        self._unix_time = unix_time
        self._near_its_end = near_its_end
        self._timer: asyncio.TimerHandle | None = None

    def begins(self, session: Mapping[str, Any]) -> None:
        """A session begins in place of the one before."""
        self.close()
        self.is_near_its_end = False
        seconds = seconds_to_use(session, self._unix_time())
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._comes_near_its_end)

    def close(self) -> None:
        """Nobody is called any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _comes_near_its_end(self) -> None:
        self.is_near_its_end = True
        self._near_its_end()
