"""A state machine as tools that move through it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from realtime_scenarios.compiler.gates import closed_gate, departed_message
from realtime_scenarios.compiler.state import ConversationState, Talk
from realtime_scenarios.compiler.tools import without_annotations
from realtime_scenarios.core import is_unsaid, listed
from realtime_scenarios.core.arguments import ArgumentCheck, repair_message
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import AgentSpec, Scenario, State
from realtime_scenarios.project.prompts import move_description, move_parameters
from realtime_scenarios.trace import StateRefused, ToolReturned


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

    async def move(context: ToolContext[Talk], text: str) -> str:
        state = context.context.state
        args, problems = arguments.parsed(text)
        given = {name: value for name, value in args.items() if name != "next_state"}
        refusal = repair_message(SET_STATE_TOOL, problems) if problems else None
        refusal = departed_message(spec.id, state) or _moved_on_message(here, current_state(state, spec)) or refusal
        if refusal is None:
            refusal = _transition_refusal(here, args["next_state"], state, given)
        output = refusal or json.dumps({"state": args["next_state"]})
        if refusal is None:
            state.update(_collected(given))
            state.enter_state(args["next_state"])
            await context.context.refresh()
        else:
            to = str(args.get("next_state", ""))
            state.record(StateRefused, state=to, reason=refusal, invalid=bool(problems))
        outcome = "answered" if refusal is None else "invalid" if problems else "refused"
        state.record(ToolReturned, call_id=context.tool_call_id, tool=SET_STATE_TOOL, outcome=outcome, output=output)
        return output

    async def is_here(context: Any, agent: Any) -> bool:
        return current_state(context.context.state, spec) == here.id

    return FunctionTool(
        name=SET_STATE_TOOL,
        description=move_description(here),
        params_json_schema=schema,
        on_invoke_tool=without_annotations(move),
        strict_json_schema=False,
        is_enabled=is_here,
    )


def _moved_on_message(here: State, now: str) -> str | None:
    """What the model is told where an earlier call of the same response has moved on; None where it has not."""
    return None if now == here.id else f"The conversation has moved on to '{now}'. Nothing was done."


def _transition_refusal(here: State, target: str, state: ConversationState, given: Mapping[str, Any]) -> str | None:
    """Why no transition leads there now; None if one does."""
    machine = state.scenario.agents[state.agent].states
    collected = _collected(given)
    missing = uncollected_message(here, {**state.context, **given})
    if missing and not (machine is not None and machine.leads_back(here.id, target)):
        return missing
    edges = [edge for edge in here.transitions if edge.to == target]
    refusals = [closed_gate(edge.requires, state, collected, collected) for edge in edges]
    return None if None in refusals else refusals[0]


def _collected(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, without texts of white space alone: nobody said anything with those."""
    return {name: value for name, value in given.items() if value is None or value == "" or not is_unsaid(value)}
