"""What became of mutants, and what that comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from msgspec import Struct, structs

from realtime_scenarios.core import Secrets
from realtime_scenarios.mutation.mutant import Mutant

Fate = Literal["lint", "dialogue", "survived", "same", "no_scenario"]
"""Killed by lint, or by a dialogue; noticed by nobody; no other scenario than before, so that nobody could; no scenario
at all by its schema. The last two are not counted."""


class Outcome(Struct, frozen=True):
    """`by` is who noticed: what lint says, or the name of a dialogue; of what is the same, how that is known.

    `touching` is how many dialogues touch what was changed.
    """

    mutant: Mutant
    fate: Fate
    by: str
    touching: int


class Score(NamedTuple):
    """How many mutants lint and dialogues killed, how many survived, and how many are not counted."""

    lint: int
    dialogue: int
    survived: int
    same: int
    no_scenario: int

    @property
    def counted(self) -> int:
        return self.lint + self.dialogue + self.survived

    @property
    def killed(self) -> int:
        return self.lint + self.dialogue

    @property
    def percent(self) -> float | None:
        """How many of a hundred were noticed; None: none was counted."""
        return 100 * self.killed / self.counted if self.counted else None


def without_secrets(outcome: Outcome, secrets: Secrets) -> Outcome:
    """The outcome as it may be shown to everybody."""
    change = outcome.mutant.change
    if change.secrets:
        secrets = Secrets((*secrets.values, *change.secrets))
    shown = structs.replace(
        change, changed=secrets.hidden(change.changed), noticed_by=secrets.hidden(change.noticed_by)
    )
    mutant = structs.replace(outcome.mutant, change=shown, line=secrets.blotted(outcome.mutant.line))
    return structs.replace(outcome, mutant=mutant, by=secrets.hidden(outcome.by))


def score_of(outcomes: Iterable[Outcome]) -> Score:
    count = Counter(outcome.fate for outcome in outcomes)
    return Score(count["lint"], count["dialogue"], count["survived"], count["same"], count["no_scenario"])
