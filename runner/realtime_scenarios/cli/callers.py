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
from realtime_scenarios.core import counted
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
                yield Playing(
                    self._one_for_each(cases, plays, playing, players, replay, provider), playing.is_interrupted
                )

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
        """One result a case, those that failed last: shortening them takes plays of its own."""
        waiting = Counter(at for at, _ in plays)
        found: list[list[Finished]] = [[] for _ in cases]
        failed: list[int] = []
        for finished in playing.finished:
            at, _ = plays[finished.index]
            found[at].append(finished)
            if len(found[at]) < waiting[at]:
                continue
            found[at].sort(key=lambda each: each.index)
            if cases[at].dialogue.caller is None or self.times is None:
                yield structs.replace(found[at][0], index=at, case=cases[at])
                continue
            self._played += len(found[at])
            if all(each.result.status != "failed" for each in found[at]):
                yield structs.replace(found[at][0], index=at, case=cases[at])
            else:
                failed.append(at)
        for at in failed:
            bad = [each for each in found[at] if each.result.status == "failed"]
            self._failing += 1
            yield structs.replace(bad[0], index=at, case=cases[at], result=_with_seed(bad[0], len(bad), len(found[at])))
            self._shorten(bad[0], players, replay, provider)

    def _shorten(self, finished: Finished, players: Players, replay: Players, provider: str) -> None:
        from realtime_scenarios.suite.shortening import shortened, unshortened

        case, result = finished.case, finished.result
        if provider == _REPEATABLE:
            found = shortened(case, result, functools.partial(_results, players), functools.partial(_results, replay))
        else:
            note = "it is as it was: a model elsewhere does not answer alike, and each try would cost"
            found = unshortened(case, result, functools.partial(_results, replay), note)
        if found is not None:
            self._shortened.append((case.name, case.caller_seed, found))

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


def _results(players: Players, cases: Sequence[Case]) -> list[DialogueResult]:
    """What came of each, in the order of the cases; nothing where it was interrupted."""
    with players(cases) as playing:
        found = {each.index: each.result for each in playing.finished}
    return [found[at] for at in sorted(found)] if len(found) == len(cases) else []


def _with_seed(finished: Finished, failing: int, played: int) -> DialogueResult:
    """The result, with which seed it is of."""
    from realtime_scenarios.expectations import Verdict

    result, seed = finished.result, finished.case.caller_seed
    seeds = f" ({failing} of {played} seeds {'fails' if failing == 1 else 'fail'})" if played > 1 else ""
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
