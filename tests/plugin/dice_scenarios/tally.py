"""A report in one line."""

from __future__ import annotations

from collections.abc import Sequence

from realtime_scenarios import Diagnostic, DialogueResult
from realtime_scenarios.project.cases import Case


def tally(results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = ()) -> str:
    passed = sum(result.passed for _, result in results)
    return f"{passed} of {len(results)} passed, {len(mistakes)} mistakes\n"
