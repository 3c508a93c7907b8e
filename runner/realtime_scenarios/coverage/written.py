"""Coverage as JSON, and read back from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from realtime_scenarios.core import UsageError
from realtime_scenarios.coverage.items import Key, items_of
from realtime_scenarios.coverage.record import Coverage, ScenarioCoverage, Share
from realtime_scenarios.model.scenario import Scenario


class WrittenItem(Struct, frozen=True):
    """An item in a file; `place` is `file:line:column`, `dialogues` are the names of those that met it."""

    kind: str
    name: str
    way: str
    pointer: str
    place: str
    covered: bool
    dialogues: tuple[str, ...]


class WrittenScenario(Struct, frozen=True):
    """A scenario in a file: `file` is as it was shown, `scenario` its id."""

    file: str
    scenario: str
    covered: int
    total: int
    percent: float
    items: tuple[WrittenItem, ...]

    def keys_in(self, scenario: Scenario) -> Mapping[Key, bool]:
        """Whether each item was covered that the scenario still has.

        What stands at the place of an item and is called otherwise, such as another handoff or condition, is another.
        """
        names = {item.key: item.name for item in items_of(scenario)}
        written = ((Key(item.kind, item.pointer, item.way), item) for item in self.items)
        return {key: item.covered for key, item in written if names.get(key) == item.name}


class WrittenCoverage(Struct, frozen=True):
    """A whole file. `version` rises where older files are not understood any more."""

    version: int
    covered: int
    total: int
    percent: float
    scenarios: tuple[WrittenScenario, ...]

    def of(self, scenario: str) -> WrittenScenario | None:
        """The scenario with that id; None: the file says nothing about it."""
        return next((each for each in self.scenarios if each.scenario == scenario), None)


VERSION = 1


def as_data(coverage: Coverage) -> dict[str, Any]:
    """The coverage of a run as plain data for JSON."""
    share = coverage.share
    scenarios = tuple(map(_written_scenario, coverage.scenarios))
    written = WrittenCoverage(VERSION, share.covered, share.total, share.percent, scenarios)
    data: dict[str, Any] = msgspec.to_builtins(written)
    return data


def read_coverage(path: Path) -> WrittenCoverage:
    """What `--coverage-json` wrote.

    Raises:
        UsageError: there is no such file, or it is none of those.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=WrittenCoverage)
    except OSError as problem:
        hint = f"write it with `scenario test --coverage-json {path}`"
        raise UsageError(f"'{path}' cannot be read: {problem.strerror}", hint=hint) from problem
    except (ValueError, msgspec.DecodeError) as problem:
        hint = f"write it anew with `scenario test --coverage-json {path}`"
        raise UsageError(f"'{path}' is no coverage: {problem}", hint=hint) from problem
    if found.version != VERSION:
        hint = f"write it anew with `scenario test --coverage-json {path}`"
        raise UsageError(f"'{path}' is of version {found.version}, and {VERSION} is read here", hint=hint)
    return found


def _written_scenario(coverage: ScenarioCoverage) -> WrittenScenario:
    share: Share = coverage.share()
    items = tuple(
        WrittenItem(
            item.key.kind,
            item.name,
            item.key.way,
            item.key.pointer,
            str(item.place.span),
            coverage.is_covered(item),
            coverage.dialogues(item),
        )
        for item in coverage.items
    )
    return WrittenScenario(coverage.shown, coverage.scenario.id, share.covered, share.total, share.percent, items)
