"""A trace to the keys of all items that it met.

A trace says what was done, and the scenario what that means: a call that ran had all its gates open, a handoff that was
made was made along an edge. What neither tells stands in the trace by its place: which answer of a stub, which gate was
shut, which transition (`trace/events.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from realtime_scenarios.coverage.items import Key, guardrails_of
from realtime_scenarios.expectations.standing import unkept_promises
from realtime_scenarios.model.scenario import AgentSpec, Scenario
from realtime_scenarios.model.tool import Condition, ToolSpec, spec_called
from realtime_scenarios.trace import (
    BY_THE_CALLER,
    AgentSaid,
    ApprovalDecided,
    ApprovalRequested,
    GuardrailChecked,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    StateEntered,
    StateRefused,
    ToolCalled,
    ToolReturned,
    Trace,
)

_RAN = ("answered", "failed", "timed_out")


def keys_in(scenario: Scenario, trace: Trace) -> set[Key]:
    """The keys of the items that the trace met; of some kinds also keys that are no items of the scenario."""
    if not trace.events:
        return set()
    return set(_Walk(scenario, trace).keys()) | set(_promises_kept(scenario, trace))


class _Walk:
    """The way of a trace through its scenario."""

    def __init__(self, scenario: Scenario, trace: Trace) -> None:
        self._scenario = scenario
        self._trace = trace
        self._states: dict[str, str] = dict(trace.entries)
        self._calls: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._decided: set[str] = set()
        self._trips = {(event.turn, event.guardrail) for event in trace if isinstance(event, GuardrailTripped)}

    def keys(self) -> Iterator[Key]:
        yield from self._arrival(self._trace.start)
        for event in self._trace:
            match event:
                case ToolCalled():
                    self._calls[event.call_id] = event.arguments
                case ToolReturned():
                    yield from self._return_keys(event)
                case ApprovalRequested():
                    self._asked.add(event.call_id)
                case ApprovalDecided():
                    yield from self._decision_keys(event)
                case HandedOff():
                    yield from self._handoff_keys(event)
                case StateEntered():
                    yield from self._state_keys(event.agent, event.state)
                    yield from self._transition_keys(event.agent, event.transition)
                    self._states[event.agent] = event.state
                case HandoffRefused() | StateRefused():
                    yield from _shut(event.gate)
                case AgentSaid():
                    yield from self._passed_keys(event)
                case GuardrailChecked(status="pass") | GuardrailTripped():
                    way = "tripped" if isinstance(event, GuardrailTripped) else "passed"
                    if (guardrail := self._scenario.guardrails.get(event.guardrail)) is not None:
                        yield Key("guardrail", guardrail.place.json_pointer, way)
                case _:
                    pass

    def _arrival(self, name: str) -> Iterator[Key]:
        """An agent becomes active, and is in the state that it was left in, or begins in."""
        agent = self._scenario.agents.get(name)
        if agent is None:
            return
        yield Key("agent", agent.place.json_pointer)
        if agent.states is not None and agent.states.is_enforced:
            yield from self._state_keys(name, self._states.get(name, agent.states.entry))

    def _state_keys(self, agent: str, state: str) -> Iterator[Key]:
        machine = self._scenario.agents[agent].states
        if machine is not None and state in machine.states:
            yield Key("state", machine.states[state].place.json_pointer)

    def _transition_keys(self, agent: str, taken: str | None) -> Iterator[Key]:
        machine = self._scenario.agents[agent].states
        if machine is None or taken is None:
            return
        yield Key("transition", taken)
        state = machine.states.get(self._states.get(agent, machine.entry))
        for way in state.transitions if state is not None else ():
            if way.place.json_pointer == taken:
                yield from _open(way.requires)

    def _handoff_keys(self, event: HandedOff) -> Iterator[Key]:
        for edge in self._scenario.agents[event.agent].handoffs:
            if edge.to == event.to:
                yield Key("handoff", edge.place.json_pointer)
                yield from _open(edge.requires)
        yield from self._transition_keys(event.agent, event.transition)
        yield from self._arrival(event.to)

    def _return_keys(self, event: ToolReturned) -> Iterator[Key]:
        spec = self._spec(event.tool, event.call_id)
        yield from _shut(event.gate)
        if spec is None or event.outcome not in (*_RAN, "rejected"):
            return
        if event.call_id in self._asked - self._decided:  # the question could not be put, or nobody can have said yes
            return
        yield from _open(spec.requires)
        if event.outcome == "rejected":
            return
        yield Key("tool", spec.place.json_pointer)
        rule = spec.approval
        if rule is not None and rule.when is not None and event.call_id not in self._decided:
            yield Key("approval", rule.place.json_pointer, "not_asked")
        yield from self._answer_keys(spec, event)

    def _answer_keys(self, spec: ToolSpec, event: ToolReturned) -> Iterator[Key]:
        if event.branch is not None:
            yield Key("answer", event.branch)
        if event.outcome != "answered" or self._trace.answered(event.call_id) is not None:
            return
        question, supervisor = spec.stub.question, self._scenario.supervisors.get(spec.stub.supervisor or "")
        if question is not None and question.fallback is not None:
            yield Key("answer", question.fallback.place.json_pointer)
        if supervisor is not None:
            yield Key("answer", (supervisor.place / "fallback").json_pointer)

    def _decision_keys(self, event: ApprovalDecided) -> Iterator[Key]:
        self._decided.add(event.call_id)
        spec = self._spec(event.tool, event.call_id)
        if spec is None or spec.approval is None:
            return
        yield from _open(spec.requires)
        if not event.remembered:
            yield Key("approval", spec.approval.place.json_pointer, event.decision)

    def _passed_keys(self, event: AgentSaid) -> Iterator[Key]:
        """The guardrails that let an answer pass; of those that ask a model the trace itself says so."""
        agent = self._scenario.agents.get(event.agent)
        if agent is None or event.interrupted or not event.text:
            return
        for guardrail in guardrails_of(agent, self._scenario):
            if guardrail.classify is None and (event.turn, guardrail.name) not in self._trips:
                yield Key("guardrail", guardrail.place.json_pointer, "passed")

    def _spec(self, tool: str, call_id: str) -> ToolSpec | None:
        """What was called: a tool, or a function of its catalogue; None: neither."""
        spec = self._scenario.tools.get(tool)
        arguments = self._calls.get(call_id)
        if spec is None or not isinstance(arguments, dict):
            return None
        called = spec_called(spec, arguments)
        return None if spec.stub.catalogue is not None and called is spec else called


def _open(conditions: Iterable[Condition]) -> Iterator[Key]:
    return (Key("gate", condition.place.json_pointer, "open") for condition in conditions)


def _shut(gate: str | None) -> Iterator[Key]:
    if gate is not None:
        yield Key("gate", gate, "shut")


def _promises_kept(scenario: Scenario, trace: Trace) -> Iterator[Key]:
    """The promises that there was an occasion for, and that were kept at every one."""
    due = set(_promises_due(scenario, trace))
    if not due:
        return
    broken = {unkept.place.json_pointer for unkept in unkept_promises(scenario, trace)}
    yield from (key for key in due if key.pointer not in broken)


def _promises_due(scenario: Scenario, trace: Trace) -> Iterator[Key]:
    opening = scenario.opening
    spoke = next((event for event in trace if isinstance(event, (AgentSaid, *BY_THE_CALLER))), None)
    if opening is not None and opening.say is not None and isinstance(spoke, AgentSaid):
        yield Key("promise", (opening.place / "say").json_pointer)
    for event in trace:
        match event:
            case ToolReturned(within=None) if event.turn > 0 and event.outcome not in ("unknown", "invalid", "refused"):
                tool = scenario.tools.get(event.tool)
                if tool is not None and tool.filler is not None:
                    yield Key("promise", tool.filler.place.json_pointer)
                supervisor = scenario.supervisors.get(tool.stub.supervisor or "") if tool is not None else None
                if supervisor is not None and supervisor.read == "verbatim" and event.outcome == "answered":
                    yield Key("promise", (supervisor.place / "read").json_pointer)
            case HandedOff():
                yield from _announcements_due(scenario.agents[event.agent], event.to)
            case _:
                pass


def _announcements_due(agent: AgentSpec, to: str) -> Iterator[Key]:
    for edge in agent.handoffs:
        if edge.to == to and edge.say_first:
            yield Key("promise", (edge.place / "say_first").json_pointer)
