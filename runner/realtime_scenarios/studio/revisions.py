"""A scenario as it was in a revision of the git repository that its folder is in."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from msgspec import Struct

from realtime_scenarios.core import UsageError
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.project.git import commit_of, files_at, is_in_repository, line_about

_MOST_KEPT = 4
_LONGEST = 250
"""Characters of a name that git is asked about."""


class Then(Struct, frozen=True):
    """`about` is the commit as people know it."""

    about: str
    scenario: Scenario


class Revisions:
    """Scenarios of earlier, the last few of which are kept. Use `close` when nobody asks any more."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, str], tuple[Then, tempfile.TemporaryDirectory[str]]] = {}
        self._lock = threading.Lock()

    def scenario(self, path: Path, revision: str) -> Then:
        """The scenario of that file as it was.

        Raises:
            UsageError: there is no repository, no such revision, or the scenario was not there or not whole in it.
            ScenarioError: git is not there, or takes too long.
        """
        path = path.resolve()
        if not revision or len(revision) > _LONGEST or not revision.isprintable():
            raise UsageError("that is no revision", hint="a branch, a tag or a commit: main, HEAD~1")
        if not is_in_repository(path.parent):
            hint = "once it is committed in one, this compares with it"
            raise UsageError(f"'{path.parent.name}' is in no git repository", hint=hint)
        with self._lock:
            commit = commit_of(revision, path.parent)
            if (path, commit) not in self._kept:
                self._kept[path, commit] = _read(path, revision, commit)
                while len(self._kept) > _MOST_KEPT:
                    _, place = self._kept.pop(next(iter(self._kept)))
                    place.cleanup()
            return self._kept[path, commit][0]

    def close(self) -> None:
        for _, place in self._kept.values():
            place.cleanup()
        self._kept.clear()


def _read(path: Path, revision: str, commit: str) -> tuple[Then, tempfile.TemporaryDirectory[str]]:
    """The scenario, and the folder where its files are: it may read some of them later."""
    place = tempfile.TemporaryDirectory(prefix="scenario-then-")
    old = Path(place.name).resolve() / path.parent.name
    old.mkdir()
    files_at(commit, path.parent, old)
    if not (old / path.name).is_file():
        raise UsageError(f"there was no '{path.name}' in '{revision}'", hint="it came later: name a newer revision")
    scenario = load(old / path.name).built
    if scenario is None:
        raise UsageError(f"'{path.name}' had mistakes in '{revision}'", hint="name another revision")
    return Then(line_about(commit, path.parent), scenario), place
