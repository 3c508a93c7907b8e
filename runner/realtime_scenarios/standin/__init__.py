"""Who may answer in the Realtime engine, by name, and what may be told to who does."""

from __future__ import annotations

from collections.abc import Callable

from realtime_scenarios.core import Registry
from realtime_scenarios.realtime.responder import Responder
from realtime_scenarios.standin.briefing import Briefing, StateBriefing, ToolBriefing, Way
from realtime_scenarios.standin.offline import Missed, OfflineResponder

RESPONDERS: Registry[Callable[..., Responder]] = Registry("responder")
RESPONDERS.add("offline", OfflineResponder)

__all__ = ["RESPONDERS", "Briefing", "Missed", "OfflineResponder", "StateBriefing", "ToolBriefing", "Way"]
