"""What an importer has found, as the text of a scenario file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from msgspec.structs import replace

from realtime_scenarios.core.printable import printable
from realtime_scenarios.importers.found import (
    Found,
    FoundAgent,
    FoundHandoff,
    FoundState,
    FoundTool,
    FoundTransition,
    Note,
)

_LONGEST_NOTE = 200


def scenario_text(found: Found, name: str, source: str) -> str:
    """The scenario called `name`; what was not carried over stands above it, each with its place in `source`."""
    found = with_fitting_names(found)
    ids = _ids_of(found)
    voices = {agent.voice for agent in found.agents if agent.voice}
    scenario: dict[str, Any] = {"scenario": name}
    session = {
        **({"model": found.model} if found.model else {}),
        **({"language": found.language} if found.language else {}),
        **({"voice": voices.pop()} if len(voices) == 1 else {}),
    }
    if session:
        scenario["session"] = session
    if found.context:
        scenario["context"] = dict(found.context)
    if found.opening is not None:
        scenario["opening"] = {"say": found.opening.say} if found.opening.say else {"speaks": "agent"}
    scenario["start"] = ids[found.agents[0].name]
    scenario["agents"] = {ids[agent.name]: _agent(agent, ids) for agent in found.agents}
    if found.tools:
        scenario["tools"] = {tool.name: _tool(tool) for tool in found.tools.values()}
    if found.tables:
        scenario["data"] = {name: {"columns": dict(columns), "rows": []} for name, columns in found.tables.items()}
    return file_text(scenario, found.notes, source)


def file_text(data: Mapping[str, Any], notes: Sequence[Note], source: str) -> str:
    """The data as YAML; what was not carried over stands above it."""
    head = f"# Imported from {printable(source)}.\n"
    if notes:
        lines = (f"#   {printable(' '.join(str(note).split()))[:_LONGEST_NOTE]}\n" for note in notes)
        head += f"# Not carried over:\n{''.join(lines)}"
    return head + str(yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def with_fitting_names(found: Found) -> Found:
    """The same with names that tools of a scenario may have, and a note for each that is another one now."""
    names: dict[str, str] = {}
    for name in found.tools:
        base = fitting_name(name)
        number, free = 1, base
        while free in names.values():
            number += 1
            free = f"{base[:60]}_{number}"
        names[name] = free
    renamed = {name: fitting for name, fitting in names.items() if name != fitting}
    if not renamed:
        return found
    tools = {names[name]: replace(tool, name=names[name]) for name, tool in found.tools.items()}
    agents = tuple(_agent_with(agent, names) for agent in found.agents)
    notes = tuple(Note(f"tool {name}", f"it is called '{fitting}' here") for name, fitting in renamed.items())
    return replace(found, agents=agents, tools=tools, notes=(*found.notes, *notes))


def _agent_with(agent: FoundAgent, names: Mapping[str, str]) -> FoundAgent:
    """The agent with its tools under these names."""
    states = tuple(replace(state, tools=tuple(names.get(name, name) for name in state.tools)) for state in agent.states)
    return replace(agent, tools=tuple(names.get(name, name) for name in agent.tools), states=states)


def fitting_name(name: str) -> str:
    """As openai-agents makes names of functions: everything else becomes an underscore."""
    fitting = re.sub(r"[^a-zA-Z0-9_]", "_", name)[:64] or "tool"
    return f"_{fitting}"[:64] if fitting[0].isdigit() else fitting


def _ids_of(found: Found) -> dict[str, str]:
    """An id for each agent's name: letters that a scenario takes, and no two alike."""
    ids: dict[str, str] = {}
    for agent in found.agents:
        base = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", agent.name)
        base = re.sub(r"[^a-z0-9]+", "_", base.lower()).strip("_") or "agent"
        base = base if base[0].isalpha() else f"agent_{base}"
        number, free = 1, base
        while free in ids.values():
            number += 1
            free = f"{base}_{number}"
        ids[agent.name] = free
    return ids


def _agent(agent: FoundAgent, ids: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if ids[agent.name] != agent.name:
        data["name"] = agent.name
    if agent.handoff_description:
        data["handoff_description"] = agent.handoff_description
    text = agent.instructions
    data["instructions"] = without_blank_ends(text) if agent.is_template else as_template(text)
    if agent.tools:
        data["tools"] = list(agent.tools)
    if agent.handoffs:
        data["handoffs"] = [_handoff(edge, ids) for edge in agent.handoffs]
    if agent.transfers_by_one_tool and agent.handoffs:
        data["handoff_style"] = "transfer_agents"
    if agent.states:
        data["states_mode"] = "focused"
        data["states"] = [_state(state, ids) for state in agent.states]
    return data


def _state(state: FoundState, ids: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {"id": state.id, "description": state.description}
    if state.instructions:
        data["instructions"] = without_blank_ends(state.instructions)
    if state.collect:
        data["collect"] = list(state.collect)
    if state.tools:
        data["tools"] = list(state.tools)
    if not state.transitions:
        data["terminal"] = True
    else:
        data["transitions"] = [_transition(way, ids) for way in state.transitions]
    return data


def _transition(way: FoundTransition, ids: Mapping[str, str]) -> dict[str, str]:
    return {**({"to": way.to} if way.to else {"handoff": ids[way.handoff or ""]}), "when": way.when}


def _handoff(edge: FoundHandoff, ids: Mapping[str, str]) -> Any:
    more = {
        **({"name": edge.tool_name} if edge.tool_name else {}),
        **({"description": edge.description} if edge.description else {}),
        **({"inputs": dict(edge.inputs)} if edge.inputs else {}),
    }
    return {"to": ids[edge.to], **more} if more else ids[edge.to]


def _tool(tool: FoundTool) -> dict[str, Any]:
    data: dict[str, Any] = {"description": tool.description or tool.name}
    if tool.parameters.get("properties"):
        data["parameters"] = dict(tool.parameters)
    if tool.approval:
        data["approval"] = "always"
    if tool.filler:
        data["filler"] = True if isinstance(tool.filler, bool) else list(tool.filler)
    if tool.timeout:
        data["timeout"] = tool.timeout
    if tool.returns is not None:
        data["returns"] = _texts_as_templates(tool.returns.value)
    return data


def as_template(text: str) -> str:
    """The text so that it is written as it stands, where it holds what a template would take for its own."""
    return verbatim(without_blank_ends(text))


def without_blank_ends(text: str) -> str:
    """The text without white space at the ends of its lines, which no block of YAML can hold."""
    return "\n".join(line.rstrip() for line in text.split("\n"))


def verbatim(text: str) -> str:
    """The text for a template that is to say exactly this."""
    return re.sub(r"\{([{%#])", r"{{ '{\1' }}", text)


def _texts_as_templates(value: Any) -> Any:
    match value:
        case str():
            return as_template(value)
        case dict():
            return {key: _texts_as_templates(inner) for key, inner in value.items()}
        case list():
            return [_texts_as_templates(inner) for inner in value]
        case _:
            return value


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as a block, and one that looks like a number in quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text.replace("\t", "    "), style="|")
    quoted = re.match(r"[-+]?\.?\d[\d_.:eExXoa-fA-F+-]*\Z", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if quoted else None)


_Dumper.add_representer(str, _text_node)
