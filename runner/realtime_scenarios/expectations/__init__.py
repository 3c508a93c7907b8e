"""What must be true of a trace, one file a family."""

from realtime_scenarios.expectations import calls, end_state, flow, speech
from realtime_scenarios.expectations.matching import mismatch, shown
from realtime_scenarios.expectations.standing import spoken, standing_verdicts
from realtime_scenarios.expectations.verdict import EXPECTATIONS, Scope, Verdict
from realtime_scenarios.model.dialogue import ExpectationSpec
from realtime_scenarios.trace import Trace

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
