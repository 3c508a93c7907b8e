"""Dialogues that were found, as the text of a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from realtime_scenarios.generation.search import Generated
from realtime_scenarios.project.brief.words import as_yaml

_LONGEST_ID = 60


def dialogue_file(scenario: str, generated: Sequence[Generated]) -> str:
    """The file; `scenario` is the path of the scenario as it is seen from there."""
    taken: set[str] = set()
    dialogues = [_dialogue(each, taken) for each in generated]
    return "# Written by `scenario generate`. Give them better words; they pass as they are.\n" + as_yaml(
        {"scenario": scenario, "dialogues": dialogues}
    )


def _dialogue(generated: Generated, taken: set[str]) -> dict[str, Any]:
    first = generated.items[0]
    others = f" and {len(generated.items) - 1} more" if len(generated.items) > 1 else ""
    dialogue: dict[str, Any] = {"id": _free_id(first.told, taken), "title": f"Meets {first.told}{others}"}
    return {**dialogue, "tags": ["generated"], **generated.dialogue}


def _free_id(told: str, taken: set[str]) -> str:
    """A name for a dialogue that meets this, and that no other one has."""
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\(.*\)", "", told).casefold()).strip("-")[:_LONGEST_ID].strip("-")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free
