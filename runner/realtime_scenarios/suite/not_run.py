"""Dialogues that a run did not come to, and why: no report may look as if it were of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime_scenarios.project.cases import Case


@dataclass(frozen=True, slots=True)
class NotRun:
    """What was not run, in the order of the cases, and `because` of what; nothing where all was."""

    cases: Sequence[Case] = ()
    because: str = ""

    def __len__(self) -> int:
        return len(self.cases)

    def __str__(self) -> str:
        dialogues = "1 dialogue was" if len(self) == 1 else f"{len(self)} dialogues were"
        return f"{dialogues} not run: {self.because}"
