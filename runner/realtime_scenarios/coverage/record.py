"""What the dialogues of a run have met of their scenarios so far, and how much of all there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from realtime_scenarios.coverage.items import KINDS, Item, ItemKind, Key, items_of
from realtime_scenarios.coverage.seen import keys_in
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.trace import Trace


class Share(NamedTuple):
    """So many of so many."""

    covered: int
    total: int

    @property
    def percent(self) -> float:
        """From 0 to 100, rounded down to a tenth, so that only what is complete is 100; of nothing all is covered."""
        return 100.0 if not self.total else self.covered * 1000 // self.total / 10


class ScenarioCoverage:
    """One scenario's. `shown` is the file as people call it. Dialogues are remembered by name, in the order played."""

    def __init__(self, shown: str, scenario: Scenario) -> None:
        self.shown = shown
        self.scenario = scenario
        self.items = items_of(scenario)
        self._met: dict[Key, list[str]] = {item.key: [] for item in self.items}

    def add(self, dialogue: str, trace: Trace) -> None:
        for key in keys_in(self.scenario, trace):
            if (names := self._met.get(key)) is not None:
                names.append(dialogue)

    def dialogues(self, item: Item) -> tuple[str, ...]:
        """The dialogues that have met the item."""
        return tuple(self._met[item.key])

    def is_covered(self, item: Item) -> bool:
        return bool(self._met[item.key])

    def seen(self, key: Key) -> bool | None:
        """Whether a dialogue met it; None: it is no item of the scenario."""
        names = self._met.get(key)
        return None if names is None else bool(names)

    @property
    def uncovered(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not self._met[item.key])

    def share(self, kind: ItemKind | None = None) -> Share:
        """Of one kind; None: of all."""
        wanted = [item for item in self.items if kind is None or item.key.kind == kind]
        return Share(sum(map(self.is_covered, wanted)), len(wanted))


class Coverage:
    """That of a run, scenario by scenario in the order in which they come."""

    def __init__(self) -> None:
        self._scenarios: dict[str, ScenarioCoverage] = {}

    def of(self, shown: str, scenario: Scenario) -> ScenarioCoverage:
        """The coverage of a scenario, begun where there is none yet."""
        if shown not in self._scenarios:
            self._scenarios[shown] = ScenarioCoverage(shown, scenario)
        return self._scenarios[shown]

    @property
    def scenarios(self) -> tuple[ScenarioCoverage, ...]:
        return tuple(self._scenarios.values())

    def shares(self) -> Mapping[ItemKind, Share]:
        """That of each kind of which there is anything."""
        found = {kind: share_of(each.share(kind) for each in self.scenarios) for kind in KINDS}
        return {kind: share for kind, share in found.items() if share.total}

    @property
    def share(self) -> Share:
        return share_of(each.share() for each in self.scenarios)


def share_of(shares: Iterable[Share]) -> Share:
    """Several taken together."""
    found = list(shares)
    return Share(sum(share.covered for share in found), sum(share.total for share in found))
