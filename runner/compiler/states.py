"""A state machine as text in the prompt, and as a tool that moves through it."""

from __future__ import annotations

import json
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext

from runner.compiler.gates import closed_gate
from runner.compiler.state import ConversationState
from runner.compiler.tools import without_annotations
from runner.core import listed
from runner.model.names import SET_STATE_TOOL
from runner.model.scenario import AgentSpec, State, StateMachine
from runner.stubs import ArgumentCheck, repair_message
from runner.trace import ToolReturned


def machine_text(machine: StateMachine) -> str:
    """The machine as the metaprompt writes it: a JSON list of states below a heading."""
    states = json.dumps([_as_json(state) for state in machine.states.values()], indent=2, ensure_ascii=False)
    return f"\n\n# Conversation states\n{states}\n"


def state_tools(spec: AgentSpec) -> list[FunctionTool]:
    """The state tool of each state of a tracked machine; only the one of the current state is enabled.

    So the model is always offered exactly the legal next states. A state without transitions has no tool.
    """
    if spec.states is None or spec.states.mode != "tracked":
        return []
    return [_state_tool(spec, state) for state in spec.states.states.values() if state.transitions]


def current_state(state: ConversationState, spec: AgentSpec) -> str:
    assert spec.states is not None
    return state.states.get(spec.id, spec.states.entry)


def _state_tool(spec: AgentSpec, here: State) -> FunctionTool:
    targets = list(dict.fromkeys(transition.to for transition in here.transitions))
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"next_state": {"type": "string", "enum": targets, "description": "The state to go to."}},
        "required": ["next_state"],
        "additionalProperties": False,
    }
    arguments = ArgumentCheck(schema)

    async def move(context: ToolContext[ConversationState], text: str) -> str:
        state = context.context
        args, problems = arguments.parsed(text)
        refusal = repair_message(SET_STATE_TOOL, problems) if problems else None
        if refusal is None:
            refusal = _refusal(here, args["next_state"], state)
        output = refusal or json.dumps({"state": args["next_state"]})
        if refusal is None:
            state.enter_state(args["next_state"])
            if state.refresh is not None:
                await state.refresh()
        outcome = "answered" if refusal is None else "invalid" if problems else "refused"
        state.record(ToolReturned, call_id=context.tool_call_id, tool=SET_STATE_TOOL, outcome=outcome, output=output)
        return output

    async def is_here(context: Any, agent: Any) -> bool:
        return current_state(context.context, spec) == here.id

    return FunctionTool(
        name=SET_STATE_TOOL,
        description=f"Move the conversation on from '{here.id}' to {listed(targets, joined_by='or')}.",
        params_json_schema=schema,
        on_invoke_tool=without_annotations(move),
        strict_json_schema=False,
        is_enabled=is_here,
    )


def _refusal(here: State, target: str, state: ConversationState) -> str | None:
    """Why no transition leads there now; None if one does."""
    refusals = [closed_gate(edge.requires, state, {}) for edge in here.transitions if edge.to == target]
    return None if None in refusals else refusals[0]


def _as_json(state: State) -> dict[str, Any]:
    return {
        "id": state.id,
        "description": state.description,
        "instructions": list(state.instructions),
        "examples": list(state.examples),
        "transitions": [{"next_step": edge.to, "condition": edge.condition} for edge in state.transitions],
    }
