"""Tools, handoffs and moves between states as the functions that a model is told about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.model.names import SET_STATE_TOOL, TRANSFER_TOOL, handoff_tool_name
from realtime_scenarios.model.scenario import AgentSpec, Classifier, HandoffSpec, Scenario, State
from realtime_scenarios.model.tool import Filler, ToolSpec

NO_INPUTS: Mapping[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
"""The parameters of a function that takes none."""

_EXAMPLES_LEAD = "Callers may say:"
_FILLER_LEAD = "Before you call it, say"
_ANNOUNCEMENT = "Tell the caller before you call it."


def functions_of(agent: AgentSpec, scenario: Scenario, current: str | None = None) -> list[dict[str, Any]]:
    """The functions that a model is offered as this agent, in their wire form; tools of MCP servers are not among them.

    `current` is the state it is in; None: the one it begins with.
    """
    machine = agent.states
    here = None if machine is None else machine.states[current or machine.entry]
    hidden = machine is not None and machine.mode == "focused"
    homes_of_tools = machine.homes_of_tools if machine is not None and hidden else {}
    homes_of_handoffs = machine.homes_of_handoffs if machine is not None and hidden else {}

    def is_here(name: str, homes: Mapping[str, Sequence[str]]) -> bool:
        return name not in homes or (here is not None and here.id in homes[name])

    tools = [scenario.tools[name] for name in agent.tools if is_here(name, homes_of_tools)]
    functions = [_function(tool.name, tool_description(tool), tool.parameters) for tool in tools]
    if machine is not None and machine.is_enforced and here is not None and any(edge.to for edge in here.transitions):
        functions.append(_function(SET_STATE_TOOL, move_description(here), move_parameters(here, scenario)))
    if agent.handoffs and agent.handoff_style == "transfer_agents":
        described_as = transfer_description(agent, scenario)
        functions.append(_function(TRANSFER_TOOL, described_as, transfer_parameters(agent)))
        return functions
    edges = [edge for edge in agent.handoffs if is_here(edge.to, homes_of_handoffs)]
    return functions + [
        _function(wire_name(edge, agent, scenario), handoff_description(edge, scenario), edge.inputs or NO_INPUTS)
        for edge in edges
    ]


def _function(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "function", "name": name, "description": description, "parameters": dict(parameters)}


def tool_description(spec: ToolSpec) -> str:
    """What it does, what callers say, what to say before, and the functions of a catalogue."""
    text = described(spec.description, spec.examples)
    if spec.filler is not None:
        text = _with_filler(text, spec.filler)
    if spec.stub.catalogue is not None:
        text += "\nFunctions:" + "".join(map(_function_line, spec.stub.catalogue.functions.values()))
    return text


def wire_name(edge: HandoffSpec, agent: AgentSpec, scenario: Scenario) -> str:
    """The name of the function that the model calls to hand off."""
    if agent.handoff_style == "transfer_agents":
        return TRANSFER_TOOL
    return edge.tool_name or handoff_tool_name(scenario.agents[edge.to].name)


def handoff_description(edge: HandoffSpec, scenario: Scenario) -> str:
    """Whom the caller is handed to, what callers say, and whether they must hear of it first."""
    text = described(target_description(edge, scenario), edge.examples)
    return f"{text.rstrip()}\n{_ANNOUNCEMENT}" if edge.say_first else text


def target_description(edge: HandoffSpec, scenario: Scenario) -> str:
    """The author's words about the edge, or the SDK's sentence about the target."""
    target = scenario.agents[edge.to]
    return (
        edge.description
        or f"Handoff to the {target.name} agent to handle the request. {target.handoff_description or ''}".rstrip()
    )


def transfer_description(agent: AgentSpec, scenario: Scenario) -> str:
    """All of an agent's handoffs as one tool's: the words of `transferAgents` in openai-realtime-agents (MIT)."""
    targets = "".join(
        f"\n- {edge.to}: {target_description(edge, scenario)}{' Tell the caller first.' if edge.say_first else ''}"
        + (f" Callers say: {'; '.join(edge.examples)}" if edge.examples else "")
        for edge in {edge.to: edge for edge in agent.handoffs}.values()
    )
    return f"Hand the caller over to another agent, who then speaks. Never to your own kind. Agents:{targets}"


def transfer_parameters(agent: AgentSpec) -> dict[str, Any]:
    """Where to, why, and what was said so far, named as in `transferAgents` (branch without-agents-sdk)."""
    targets = list(dict.fromkeys(edge.to for edge in agent.handoffs))
    return {
        "type": "object",
        "properties": {
            "rationale_for_transfer": {"type": "string", "description": "Why the caller is handed over."},
            "conversation_context": {
                "type": "string",
                "description": "What the other agent needs to know of the conversation so far.",
            },
            "destination_agent": {"type": "string", "enum": targets, "description": "The agent to hand over to."},
        },
        "required": ["rationale_for_transfer", "conversation_context", "destination_agent"],
        "additionalProperties": False,
    }


def move_description(here: State) -> str:
    """Where the conversation may go on to from a state, and what must be given."""
    wanted = [field.variable for field in here.collect if field.required]
    given = f" Give what you found out: {listed(wanted)}." if wanted else ""
    return f"Move the conversation on from '{here.id}' to {listed(_next_states(here), joined_by='or')}.{given}"


def move_parameters(here: State, scenario: Scenario) -> dict[str, Any]:
    """The legal next states, and what the state collects."""
    collected = {
        field.variable: _parameter_of(field.variable, scenario)
        for field in here.collect
        if field.variable in scenario.context
    }
    return {
        "type": "object",
        "properties": {
            "next_state": {"type": "string", "enum": _next_states(here), "description": "The state to go to."},
            **collected,
        },
        "required": ["next_state"],
        "additionalProperties": False,
    }


def described(description: str, examples: Sequence[str]) -> str:
    """The description with the examples behind it, one quoted line each; without examples the description itself."""
    lines = [f'- "{" ".join(example.split())}"' for example in examples if example.strip()]
    if not lines:
        return description
    return "\n".join([description.rstrip(), "", _EXAMPLES_LEAD, *lines]).lstrip("\n")


def _with_filler(description: str, filler: Filler) -> str:
    """The description with what is to be said before the tool is called; no lines: anything short."""
    quoted = " or ".join(f'"{" ".join(line.split())}"' for line in filler.lines)
    wanted = f"{'exactly ' if filler.exact else ''}{quoted}" if quoted else "briefly that you are looking into it"
    return f"{description.rstrip()}\n{_FILLER_LEAD} {wanted}. Then call it at once."


def _function_line(function: ToolSpec) -> str:
    """A function of a catalogue: its name, its parameters (optional ones with a `?`), and what it does."""
    required = function.parameters.get("required", ())
    properties = function.parameters.get("properties", {})
    parameters = [
        f"{name}{'' if name in required else '?'}{_type_in_short(schema)}" for name, schema in properties.items()
    ]
    return f"\n- {function.name}({', '.join(parameters)}): {' '.join(function.description.split())}"


def _type_in_short(schema: Any) -> str:
    """A parameter's type, or its values, and what it is."""
    if not isinstance(schema, dict):
        return ""
    types = schema.get("type", "any")
    kind = "/".join(types) if isinstance(types, list) else str(types)
    values = "|".join(map(str, schema["enum"])) if "enum" in schema else kind
    meaning = " ".join(str(schema["description"]).split()).rstrip(".") if "description" in schema else ""
    return f": {values} ({meaning})" if meaning else f": {values}"


def _next_states(here: State) -> list[str]:
    return list(dict.fromkeys(edge.to for edge in here.transitions if edge.to is not None))


def _parameter_of(variable: str, scenario: Scenario) -> dict[str, Any]:
    spec = scenario.context[variable]
    return {**spec.schema, **({"description": spec.description} if spec.description else {})}


def classifier_prompt(spec: Classifier) -> str:
    """What a classifying guardrail tells its model."""
    lines = "\n".join(f"- {name}: {category.description}" for name, category in spec.categories.items())
    told = f"{spec.instructions.strip()}\n\n" if spec.instructions else ""
    return (
        f"{told}You are given something that a voice agent is saying to a caller. Put it into one category:\n"
        f"{lines}\n- NONE: none of these.\nGive the reason in two sentences at most."
    )
