"""What of a scenario the dialogues met that were played here: data for the page, and what a drawing is coloured by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from realtime_scenarios.coverage import Coverage, Item, Key
from realtime_scenarios.coverage.items import KINDS
from realtime_scenarios.coverage.record import ScenarioCoverage
from realtime_scenarios.document import Place
from realtime_scenarios.project import Project
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.project.fingerprints import Fingerprints
from realtime_scenarios.studio.places import shown_place
from realtime_scenarios.studio.testing import Outcome

_MOST_NAMES = 20
"""Dialogues that are named with a thing which they met; of more there is the number."""


class Met(Struct, frozen=True):
    """`counted` dialogues are in it. `left_out` are those whose files have changed since they were played."""

    coverage: ScenarioCoverage
    counted: int
    left_out: int
    total: int

    def seen(self, kind: str, place: Place) -> bool | None:
        """Whether a dialogue met what stands there; None: nothing was played, or nobody can know."""
        return self.coverage.seen(Key(kind, place.json_pointer)) if self.counted else None

    def data(self) -> dict[str, Any]:
        """All that there is to meet, kind by kind, in the order of the file."""
        share = self.coverage.share()
        kinds = [(kind, self.coverage.share(kind)) for kind in KINDS]
        return {
            "counted": self.counted,
            "left_out": self.left_out,
            "dialogues": self.total,
            "covered": share.covered,
            "total": share.total,
            "percent": share.percent,
            "kinds": [
                {"kind": kind, "covered": part.covered, "total": part.total} for kind, part in kinds if part.total
            ],
            "items": [self._item_data(item) for item in self.coverage.items],
        }

    def _item_data(self, item: Item) -> dict[str, Any]:
        names = self.coverage.dialogues(item)
        return {
            "kind": item.key.kind,
            "name": item.told,
            "covered": bool(names),
            "times": len(names),
            "by": list(names[:_MOST_NAMES]),
            "place": shown_place(item.place),
        }


def met_of(project: Project, outcomes: Iterable[Outcome]) -> Met:
    """What the last outcomes of the scenario's dialogues met, of those that were played by the files as they are.

    A trace is held against the scenario that it was made by, and against no other.
    """
    fingerprints = Fingerprints()
    now = {case.dialogue.id: fingerprints.of(case) for case in cases_of([project])}
    coverage = Coverage().of(project.shown, project.scenario)
    known = [outcome for outcome in outcomes if outcome.case.dialogue.id in now]
    current = [outcome for outcome in known if outcome.fingerprint == now[outcome.case.dialogue.id]]
    for outcome in current:
        coverage.add(outcome.case.dialogue.id, outcome.result.trace)
    return Met(coverage, len(current), len(known) - len(current), len(now))
