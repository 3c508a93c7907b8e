"""What a live run would cost and take, said before it begins; and the bound that somebody has set to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError

if TYPE_CHECKING:
    from realtime_scenarios.cli.playing import Players
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.verdicts import DialogueResult

PAID = ("openai", "azure", "url")
"""Providers whose voice models cost something by the table."""


def forecast(
    cases: Sequence[Case], players: Players, provider: str, where: Mapping[str, str | None], workers: int
) -> int:
    """Replay the cases with the script, and say what a live run of them would cost and take; the exit code."""
    from realtime_scenarios.suite.forecast import forecast_of, summed, told_lines

    meant = provider if provider in PAID else "openai"
    unscripted = sum(case.dialogue.caller is not None for case in cases)
    cases = [case for case in cases if case.dialogue.caller is None]
    live = [case for case in cases if case.dialogue.scripted_only is None and not case.mistakes]
    estimates, failed = [], 0
    with players(live) as playing:
        for finished in playing.finished:
            failed += finished.result.fails_the_run
            estimates.append(
                forecast_of(finished.case, finished.result, provider=meant, model=where.get("model"), on=date.today())
            )
    for line in told_lines(summed(estimates), len(cases) - len(live), workers):
        echo(line)
    if unscripted:
        them = "1 dialogue" if unscripted == 1 else f"{unscripted} dialogues"
        echo(f"not in it: {them} whose caller has no script, so that nobody knows how long they take")
    if failed:
        echo(f"{failed} of them fail as a script already, so that they end early here", err=True)
    return 0


def require_known_prices(cases: Sequence[Case], provider: str, where: Mapping[str, str | None]) -> None:
    """Go on only where what the cases cost can be counted.

    Raises:
        UsageError: no price is known of a model that they would ask for.
    """
    from realtime_scenarios.project.models import prices_of
    from realtime_scenarios.suite.forecast import voice_model_of

    if provider not in PAID:
        return
    for case in cases:
        name = voice_model_of(case.project.scenario, provider, where.get("model"), date.today())
        if prices_of(name) is None:
            raise UsageError(
                f"no price is known of '{name}'",
                hint="leave --max-cost out, or name a model that `scenario models` knows",
            )


@dataclass(slots=True)
class SuiteBudget:
    """What a run may cost, in US dollars, and what it has. `workers` dialogues may be going on at once.

    A run ends when what is going on might cost more than is left, as far as the dearest dialogue so far tells.
    """

    most: float
    workers: int
    spent: float = 0.0
    _dearest: float = field(default=0.0)

    def add(self, result: DialogueResult) -> bool:
        """Count a dialogue that is over; whether another one may begin."""
        if result.dollars is not None:
            self.spent += result.dollars
            self._dearest = max(self._dearest, result.dollars)
        return self.spent + self._dearest * self.workers <= self.most

    def __str__(self) -> str:
        return f"${self.spent:.4f} of ${self.most:g} is spent, and another dialogue might cost more"
