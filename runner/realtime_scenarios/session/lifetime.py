"""How long a server lets a session last: until when the present one is used, before a fresh one takes over."""

from __future__ import annotations

from collections.abc import Mapping
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
