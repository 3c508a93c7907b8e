"""A brief to a prompt that stands alone, ready to be pasted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.personality import personality_of
from realtime_scenarios.project.brief.rules import rules_of
from realtime_scenarios.project.brief.states import states_of
from realtime_scenarios.project.brief.wording import rendered
from realtime_scenarios.project.prompts import HEADINGS


def prompt_text(brief: Brief) -> str:
    """The whole prompt, ready to be pasted. It has conversation states only if the brief has steps."""
    states = _numbered_states(states_of(brief), brief)
    text = rendered(
        "brief/prompt",
        personality=[(HEADINGS[name], text) for name, text in personality_of(brief).items()],
        rules=rules_of(brief, alone=True),
        states=json.dumps(states, indent=2, ensure_ascii=False) if states else "",
    )
    return f"{text}\n"


def _numbered_states(states: Sequence[Mapping[str, Any]], brief: Brief) -> list[dict[str, Any]]:
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
