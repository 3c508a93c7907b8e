"""A brief to its agent as a scenario file holds it, with the context and the tools it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.project.brief.kinds import kind_of
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.personality import default_of, personality_of
from realtime_scenarios.project.brief.rules import rules_of
from realtime_scenarios.project.brief.sentences import scenario_texts
from realtime_scenarios.project.brief.states import states_of
from realtime_scenarios.project.brief.words import as_yaml, label_of, literal, title_of


def agents_yaml(brief: Brief) -> str:
    """The agent as blocks of a scenario file: `context`, `agents` and `tools`, as far as there is something in them."""
    return as_yaml(blocks_of(brief, {brief.agent_id: agent_block(brief)}, context_of(brief)))


def agent_block(brief: Brief) -> dict[str, Any]:
    """The agent as a scenario holds it below `agents`."""
    personality = {name: literal(text) for name, text in personality_of(brief).items()}
    personality["filler_words"] = (brief.qualities or {}).get("filler_words") or default_of("filler_words", brief)
    spoken = sorted(
        {kind.spoken for step in brief.steps for name in step.collect if (kind := kind_of(name)).spoken} - {None}
    )
    settings: dict[str, Any] = {"language": brief.language} if brief.language else {}
    settings |= {"unclear_audio": True, "variety": True} | ({"spoken": spoken} if spoken else {})
    block: dict[str, Any] = {
        "name": brief.name,
        "personality": personality,
        "instructions": literal(rules_of(brief, alone=False)),
        "prompt": settings,
    }
    if brief.tools:
        block["tools"] = [tool.name for tool in brief.tools]
    if brief.heir:
        description = scenario_texts().handoff.format(heir=title_of(brief.heir))
        block["handoffs"] = [{"to": brief.heir, "description": description}]
    if brief.steps:
        block |= {"states_mode": "tracked", "states": _literal_data(states_of(brief))}
    return block


def _literal_data(data: Any) -> Any:
    """The same data with every text as a template that says exactly this."""
    if isinstance(data, str):
        return literal(data)
    if isinstance(data, list):
        return [_literal_data(item) for item in data]
    return {name: _literal_data(value) for name, value in data.items()} if isinstance(data, dict) else data


def context_of(brief: Brief) -> dict[str, Any]:
    """A context variable for each thing that some step collects."""
    variables: dict[str, Any] = {}
    for step in brief.steps:
        for name in step.collect:
            secret = {"secret": True} if kind_of(name).secret else {}
            description = scenario_texts().variable.format(label=label_of(name))
            variables[name] = {"type": "string", "description": description, **secret}
    return variables


def blocks_of(brief: Brief, agents: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """The blocks of a scenario file around these agents, in the order in which they stand there."""
    blocks: dict[str, Any] = {"context": dict(context)} if context else {}
    blocks["agents"] = dict(agents)
    if brief.tools:
        blocks["tools"] = tools_block(brief)
    return blocks


def tools_block(brief: Brief) -> dict[str, Any]:
    """The tools of the brief as a scenario holds them below `tools`."""
    return {
        tool.name: {"description": tool.description}
        | ({"parameters": dict(tool.parameters)} if tool.parameters else {})
        for tool in brief.tools
    }
