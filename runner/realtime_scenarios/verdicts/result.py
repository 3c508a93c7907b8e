"""What came of a dialogue: passed, failed, invalid, skipped or unsure, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from realtime_scenarios.core import Diagnostic, ScenarioError, Secrets
from realtime_scenarios.document import Place
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.trace import Trace

Status = Literal["passed", "failed", "invalid", "skipped", "unsure"]
"""All that was checked holds; something does not; the dialogue itself has mistakes; nothing could be checked here;
played again and again, it held too seldom to pass and too often to fail."""

FAILS_THE_RUN: frozenset[Status] = frozenset(["failed", "invalid", "unsure"])


class Unchecked(Struct, frozen=True):
    """What the dialogue says at `place` and could not be checked with this provider; `reason` is why, as a clause."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class DialogueResult:
    """`verdicts` holds all of them, in the order of the file; `error` is what ended the conversation early, or None.

    `mistakes` are the dialogue's own, for which it was not played. `skipped` is why nothing was checked, `doubt` why it
    neither passed nor failed; None: it is not so. `unchecked` is what was left out of a dialogue that was checked.
    `dollars` is what the models cost, None: nobody is paid, or no price is known.
    Nothing in it shows one of its `secrets`; the files of the author, which are shown beside it, may.
    """

    dialogue: Dialogue
    verdicts: tuple[Verdict, ...]
    trace: Trace
    error: ScenarioError | None = None
    mistakes: tuple[Diagnostic, ...] = ()
    skipped: str | None = None
    doubt: str | None = None
    unchecked: tuple[Unchecked, ...] = ()
    secrets: Secrets = field(default_factory=Secrets)
    dollars: float | None = None

    @property
    def status(self) -> Status:
        if self.mistakes:
            return "invalid"
        if self.error is not None or self.failures:
            return "failed"
        if self.skipped is not None:
            return "skipped"
        return "passed" if self.doubt is None else "unsure"

    @property
    def passed(self) -> bool:
        return self.status == "passed"

    @property
    def fails_the_run(self) -> bool:
        return self.status in FAILS_THE_RUN

    @property
    def failures(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)
