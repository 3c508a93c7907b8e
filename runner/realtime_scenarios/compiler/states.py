"""A state machine as tools that move through it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from realtime_scenarios.compiler.gates import ShutGate, closed_gate, departed_message
from realtime_scenarios.compiler.state import ConversationState, Talk
from realtime_scenarios.compiler.tools import without_annotations
from realtime_scenarios.core import is_unsaid, listed
from realtime_scenarios.core.arguments import ArgumentCheck, repair_message
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import AgentSpec, Scenario, State, Transition
from realtime_scenarios.project.prompts import move_description, move_parameters
from realtime_scenarios.stubs.answers import updates
from realtime_scenarios.trace import StateRefused, ToolReturned


@dataclass(frozen=True, slots=True)
class Way:
    """A transition that may be taken; `changes` are the context variables that it sets and clears.

    `place` is where it stands, as a JSON pointer.
    """

    changes: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The conversation stays in its state; `reason` is for the model. `gate` is as in `StateRefused`."""

    reason: str
    gate: str | None = None


def state_tools(spec: AgentSpec, scenario: Scenario) -> list[FunctionTool]:
    """The state tool of each state of an enforced machine; only the one of the current state is enabled.

    So the model is always offered exactly the legal next states. A state without transitions to others has no tool.
    """
    if spec.states is None or not spec.states.is_enforced:
        return []
    states = spec.states.states.values()
    return [_state_tool(spec, state, scenario) for state in states if any(edge.to for edge in state.transitions)]


def current_state(state: ConversationState, spec: AgentSpec) -> str:
    assert spec.states is not None
    return state.states.get(spec.id, spec.states.entry)


def uncollected_message(here: State, context: Mapping[str, Any]) -> str | None:
    """What the model is told about what the state has not found out yet; None where it may be left."""
    missing = [field.variable for field in here.collect if field.required and is_unsaid(context.get(field.variable))]
    if not missing:
        return None
    return f"Find out {listed(missing)} first: ask the caller, and give it with the call."


def _state_tool(spec: AgentSpec, here: State, scenario: Scenario) -> FunctionTool:
    schema = move_parameters(here, scenario)
    arguments = ArgumentCheck(schema)

    async def moved(context: ToolContext[Talk], text: str) -> str:
        state = context.context.state
        args, problems = arguments.parsed(text)
        given = {name: value for name, value in args.items() if name != "next_state"}
        refusal = repair_message(SET_STATE_TOOL, problems) if problems else None
        refusal = departed_message(spec.id, state) or _moved_on_message(here, current_state(state, spec)) or refusal
        move = Refused(refusal) if refusal is not None else _move(here, args["next_state"], state, given)
        match move:
            case Way():
                output, outcome = json.dumps({"state": args["next_state"]}), "answered"
                state.update(_collected(given))
                state.enter_state(args["next_state"], move.place)
                state.update(move.changes)
                await context.context.refresh()
            case Refused(output, gate):
                to, outcome = str(args.get("next_state", "")), "invalid" if problems else "refused"
                state.record(StateRefused, state=to, reason=output, invalid=bool(problems), gate=gate)
        state.record(ToolReturned, call_id=context.tool_call_id, tool=SET_STATE_TOOL, outcome=outcome, output=output)
        return output

    async def is_here(context: Any, agent: Any) -> bool:
        return current_state(context.context.state, spec) == here.id

    return FunctionTool(
        name=SET_STATE_TOOL,
        description=move_description(here),
        params_json_schema=schema,
        on_invoke_tool=without_annotations(moved),
        strict_json_schema=False,
        is_enabled=is_here,
    )


def _moved_on_message(here: State, now: str) -> str | None:
    """What the model is told where an earlier call of the same response has moved on; None where it has not."""
    return None if now == here.id else f"The conversation has moved on to '{now}'. Nothing was done."


def _move(here: State, target: str, state: ConversationState, given: Mapping[str, Any]) -> Way | Refused:
    """The first transition that leads there now; where none does, what is against the first of them all."""
    machine = state.scenario.agents[state.agent].states
    collected = _collected(given)
    missing = uncollected_message(here, {**state.context, **given})
    if missing and not (machine is not None and machine.leads_back(here.id, target)):
        return Refused(missing)
    refusals: list[ShutGate] = []
    for edge in (edge for edge in here.transitions if edge.to == target):
        shut = closed_gate(edge.requires, state, collected, collected)
        if shut is None:
            return _way(edge, state, collected)
        refusals.append(shut)
    return Refused(refusals[0].reason, refusals[0].place)


def _way(edge: Transition, state: ConversationState, given: Mapping[str, Any]) -> Way | Refused:
    """The transition with what it changes; one whose expressions fail is not taken."""
    values = {"context": {**state.context, **given}, "now": state.now(), "state": state.here}
    try:
        changes = updates(edge.set, values, state.scenario)
    except ValueError as problem:
        return Refused(str(problem))
    cleared = {name: state.scenario.context[name].default for name in edge.clear}
    return Way(cleared | changes, edge.place.json_pointer)


def _collected(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, without texts of white space alone: nobody said anything with those."""
    return {name: value for name, value in given.items() if value is None or value == "" or not is_unsaid(value)}
