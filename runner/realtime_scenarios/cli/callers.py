"""Options that say how callers without a script are played: by which seeds, and what becomes of one that fails."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from msgspec import structs

from realtime_scenarios.cli.options import given_as
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.playing import Players, Playing
from realtime_scenarios.core import ScenarioError, counted
from realtime_scenarios.core.snippets import Paint

if TYPE_CHECKING:
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.suite import Finished
    from realtime_scenarios.suite.shortening import Shortened
    from realtime_scenarios.verdicts import DialogueResult

_REPEATABLE = "offline"
"""Whose answers are alike each time, and cost nothing."""


class CallersWish:
    """What was typed. `times` None: each caller is played once, and nothing is shortened; `seed` None: 0."""

    def __init__(self, times: int | None = None, seed: int | None = None) -> None:
        self.times = times
        self._seed = seed
        self._played = 0
        self._failing = 0
        self._is_interrupted = False
        self._shortened: list[tuple[str, int, Shortened]] = []

    @property
    def is_wanted(self) -> bool:
        return self.times is not None or self._seed is not None

    def check(self, provider: str) -> None:
        """
        Raises:
            click.UsageError: nobody answers a caller there.
        """
        if self.times is not None and provider == "scripted":
            raise click.UsageError("--callers needs a model that answers by itself: --provider offline, or another")

    def playing(self, players: Players, *, replay: Players, provider: str) -> Players:
        """Players by whom each caller without a script is played by its seeds, with one result for all of them.

        `replay` plays dialogues as they are written, and `provider` is where `players` play.
        """
        if not self.is_wanted:
            return players
        first, times = self._seed or 0, self.times or 1

        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            plays = [
                (at, replace(case, caller_seed=first + more))
                for at, case in enumerate(cases)
                for more in range(1 if case.dialogue.caller is None else times)
            ]
            with players([case for _, case in plays]) as playing:

                def is_interrupted() -> bool:
                    self._is_interrupted = self._is_interrupted or playing.is_interrupted()
                    return self._is_interrupted

                found = Playing(playing.finished, is_interrupted)
                yield Playing(self._one_for_each(cases, plays, found, players, replay, provider), is_interrupted)

        return play

    def _one_for_each(
        self,
        cases: Sequence[Case],
        plays: Sequence[tuple[int, Case]],
        playing: Playing,
        players: Players,
        replay: Players,
        provider: str,
    ) -> Iterator[Finished]:
        """One result a case, those that failed last: shortening them takes plays of its own.

        Where the playing ends before all seeds of a case were played, it has a result only if it failed by one.
        """
        waiting = Counter(at for at, _ in plays)
        found: list[list[Finished]] = [[] for _ in cases]
        problem = None
        try:
            for finished in playing.finished:
                at, _ = plays[finished.index]
                found[at].append(finished)
                found[at].sort(key=lambda each: each.index)
                self._played += self._has_seeds(cases[at])
                if len(found[at]) == waiting[at] and not (self._has_seeds(cases[at]) and _failing(found[at])):
                    yield structs.replace(found[at][0], index=at, case=cases[at])
        except ScenarioError as raised:
            problem = raised
        for at, case in enumerate(cases):
            bad = _failing(found[at]) if self._has_seeds(case) else []
            if not bad:
                continue
            self._failing += 1
            told = _with_seed(bad[0], len(bad), len(found[at]), waiting[at])
            yield structs.replace(bad[0], index=at, case=case, result=told)
            if problem is None and not playing.is_interrupted():
                self._shorten(bad[0], players, replay, provider)
        if problem is not None:
            raise problem

    def _has_seeds(self, case: Case) -> bool:
        """Whether it is played by several seeds, or might be."""
        return case.dialogue.caller is not None and self.times is not None

    def _shorten(self, finished: Finished, players: Players, replay: Players, provider: str) -> None:
        from realtime_scenarios.suite.shortening import shortened, unshortened

        case, result = finished.case, finished.result
        again = functools.partial(self._results, replay)
        if provider == _REPEATABLE:
            found = shortened(case, result, functools.partial(self._results, players), again)
        else:
            note = "it is as it was: a model elsewhere does not answer alike, and each try would cost"
            found = unshortened(case, result, again, note)
        if found is not None and not self._is_interrupted:
            self._shortened.append((case.name, case.caller_seed, found))

    def _results(self, players: Players, cases: Sequence[Case]) -> list[DialogueResult]:
        """What came of each, in the order of the cases; nothing where it was interrupted."""
        if self._is_interrupted:
            return []
        with players(cases) as playing:
            found = {each.index: each.result for each in playing.finished}
            self._is_interrupted = playing.is_interrupted()
        return [found[at] for at in sorted(found)] if len(found) == len(cases) else []

    def tell(self, paint: Paint) -> None:
        """Print what failed as dialogues that can be pasted; nothing where no caller was played by several seeds."""
        for name, seed, found in self._shortened:
            needed = f", {found.after} of them needed" if found.before > 1 else ""
            turns = f"{counted(found.before, 'turn')}{needed}"
            echo(paint(f"# {name} with --caller-seed {seed}, as a written dialogue ({turns})", "bold"))
            if found.note is not None:
                echo(f"# {found.note}")
            echo(found.text)
        if self._played:
            tone = "bad" if self._failing else "good"
            word = "dialogue fails" if self._failing == 1 else "dialogues fail"
            echo(paint(f"{counted(self._played, 'conversation')} with callers: {self._failing} {word} by a seed", tone))


def _failing(found: Sequence[Finished]) -> list[Finished]:
    return [each for each in found if each.result.status == "failed"]


def _with_seed(finished: Finished, failing: int, played: int, wanted: int) -> DialogueResult:
    """The result, with which seed it is of."""
    from realtime_scenarios.expectations import Verdict

    result, seed = finished.result, finished.case.caller_seed
    cut = "" if played == wanted else f" that were played of {wanted}"
    seeds = f" ({failing} of {played} seeds{cut} {'fails' if failing == 1 else 'fail'})" if wanted > 1 else ""
    told = f"it fails with --caller-seed {seed}{seeds}"
    return replace(result, verdicts=(Verdict(result.dialogue.place, False, told), *result.verdicts))


def _wish(callers: int | None, caller_seed: int | None) -> CallersWish:
    return CallersWish(callers, caller_seed)


callers_options = given_as(
    "callers",
    _wish,
    click.option(
        "--callers",
        type=click.IntRange(1),
        metavar="N",
        help="Play each caller without a script by N seeds; write what fails as the shortest dialogue that does.",
    ),
    click.option(
        "--caller-seed",
        type=int,
        metavar="NUMBER",
        help="Another seed: callers without a script choose other words. Default 0.",
    ),
)
"""`--callers` and `--caller-seed`, which the command is given as `callers`."""
