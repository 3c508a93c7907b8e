"""What a live run would cost and take, said before it begins; and the bound that somebody has set to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from realtime_scenarios.cli.style import echo_wrapped
from realtime_scenarios.core import UsageError

if TYPE_CHECKING:
    from realtime_scenarios.cli.playing import Players
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.verdicts import DialogueResult

PAID = ("openai", "azure", "url")
"""Providers whose voice models cost something by the table."""


_FREE = "offline"


def forecast(
    cases: Sequence[Case],
    players: Players,
    provider: str,
    where: Mapping[str, str | None],
    *,
    workers: int,
    times: int = 1,
) -> int:
    """Replay the cases with the script, and say what a live run of them would cost and take; the exit code.

    `times` is how often each is played at most.

    Raises:
        UsageError: the provider needs a model, and nobody has named one.
    """
    from realtime_scenarios.suite.forecast import forecast_of, summed, told_lines, voice_model_of

    if provider == _FREE:
        echo_wrapped("--provider offline costs nothing: the stand-in answers here, and no service is asked")
        return 0
    meant = provider if provider in (*PAID, "chat") else "openai"
    if meant != provider:
        why = "a script costs nothing" if provider == "scripted" else f"what '{provider}' costs is not known"
        echo_wrapped(f"counted as with --provider {meant}: {why}")
    live = [case for case in cases if not (case.dialogue.scripted_only or case.dialogue.caller or case.mistakes)]
    for case in live:
        voice_model_of(case.project.scenario, meant, where.get("model"), date.today())  # known before any is played
    estimates, failed = [], 0
    with players(live) as playing:
        for finished in playing.finished:
            failed += finished.result.fails_the_run
            estimates.append(
                forecast_of(finished.case, finished.result, provider=meant, model=where.get("model"), on=date.today())
            )
        is_interrupted = playing.is_interrupted()
    if is_interrupted:
        echo_wrapped(f"interrupted: {len(estimates)} of {len(live)} dialogues were counted, the others are in no sum")
    if estimates:
        scripts = sum(case.dialogue.scripted_only is not None and not case.mistakes for case in cases)
        for line in told_lines(summed(estimates), scripts, workers, times):
            echo_wrapped(line)
    elif not is_interrupted:
        echo_wrapped("nothing can be forecast: no dialogue here has a script and may be played live")
    _tell_what_is_not_in_it(cases)
    if failed:
        echo_wrapped(f"{failed} of them fail as a script already, so that they end early here", err=True)
    if is_interrupted:
        return 130
    return 1 if failed or not estimates else 0


def _tell_what_is_not_in_it(cases: Sequence[Case]) -> None:
    invalid = sum(bool(case.mistakes) for case in cases)
    unscripted = sum(case.dialogue.caller is not None and not case.mistakes for case in cases)
    if unscripted:
        whose = "whose caller has no script, so that nobody knows how long"
        echo_wrapped(f"not in it: {_dialogues(unscripted)} {whose} {'it takes' if unscripted == 1 else 'they take'}")
    if invalid:
        echo_wrapped(f"not in it: {_dialogues(invalid)} with mistakes")


def _dialogues(number: int) -> str:
    return "1 dialogue" if number == 1 else f"{number} dialogues"


def require_known_prices(cases: Sequence[Case], provider: str, where: Mapping[str, str | None]) -> None:
    """Go on only where what the cases cost can be counted.

    Raises:
        UsageError: no price is known of a model that they would ask for.
    """
    from realtime_scenarios.project.models import prices_of
    from realtime_scenarios.suite.forecast import voice_model_of

    if provider == "chat":  # what an address of somebody's own costs, no table knows
        raise UsageError("no price is known of what `--provider chat` asks", hint="leave --max-cost out")
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
    """What a run, or all rounds of a watch, may cost in US dollars, and what they have.

    `workers` dialogues may be going on at once.
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
        return self.bears(self.workers)

    def bears(self, dialogues: int) -> bool:
        """Whether so many more may begin, of which no more than there are workers go on at once."""
        return self.spent + self._dearest * min(dialogues, self.workers) <= self.most

    def __str__(self) -> str:
        return f"${self.spent:.4f} of ${self.most:g} is spent, and another dialogue might cost more"
