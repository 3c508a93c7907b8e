"""A real trace to its departures from the model that the proofs are about: all that happened must be possible there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import ToolSpec, spec_called, specs_of
from realtime_scenarios.proof.cubes import Cube
from realtime_scenarios.proof.model import model_of
from realtime_scenarios.proof.steps import Position, Region, Step
from realtime_scenarios.trace import (
    ApprovalDecided,
    ContextChanged,
    HandedOff,
    StateEntered,
    ToolCalled,
    ToolReturned,
    Trace,
)


def departures(scenario: Scenario, trace: Trace) -> Iterator[tuple[Place, str, int]]:
    """What happened in the trace though the model has no such step: where it is declared, what, and its `seq`.

    A proof says something about a conversation only as long as there are none.
    """
    if is_guarded(scenario):
        yield from _Walk(scenario, trace).departures()


def is_guarded(scenario: Scenario) -> bool:
    """Whether there is anything to hold a trace to: a gate, an approval, or states that are enforced."""
    return (
        any(tool.requires or tool.approval for tool in specs_of(scenario.tools).values())
        or any(edge.requires for agent in scenario.agents.values() for edge in agent.handoffs)
        or any(agent.states is not None and agent.states.is_enforced for agent in scenario.agents.values())
    )


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A state has just been entered; the context has values of one of the `cubes` when what that changes is on record.

    A transition changes context variables after it is taken (`compiler/states.py`), so that gates are held against what
    stood before.
    """

    event: StateEntered
    cubes: tuple[Cube, ...]


class _Walk:
    """The way of a trace through the model, with the context that it really had."""

    def __init__(self, scenario: Scenario, trace: Trace) -> None:
        self._scenario = scenario
        self._trace = trace
        self._model = model_of(scenario)
        self._meaning = self._model.meaning
        self._context: dict[str, Any] = dict(trace.context)
        self._agent = trace.start
        self._states: dict[str, str] = dict(trace.entries)
        self._calls: dict[str, tuple[ToolCalled, Region | None]] = {}
        self._approved: set[str] = set()
        self._arrived: _Arrival | None = None

    def departures(self) -> Iterator[tuple[Place, str, int]]:
        for event in self._trace:
            if not isinstance(event, ContextChanged):
                yield from self._arrival_departures()
            match event:
                case ContextChanged():
                    self._context[event.variable] = event.value
                case ToolCalled():  # gates look at what was known then, which may change until the answer
                    self._calls[event.call_id] = (event, self._current_region(event))
                case ApprovalDecided(decision="approved"):
                    self._approved.add(event.call_id)
                case ToolReturned(outcome="answered") if event.tool in self._scenario.tools:
                    yield from self._answer_departures(event)
                case HandedOff():
                    yield from self._handoff_departures(event)
                    self._agent = event.to
                case StateEntered():
                    yield from self._state_departures(event)
                    self._states[event.agent] = event.state
                case _:
                    pass

    def _answer_departures(self, event: ToolReturned) -> Iterator[tuple[Place, str, int]]:
        tool = self._scenario.tools[event.tool]
        call, region = self._calls.get(event.call_id, (None, None))
        if call is None or region is None:
            return
        if tool.name not in [reachable.name for reachable in self._model.callable_tools(region.position)]:
            yield tool.place, f"'{tool.name}' answered, though it is out of reach for '{event.agent}' there", event.seq
            return
        spec = self._spec_of(tool, call)
        # None is no departure: the gate depends on what the model does not know, such as the arguments
        if self._meaning.opens(spec.requires, region) is False:
            yield spec.requires[0].place, f"'{spec.name}' answered, though its gate was shut", event.seq
        elif spec.approval is not None and self._was_not_asked(spec, region, event):
            yield spec.approval.place, f"'{spec.name}' answered, though nobody had approved it", event.seq

    def _spec_of(self, tool: ToolSpec, call: ToolCalled) -> ToolSpec:
        """What was called: the tool, or the function of its catalogue."""
        return spec_called(tool, call.arguments) if isinstance(call.arguments, dict) else tool

    def _was_not_asked(self, tool: ToolSpec, region: Region, event: ToolReturned) -> bool:
        asked = [asked for _, asked in self._meaning.asked_parts(tool, region)]
        return asked == [True] and event.call_id not in self._approved

    def _handoff_departures(self, event: HandedOff) -> Iterator[tuple[Place, str, int]]:
        region = self._current_region(None)
        if region is None:
            return
        place = self._scenario.agents[event.agent].place
        ways = [(edge, gates) for edge, gates in self._model.handoffs(region.position) if edge.to == event.to]
        if not ways:
            yield place, f"'{event.agent}' handed off to '{event.to}', which is out of reach there", event.seq
        for edge, gates in ways:
            if not any(self._meaning.may_open((*edge.requires, *gate), region) for gate in gates):
                yield edge.place, f"'{event.agent}' handed off to '{event.to}', though the gate was shut", event.seq

    def _state_departures(self, event: StateEntered) -> Iterator[tuple[Place, str, int]]:
        region = self._current_region(None)
        machine = self._model.machines.get(event.agent)
        if region is None or machine is None or region.position.state is None:
            return
        moved = Step("move", event.agent, event.state)
        after = tuple(edge.to.cube for edge in self._model.edges(region) if edge.branch.step == moved)
        self._arrived = _Arrival(event, after) if after else None
        ways = [way for way in machine.states[region.position.state].transitions if way.to == event.state]
        if not any(self._meaning.may_open(way.requires, region) for way in ways):
            yield (
                machine.place,
                f"'{event.agent}' went from '{region.position.state}' to '{event.state}', which is no way",
                event.seq,
            )

    def _arrival_departures(self) -> Iterator[tuple[Place, str, int]]:
        """That a state was entered, and the context is not as any transition leaves it."""
        arrived, self._arrived = self._arrived, None
        region = self._current_region(None)
        if arrived is not None and region is not None:
            event = arrived.event
            place = self._model.machines[event.agent].place
            if not any(region.cube & cube == region.cube for cube in arrived.cubes):
                yield (
                    place,
                    f"'{event.agent}' entered '{event.state}', but the context is not as it must be then",
                    event.seq,
                )

    def _current_region(self, call: ToolCalled | None) -> Region | None:
        """Where the conversation stands; None where a variable has a value that the model does not tell apart."""
        model = self._model
        cube = self._meaning.cube_of(self._context)
        if cube is None:
            return None
        inside: tuple[str, ...] = ()
        if call is not None and call.within is not None and call.within in self._calls:
            outer = self._calls[call.within][0]
            inside = (self._spec_of(self._scenario.tools[outer.tool], outer).name,)
        calls = model.opening
        opening = calls.index(call.tool) if call is not None and call.turn == 0 and call.tool in calls else len(calls)
        state = self._states.get(self._agent, model.entry(self._agent))
        return Region(Position(opening, self._agent, state, inside), cube)
