"""The scenarios that the studio serves: what a page is told of them, read anew when their files change."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.lint import findings
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.watched import Moment, moment_of, saved_between
from realtime_scenarios.studio.authoring import findings_data

MOST_EXAMPLES = 12


class Served:
    """One scenario. `project` is the newest that can be talked to; None: there has never been one.

    `read` is what its files hold now, mistakes and all.
    """

    def __init__(self, id: str, path: Path) -> None:
        self.id = id
        self.path = path
        self.read = load(path)
        self.project: Project | None = None
        self.findings: tuple[Diagnostic, ...] = ()
        self._looked_at: Project | None = None
        self._searched: Project | None = None

    def look(self) -> None:
        """Find what keeps it from being talked to; takes a moment."""
        read = self.read
        if self._looked_at is read:
            return
        found = tuple(findings(read, warnings=False, proofs=False))
        if not found:
            self.project = read
        self.findings, self._looked_at = found, read

    @property
    def is_searched(self) -> bool:
        """Whether everything has been looked for that may be wrong with it."""
        return self._searched is self.read

    def search(self) -> None:
        """Find all that is wrong with it, also by going through all conversations; takes seconds."""
        self.look()
        read = self.read
        found = tuple(findings(read, warnings=True))
        if read is self.read:
            self.findings, self._searched = found, read

    def read_anew(self) -> None:
        self.read = load(self.path)

    @property
    def folder(self) -> Path:
        return self.path.parent

    def told(self) -> dict[str, Any]:
        """What a page is told of it."""
        project = self.project or self.read
        scenario = project.built or project.sketch
        base = {
            "id": self.id,
            "file": project.shown,
            "findings": findings_data(self.findings, self.folder),
            "is_whole": self.project is self.read,
            "can_talk": self.project is not None,
        }
        if scenario is None:
            return {**base, "name": self.path.stem, "start": None, "agents": [], "context": {}, "examples": []}
        variables = {
            variable.name: {
                "type": variable.schema.get("type"),
                "enum": variable.schema.get("enum"),
                "default": None if variable.secret else variable.default,
                "description": variable.schema.get("description"),
                "secret": variable.secret,
            }
            for variable in scenario.context.values()
        }
        return {
            **base,
            "name": scenario.title,
            "start": scenario.start,
            "agents": [
                {"id": agent.id, "name": agent.name, "states": [] if agent.states is None else [*agent.states.states]}
                for agent in scenario.agents.values()
            ],
            "context": variables,
            "has_tables": bool(scenario.data),
            "examples": _first_lines(project),
            "provider": None if scenario.provider is None else scenario.provider.name,
            "voice": scenario.session.output == "audio",
            "pushed": scenario.session.turn_detection == "off",
        }


def _first_lines(project: Project) -> list[str]:
    """What callers begin with in the dialogues, each once."""
    lines = [
        next((turn.user for turn in dialogue.turns if turn.user is not None), None) for dialogue in project.dialogues
    ]
    return list(dict.fromkeys(line for line in lines if line is not None))[:MOST_EXAMPLES]


class Projects:
    """All scenarios that are served, by their ids, which are good in addresses."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.served: dict[str, Served] = {}
        for path in paths:
            self.served[_free_id(path.stem, self.served)] = Served(_free_id(path.stem, self.served), path)

    async def looked_at(self) -> Sequence[Mapping[str, Any]]:
        """Each of them as a page is told it, with what is known to be wrong with it."""
        for served in self.served.values():
            await asyncio.to_thread(served.look)
        return [served.told() for served in self.served.values()]

    @property
    def folders(self) -> list[Path]:
        return list(dict.fromkeys(served.folder for served in self.served.values()))

    def moment(self) -> Moment:
        """What stands in their folders now."""
        return moment_of(self.folders)

    def read_anew(self, before: Moment, after: Moment) -> dict[str, list[str]]:
        """Read those scenarios anew whose files have changed; which files, by the id of the scenario."""
        changed = saved_between(before, after)
        anew: dict[str, list[str]] = {}
        for served in self.served.values():
            own = sorted(str(path.relative_to(served.folder)) for path in changed if path.is_relative_to(served.folder))
            if own:
                served.read_anew()
                anew[served.id] = own
        return anew


def _free_id(stem: str, taken: Mapping[str, object]) -> str:
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-") or "scenario"
    number = 1
    name = base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
