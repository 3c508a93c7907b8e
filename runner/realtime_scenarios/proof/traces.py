"""A trace to the places where it breaks the properties of its scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.model.scenario import Property, Scenario
from realtime_scenarios.model.tool import (
    Condition,
)
from realtime_scenarios.proof.properties import Happening, happening
from realtime_scenarios.templates import Expression, TemplateError
from realtime_scenarios.trace import (
    ApprovalDecided,
    ContextChanged,
    HandedOff,
    StateEntered,
    ToolCalled,
    ToolReturned,
    Trace,
)

_RAN = ("answered", "failed", "timed_out")


@dataclass(frozen=True, slots=True)
class _Deed:
    """One thing that happened in a trace, with what was known just before."""

    seq: int
    what: Happening
    values: dict[str, Any]
    answered: bool = True


def property_violations(scenario: Scenario, trace: Trace) -> list[tuple[Property, str, int]]:
    """The properties that a trace breaks, each with what happened and the `seq` of the event; names must be right."""
    found: list[tuple[Property, str, int]] = []
    for prop in scenario.properties:
        if prop.before is not None:
            first, second = (happening(name, scenario) for name in prop.before)
            if isinstance(first, Happening) and isinstance(second, Happening):
                found += [(prop, *broken) for broken in _violations_of_before(first, second, scenario, trace)][:1]
        elif prop.never is not None:
            what = happening(prop.never, scenario)
            if isinstance(what, Happening):
                found += [(prop, *broken) for broken in _violations_of_never(what, prop.when, scenario, trace)]
    return sorted(found, key=lambda broken: broken[2])


def _deeds_in(scenario: Scenario, trace: Trace) -> Iterator[_Deed]:
    context = dict(trace.context)
    states: dict[str, str] = {}
    before: dict[str, dict[str, Any]] = {}
    agent = trace.start

    def values() -> dict[str, Any]:
        return {"context": dict(context), "state": states.get(agent), "agent": agent}

    def entered(seq: int) -> Iterator[_Deed]:
        machine = scenario.agents[agent].states if agent in scenario.agents else None
        if machine is not None and machine.is_enforced and agent not in states:
            states[agent] = trace.entries.get(agent, machine.entry)
            yield _Deed(seq, Happening("state", states[agent]), values())

    yield _Deed(0, Happening("agent", agent), values())
    yield from entered(0)
    for event in trace:
        match event:
            case ContextChanged():
                context[event.variable] = event.value
            case ToolCalled() | ApprovalDecided():
                before[event.call_id] = values()
            case ToolReturned() if event.outcome in _RAN:
                known = before.get(event.call_id) or values()
                yield _Deed(event.seq, Happening("tool", event.tool), known, event.outcome == "answered")
            case HandedOff():
                yield _Deed(event.seq, Happening("agent", event.to), values())
                agent = event.to
                yield from entered(event.seq)
            case StateEntered():
                if states.get(agent) != event.state or event.previous is not None:
                    yield _Deed(event.seq, Happening("state", event.state), values())
                states[agent] = event.state
            case _:
                pass


def _violations_of_before(
    first: Happening, second: Happening, scenario: Scenario, trace: Trace
) -> Iterator[tuple[str, int]]:
    for deed in _deeds_in(scenario, trace):
        if deed.what == first and deed.answered:
            return
        if deed.what == second:
            yield f"{second.kind} '{second.name}' came before {first.kind} '{first.name}'", deed.seq


def _violations_of_never(
    what: Happening, condition: Condition | None, scenario: Scenario, trace: Trace
) -> Iterator[tuple[str, int]]:
    for deed in _deeds_in(scenario, trace):
        if deed.what != what:
            continue
        try:
            holds = condition is None or bool(Expression(condition.expression).evaluate(deed.values))
        except TemplateError:
            holds = False
        if holds:
            while_ = f" while {condition.expression}" if condition else ""
            yield f"{what.kind} '{what.name}' must never happen{while_}", deed.seq
