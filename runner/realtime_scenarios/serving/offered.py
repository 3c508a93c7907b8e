"""Moves to calls of the functions that a client offers, whatever it calls them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.core.arguments import ArgumentCheck
from realtime_scenarios.model.dialogue import Call, EnterState, Handoff
from realtime_scenarios.model.names import SET_STATE_TOOL, TRANSFER_TOOL, handoff_tool_name
from realtime_scenarios.model.scenario import AgentSpec, Scenario
from realtime_scenarios.project.prompts import wire_name
from realtime_scenarios.project.script import expects_refusal, transfer_to
from realtime_scenarios.realtime.responder import CallFunction

Functions = Sequence[Mapping[str, Any]]
"""Function tools in their wire form."""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The client has no function for the move."""

    reason: str


def call_for(
    move: Call | Handoff | EnterState, agent: AgentSpec, scenario: Scenario, offered: Functions
) -> CallFunction | NotOffered:
    """The call that makes the move. What is to be refused is called even where it is not offered."""
    match move:
        case Call():
            return _called(move, move.tool, move.arguments, offered)
        case EnterState():
            return _called(move, SET_STATE_TOOL, {"next_state": move.state, **move.arguments}, offered)
        case Handoff():
            return _handed_off(move, agent, scenario, offered)


def argument_problems(call: CallFunction, offered: Functions) -> list[str]:
    """What of the arguments does not fit the schema that the client itself declares; empty where it declares none."""
    tool = next((tool for tool in offered if tool["name"] == call.name), {})
    schema = tool.get("parameters")
    if not isinstance(schema, Mapping):
        return []
    try:
        return ArgumentCheck(schema).parsed(call.arguments)[1]
    except ValueError:
        return ["its parameters are no JSON Schema"]


def _called(
    move: Call | EnterState, name: str, arguments: Mapping[str, Any], offered: Functions
) -> CallFunction | NotOffered:
    if name not in _names(offered) and not expects_refusal(move):
        return NotOffered(f"the client offers no '{name}': {_offer(offered)}")
    return CallFunction(name, _json(arguments))


def _handed_off(move: Handoff, agent: AgentSpec, scenario: Scenario, offered: Functions) -> CallFunction | NotOffered:
    target = scenario.agents[move.to]
    edge = next((edge for edge in agent.handoffs if edge.to == move.to), None)
    own = [wire_name(edge, agent, scenario)] if edge is not None and agent.handoff_style == "sdk" else []
    wanted = [*own, handoff_tool_name(target.name), handoff_tool_name(target.id)]
    by_key = {_key(name): name for name in _names(offered)}
    for name in wanted:
        if (found := by_key.get(_key(name))) is not None:
            return CallFunction(found, _json(move.arguments))
    if (transfer := by_key.get(_key(TRANSFER_TOOL))) is not None:
        destination = _destination(target, next(tool for tool in offered if tool["name"] == transfer))
        return CallFunction(transfer, _json({**transfer_to(destination), **move.arguments}))
    if expects_refusal(move):
        return CallFunction(wanted[0], _json(move.arguments))
    names = listed([f"'{name}'" for name in dict.fromkeys((*wanted, TRANSFER_TOOL))], joined_by="nor")
    return NotOffered(
        f"the client offers no function that hands off to '{move.to}', neither {names}: {_offer(offered)}"
    )


def _destination(target: AgentSpec, transfer: Mapping[str, Any]) -> str:
    """What the client's transfer tool calls the agent; the scenario's id where it names none alike."""
    parameters = transfer.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    field = properties.get("destination_agent") if isinstance(properties, Mapping) else None
    names = field.get("enum") if isinstance(field, Mapping) else None
    known = {_key(name): name for name in names if isinstance(name, str)} if isinstance(names, list) else {}
    return known.get(_key(target.id)) or known.get(_key(target.name)) or target.id


def _key(name: str) -> str:
    """A name as it compares: `transferAgents` and `transfer_agents` are one."""
    return "".join(filter(str.isalnum, name)).casefold()


def _names(offered: Functions) -> list[str]:
    return [str(tool["name"]) for tool in offered]


def _offer(offered: Functions) -> str:
    names = _names(offered)
    return f"it has {listed([repr(name) for name in names])}" if names else "it has no tools"


def _json(arguments: Mapping[str, Any]) -> str:
    return json.dumps(dict(arguments), ensure_ascii=False)
