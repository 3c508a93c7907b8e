"""What must be true of a trace, one file a family."""

from runner.expectations import calls, end_state, flow, speech
from runner.expectations.matching import mismatch, shown
from runner.expectations.standing import spoken, standing_verdicts
from runner.expectations.verdict import EXPECTATIONS, Scope, Verdict
from runner.model.dialogue import ExpectationSpec
from runner.trace import Trace

__all__ = [
    "EXPECTATIONS",
    "Verdict",
    "calls",
    "check",
    "end_state",
    "flow",
    "mismatch",
    "shown",
    "speech",
    "spoken",
    "standing_verdicts",
]


def check(spec: ExpectationSpec, trace: Trace, turn: int | None) -> Verdict:
    """Hold an expectation against a turn of the trace, or against the whole of it (None)."""
    before = trace.of_turn(0) if turn == 1 else ()
    events = trace.events if turn is None else (*before, *trace.of_turn(turn))
    failure = EXPECTATIONS[spec.kind](spec.value, Scope(trace, turn, events), spec.place)
    if failure is None:
        return Verdict(spec.place, True, "")
    return Verdict(spec.place, False, failure.message, failure.at)
