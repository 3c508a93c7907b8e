"""What a report is: the results of a suite as one text that is written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from realtime_scenarios.core import Diagnostic, Registry
from realtime_scenarios.project import reports
from realtime_scenarios.project.cases import Case
from realtime_scenarios.verdicts import DialogueResult


class Report(Protocol):
    def __call__(self, results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = (), /) -> str:
        """The text of the file. `mistakes` are those that stand in no dialogue's result."""
        ...


REPORTS: Registry[Report] = reports.REPORTS
