"""An expectation that does not hold, to the one that says what happened instead, as a file writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.expectations.calls import Approval, Called, NotCalled
from realtime_scenarios.expectations.end_state import ContextValues, DataRows, rows_as_written
from realtime_scenarios.expectations.flow import ActiveAgent, CurrentState, GuardrailTrips, HandoffMade
from realtime_scenarios.expectations.heard import Heard
from realtime_scenarios.expectations.matching import argument_mismatch, mismatch
from realtime_scenarios.expectations.measures import ParallelCalls, Responses
from realtime_scenarios.expectations.speech import Opens, Said
from realtime_scenarios.model.expectation import Expectation, Scope
from realtime_scenarios.model.matcher import Matcher
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    GuardrailTripped,
    HandedOff,
    Interrupted,
    ToolCalled,
)

_LONGEST = 1_000
"""Characters of a text that somebody still reads in a dialogue."""


class Happened(Struct, frozen=True):
    """What an expectation would say if it said what happened: its `key`, and the value below it."""

    key: str
    value: Any


class Unexpectable(Struct, frozen=True):
    """Why what happened cannot stand in the place of the expectation, as a sentence without its full stop."""

    reason: str


def happened(wanted: Expectation, scope: Scope) -> Happened | Unexpectable:
    """What to write for an expectation that does not hold of the scope.

    What forbids something says more than what happened; it is never turned into its opposite, but for a call.
    """
    key, written = str(wanted.place.pointer[-1]), wanted.place.value
    told = _written_anew(wanted, key, written, scope)
    if isinstance(told, Happened) and MARK in repr(told.value) and MARK not in repr(written):
        return Unexpectable("what happened holds a secret")
    return told


def _written_anew(wanted: Expectation, key: str, written: Any, scope: Scope) -> Happened | Unexpectable:
    match wanted:
        case ActiveAgent():
            return Happened(key, scope.trace.agent_after(scope.end))
        case CurrentState():
            state = scope.trace.state_after(scope.end)
            return Unexpectable("the active agent has no states") if state is None else Happened(key, state)
        case HandoffMade():
            return _handoff(key, written, scope)
        case GuardrailTrips():
            tripped = scope.of(GuardrailTripped)
            return Happened(key, tripped[-1].guardrail if tripped else "none")
        case Called():
            return _call(wanted, written, scope)
        case NotCalled():
            return Happened("called", written)
        case Approval(tool=tool, decision=str()):
            decided = [event for event in scope.of(ApprovalDecided) if tool is None or event.tool == tool.text]
            if not decided:
                return Unexpectable("nobody decided")
            return Happened(key, {**written, "decision": decided[-1].decision})
        case ContextValues():
            values = scope.trace.context_after(scope.end)
            differ = {name for name, matcher in wanted.values.items() if mismatch(matcher, values.get(name))}
            return Happened(key, {name: values.get(name) if name in differ else written[name] for name in written})
        case DataRows():
            return _rows(wanted, key, written, scope)
        case Said():
            return _words(key, wanted.words, [event.text for event in scope.of(AgentSaid)][-1:])
        case Opens():
            return _words(key, wanted.words, [event.text for event in scope.trace if isinstance(event, AgentSaid)][:1])
        case Heard():
            cut = [event.heard for event in scope.of(Interrupted) if event.after is None]
            return _words(key, wanted.words, cut[-1:])
        case Responses():
            return Happened(key, sum(turn.responses for turn in scope.measures))
        case ParallelCalls():
            return Happened(key, max((turn.parallel for turn in scope.measures), default=0))
        case _:
            return Unexpectable(f"nothing that happened can be written as '{key}'")


def _handoff(key: str, written: Any, scope: Scope) -> Happened:
    made = scope.of(HandedOff)
    if not made:
        return Happened(key, "none")
    if isinstance(written, str):
        return Happened(key, made[-1].to)
    ends = {"to": made[-1].to, "from": made[-1].agent}
    return Happened(key, {end: ends[end] for end in written})


def _call(wanted: Called, written: Any, scope: Scope) -> Happened | Unexpectable:
    calls = [event for event in scope.of(ToolCalled) if event.tool == wanted.tool.text]
    if not calls:
        return Happened("not_called", wanted.tool.text)
    keys: dict[str, Any] = dict(written) if isinstance(written, Mapping) else {"tool": written}
    fitting = [call for call in calls if argument_mismatch(wanted.arguments, call.arguments) is None]
    call = (fitting or calls)[-1]
    if not fitting:
        given = call.arguments if isinstance(call.arguments, Mapping) else {}
        if not wanted.arguments.keys() <= given.keys():
            return Unexpectable("the call had not all of these arguments")
        keys["args"] = {
            name: given[name] if argument_mismatch({name: matcher}, given) else written["args"][name]
            for name, matcher in wanted.arguments.items()
        }
    returned = scope.trace.returned(call.call_id)
    if wanted.outcome is not None or wanted.returns is not None:
        if returned is None:
            return Unexpectable("the call never returned")
        if wanted.outcome is not None:
            keys["outcome"] = returned.outcome
        if wanted.returns is not None and mismatch(wanted.returns, returned.output):
            if not isinstance(returned.output, str) or len(returned.output) > _LONGEST:
                return Unexpectable("its answer is too long to be written down")
            keys["returns"] = returned.output
    if wanted.times is not None:
        keys["times"] = len(fitting) if fitting else 1
    return Happened("called", keys)


def _rows(wanted: DataRows, key: str, written: Any, scope: Scope) -> Happened | Unexpectable:
    if scope.trace.query is None:
        return Unexpectable("the tables are not known any more: run it again")
    try:
        rows = scope.trace.query(wanted.query.text)
    except Exception as problem:  # the query is the author's, and may be wrong in any way
        return Unexpectable(f"the query cannot be run: {problem}")
    found = rows_as_written(wanted.returns, rows)
    if len(repr(found)) > _LONGEST:
        return Unexpectable("these are too many rows to be written down")
    return Happened(key, {**written, "returns": found})


def _words(key: str, wanted: Matcher, found: list[str]) -> Happened | Unexpectable:
    if wanted.only_excludes:
        return Unexpectable(f"it says what '{key}' must not be, and not what it is")
    if not found or not found[0].strip():
        return Unexpectable("nothing was said")
    if len(found[0]) > _LONGEST:
        return Unexpectable("that is too long to be written down")
    return Happened(key, found[0])
