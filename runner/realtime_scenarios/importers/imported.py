"""What `scenario import` was given, read by whoever knows its format."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from realtime_scenarios.core import UsageError
from realtime_scenarios.document import Place
from realtime_scenarios.importers.found import Found, FoundDialogue, Tests
from realtime_scenarios.importers.sources import format_of_items, format_of_source, items_in
from realtime_scenarios.model import Scenario


class Imported(Struct, frozen=True):
    """What was found, and a name for the scenario that it becomes, or for the file of its dialogues."""

    found: Found
    name: str
    dialogues: tuple[FoundDialogue, ...] = ()


def imported(
    source: str,
    folder: Path,
    format: str | None = None,
    wanted: str | None = None,
    scenario: Scenario | None = None,
) -> Imported:
    """What the source holds. `format` None: what it holds tells. `wanted` is who callers meet, where that is unclear.

    `scenario` is what tests are to be played against; None: one that is made for them.

    Raises:
        UsageError: it is nothing that can be imported, or it is unclear what is meant.
        ScenarioError: a program cannot be imported.
    """
    format = format or format_of_source(source)
    path = Path(source)
    if format in (None, *FORMATS_OF_DATA):
        if not path.exists():
            raise UsageError(f"there is no '{source}'", hint="give a file or a folder")
        items = items_in(path)
        format = format or format_of_items(source, items)
        if format in _TESTS:
            tests = _TESTS[format](items, scenario)
            return Imported(tests.found, _name_of(path), tests.dialogues)
        found = _AGENTS[format](items, wanted)
        name = _name_of(path)
    elif format == "python":
        from realtime_scenarios.importers.openai_agents import agents_in_program

        found = agents_in_program(source, folder)
        name = _slug(Path(source.rpartition(":")[0].replace(".", "/").removesuffix("/py")).name)
    else:
        from realtime_scenarios.importers.agent_configs import agents_in_files

        if not path.exists():
            raise UsageError(f"there is no '{source}'", hint="give a file or a folder")
        found = agents_in_files(path, wanted)
        name = _name_of(path)
    if scenario is not None:
        raise UsageError("--scenario goes with tests, and these are agents", hint="leave it out")
    return Imported(found, name)


def _promptfoo(items: list[Place], scenario: Scenario | None) -> Tests:
    from realtime_scenarios.importers.promptfoo import tests_of_promptfoo

    return tests_of_promptfoo(items, None if scenario is None else frozenset(scenario.tools))


def _livekit(items: list[Place], scenario: Scenario | None) -> Tests:
    from realtime_scenarios.importers.livekit import tests_of_livekit

    tables = None if scenario is None else {name: table.columns for name, table in scenario.data.items()}
    return tests_of_livekit(items, tables)


def _vapi(items: list[Place], wanted: str | None) -> Found:
    from realtime_scenarios.importers.vapi import agents_of_vapi

    return agents_of_vapi(items, wanted)


def _retell(items: list[Place], wanted: str | None) -> Found:
    from realtime_scenarios.importers.retell import agents_of_retell

    return agents_of_retell(items, wanted)


def _elevenlabs(items: list[Place], wanted: str | None) -> Found:
    from realtime_scenarios.importers.elevenlabs import agents_of_elevenlabs

    return agents_of_elevenlabs(items, wanted)


_AGENTS: dict[str, Callable[[list[Place], str | None], Found]] = {
    "vapi": _vapi,
    "retell": _retell,
    "elevenlabs": _elevenlabs,
}
_TESTS: dict[str, Callable[[list[Place], Scenario | None], Tests]] = {"promptfoo": _promptfoo, "livekit": _livekit}
FORMATS_OF_DATA = (*_AGENTS, *_TESTS)


def _name_of(path: Path) -> str:
    named = path.resolve().name if path.is_dir() else path.resolve().stem
    return _slug(named if named != "index" else path.resolve().parent.name)


def _slug(text: str) -> str:
    letters = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    letters = re.sub(r"[^a-z0-9]+", "_", letters.lower()).strip("_")
    return letters if letters[:1].isalpha() else f"scenario_{letters}".strip("_")
