"""`scenario test --watch`: dialogues played again whenever a saved file touches them, by workers that start at once.

Theory of operation. A round reads, and plays the dialogues whose fingerprint (`project.fingerprints`) is not that of
the last time. Then the folders are looked at until a file in them is another one. What was seen of the folders is older
than what was read, so that a file that is saved in the middle of a round begins the next one. The zygote stays and
has the SDK; workers are new in each round, and so are the modules of authors.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from realtime_scenarios.cli.again import to_play_again
from realtime_scenarios.cli.output import echo, unread_because
from realtime_scenarios.cli.playing import Players
from realtime_scenarios.cli.style import width
from realtime_scenarios.cli.testing import Found, TestRun, read_anew, report_mistakes, wanted_cases
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core import Diagnostic, ScenarioError, counted
from realtime_scenarios.core.paths import is_folder, is_there
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.wrapping import wrapped
from realtime_scenarios.project import Project
from realtime_scenarios.project.cases import Case, There, parsed_target
from realtime_scenarios.project.fingerprints import Fingerprints
from realtime_scenarios.project.watched import Moment, moment_of, saved_between
from realtime_scenarios.suite import tally
from realtime_scenarios.suite.journal import Asked, names_of
from realtime_scenarios.suite.not_run import NotRun
from realtime_scenarios.verdicts import DialogueResult

if TYPE_CHECKING:
    from realtime_scenarios.cli.forecasting import SuiteBudget

_SHORTEST_PAUSE = 0.05
_SHARE = 0.1
"""So much of a core looking at the folders may take."""

_SETTLING = 0.02
"""Seconds in which nothing more is saved: some editors empty a file before they fill it."""

INTERRUPTED = 130


class _Known(NamedTuple):
    """What came of a dialogue when it had this fingerprint."""

    fingerprint: str
    result: DialogueResult


class Watching:
    """One `scenario test --watch`. `budget` is what all of its rounds together may cost; None: anything."""

    def __init__(
        self,
        asked: Asked,
        folder: Path,
        *,
        players: Players,
        paint: Paint,
        verbose: bool,
        color: str,
        trust: bool,
        budget: SuiteBudget | None = None,
    ) -> None:
        self._asked = asked
        self._folder = folder
        self._players = players
        self._paint = paint
        self._verbose = verbose
        self._color = color
        self._trust = trust
        self._budget = budget
        self._is_cut_short = False
        self._again = to_play_again(folder, asked, watches=True) if asked.last_failed else None
        self._reading = _Reading()
        self._known: dict[str, _Known] = {}
        self._wanted: list[str] = []
        self._mistakes: list[Diagnostic] = []

    def to_the_end(self) -> int:
        """Watch until Ctrl-C or SIGTERM, or until the money is spent. The exit code is 0 where all holds, 130 in the
        middle of a round, and 1 where the money is spent.

        Raises:
            ScenarioError: in the first round there is nothing by that name, or no worker can be had.
        """
        try:
            return self._rounds()
        except KeyboardInterrupt:
            echo()
            return 0 if self._holds else 1

    def _rounds(self) -> int:
        """A round whenever a file is saved, until one is interrupted, another would cost too much or nobody reads any
        more; the exit code.
        """
        seen = moment_of(self._folders)
        code = self._round()
        if not self._is_cut_short:
            echo(self._paint(f"watching {counted(len(moment_of(self._folders)), 'file')}; Ctrl-C ends it", "quiet"))
        while code != INTERRUPTED:
            if self._is_cut_short:
                self._tell_in_lines(f"watching has ended: {self._budget}")
                return 1
            if unread_because() is not None:
                return 1
            after = _moment_after(seen, self._folders)
            self._reading.forget(saved_between(seen, after))
            seen = after
            try:
                code = self._round()
            except ScenarioError as problem:
                self._wanted = []  # nothing is known to hold
                self._tell(problem)
        return code

    @property
    def _folders(self) -> tuple[Path, ...]:
        """What is looked at: what was typed, and where what was found stands."""
        typed = [self._folder / parsed_target(target).path for target in self._asked.targets] or [self._folder]
        folders = {path if is_folder(path) else path.parent for path in typed if is_there(path)} | self._reading.folders
        return tuple(path for path in sorted(folders) if not any(above in folders for above in path.parents))

    @property
    def _holds(self) -> bool:
        results = self._results()
        return not self._mistakes and not tally(results, len(self._wanted)).fails_the_run

    def _results(self) -> list[DialogueResult]:
        return [self._known[name].result for name in self._wanted if name in self._known]

    def _round(self) -> int:
        """Read, and play what is touched; the exit code of that.

        Raises:
            ScenarioError: nothing is there to be played, or it cannot be.
        """
        had_mistakes, self._mistakes = self._mistakes, []
        wanted = wanted_cases(
            self._asked.targets,
            self._folder,
            words=self._asked.words,
            tags=self._asked.tags,
            again=self._again,
            reading=self._reading,
        )
        fingerprints = Fingerprints()
        cases = dict(zip(names_of(wanted.cases), wanted.cases, strict=True))
        now = {name: fingerprints.of(case) for name, case in cases.items()}
        self._wanted, self._mistakes = list(cases), wanted.mistakes
        touched = {name: case for name, case in cases.items() if self._is_new(name, now[name])}
        if self._mistakes and (touched or self._mistakes != had_mistakes):
            report_mistakes(self._mistakes, sum(not case.mistakes for case in touched.values()), self._color)
        if touched:
            require_trust({case.project.path: case.project for case in touched.values()}.values(), trust=self._trust)
            return self._played(touched, now, wanted.there) if self._may_begin(touched) else 1
        if had_mistakes and not self._mistakes:
            self._tell_state()
        return 0

    def _is_new(self, name: str, fingerprint: str) -> bool:
        return name not in self._known or self._known[name].fingerprint != fingerprint

    def _may_begin(self, touched: Mapping[str, Case]) -> bool:
        """Whether what is left of the money is enough for these cases to begin; said where it is not.

        Raises:
            UsageError: no price is known of what they would ask, and there is a bound.
        """
        if self._budget is None:
            return True
        from realtime_scenarios.cli.forecasting import require_known_prices

        require_known_prices(list(touched.values()), self._asked.provider, self._asked.where)
        if not self._budget.bears(len(touched)):
            self._is_cut_short = True
            self._tell_in_lines(str(NotRun(tuple(touched.values()), f"{self._budget}")))
        return not self._is_cut_short

    def _played(self, touched: Mapping[str, Case], fingerprints: Mapping[str, str], there: There) -> int:
        """Play these cases, by their names; the exit code of that.

        Raises:
            BrokenPipeError: nobody hears of it.
        """
        if self._known:
            echo(self._paint(f"\n{time.strftime('%X')}  {len(touched)} of {len(self._wanted)} dialogues", "bold"))
        run = TestRun(
            list(touched.values()),
            self._folder,
            paint=self._paint,
            players=self._players,
            fail_fast=False,
            verbose=self._verbose,
            mistakes=self._mistakes,
            reports=(),
            asked=self._asked,
            fingerprints=[fingerprints[name] for name in touched],
            there=there,
            budget=self._budget,
        )
        try:
            code = run.to_the_end()
        finally:
            names = {id(case): name for name, case in touched.items()}
            for case, result in run.results:
                name = names[id(case)]
                self._known[name] = _Known(fingerprints[name], result)
        if not run.is_heard:
            return 1
        if self._budget is not None and (run.results.not_run or not self._budget.bears(1)):
            self._is_cut_short = code != INTERRUPTED
        if len(touched) < len(self._wanted):
            self._tell_state()
        return code

    def _tell_state(self) -> None:
        """What all dialogues come to, also those that were not played again."""
        count = tally(self._results(), len(self._wanted))
        echo(self._paint(f"all in all {count}", "bad" if count.fails_the_run else "good"))

    def _tell_in_lines(self, text: str) -> None:
        for line in wrapped(text, width()):
            echo(self._paint(line, "ask"))

    def _tell(self, problem: ScenarioError) -> None:
        echo(f"{self._paint('error', 'bad')}: {problem.message}", err=True)
        if problem.hint:
            echo(f"hint: {problem.hint}", err=True)


class _Reading:
    """Projects with their mistakes as they were read, for as long as nothing is saved in their folders."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, Path | None], Found] = {}

    def __call__(self, projects: Sequence[Project]) -> list[Found]:
        known = {_key(project): self._read.get(_key(project)) for project in projects}
        fresh = iter(read_anew([project for project in projects if known[_key(project)] is None]))
        self._read = {key: found if found is not None else next(fresh) for key, found in known.items()}
        return list(self._read.values())

    @property
    def folders(self) -> set[Path]:
        """The folders whose files are read."""
        return {folder for project, _ in self._read.values() for folder in _folders_of(project)}

    def forget(self, saved: frozenset[Path]) -> None:
        """These files have changed: what is made of them is read again."""
        self._read = {key: found for key, found in self._read.items() if not _is_among(saved, _folders_of(found[0]))}


def _key(project: Project) -> tuple[Path, Path | None]:
    return project.path, project.only


def _folders_of(project: Project) -> set[Path]:
    return {project.path.parent.resolve(), *(file.path.parent.resolve() for file in project.dialogue_files)}


def _is_among(saved: frozenset[Path], folders: set[Path]) -> bool:
    return any(not folders.isdisjoint(path.resolve().parents) for path in saved)


def _moment_after(seen: Moment, folders: tuple[Path, ...]) -> Moment:
    """The folders when something in them is no longer as it was seen, and nothing more is being saved."""
    now = seen
    while now == seen:
        began = time.monotonic()
        now = moment_of(folders)
        if now == seen:
            time.sleep(max(_SHORTEST_PAUSE, (time.monotonic() - began) / _SHARE))
    while True:
        time.sleep(_SETTLING)
        later = moment_of(folders)
        if later == now:
            return now
        now = later
