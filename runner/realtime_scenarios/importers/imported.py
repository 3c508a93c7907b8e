"""What `scenario import` was given, read by whoever knows its format."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from realtime_scenarios.core import UsageError
from realtime_scenarios.document import Place
from realtime_scenarios.importers.found import Found
from realtime_scenarios.importers.sources import format_of_items, format_of_source, items_in


class Imported(Struct, frozen=True):
    """What was found, and a name for the scenario that it becomes."""

    found: Found
    name: str


def imported(source: str, folder: Path, format: str | None = None, wanted: str | None = None) -> Imported:
    """What the source holds. `format` None: what it holds tells. `wanted` is who callers meet, where that is unclear.

    Raises:
        UsageError: it is nothing that can be imported, or it is unclear what is meant.
        ScenarioError: a program cannot be imported.
    """
    format = format or format_of_source(source)
    path = Path(source)
    if format == "python":
        from realtime_scenarios.importers.openai_agents import agents_in_program

        name = Path(source.rpartition(":")[0].replace(".", "/").removesuffix("/py")).name
        return Imported(agents_in_program(source, folder), _slug(name))
    if not path.exists():
        raise UsageError(f"there is no '{source}'", hint="give a file or a folder")
    if format == "typescript":
        from realtime_scenarios.importers.agent_configs import agents_in_files

        return Imported(agents_in_files(path, wanted), _name_of(path))
    items = items_in(path)
    return Imported(_READERS[format or format_of_items(source, items)](items, wanted), _name_of(path))


def _vapi(items: list[Place], wanted: str | None) -> Found:
    from realtime_scenarios.importers.vapi import agents_of_vapi

    return agents_of_vapi(items, wanted)


def _retell(items: list[Place], wanted: str | None) -> Found:
    from realtime_scenarios.importers.retell import agents_of_retell

    return agents_of_retell(items, wanted)


def _elevenlabs(items: list[Place], wanted: str | None) -> Found:
    from realtime_scenarios.importers.elevenlabs import agents_of_elevenlabs

    return agents_of_elevenlabs(items, wanted)


_READERS: dict[str, Callable[[list[Place], str | None], Found]] = {
    "vapi": _vapi,
    "retell": _retell,
    "elevenlabs": _elevenlabs,
}


def _name_of(path: Path) -> str:
    named = path.resolve().name if path.is_dir() else path.resolve().stem
    return _slug(named if named != "index" else path.resolve().parent.name)


def _slug(text: str) -> str:
    letters = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    letters = re.sub(r"[^a-z0-9]+", "_", letters.lower()).strip("_")
    return letters if letters[:1].isalpha() else f"scenario_{letters}".strip("_")
