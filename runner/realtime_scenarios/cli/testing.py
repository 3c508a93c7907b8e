"""A run of dialogues on a terminal: progress, failures, a summary, and a journal of what has come of them."""

from __future__ import annotations

import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from realtime_scenarios.cli.again import again_command, lines_of_left, resume_command
from realtime_scenarios.cli.coverage import CoverageWish
from realtime_scenarios.cli.output import echo, lost_because, unread_because
from realtime_scenarios.cli.playing import Players
from realtime_scenarios.cli.progress import Progress
from realtime_scenarios.cli.remembering import remember_run
from realtime_scenarios.cli.style import width
from realtime_scenarios.core import (
    Diagnostic,
    NothingCheckedError,
    ScenarioError,
    UsageError,
)
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.wrapping import wrapped
from realtime_scenarios.core.writing import write_file
from realtime_scenarios.lint import findings
from realtime_scenarios.project import Project, load_plugins, projects_at
from realtime_scenarios.project.cases import (
    Case,
    Selection,
    There,
    ids_of,
    parsed_target,
    playable_cases,
    selected,
)
from realtime_scenarios.project.reports import REPORTS
from realtime_scenarios.suite.journal import (
    Again,
    Asked,
    Begun,
    Journal,
    Kept,
    Left,
    PastRun,
    name_shown,
    names_of,
    over_of,
    past_run,
)
from realtime_scenarios.suite.not_run import NotRun
from realtime_scenarios.suite.results import Results
from realtime_scenarios.suite.spoken import is_spoken

if TYPE_CHECKING:
    from realtime_scenarios.cli.forecasting import SuiteBudget
    from realtime_scenarios.suite import Finished
    from realtime_scenarios.trace import Trace


class WantedCases(NamedTuple):
    """The cases to run, the mistakes in their files, and all cases that they were chosen from."""

    cases: list[Case]
    mistakes: list[Diagnostic]
    there: There


def wanted_cases(
    targets: Sequence[str],
    folder: Path,
    *,
    words: str | None,
    tags: Sequence[str],
    again: Again | None = None,
    reading: Reading | None = None,
) -> WantedCases:
    """The cases to run, and the mistakes in their files. `again` are those to keep to; None: all.

    A scenario with mistakes has no cases. A dialogue with mistakes is one that knows them; the others are as good as
    ever. `reading` is how projects are read; None: anew.

    Raises:
        UsageError: there is no such file or dialogue.
        NothingCheckedError: there is nothing to run.
    """
    meant = [parsed_target(target) for target in targets]
    whole = [target.path for target in meant if target.dialogue is None]
    ids = frozenset(target.dialogue for target in meant if target.dialogue is not None)
    found = (reading or read_anew)(projects_at([target.path for target in meant], folder))
    mistakes = [mistake for _, own in found for mistake in own]
    known = playable_cases(found)
    there = There(
        frozenset(case.name for case in known),
        frozenset(case.project.shown for case in known),
        is_all=not targets,
        is_unread=not {mistake for case in known for mistake in case.mistakes}.issuperset(mistakes),
    )
    if mistakes and not ids <= ids_of(known):
        return WantedCases([], mistakes, there)
    names = None if again is None else _names_to_play(again, there)
    all_of = {project.path for project in projects_at(whole, folder)} if whole and ids else set()
    cases = selected(known, Selection(ids, words, frozenset(tags), names, frozenset(all_of)))
    if not cases and not mistakes:
        raise NothingCheckedError("no dialogues found here", hint="write one beside the scenario, in dialogues/*.yaml")
    return WantedCases(cases, mistakes, there)


def _names_to_play(again: Again, there: There) -> frozenset[str] | None:
    """Those that are to be played again, and where some are gone, what is new: it may be the same by another name.

    None: nothing is left of them, and all are wanted.
    """
    gone = sorted(filter(there.lacks, again.names))
    if not gone:
        return again.names
    echo(f"no longer here: {', '.join(gone)}; what is new is played as well", err=True)
    return (again.names | (there.names - again.known)) & there.names or None


Found = tuple[Project, list[Diagnostic]]
"""A project, and what keeps it or a part of it from being run."""

Reading = Callable[[Sequence[Project]], list[Found]]


def read_anew(projects: Sequence[Project]) -> list[Found]:
    return [(project, findings(project, warnings=False)) for project in projects]


class WantedReport(NamedTuple):
    """A report to write: by what it was asked for, the file, and its kind. `-` as a file: it is printed."""

    option: str
    path: Path
    kind: str

    @property
    def is_printed(self) -> bool:
        return str(self.path) == "-"


def wanted_reports(ours: Mapping[str, Path | None], reports: Sequence[str]) -> list[WantedReport]:
    """The reports to write; `ours` have options of their own, `reports` are written `KIND=FILE`.

    Raises:
        UsageError: there is no such kind, or a file is missing.
    """
    load_plugins()
    wanted = [WantedReport(f"--{kind}", path, kind) for kind, path in ours.items() if path is not None]
    for written in dict.fromkeys(reports):
        kind, _, file = written.partition("=")
        if not file:
            raise UsageError(f"'{written}' names no file", hint=f"write it as {REPORTS.known(kind)}=FILE")
        wanted.append(WantedReport(f"--report {written}", Path(file), REPORTS.known(kind)))
    return wanted


def report_mistakes(mistakes: Sequence[Diagnostic], left: int, color: str) -> None:
    """Show the mistakes; `left` is how many dialogues have none of them."""
    from realtime_scenarios.cli.diagnostics import echo_diagnostics

    echo_diagnostics(mistakes, color=color)
    if left:
        rest = f"the other {left} dialogues follow" if left > 1 else "the other dialogue follows"
        echo(f"\nwhat has mistakes is left out; {rest}\n", err=True)
    else:
        echo("nothing was run: mend the files first (`scenario lint` shows the same list)", err=True)


def listed_case(case: Case) -> str:
    """The dialogue as a line: its name, its tags, and what keeps it from being played."""
    tags = f"[{', '.join(case.dialogue.tags)}]" if case.dialogue.tags else ""
    only = case.dialogue.scripted_only
    remark = "(invalid)" if case.mistakes else f"(only as a script: {only})" if only is not None else ""
    remark = remark or ("(its caller has no script)" if case.dialogue.caller is not None else "")
    return "  ".join(part for part in (case.name, tags, remark) if part)


class TestRun:
    """One `scenario test`. Whatever is finished stays on record, also when it is interrupted."""

    __test__ = False

    def __init__(
        self,
        cases: Sequence[Case],
        folder: Path,
        *,
        paint: Paint,
        players: Players,
        fail_fast: bool,
        verbose: bool,
        mistakes: Sequence[Diagnostic] = (),
        reports: Sequence[WantedReport],
        traces: Path | None = None,
        asked: Asked,
        fingerprints: Sequence[str],
        there: There,
        going_on_with: PastRun | None = None,
        coverage: CoverageWish | None = None,
        budget: SuiteBudget | None = None,
        told_at_the_end: Sequence[Callable[[Paint], None]] = (),
        told_already: frozenset[str] = frozenset(),
    ) -> None:
        """`fingerprints` are those of the cases. `going_on_with` is a run of which the verdicts are kept.

        `there` are all that the cases were chosen from. `coverage` is told what each dialogue met. `budget` is what it
        may cost; None: anything. `told_at_the_end` print what else the run has come to. `told_already` are the names of
        cases of which it has been said that they are left out.
        """
        self._coverage = coverage or CoverageWish(is_wanted=False, fail_under=None)
        self._coverage.begin(list(cases))
        self._told_at_the_end = told_at_the_end
        self._told_already = told_already
        self._cases = cases
        self._there = there
        self._asked = asked
        self._fingerprints = fingerprints
        self._past = going_on_with
        invalid = {mistake for case in cases for mistake in case.mistakes}
        self._mistakes = [mistake for mistake in mistakes if mistake not in invalid]
        self._reports = reports
        self._folder = folder
        self._paint = paint
        self._players = players
        self._traces = traces
        self._problems: list[ScenarioError] = []
        self._fail_fast = fail_fast
        self._verbose = verbose
        self._progress = Progress(len(cases), paint)
        self._left_otherwise: Sequence[Left] = ()
        self._stale = 0
        self._budget = budget
        self._kept: frozenset[int] = frozenset()
        self._because = "the run ended before"
        self.results = Results()
        self._spoken: dict[str, list[Trace]] = {}

    @property
    def is_heard(self) -> bool:
        """Whether somebody still reads what is told."""
        return unread_because() is None

    def to_the_end(self) -> int:
        """Run the cases and report them, here and in files; the exit code.

        Raises:
            ScenarioError: a kind of report cannot be imported; nothing is played then. Or the rest could not be played,
                or something could not be written; all that is finished has been reported where it could be.
        """
        from realtime_scenarios.suite import REPORTS

        for report in self._reports:
            REPORTS[report.kind]  # imported, so that one that cannot be is told now
        if not self._cases:
            if self._past is None:
                Journal(self._folder, self._begun()).close()
            self._write_files()
            return 1
        kept = self._past.kept(self._cases, self._fingerprints) if self._past is not None else Kept((), {})
        self._kept = frozenset(kept)
        if self._past is not None:
            echo(f"{len(kept)} of {len(self._cases)} dialogues are kept from the last run here")
        positions = [index for index in range(len(self._cases)) if index not in self._kept]
        with self._players([self._cases[index] for index in positions]) as playing:  # no signal ends this process
            code = self._played(self._journaled(kept, playing.finished, positions), playing.is_interrupted)
            self._write_files()
        if self._problems:
            raise self._problems[0]
        if (lost := lost_because()) is not None:
            raise ScenarioError(f"what is to be told cannot be written: {lost}")
        return 130 if playing.is_interrupted() else code

    def _journaled(self, kept: Kept, played: Iterator[Finished], positions: Sequence[int]) -> Iterator[Finished]:
        """All of them in the order of the cases. Each stands in the journal as soon as it is over.

        `played` counts only those that are not kept; `positions` are theirs among all cases.
        """
        from realtime_scenarios.suite import in_order

        names = names_of(self._cases)
        over = (over_of(names[index], each) for index, each in kept.items())
        with Journal(self._folder, self._begun(), over) as journal:

            def written_down() -> Iterator[Finished]:
                for each in played:
                    finished = structs.replace(each, index=positions[each.index])
                    journal.add(over_of(names[finished.index], finished))
                    yield finished

            yield from in_order(written_down(), kept)

    def _begun(self) -> Begun:
        """The first line of the journal: also what runs before have left, as far as it is not asked for in this one."""
        cases = dict(zip(names_of(self._cases), self._fingerprints, strict=True))
        past = past_run(self._folder)
        if past is None:
            return Begun(self._asked.on_record, cases, unread=self._there.is_unread)
        way = self._asked.way
        played = {name for name in cases if name_shown(name) not in self._told_already}
        earlier = tuple(
            left
            for left in past.left
            if not (left.case in played and way.is_that_of(left.way)) and not self._there.lacks(name_shown(left.case))
        )
        unread = self._there.is_unread or (past.begun.unread and self._asked.is_narrowed)
        self._left_otherwise = [left for left in earlier if left.case in played]
        return Begun(self._asked.on_record, cases, earlier, unread)

    def _played(self, all_finished: Iterator[Finished], is_interrupted: Callable[[], bool]) -> int:
        """Report each case as it comes, and what it all comes to; the exit code."""
        began, raised, left = time.monotonic(), False, dict(enumerate(self._cases))
        self._progress.say(self._cases[0].name)
        try:
            for finished in all_finished:
                self.results.add(finished)
                left.pop(finished.index)
                if is_spoken(finished.result.trace):
                    self._spoken.setdefault(Path(finished.case.project.shown).stem, []).append(finished.result.trace)
                self._coverage.add(finished.case, finished.result.trace)
                self._report(finished)
                if self._fail_fast and finished.result.fails_the_run:
                    self._because = "--fail-fast ends the run at what fails"
                    break
                is_kept = finished.index in self._kept
                if self._budget is not None and not is_kept and not self._budget.add(finished.result):
                    self._because = str(self._budget)
                    break
                if len(self.results) < len(self._cases):
                    self._progress.say(self._cases[len(self.results)].name, done=len(self.results))
        except KeyboardInterrupt:
            raised = True
        except ScenarioError as problem:
            if not self.results:
                raise
            self._problems.append(problem)
            self._because = f"the run could not go on: {problem.message}"
        self._progress.clear()
        interrupted = raised or is_interrupted()
        self.results.not_run = NotRun(tuple(left.values()), "the run was interrupted" if interrupted else self._because)
        seconds = time.monotonic() - began
        remember_run(
            self._folder,
            self._asked,
            self.results,
            seconds,
            unfinished=len(left),
            fingerprints={id(case): known for case, known in zip(self._cases, self._fingerprints, strict=True)},
        )
        return self._summary(seconds, interrupted=interrupted)

    def _write_files(self) -> None:
        """Each report and each trace that is wanted; what cannot be written keeps nothing else from being written."""
        from realtime_scenarios.suite import REPORTS
        from realtime_scenarios.trace import to_json_lines

        for report in self._reports:
            text = REPORTS[report.kind](self.results, self._mistakes)
            if report.is_printed:
                echo(text, nl=False)
            else:
                self._write_file(report.path, text)
        self._write(self._coverage.write)
        if self._traces is None:
            return
        taken: Counter[str] = Counter()
        for case, result in self.results:
            if not result.trace.events:
                continue
            name = case.name.replace("/", "_").replace("::", "--")
            taken[name] += 1
            again = f"-{taken[name]}" if taken[name] > 1 else ""
            self._write_file(self._traces / f"{name}{again}.jsonl", to_json_lines(result.trace))

    def _write_file(self, path: Path, text: str) -> None:
        self._write(lambda: write_file(path, text))

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except ScenarioError as problem:
            self._problems.append(problem)

    def _report(self, finished: Finished) -> None:
        from realtime_scenarios.suite import event_lines, failure_report, printed_lines, result_line

        case, result = finished.case, finished.result
        self._progress.clear()
        if case.name in self._told_already and not self._verbose:
            return
        echo(result_line(case, result, self._paint))
        self._report_stale(case)
        if result.status == "failed":
            lines = failure_report(case, result, self._paint, width())
        elif self._verbose:
            lines = event_lines(result.trace.events, set(), case.agent_name, self._paint, width())
        else:
            return
        for line in (*lines, *printed_lines(finished.printed, self._paint, width())):
            echo(line)

    def _report_stale(self, case: Case) -> None:
        """Say which agents of a recording have changed since; nothing where the dialogue was written."""
        if case.dialogue.recorded is None or case.mistakes:
            return
        from realtime_scenarios.project.met import stale_agents
        from realtime_scenarios.suite.staleness import stale_lines

        stale = stale_agents(case.dialogue, case.project.scenario)
        self._stale += bool(stale)
        for line in stale_lines(stale, self._paint, width()):
            echo(line)

    def _tell_what_is_stale(self) -> None:
        if self._stale:
            recordings = "1 recording is" if self._stale == 1 else f"{self._stale} recordings are"
            echo(self._paint(f"{recordings} stale; record anew: scenario record --refresh-stale", "ask"))

    def _summary(self, seconds: float, *, interrupted: bool) -> int:
        count = self.results.tally(len(self._cases))
        tone = "bad" if count.fails_the_run or self._mistakes else "good"
        files = len({mistake.span.file for mistake in self._mistakes})
        broken = f", mistakes in {files} file{'s' if files > 1 else ''}" if files else ""
        echo(self._paint(f"{count}{broken} in {seconds:.1f} s ({self._asked.provider})", tone))
        if not count.counts["passed"] and not self.results.fails_the_run:
            echo(self._paint("no dialogue was checked, and so nothing holds", "bad"))
        for line in wrapped(str(self.results.not_run), width()) if count.left else ():
            echo(self._paint(line, "ask"))
        self._tell_what_is_stale()
        self._tell_what_was_heard()
        for tell in self._told_at_the_end:
            tell(self._paint)
        is_enough = self._coverage.tell(self._paint)
        if count.left or self.results.fails_the_run:
            left = "what failed or is left" if count.left else "what failed"
            echo(f"run {left} again: {again_command(self._asked.way, dollars=self._asked.dollars)}")
        for line in lines_of_left(self._left_otherwise):
            echo(line)
        if interrupted and count.left and not self._asked.ways:
            echo(f"go on with what is left alone: {resume_command(self._asked)}")
        if interrupted:
            return 130
        if self.results.is_out_of_reach:
            return 3
        return 1 if count.fails_the_run or not is_enough else 0

    def _tell_what_was_heard(self) -> None:
        """How callers spoke, and a table of what was heard; nothing where they typed."""
        from realtime_scenarios.cli.spoken import told_of
        from realtime_scenarios.suite import spoken_table

        lines = list(spoken_table(self._spoken))
        if lines:
            echo("")
            for line in textwrap.wrap(told_of(self._asked.where.get("spoken")), 80):
                echo(line)
        for line in lines:
            echo(line)
