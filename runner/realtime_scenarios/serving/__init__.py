"""A scenario or its dialogues, served to the clients of others: who answers, what they did, what it comes to."""

from realtime_scenarios.serving.rehearsal import Rehearsal, Rehearsed
from realtime_scenarios.serving.stage import Stage

__all__ = ["Rehearsal", "Rehearsed", "Stage"]
