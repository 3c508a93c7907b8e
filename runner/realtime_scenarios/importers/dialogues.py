"""Tests that were found, as the text of a file of dialogues."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from realtime_scenarios.importers.found import FoundDialogue, Note
from realtime_scenarios.importers.written import file_text

_LONGEST_ID = 60


def dialogues_text(found: Sequence[FoundDialogue], notes: Sequence[Note], scenario: str, source: str) -> str:
    """The file; `scenario` is the path of the scenario as it is seen from there."""
    taken: set[str] = set()
    dialogues = [_dialogue(each, taken) for each in found]
    return file_text({"scenario": scenario, "dialogues": dialogues}, notes, source)


def _dialogue(found: FoundDialogue, taken: set[str]) -> dict[str, Any]:
    data: dict[str, Any] = {"id": _free_id(found.name, taken)}
    if found.title:
        data["title"] = found.title
    if found.tags:
        data["tags"] = list(found.tags)
    if found.now:
        data["now"] = found.now
    if found.context:
        data["context"] = dict(found.context)
    if found.turns:
        data["turns"] = [dict(turn) for turn in found.turns]
    if found.caller is not None:
        data["caller"] = dict(found.caller)
    if found.expect:
        data["expect"] = [dict(each) for each in found.expect]
    return data


def _free_id(name: str, taken: set[str]) -> str:
    """An id that is made of the name, and that no other one has."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    base = re.sub(r"[^a-z0-9]+", "-", letters.casefold()).strip("-")[:_LONGEST_ID].strip("-") or "test"
    number, free = 1, base
    while free in taken:
        number += 1
        free = f"{base}-{number}"
    taken.add(free)
    return free
