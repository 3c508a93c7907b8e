"""What dialogues touched when they were played, beside the history of runs, so that it need not be played to be known.

It is kept by the fingerprint of a dialogue: what is the same touches the same. Where it cannot be written or read,
nothing is known, and whoever asks plays.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from realtime_scenarios.mutation.touched import Part, Touching
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.history import HISTORY
from realtime_scenarios.suite.journal import FOLDER
from realtime_scenarios.verdicts import DialogueResult

LOCAL = ("scripted", "offline")
"""Providers that cost nothing, and answer alike each time."""

MOST_TOUCHES = 50_000
"""Dialogues of which it is kept, in whatever version; the oldest are dropped."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS touches (dialogue TEXT PRIMARY KEY, parts TEXT NOT NULL)"

Parts = frozenset[Part]


def touched_by(results: Iterable[tuple[Case, DialogueResult]]) -> dict[int, Parts]:
    """What the dialogues touched that passed, by the ids of their cases."""
    scenarios: dict[int, Touching] = {}
    found = {}
    for case, result in results:
        if result.passed:
            touching = scenarios.setdefault(id(case.project), Touching(case.project.scenario))
            found[id(case)] = touching.touched_by(case.dialogue, result.trace)
    return found


class Touches:
    """Those that are known in a folder. `provider` is who answered: another one may touch something else."""

    def __init__(self, folder: Path, provider: str) -> None:
        self._path = folder / FOLDER / HISTORY
        self._provider = provider

    def of(self, fingerprints: Iterable[str]) -> dict[str, Parts]:
        """What the dialogues with these fingerprints touched, as far as that is known."""
        wanted = {self._key(fingerprint): fingerprint for fingerprint in fingerprints}
        if not self._path.exists():
            return {}
        found = {}
        with (
            contextlib.suppress(sqlite3.Error, TypeError, ValueError),
            contextlib.closing(sqlite3.connect(self._path, timeout=5)) as base,
        ):
            for key in wanted:
                for (parts,) in base.execute("SELECT parts FROM touches WHERE dialogue = ?", (key,)):
                    found[wanted[key]] = frozenset(map(tuple, json.loads(parts)))
        return found

    def add(self, touched: Mapping[str, Parts]) -> None:
        """Remember what the dialogues with these fingerprints touched."""
        rows = [(self._key(fingerprint), json.dumps(sorted(parts))) for fingerprint, parts in touched.items()]
        with contextlib.suppress(sqlite3.Error, OSError):
            self._path.parent.mkdir(exist_ok=True)
            with contextlib.closing(sqlite3.connect(self._path, timeout=5)) as base, base:
                base.execute(_SCHEMA)
                base.executemany("INSERT OR REPLACE INTO touches VALUES (?, ?)", rows)
                base.execute("DELETE FROM touches WHERE rowid <= (SELECT MAX(rowid) FROM touches) - ?", (MOST_TOUCHES,))

    def _key(self, fingerprint: str) -> str:
        return f"{self._provider}:{fingerprint}"
