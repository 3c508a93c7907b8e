"""The kinds of change, by what they are about; a new module stands in this list."""

from realtime_scenarios.mutation.kinds import (
    approvals,
    gates,
    guardrails,
    memory,
    parameters,
    promises,
    results,
    rows,
    sql,
    text_models,
    times,
    ways,
)

__all__ = [
    "approvals",
    "gates",
    "guardrails",
    "memory",
    "parameters",
    "promises",
    "results",
    "rows",
    "sql",
    "text_models",
    "times",
    "ways",
]
