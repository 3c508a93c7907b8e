"""A dialogue that was played, to the verdicts on it: no author's code runs here, and nothing of the SDK."""

from realtime_scenarios.verdicts.judge import judged
from realtime_scenarios.verdicts.result import DialogueResult

__all__ = ["DialogueResult", "judged"]
