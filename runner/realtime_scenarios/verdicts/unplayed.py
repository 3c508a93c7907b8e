"""A dialogue that need not be played, to its result."""

from __future__ import annotations

from realtime_scenarios.project.cases import Case
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts.result import DialogueResult

NO_SCRIPT = "its caller has no script: it takes --provider offline, or a model"
"""Why a dialogue is skipped in which the caller goes on behind what is written."""


def unplayed(case: Case, *, scripted: bool | None) -> DialogueResult | None:
    """The result of a dialogue that has mistakes, or is of no use with this model; None: it must be played.

    `scripted`: the model would do as the dialogue says; None: that is not known yet.
    """
    if case.mistakes:
        return DialogueResult(case.dialogue, (), _nothing_happened(case), mistakes=case.mistakes)
    if case.dialogue.scripted_only is not None and scripted is False:
        return left_out(case, case.dialogue.scripted_only)
    if case.dialogue.caller is not None and scripted:
        return left_out(case, NO_SCRIPT)
    return None


def left_out(case: Case, reason: str) -> DialogueResult:
    """The result of a dialogue that is skipped."""
    return DialogueResult(case.dialogue, (), _nothing_happened(case), skipped=reason)


def _nothing_happened(case: Case) -> Trace:
    return Trace((), case.dialogue.agent or case.project.scenario.start)
