"""The tables of a conversation as pages see them: each that has changed, with its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.stubs.data import QueryFailed

MOST_ROWS = 500
"""Rows of a table that a page is told."""


class TablesSeen:
    """`read` gives the rows of a SELECT, `tell` is told of each table that is not as it was when it was seen last."""

    def __init__(
        self,
        scenario: Scenario,
        read: Callable[[str], list[dict[str, Any]]],
        tell: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self._names = list(scenario.data)
        self._read = read
        self._tell = tell
        self._seen: dict[str, list[dict[str, Any]]] = {}

    def look(self) -> None:
        """Look at all of them."""
        for name in self._names:
            quoted = name.replace('"', '""')
            try:
                rows = self._read(f'SELECT * FROM "{quoted}" LIMIT {MOST_ROWS + 1}')  # noqa: S608 - a declared table
            except QueryFailed:
                continue  # it holds more than a query may read
            if rows != self._seen.get(name):
                self._seen[name] = rows
                self._tell("DataChanged", {"table": name, "rows": rows[:MOST_ROWS], "cut": len(rows) > MOST_ROWS})
