"""A rehearsal to a line of JSON: which dialogue with which client, every verdict at its line, and what happened."""

from __future__ import annotations

import json
from typing import Any

from realtime_scenarios.expectations import Verdict
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.trace import to_json_lines


def verdict_line(rehearsing: Rehearsing) -> str:
    """The line, with its end."""
    result = rehearsing.rehearsed.result
    data = {
        "connection": rehearsing.number,
        "session": rehearsing.rehearsed.session,
        "dialogue": rehearsing.case.name,
        "status": result.status,
        "problem": None if result.error is None else result.error.message,
        "verdicts": [_verdict_data(verdict) for verdict in result.verdicts],
        "unchecked": [{"at": str(left.place.span), "reason": left.reason} for left in result.unchecked],
        "trace": [json.loads(line) for line in to_json_lines(result.trace).splitlines()],
    }
    return json.dumps(data, ensure_ascii=False) + "\n"


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    return {
        "at": str(verdict.place.span),
        "passed": verdict.passed,
        "message": verdict.message,
        "event": verdict.at,
        "diff": list(verdict.diff),
    }
