"""A brief to a prompt that stands alone, ready to be pasted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.personality import personality_of
from realtime_scenarios.project.brief.qualities import QUALITIES
from realtime_scenarios.project.brief.rules import rules_of, rules_of_settings
from realtime_scenarios.project.brief.states import states_of


def prompt_text(brief: Brief) -> str:
    """The whole prompt, ready to be pasted. It has conversation states only if the brief has steps."""
    personality = personality_of(brief)
    parts = [f"## {quality.heading}\n{personality[name]}\n" for name, quality in QUALITIES.items()]
    rules = [*rules_of(brief), *rules_of_settings(brief)]
    text = "# Personality and Tone\n" + "\n".join(parts) + "\n# Instructions\n" + "\n".join(f"- {one}" for one in rules)
    if brief.steps:
        shown = json.dumps(_numbered(states_of(brief), brief), indent=2, ensure_ascii=False)
        text += f"\n\n# Conversation States\n{shown}"
    return text + "\n"


def _numbered(states: Sequence[Mapping[str, Any]], brief: Brief) -> list[dict[str, Any]]:
    """The states as the metaprompt writes them, with ids that begin with their number."""
    ids = {state["id"]: f"{number}_{state['id']}" for number, state in enumerate(states, 1)}
    heir = handoff_tool_name(brief.heir) if brief.heir else ""
    return [
        {
            "id": ids[state["id"]],
            "description": state["description"],
            "instructions": state["instructions"],
            "examples": state["examples"],
            "transitions": [
                {"next_step": ids[edge["to"]] if "to" in edge else heir, "condition": edge["when"]}
                for edge in state.get("transitions", ())
            ],
        }
        for state in states
    ]
