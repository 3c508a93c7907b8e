"""What must be true of a trace. The modules imported by name are the catalogue: each registers its kinds."""

from realtime_scenarios.expectations import (
    asking,
    calls,
    claims,
    end_state,
    errors,
    flow,
    heard,
    judge,
    measures,
    promises,
    quiet,
    speech,
)
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import mismatch
from realtime_scenarios.expectations.verdict import Verdict, check

__all__ = [
    "Expected",
    "Verdict",
    "asking",
    "calls",
    "check",
    "claims",
    "end_state",
    "errors",
    "flow",
    "heard",
    "judge",
    "measures",
    "mismatch",
    "promises",
    "quiet",
    "speech",
]
