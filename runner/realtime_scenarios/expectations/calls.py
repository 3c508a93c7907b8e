"""Which tools were called, how the calls ended, in which order, and who allowed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.matching import argument_mismatch, mismatch, shown
from realtime_scenarios.expectations.verdict import Failure, Scope, expectation
from realtime_scenarios.model import matcher_of
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.trace import (
    ApprovalDecided,
    ApprovalRequested,
    HandedOff,
    StateEntered,
    ToolCalled,
    ToolReturned,
)


@expectation("called")
def called(value: Any, scope: Scope, place: Place) -> Failure | None:
    """The tool was called, with these arguments, this outcome and this answer; `times` says how often."""
    wanted = _wanted(value)
    calls = [event for event in scope.of(ToolCalled) if event.tool == wanted["tool"]]
    fitting = [event for event in calls if _unlike(event, wanted, scope, place) is None]
    times = wanted.get("times")
    if times is not None and len(fitting) != times:
        return Failure(
            f"expected {_times(times)} of '{wanted['tool']}'{_with(wanted)}, but there were {len(fitting)}", scope.last
        )
    if times is None and not fitting:
        if calls:
            return Failure(
                f"'{wanted['tool']}' was called, but {_unlike(calls[-1], wanted, scope, place)}", calls[-1].seq
            )
        others = dict.fromkeys(f"'{event.tool}'" for event in scope.of(ToolCalled) if event.tool != SET_STATE_TOOL)
        known = f"; called were {listed(others)}" if others else "; nothing was called"
        return Failure(f"'{wanted['tool']}' was not called{known}", scope.last)
    return None


@expectation("not_called")
def not_called(value: Any, scope: Scope, place: Place) -> Failure | None:
    """The tool was not called; with `args`, not with these."""
    wanted = _wanted(value)
    for event in scope.of(ToolCalled):
        if event.tool == wanted["tool"] and _unlike(event, wanted, scope, place) is None:
            return Failure(f"'{event.tool}' was called, with {shown(event.arguments)}", event.seq)
    return None


@expectation("order")
def order(value: Any, scope: Scope, place: Place) -> Failure | None:
    """These calls, handoffs and states happened one after the other; others may stand between them."""
    deeds = [event for event in scope.events if isinstance(event, (ToolCalled, HandedOff, StateEntered))]
    at = 0
    for step in value:
        kind, name = next(iter(step.items())) if isinstance(step, Mapping) else ("call", step)
        found = next((index for index in range(at, len(deeds)) if _is(deeds[index], kind, name)), None)
        if found is None:
            before = f" after {_deed(deeds[at - 1])}" if at else ""
            rest = listed(map(_deed, deeds[at:])) if deeds[at:] else "nothing"
            return Failure(f"expected {kind} '{name}'{before}; what came was {rest}", scope.last)
        at = found + 1
    return None


@expectation("approval")
def approval(value: Any, scope: Scope, place: Place) -> Failure | None:
    """A person was asked about the tool and decided so, before it had any effect; `none`: nobody was asked."""
    asked = scope.of(ApprovalRequested)
    if value == "none":
        return Failure(f"a person was asked to approve '{asked[0].tool}'", asked[0].seq) if asked else None
    tool = value.get("tool")
    decisions = [event for event in scope.of(ApprovalDecided) if tool in (None, event.tool)]
    what = f"'{tool}'" if tool else "anything"
    if not decisions:
        if any(tool in (None, event.tool) for event in asked):
            return Failure(f"the approval of {what} was never decided", scope.last)
        return Failure(f"nobody was asked to approve {what}", scope.last)
    wanted = value.get("decision")
    fitting = [event for event in decisions if wanted in (None, event.decision)]
    if wanted is not None and not fitting:
        found = decisions[-1]
        return Failure(
            f"the approval of '{found.tool}' was to be {_said(wanted)}, but it was {_said(found.decision)}", found.seq
        )
    for decision in fitting:
        for returned in scope.of(ToolReturned):
            if returned.call_id == decision.call_id and returned.seq < decision.seq:
                return Failure(f"'{decision.tool}' answered before the approval was decided", returned.seq)
    return None


def _wanted(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"tool": value}


def _unlike(event: ToolCalled, wanted: Mapping[str, Any], scope: Scope, place: Place) -> str | None:
    """Why a call of the tool is not the one wanted; None if it is."""
    if "args" in wanted and (reason := argument_mismatch(wanted["args"], event.arguments, place / "args")):
        return reason
    if "outcome" not in wanted and "returns" not in wanted:
        return None
    returned = scope.trace.returned(event.call_id)
    if returned is None:
        return "it never returned"
    if wanted.get("outcome", returned.outcome) != returned.outcome:
        return f"it was {_said(returned.outcome)}, not {_said(wanted['outcome'])}"
    if "returns" in wanted and (reason := mismatch(matcher_of(wanted["returns"], place / "returns"), returned.output)):
        return f"it returned something else: {reason}"
    return None


def _is(event: ToolCalled | HandedOff | StateEntered, kind: str, name: str) -> bool:
    match event:
        case ToolCalled():
            return kind == "call" and event.tool == name
        case HandedOff():
            return kind == "handoff" and event.to == name
        case StateEntered():
            return kind == "state" and event.state == name


def _deed(event: ToolCalled | HandedOff | StateEntered) -> str:
    match event:
        case ToolCalled():
            return f"call '{event.tool}'"
        case HandedOff():
            return f"handoff '{event.to}'"
        case StateEntered():
            return f"state '{event.state}'"


def _times(count: int) -> str:
    return {0: "no call", 1: "one call"}.get(count, f"{count} calls")


def _with(wanted: Mapping[str, Any]) -> str:
    return f" with {shown(wanted['args'])}" if wanted.get("args") else ""


def _said(word: str) -> str:
    return word.replace("_", " ")
