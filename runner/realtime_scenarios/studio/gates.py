"""What an agent may do now and what it may not, with the terms of each condition: the answer to "why not?"."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import UsageError, did_you_mean, is_unsaid
from realtime_scenarios.model.scenario import AgentSpec, Scenario, State
from realtime_scenarios.model.tool import Condition
from realtime_scenarios.studio.drawing import Json, agent_named, transition_id
from realtime_scenarios.studio.places import ShownPlace, shown_place
from realtime_scenarios.templates import Expression, TemplateError
from realtime_scenarios.templates.terms import reads, terms_of


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a condition. `holds` None: it depends on the call's arguments, or cannot be told (`why` says it)."""

    text: str
    holds: bool | None
    why: str | None
    place: ShownPlace | None

    def told(self) -> Json:
        return {"text": self.text, "holds": self.holds, "why": self.why, "place": self.place}


def ways_now(
    scenario: Scenario, agent: str, state: str | None, context: Mapping[str, Any], now: datetime.datetime
) -> Json:
    """The transitions, handoffs and tools of an agent, each with whether it is open and the terms it hangs on.

    `state` None: the one that the agent begins with. Values are never told, only whether the terms hold.

    Raises:
        UsageError: there is no such agent or state.
    """
    spec = agent_named(scenario, agent)
    here = _state_named(spec, state)
    values = {"args": {}, "context": context, "now": now, "state": here.id if here is not None else None}
    return {
        "agent": spec.id,
        "state": here.id if here is not None else None,
        "transitions": [_way(name, terms) for name, terms in _transitions(spec, here, values)] if here else [],
        "handoffs": [_way(edge.to, _terms(edge.requires, values)) for edge in spec.handoffs],
        "tools": [
            _way(name, _terms(scenario.tools[name].requires, values)) for name in spec.tools if name in scenario.tools
        ],
    }


def _state_named(spec: AgentSpec, state: str | None) -> State | None:
    if spec.states is None:
        if state is not None:
            raise UsageError(f"agent '{spec.id}' has no states", hint="leave out the state")
        return None
    name = state or spec.states.entry
    if name not in spec.states.states:
        raise UsageError(f"agent '{spec.id}' has no state '{name}'", hint=did_you_mean(name, spec.states.states))
    return spec.states.states[name]


def _way(name: str, terms: list[Term]) -> Json:
    verdicts = {term.holds for term in terms}
    is_open = False if False in verdicts else None if None in verdicts else True
    return {"id": name, "open": is_open, "terms": [term.told() for term in terms]}


def _transitions(spec: AgentSpec, here: State, values: Mapping[str, Any]) -> Iterator[tuple[str, list[Term]]]:
    """Each way on from the state with what it hangs on; what has to be found out first is not asked of a way back."""
    machine = spec.states
    assert machine is not None
    for index, way in enumerate(here.transitions):
        goes_back = way.to is not None and machine.leads_back(here.id, way.to)
        wanted = [] if way.to is None or goes_back or not machine.is_enforced else here.collect
        found = [
            Term(
                f"{field.variable} is known",
                not is_unsaid(values["context"].get(field.variable)),
                None,
                shown_place(field.place),
            )
            for field in wanted
            if field.required
        ]
        yield transition_id(here, index), found + _terms(way.requires, values)


def _terms(conditions: tuple[Condition, ...], values: Mapping[str, Any]) -> list[Term]:
    return [_term(text, condition, values) for condition in conditions for text in terms_of(condition.expression)]


def _term(text: str, condition: Condition, values: Mapping[str, Any]) -> Term:
    place = shown_place(condition.place)
    if "args" in reads(text):
        return Term(text, None, "it depends on what the call brings along", place)
    try:
        return Term(text, bool(Expression(text).evaluate(values)), None, place)
    except TemplateError as problem:
        return Term(text, False, problem.message, place)
