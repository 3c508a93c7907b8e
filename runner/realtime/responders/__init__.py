"""Who may answer in the Realtime engine, by name."""

from __future__ import annotations

from collections.abc import Callable

from runner.core import Registry
from runner.realtime.responder import Responder
from runner.realtime.responders.offline import OfflineResponder

RESPONDERS: Registry[Callable[..., Responder]] = Registry("responder")
RESPONDERS.add("offline", OfflineResponder)

__all__ = ["RESPONDERS", "OfflineResponder"]
