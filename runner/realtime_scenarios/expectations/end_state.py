"""What a conversation left behind: context variables and data."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.matching import mismatch
from realtime_scenarios.expectations.verdict import Failure, Scope, expectation
from realtime_scenarios.model import matcher_of
from realtime_scenarios.model.dialogue import Matcher
from realtime_scenarios.trace import ContextChanged


@expectation("context")
def context(value: Any, scope: Scope, place: Place) -> Failure | None:
    """Each variable has this value at the end; a bare text must be equal, and conditions may say more."""
    variables = scope.trace.context_after(scope.end)
    for name, wanted in value.items():
        matcher = (
            matcher_of(wanted, place / name)
            if isinstance(wanted, dict)
            else Matcher(place / name, has_equals=True, equals=wanted)
        )
        if reason := mismatch(matcher, variables.get(name)):
            changes = [event.seq for event in scope.of(ContextChanged) if event.variable == name]
            return Failure(f"context variable '{name}': {reason}", changes[-1] if changes else scope.last)
    return None


@expectation("data")
def data(value: Any, scope: Scope, place: Place) -> Failure | None:
    """The rows of a query over the tables as they are now; one row with one column may be given as its bare value."""
    if scope.trace.query is None:
        return Failure("the scenario has no data", scope.last)
    try:
        rows = scope.trace.query(value["query"])
    except Exception as problem:  # the query is the author's, and may be wrong in any way
        return Failure(f"the query cannot be run: {problem}", scope.last)
    wanted = value.get("returns", [])
    found: Any = rows
    if not isinstance(wanted, (list, dict)) and len(rows) == 1 and len(rows[0]) == 1:
        found = next(iter(rows[0].values()))
    elif isinstance(wanted, dict) and len(rows) == 1:
        found = rows[0]
    is_bare = not isinstance(wanted, dict) or not wanted.keys() <= {"contains", "excludes", "matches", "equals"}
    matcher = Matcher(place, has_equals=True, equals=wanted) if is_bare else matcher_of(wanted, place / "returns")
    reason = mismatch(matcher, found)
    return Failure(f"the data is not as expected: {reason}", scope.last) if reason else None
