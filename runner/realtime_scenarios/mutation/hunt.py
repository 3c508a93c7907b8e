"""A project and its mutants to what becomes of each: lint looks first, then the dialogues that touch what was changed.

Theory of operation. What keeps a mutant from being run is cheap to find, so lint's errors are looked for before
anything is played, and its warnings, which cost more, where no dialogue has noticed. Dialogues are played by the
suite's workers, which know the scenario and are sent the change alone. A few mutants are on their way at a time, and
the dialogues of all of them take turns, the likeliest to notice first (`order.py`), and when a mutant is dead what was
left for it is withdrawn. Meanwhile the next mutants are made ready, so that workers find something to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from realtime_scenarios.core import Diagnostic, Secrets
from realtime_scenarios.lint import findings
from realtime_scenarios.mutation.mutant import Mutant
from realtime_scenarios.mutation.order import Order
from realtime_scenarios.mutation.outcome import Outcome, without_secrets
from realtime_scenarios.mutation.sameness import is_same, is_same_by_proof
from realtime_scenarios.mutation.secrecy import secrets_written_in
from realtime_scenarios.mutation.touched import Part, Touching
from realtime_scenarios.project import Project
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.variation import Variation, variation_of
from realtime_scenarios.suite import Finished, Supervisor

_AT_A_TIME = 6
"""Mutants that are on their way for each worker."""


@dataclass(eq=False, slots=True)
class _Trial:
    """A mutant on its way. `order` are the positions of its dialogues, the likeliest to notice first.

    `waiting` are its cases that are not over, by their positions in what is being played.
    """

    mutant: Mutant
    project: Variation
    order: Sequence[int]
    touching: int
    waiting: set[int] = field(default_factory=set)
    is_over: bool = False


class Hunt:
    """A hunt for the mutants of one project. `cases` are its dialogues, and `passed` how they passed without a change.

    `may_go_on` is asked before another mutant is begun; what was begun is brought to its end.
    """

    def __init__(
        self,
        project: Project,
        cases: Sequence[Case],
        passed: Sequence[Finished],
        supervisor: Supervisor,
        *,
        workers: int,
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._project = project
        self._cases = cases
        self._supervisor = supervisor
        self._workers = workers
        self._may_go_on = may_go_on
        self._touching = Touching(project.scenario)
        self._touched: dict[int, frozenset[Part]] = {
            finished.index: self._touching.touched_by(finished.case.dialogue, finished.result.trace)
            for finished in passed
        }
        self._order = Order({finished.index: finished.result.trace for finished in passed})
        met = (value for finished in passed for value in finished.result.secrets.values)
        self._secrets = Secrets((*secrets_written_in(project), *met))
        self._errors = _times_said(findings(project, warnings=False))
        self._warnings: Counter[tuple[str, str]] | None = None

    def outcomes(self, mutants: Iterable[Mutant]) -> Iterator[Outcome]:
        """What becomes of each, as soon as it is known; no secret is in what is told of it.

        Where the supervisor is stopped, what is not known by then is left out.
        """
        return (without_secrets(outcome, self._secrets) for outcome in self._outcomes(iter(mutants)))

    def _outcomes(self, left: Iterator[Mutant]) -> Iterator[Outcome]:
        ready: list[_Trial] = []
        yield from self._made_ready(left, ready)
        while ready:
            running, ready = ready, []
            yield from self._hunted(running, left, ready)
            for trial in running:
                self._supervisor.forget(trial.project)
            if not all(trial.is_over for trial in running):
                return  # it was stopped
            if not ready:
                yield from self._made_ready(left, ready)

    def _made_ready(self, left: Iterator[Mutant], ready: list[_Trial]) -> Iterator[Outcome]:
        """Fill up what is ready to be played; the outcomes of those that need not be."""
        while len(ready) < _AT_A_TIME * self._workers and self._may_go_on():
            mutant = next(left, None)
            if mutant is None:
                return
            yield from self._begun(mutant, ready)

    def _begun(self, mutant: Mutant, ready: list[_Trial]) -> Iterator[Outcome]:
        project = variation_of(self._project, mutant.change.edits)
        touching = self._touching_cases(mutant)
        if project is None or project.built is None:
            yield Outcome(mutant, "no_scenario", "its schema does not allow it", len(touching))
            return
        if is_same(self._project.scenario, project.built):
            yield Outcome(mutant, "same", "it says what holds without it", len(touching))
            return
        if (said := self._new_finding(project, warnings=False)) is not None:
            yield Outcome(mutant, "lint", said, len(touching))
            return
        if touching:
            ready.append(_Trial(mutant, project, touching, len(touching)))
        else:
            yield self._survivor(mutant, project, 0)

    def _hunted(self, running: Sequence[_Trial], left: Iterator[Mutant], ready: list[_Trial]) -> Iterator[Outcome]:
        cases: list[Case] = []
        owners: list[_Trial] = []
        dialogues: list[int] = []
        for turn in range(max(len(trial.order) for trial in running)):
            for trial in running:
                if turn < len(trial.order):
                    trial.waiting.add(len(cases))
                    dialogues.append(trial.order[turn])
                    case = self._cases[trial.order[turn]]
                    cases.append(Case(case.name, trial.project, case.dialogue))
                    owners.append(trial)
        for finished in self._supervisor.finished(cases):
            trial = owners[finished.index]
            trial.waiting.discard(finished.index)
            if trial.is_over:
                continue
            if finished.result.fails_the_run:
                trial.is_over = True
                self._supervisor.withdraw(trial.waiting)
                self._order.killed(trial.mutant, dialogues[finished.index])
                yield Outcome(trial.mutant, "dialogue", finished.case.name, trial.touching)
            elif not trial.waiting:
                trial.is_over = True
                yield self._survivor(trial.mutant, trial.project, trial.touching)
            if len(ready) < _AT_A_TIME * self._workers and self._may_go_on():
                mutant = next(left, None)
                if mutant is not None:
                    yield from self._begun(mutant, ready)

    def _survivor(self, mutant: Mutant, project: Variation, touching: int) -> Outcome:
        """No dialogue has noticed: lint may warn, or it may be impossible to notice."""
        if (said := self._new_finding(project, warnings=True)) is not None:
            return Outcome(mutant, "lint", said, touching)
        if is_same_by_proof(self._project.scenario, project.scenario, mutant.change.pointer):
            return Outcome(mutant, "same", "no conversation can tell its gates from those before", touching)
        return Outcome(mutant, "survived", "", touching)

    def _new_finding(self, project: Variation, *, warnings: bool) -> str | None:
        """What lint says of it that it does not say without the change; None: nothing."""
        known = self._known_warnings if warnings else self._errors
        found = findings(project, warnings=warnings)
        new = _times_said(found) - known
        for diagnostic in found:
            if (diagnostic.code, diagnostic.message) in new:
                return f"{diagnostic.code} {diagnostic.name}: {diagnostic.message}"
        return None

    @property
    def _known_warnings(self) -> Counter[tuple[str, str]]:
        if self._warnings is None:
            self._warnings = _times_said(findings(self._project, warnings=True))
        return self._warnings

    def _touching_cases(self, mutant: Mutant) -> list[int]:
        """The dialogues that touch what was changed, the likeliest to notice first."""
        part = self._touching.part_of(mutant.change.pointer)
        touching = [index for index, parts in self._touched.items() if part is None or part in parts]
        return self._order.of(mutant, touching)


def _times_said(diagnostics: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    """What was said, how often. Where it was said does not count: what stands behind a change has moved."""
    return Counter((diagnostic.code, diagnostic.message) for diagnostic in diagnostics)
