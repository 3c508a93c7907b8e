"""A hunt for mutants on a terminal: progress, what survives, and what it comes to."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realtime_scenarios.cli.changed import noticing_less, revision_and_paths
from realtime_scenarios.cli.checking import wanted_projects
from realtime_scenarios.cli.diagnostics import echo_diagnostics
from realtime_scenarios.cli.interruption import Interruption
from realtime_scenarios.cli.output import echo, lost_because
from realtime_scenarios.cli.progress import Progress
from realtime_scenarios.cli.style import painter, width
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core import NothingCheckedError, ScenarioError
from realtime_scenarios.core.snippets import Paint, source_lines
from realtime_scenarios.lint import findings
from realtime_scenarios.mutation import KINDS, Mutant, Subject, mutants_of
from realtime_scenarios.mutation.changed import ChangedLines, among_changed, changed_lines
from realtime_scenarios.mutation.hunt import Hunt
from realtime_scenarios.mutation.outcome import Outcome, Score, score_of
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import Project
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import Finished, Supervisor, in_order


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for on the command line; see there."""

    paths: Sequence[str]
    kinds: Sequence[str]
    revision: str | None
    seconds: float | None
    seed: int
    workers: int
    wall_timeout: float | None
    fail_under: float | None
    is_json: bool
    trust: bool


def listing() -> str:
    """Every kind of change with what it means, a line each."""
    return "\n".join(f"{name:31} {kind.meaning}" for name, kind in KINDS.items())


@dataclass(slots=True)
class _Hunted:
    """What is known of a project. `mutants` are all that are to be tried, in that order."""

    project: Project
    mutants: list[Mutant]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def score(self) -> Score:
        return score_of(self.outcomes)

    @property
    def is_complete(self) -> bool:
        return len(self.outcomes) == len(self.mutants)


class Mutating:
    """One `scenario mutate`."""

    def __init__(self, asked: Asked, color: str) -> None:
        self._asked = asked
        self._color = color
        self._paint: Paint = painter(color)
        self._began = time.monotonic()
        self._hunted: list[_Hunted] = []

    def to_the_end(self) -> int:
        """Try all that is wanted, or as much as there is time for, and tell it; the exit code.

        Raises:
            ScenarioError: there is no such file, kind or revision, nothing to try, or no worker; what is known by then
                has been told.
        """
        for name in self._asked.kinds:
            KINDS.known(name)
        revision, paths = self._asked.revision, self._asked.paths
        if revision is not None:
            revision, paths = revision_and_paths(revision, paths, Path.cwd())
        projects = wanted_projects(paths)
        mistakes = [mistake for project in projects for mistake in findings(project, warnings=False)]
        if mistakes:
            echo_diagnostics(mistakes, form="json" if self._asked.is_json else "text", color=self._color)
            echo("nothing was changed: mend the files first", err=True)
            return 1
        require_trust(projects, trust=self._asked.trust)
        self._hunted = list(self._to_hunt(projects, revision))
        if not any(hunted.mutants for hunted in self._hunted):
            hint = "`scenario mutate --list` lists the kinds"
            if revision is None:
                raise NothingCheckedError("there is nothing to change here", hint=hint)
            raise NothingCheckedError(
                f"no line here that a change could stand in is another one than in {revision}, and the dialogues of "
                "then are there as they were",
                hint=f"leave out --changed to try every change; {hint}",
            )
        wishes = Wishes.of("scripted", os.environ)
        timeout = self._asked.wall_timeout
        with (
            Supervisor(wishes, workers=self._asked.workers, wall_timeout=timeout) as supervisor,
            Interruption(supervisor.stop) as interruption,
        ):
            try:
                failing = self._hunt_all(supervisor, interruption)
            except ScenarioError:
                if any(hunted.outcomes for hunted in self._hunted):
                    self._tell_all(interrupted=False)
                raise
            code = 1 if failing else self._tell_all(interrupted=interruption.is_heard)
        if (lost := lost_because()) is not None:
            raise ScenarioError(f"what is to be told cannot be written: {lost}")
        return code

    def _to_hunt(self, projects: Sequence[Project], revision: str | None) -> Iterator[_Hunted]:
        if revision is None:
            yield from (_Hunted(project, self._mutants_of(project, None)) for project in projects)
            return
        lines = changed_lines(revision, Path.cwd())
        whole = noticing_less(revision, projects, Path.cwd())
        for project in projects:
            why = whole.get(id(project))
            if why is not None:
                echo(f"{self._paint(project.shown, 'bold')}: every change is tried: {why}", err=self._asked.is_json)
            yield _Hunted(project, self._mutants_of(project, lines if why is None else None))

    def _mutants_of(self, project: Project, lines: ChangedLines | None) -> list[Mutant]:
        """The mutants in the order in which they are tried: that of the catalogue, or a fair one where time may end."""
        subject = Subject(project)
        mutants = mutants_of(subject, self._asked.kinds)
        if lines is not None:
            mutants = among_changed(mutants, subject, lines, Path.cwd())
        found = list(mutants)
        if self._asked.seconds is not None:
            random.Random(self._asked.seed).shuffle(found)
        return found

    def _hunt_all(self, supervisor: Supervisor, interruption: Interruption) -> bool:
        """Hunt in one project after the other; whether a dialogue fails as it is, which has been told then."""
        cases = cases_of(hunted.project for hunted in self._hunted if hunted.mutants)
        progress = Progress(len(cases), self._paint)
        played: list[Finished] = []
        for finished in in_order(supervisor.finished(cases)):
            progress.say("dialogues as they are", done=len(played))
            played.append(finished)
        progress.clear()
        if interruption.is_heard:
            return False
        failing = [finished.case.name for finished in played if finished.result.fails_the_run]
        if failing:
            for name in failing:
                echo(f"{self._paint('failed', 'bad')} {name}", err=self._asked.is_json)
            echo("nothing was changed: a dialogue that fails as it is notices nothing; see `scenario test`", err=True)
            return True
        for hunted in self._hunted:
            passed = [finished for finished in played if finished.case.project is hunted.project]
            self._hunt(hunted, cases, passed, supervisor, interruption)
        return False

    def _hunt(
        self,
        hunted: _Hunted,
        cases: Sequence[Case],
        played: Sequence[Finished],
        supervisor: Supervisor,
        interruption: Interruption,
    ) -> None:
        if not hunted.mutants or interruption.is_heard:
            return
        deadline = self._deadline(hunted)
        hunt = Hunt(
            hunted.project,
            cases,
            [finished for finished in played if finished.result.passed],
            supervisor,
            workers=self._asked.workers,
            may_go_on=lambda: not interruption.is_heard and (deadline is None or time.monotonic() < deadline),
        )
        progress = Progress(len(hunted.mutants), self._paint)
        progress.say(hunted.project.shown)
        for outcome in hunt.outcomes(hunted.mutants):
            hunted.outcomes.append(outcome)
            progress.clear()
            if outcome.fate == "survived" and not self._asked.is_json:
                for line in survivor_lines(outcome, self._paint, width()):
                    echo(line)
            score = hunted.score
            progress.say(f"{hunted.project.shown}: {score.survived} survive", done=len(hunted.outcomes))
        progress.clear()

    def _deadline(self, hunted: _Hunted) -> float | None:
        """The moment at which no more is begun in a project: each has as much of the time as of the mutants."""
        if self._asked.seconds is None:
            return None
        now = time.monotonic()
        at = self._hunted.index(hunted)
        left = sum(len(each.mutants) for each in self._hunted[at:])
        return now + max(0.0, self._began + self._asked.seconds - now) * len(hunted.mutants) / left

    def _tell_all(self, *, interrupted: bool) -> int:
        if self._asked.is_json:
            echo(json.dumps(self._as_json(interrupted), indent=2, ensure_ascii=False))
        else:
            for hunted in self._hunted:
                if hunted.mutants:
                    echo(self._summary(hunted))
        if interrupted:
            return 130
        scores = [hunted.score for hunted in self._hunted]
        if not any(score.counted for score in scores):
            echo(self._paint("nothing was tried, and so nothing is known", "bad"), err=True)
            return 1
        return 1 if any(self._is_low(score) for score in scores) else 0

    def _is_low(self, score: Score) -> bool:
        least, percent = self._asked.fail_under, score.percent
        return least is not None and percent is not None and percent < least

    def _summary(self, hunted: _Hunted) -> str:
        score = hunted.score
        percent = f" ({score.percent:.1f} %)" if score.percent is not None else ""
        parts = [f"{score.lint} by lint", f"{score.dialogue} by dialogues", f"{score.survived} survived"]
        if score.same:
            parts.append(f"{score.same} not counted, which nobody can notice")
        if score.no_scenario:
            parts.append(f"{score.no_scenario} not counted, which are no scenario")
        if not hunted.is_complete:
            sample = f", seed {self._asked.seed}" if self._asked.seconds is not None else ""
            parts.append(f"{len(hunted.outcomes)} of {len(hunted.mutants)} changes tried{sample}")
        tone = "bad" if self._is_low(score) or (score.survived and self._asked.fail_under is None) else "good"
        noticed = self._paint(f"{score.killed} of {score.counted} changes are noticed{percent}", tone)
        return f"{self._paint(hunted.project.shown, 'bold')}: {noticed}: {', '.join(parts)}"

    def _as_json(self, interrupted: bool) -> dict[str, Any]:
        return {
            "interrupted": interrupted,
            "seconds": round(time.monotonic() - self._began, 1),
            "scenarios": [_project_as_json(hunted) for hunted in self._hunted],
        }


def survivor_lines(outcome: Outcome, paint: Paint, columns: int) -> Iterator[str]:
    """What was changed and where, the source line with a caret, and what dialogue would notice it."""
    mutant, change = outcome.mutant, outcome.mutant.change
    yield f"{paint(str(change.span), 'bold')}: {paint(f'survived {mutant.kind}', 'ask')}: {change.changed}"
    if mutant.line:
        yield from source_lines(mutant.line, change.span, width=columns, tone="ask", paint=paint)
    come = {0: "no dialogue comes here", 1: "the one dialogue that comes here does not"}
    reached = come.get(outcome.touching, f"none of the {outcome.touching} dialogues that come here does")
    yield f"would be noticed by: {change.noticed_by}"
    yield f"  {paint(reached, 'quiet')}"
    yield ""


def _project_as_json(hunted: _Hunted) -> dict[str, Any]:
    score = hunted.score
    return {
        "scenario": hunted.project.shown,
        "mutants": len(hunted.mutants),
        "tried": len(hunted.outcomes),
        "counted": score.counted,
        "noticed": score.killed,
        "percent": None if score.percent is None else round(score.percent, 2),
        **score._asdict(),
        "outcomes": [_outcome_as_json(outcome) for outcome in hunted.outcomes],
    }


def _outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    change = outcome.mutant.change
    return {
        "kind": outcome.mutant.kind,
        "fate": outcome.fate,
        "by": outcome.by or None,
        "changed": change.changed,
        "noticed_by": change.noticed_by,
        "touching": outcome.touching,
        "file": change.span.file,
        "line": change.span.line,
        "column": change.span.column,
        "end_line": change.span.end_line,
        "end_column": change.span.end_column,
    }
