"""What came of a dialogue."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime_scenarios.core import ScenarioError, Secrets
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.trace import Trace


@dataclass(frozen=True, slots=True)
class DialogueResult:
    """`verdicts` holds all of them, in the order of the file; `error` is what ended the conversation early, or None.

    Nothing in it shows one of its `secrets`; the files of the author, which are shown beside it, may.
    """

    dialogue: Dialogue
    verdicts: tuple[Verdict, ...]
    trace: Trace
    error: ScenarioError | None = None
    secrets: Secrets = field(default_factory=Secrets)

    @property
    def passed(self) -> bool:
        return self.error is None and all(verdict.passed for verdict in self.verdicts)

    @property
    def failures(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)
