"""Runs that are over, in a database beside the journal: what each dialogue came to, and how it went.

The file is `.scenario/history.sqlite`. How a conversation went is kept once, by its content, however many runs had it;
the oldest runs are dropped. Where it cannot be written there is no history, and the run goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.suite.comparison import Outcome
from realtime_scenarios.suite.journal import FOLDER
from realtime_scenarios.verdicts.result import FAILS_THE_RUN

T = TypeVar("T", bound=Struct)

HISTORY = "history.sqlite"
MOST_RUNS = 100
"""Runs that are kept."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, provider TEXT NOT NULL, asked TEXT NOT NULL,
  revision TEXT, seconds REAL NOT NULL, unfinished INTEGER NOT NULL, ways TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS results (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT NULL,
  status TEXT NOT NULL, reason TEXT NOT NULL, conversation TEXT NOT NULL, PRIMARY KEY (run, position));
CREATE INDEX IF NOT EXISTS results_by_conversation ON results (conversation);
CREATE TABLE IF NOT EXISTS conversations (digest TEXT PRIMARY KEY, lines BLOB NOT NULL);
"""

_RUNS = "SELECT id, at, provider, asked, revision, seconds, unfinished, ways FROM runs ORDER BY id DESC"


class PastRun(Struct, frozen=True):
    """A run in the history. `at` is ISO 8601; `revision` is git's, None: there is none.

    `asked` is what was typed for it of which dialogues are wanted, and `ways` of how they are played; empty: all, once,
    as usually. `unfinished` dialogues were not reached. `counts` are how many came to what.
    """

    number: int
    at: str
    provider: str
    asked: str
    revision: str | None
    seconds: float
    unfinished: int
    ways: str
    counts: Mapping[str, int]

    @property
    def is_whole(self) -> bool:
        """Whether it was for all dialogues that there were, and came to its end."""
        return not self.asked and not self.unfinished

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.counts.items() if status in FAILS_THE_RUN)


class History:
    """The history of the runs in a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FOLDER / HISTORY

    def add(
        self,
        outcomes: Iterable[tuple[str, Outcome]],
        *,
        at: str,
        provider: str,
        asked: str,
        revision: str | None,
        seconds: float,
        unfinished: int,
        ways: str = "",
    ) -> int | None:
        """Write a run down; its number. None: it cannot be written."""
        with contextlib.suppress(sqlite3.Error, OSError), self._opened() as base, base:
            base.executescript(_SCHEMA)
            if not _has_ways(base):
                base.execute("ALTER TABLE runs ADD COLUMN ways TEXT NOT NULL DEFAULT ''")
            row = (at, provider, asked, revision, seconds, unfinished, ways)
            number = base.execute(
                "INSERT INTO runs (at, provider, asked, revision, seconds, unfinished, ways)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            ).lastrowid
            for position, (name, outcome) in enumerate(outcomes):
                text = "\n".join(outcome.lines).encode("utf-8", "surrogatepass")
                digest = hashlib.sha256(text).hexdigest()[:32]
                base.execute("INSERT OR IGNORE INTO conversations VALUES (?, ?)", (digest, zlib.compress(text)))
                base.execute(
                    "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?)",
                    (number, position, name, outcome.status, outcome.reason, digest),
                )
            base.execute("DELETE FROM runs WHERE id <= ?", ((number or 0) - MOST_RUNS,))
            base.execute("DELETE FROM conversations WHERE digest NOT IN (SELECT conversation FROM results)")
            return number
        return None

    def runs(self) -> list[PastRun]:
        """All that are kept, the latest first.

        Raises:
            ScenarioError: the file is no history.
        """
        if not self._path.exists():
            return []
        with self._read() as base:
            if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone():
                return []  # another part has written here, and no run has come to its end
            counts: dict[int, dict[str, int]] = {}
            for number, status, count in _rows(base, "SELECT run, status, COUNT(*) FROM results GROUP BY run, status"):
                counts.setdefault(number, {})[status] = count
            rows = _rows(base, _RUNS if _has_ways(base) else _RUNS.replace(" ways ", " '' "))
            return [_typed((*row, counts.get(row[0], {})), PastRun) for row in rows]

    def run_called(self, name: str) -> PastRun:
        """The run that somebody calls by its number, `last`, or `last~2` for the second before that.

        Raises:
            UsageError: there is none.
        """
        runs = self.runs()
        if not runs:
            raise UsageError("no run has been written down here", hint="`scenario test` writes each one down")
        word, _, back = name.partition("~")
        if word == "last" and (not back or back.isdecimal()):
            index = int(back or 0)
            if index < len(runs):
                return runs[index]
        for run in runs:
            if name == str(run.number):
                return run
        hint = f"there are {runs[-1].number} to {runs[0].number}; `last` and `last~1` are the latest two"
        raise UsageError(f"there is no run '{name}'", hint=hint)

    def outcomes(self, run: PastRun) -> dict[str, Outcome]:
        """What its dialogues came to, by their names."""
        query = (
            "SELECT name, status, reason, lines FROM results JOIN conversations ON digest = conversation"
            " WHERE run = ? ORDER BY position"
        )
        with self._read() as base:
            return {
                name: _typed((status, reason, _lines(data)), Outcome)
                for name, status, reason, data in _rows(base, query, run.number)
            }

    def of_dialogue(self, name: str) -> list[tuple[PastRun, Outcome]]:
        """What one dialogue came to, the latest run first."""
        query = (
            "SELECT run, status, reason, lines FROM results JOIN conversations ON digest = conversation WHERE name = ?"
        )
        with self._read() as base:
            found = {
                run: _typed((status, reason, _lines(data)), Outcome)
                for run, status, reason, data in _rows(base, query, name)
            }
        return [(run, found[run.number]) for run in self.runs() if run.number in found]

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(exist_ok=True)
        with contextlib.closing(sqlite3.connect(self._path, timeout=5)) as base:
            base.execute("PRAGMA foreign_keys = ON")
            yield base

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """The database for reading.

        Raises:
            ScenarioError: the file is none.
        """
        try:
            with self._opened() as base:
                yield base
        except (
            sqlite3.Error,
            zlib.error,
            OSError,
            TypeError,
            ValueError,
        ) as problem:  # whatever somebody wrote into it
            hint = "take it away: the next run begins a new one"
            raise ScenarioError(f"'{self._path}' cannot be read: {problem}", hint=hint) from problem


def _rows(base: sqlite3.Connection, query: str, *values: object) -> list[Any]:
    """All rows at once: a query that is not read to its end, as where a row makes no sense, keeps the file locked."""
    return base.execute(query, values).fetchall()


def _has_ways(base: sqlite3.Connection) -> bool:
    """Whether runs are kept with how they were played: in the beginning they were not."""
    return any(name == "ways" for _, name, *_ in base.execute("PRAGMA table_info(runs)"))


def _typed(row: Sequence[Any], kind: type[T]) -> T:
    """A row as what it was written from.

    Raises:
        ValueError: it was not.
    """
    return msgspec.convert(dict(zip(kind.__struct_fields__, row, strict=True)), kind)


def _lines(data: bytes) -> tuple[str, ...]:
    text = zlib.decompress(data).decode("utf-8", "surrogatepass")
    return tuple(text.split("\n")) if text else ()
