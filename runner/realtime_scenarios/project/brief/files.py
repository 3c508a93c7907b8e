"""A brief, or what a model made of it, to the files of a whole scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core.languages import LANGUAGES
from realtime_scenarios.project.brief.agent import agent_block, blocks_of, context_of
from realtime_scenarios.project.brief.dialogue import first_dialogue
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.sentences import scenario_texts
from realtime_scenarios.project.brief.words import as_yaml, literal, sentence, title_of


def scenario_files_of(
    brief: Brief, agents: Mapping[str, Any] | None = None, context: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """A scenario folder with its first dialogue: texts by path below the folder.

    `agents` and `context` are those that a model has written; None: they are made from the brief.
    """
    made = dict(agents) if agents is not None else {brief.agent_id: agent_block(brief)}
    variables = dict(context) if context is not None else context_of(brief)
    start = brief.agent_id
    document: dict[str, Any] = {
        "scenario": brief.scenario_id,
        "title": _scenario_title(brief),
        "description": sentence(brief.role),
        "session": _session_block(brief),
        "start": start,
    }
    blocks = blocks_of(brief, made, variables)
    document |= {"context": blocks.pop("context")} if "context" in blocks else {}
    if brief.heir and brief.heir not in made:
        blocks["agents"] = {**made, brief.heir: _heir_block(brief.heir, start, brief)}
    document |= blocks
    dialogue = {
        "scenario": f"../{brief.scenario_id}.yaml",
        "dialogues": [first_dialogue(start, made[start], variables, brief)],
    }
    return {
        f"{brief.scenario_id}.yaml": "# yaml-language-server: $schema=schemas/scenario.schema.json\n"
        + as_yaml(document),
        "dialogues/first.yaml": "# yaml-language-server: $schema=../schemas/dialogue.schema.json\n" + as_yaml(dialogue),
    }


def _scenario_title(brief: Brief) -> str:
    return scenario_texts().title.format(name=brief.name, company=brief.company) if brief.company else brief.name


def _session_block(brief: Brief) -> dict[str, Any]:
    code = next((code for code, name in LANGUAGES.items() if name == brief.language), None)
    spoken = {"transcription": {"language": code}} if code else {}
    return {"model": "realtime", "voice": "marin", **spoken}


def _heir_block(heir: str, giver: str, brief: Brief) -> dict[str, Any]:
    """A stand-in for the agent who takes over, so that the scenario is whole."""
    texts, name = scenario_texts().heir, literal(brief.name)
    return {
        "handoff_description": texts.handoff_description.format(giver=name),
        "instructions": texts.instructions.format(heir=title_of(heir), giver=name),
        "prompt": {"language": brief.language} if brief.language else {"unclear_audio": True},
        "handoffs": [{"to": giver, "description": texts.handoff.format(giver=brief.name)}],
    }
