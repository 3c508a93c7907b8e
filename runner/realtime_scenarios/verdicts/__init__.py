"""A dialogue that was played, to the verdicts on it: no author's code runs here, and nothing of the SDK."""

from realtime_scenarios.verdicts.judge import judged
from realtime_scenarios.verdicts.result import DialogueResult, Status, Unchecked
from realtime_scenarios.verdicts.unplayed import unplayed

__all__ = ["DialogueResult", "Status", "Unchecked", "judged", "unplayed"]
