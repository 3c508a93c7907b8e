"""Options that play each dialogue by many schedules, and shrink the one by which it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from msgspec import structs

from realtime_scenarios.cli.options import given_as
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.playing import Players, Playing
from realtime_scenarios.core import UsageError, counted
from realtime_scenarios.core.schedules import Schedule
from realtime_scenarios.core.snippets import Paint

if TYPE_CHECKING:
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.suite import Finished
    from realtime_scenarios.verdicts import DialogueResult

_Played = Callable[[Sequence["Case"]], Mapping[int, "Finished"]]
"""What came of cases, by their positions; fewer than there are where it was interrupted."""

_IN_OUR_ENGINE = ("scripted", "offline")
_EVENTS_OF_AN_EVENT = 4
"""Events of a server that come for each event of a trace, about."""


class ExploreWish:
    """What was typed, and how many schedules were played so far. `times` None: none is explored.

    `schedule` is the one by which all dialogues are played; None: as they usually are.
    """

    def __init__(self, times: int | None, seed: int, schedule: Schedule | None) -> None:
        self.times = times
        self._seed = seed
        self._schedule = schedule
        self._played = 0
        self._failing = 0

    @property
    def is_wanted(self) -> bool:
        return self.times is not None or self._schedule is not None

    def check(self, provider: str) -> None:
        """
        Raises:
            click.UsageError: the line of that provider cannot be scheduled.
        """
        if self.is_wanted and provider not in _IN_OUR_ENGINE:
            raise click.UsageError(
                "--explore and --schedule need a line in this process: --provider scripted or offline"
            )

    def exploring(self, players: Players) -> Players:
        """Players that play each case as usual, then by its schedules, and give one result for all of it."""
        if not self.is_wanted:
            return players

        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            is_interrupted = False

            def finished() -> Iterator[Finished]:
                nonlocal is_interrupted

                def played(batch: Sequence[Case]) -> dict[int, Finished]:
                    nonlocal is_interrupted
                    found: dict[int, Finished] = {}
                    if is_interrupted:
                        return found
                    with players(batch) as playing:
                        for each in playing.finished:
                            found[each.index] = each
                        is_interrupted = playing.is_interrupted()
                    return found

                for at, case in enumerate(cases):
                    if is_interrupted:
                        return
                    for usual in played([self._first(case)]).values():
                        explored = self._explored(case, usual, played)
                        if explored is not None:
                            yield structs.replace(explored, index=at, case=case)

            yield Playing(finished(), lambda: is_interrupted)

        return play

    def _first(self, case: Case) -> Case:
        return case if self._schedule is None else replace(case, schedule=str(self._schedule))

    def _explored(self, case: Case, usual: Finished, played: _Played) -> Finished | None:
        """The usual result, or that of the shortest schedule by which it is another.

        None: the playing ended before all schedules were played, and it failed by none of those that were.
        """
        if self.times is None or not usual.result.passed:
            return usual
        events = _EVENTS_OF_AN_EVENT * len(usual.result.trace.events)
        schedules = [Schedule.drawn(self._seed, number, events=events) for number in range(1, self.times + 1)]
        results = played([replace(case, schedule=str(schedule)) for schedule in schedules])
        self._played += len(results)
        bad = [at for at in sorted(results) if _fails(results[at].result, usual.result)]
        is_whole = len(results) == len(schedules)
        if not bad:
            return usual if is_whole else None
        self._failing += 1
        first = bad[0]
        shortest, result = schedules[first], results[first]
        if is_whole:
            shortest, result = self._shrunk(case, shortest, result, usual.result, played)
        cut = "" if is_whole else f" that were played of {len(schedules)}"
        told = (
            f"it fails when events come otherwise: --schedule '{shortest}' "
            f"(seed {self._seed}, number {first + 1}; {len(bad)} of {counted(len(results), 'schedule')}{cut})"
        )
        return structs.replace(result, result=_with_schedule(result.result, usual.result, told), play=None)

    def _shrunk(
        self,
        case: Case,
        schedule: Schedule,
        result: Finished,
        usual: DialogueResult,
        played: _Played,
    ) -> tuple[Schedule, Finished]:
        """The schedule with as few hurdles as it still fails by, as far as nobody interrupts that."""
        while len(schedule.hurdles) > 1:
            smaller = schedule.smaller
            results = played([replace(case, schedule=str(each)) for each in smaller])
            self._played += len(results)
            still = [at for at in sorted(results) if _fails(results[at].result, usual)]
            if not still:
                break
            schedule, result = smaller[still[0]], results[still[0]]
        return schedule, result

    def tell(self, paint: Paint) -> None:
        """Print how many schedules were played; nothing where none was."""
        if self._played:
            tone = "bad" if self._failing else "good"
            word = "dialogue fails" if self._failing == 1 else "dialogues fail"
            echo(paint(f"{counted(self._played, 'schedule')} (seed {self._seed}): {self._failing} {word} by one", tone))


def _fails(result: DialogueResult, usual: DialogueResult) -> bool:
    from realtime_scenarios.suite.effects import doubled_effects

    return not result.passed or any(doubled_effects(result.trace, usual.trace))


def _with_schedule(result: DialogueResult, usual: DialogueResult, told: str) -> DialogueResult:
    """The result with what it is by which schedule, and with what happened twice."""
    from realtime_scenarios.expectations import Verdict
    from realtime_scenarios.suite.effects import doubled_effects

    place = result.dialogue.place
    twice = [Verdict(place, False, message, at) for message, at in doubled_effects(result.trace, usual.trace)]
    return replace(result, verdicts=(Verdict(place, False, told), *twice, *result.verdicts))


def _wish(explore: int | None, explore_seed: int | None, schedule: str | None) -> ExploreWish:
    if explore_seed is not None and explore is None:
        raise click.UsageError("--explore-seed says which schedules are played; it needs --explore")
    if explore is not None and schedule is not None:
        raise click.UsageError("--explore and --schedule exclude each other")
    try:
        written = None if schedule is None else Schedule.of(schedule)
    except UsageError as problem:
        raise click.UsageError(f"{problem.message}: {problem.hint}") from problem
    return ExploreWish(explore, explore_seed or 0, written)


explore_options = given_as(
    "explore",
    _wish,
    click.option(
        "--explore",
        type=click.IntRange(1),
        metavar="N",
        help="Play each dialogue by N schedules, too: events late and twice, tools and people slow.",
    ),
    click.option("--explore-seed", type=int, metavar="NUMBER", help="Another seed, other schedules. Default 0."),
    click.option(
        "--schedule",
        metavar="TEXT",
        help="Play by one schedule, as --explore tells it: 'delay 14 0.5s, double 20'.",
    ),
)
"""`--explore` and what goes with it, which the command is given as `explore`."""
