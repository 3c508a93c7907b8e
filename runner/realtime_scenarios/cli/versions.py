"""The dialogues of now, played with the scenarios of a revision and with those of now."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core import UsageError
from realtime_scenarios.lint import findings
from realtime_scenarios.processes import Wishes, be_alone, warm_up
from realtime_scenarios.project import Project, load, projects_at
from realtime_scenarios.project.cases import Case, cases_of, parsed_target
from realtime_scenarios.project.git import files_at
from realtime_scenarios.suite import Supervisor
from realtime_scenarios.suite.comparison import Outcome, outcome_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def compared_with(
    revision: str,
    targets: Sequence[str],
    workers: int,
    provider: str,
    wishes: Mapping[str, str | None],
    *,
    trust: bool,
) -> tuple[dict[str, Outcome], dict[str, Outcome], str]:
    """What the dialogues at the targets came to before and come to now, by their names, and what is compared.

    Raises:
        UsageError: there is no such revision, file or dialogue, or a scenario lies outside of this folder.
        NotTrusted: code would run that nobody trusts.
    """
    if click.get_current_context().obj:
        be_alone()
    warm_up()
    folder = Path.cwd()
    meant = [parsed_target(target) for target in targets]
    ids = frozenset(target.dialogue for target in meant if target.dialogue is not None)
    projects = projects_at([target.path for target in meant], folder)
    for project in projects:
        if not project.path.resolve().is_relative_to(folder.resolve()):
            hint = "give the command in a folder that it is in"
            raise UsageError(f"'{project.shown}' is not below this folder", hint=hint)
    require_trust([project for project in projects if project.built is not None], trust=trust)
    now = _cases(projects, ids)
    if not now:
        raise UsageError("no dialogues found here", hint="write one beside the scenario, in dialogues/*.yaml")
    with tempfile.TemporaryDirectory(prefix="scenario-diff-") as place:
        old = Path(place).resolve() / folder.resolve().name
        old.mkdir()
        commit = files_at(revision, folder, old)
        for file in {file.path for project in projects for file in project.dialogue_files}:
            there = old / file.resolve().relative_to(folder.resolve())
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, there)
        before = [
            load(path, only=only)
            for project in projects
            if (path := old / project.path.resolve().relative_to(folder.resolve())).is_file()
            for only in [None if project.only is None else old / project.only.resolve().relative_to(folder.resolve())]
        ]
        then = {_name(case, old): case for case in _cases(before, ids)}
        wanted = Wishes.of(provider, os.environ, **wishes)
        first = _played(then, wanted, workers)
    # what a module of python once said must not answer for the other one: so other workers play what is there now
    second = _played({_name(case, folder): case for case in now}, wanted, workers)
    return first, second, f"{commit[:10]} ({revision}) and now"


def _cases(projects: Iterable[Project], ids: frozenset[str]) -> list[Case]:
    """The dialogues of scenarios that can be run, each with its own mistakes."""
    found = []
    for project in projects:
        mistakes = findings(project, warnings=False, proofs=False)
        for case in cases_of([project]) if project.built is not None else ():
            span = case.dialogue.place.span
            own = tuple(
                mistake
                for mistake in mistakes
                if mistake.span.file == span.file and span.line <= mistake.span.line <= span.end_line
            )
            if not ids or case.is_called(ids):
                found.append(Case(case.name, case.project, case.dialogue, own))
    return found


def _name(case: Case, base: Path) -> str:
    """What the dialogue is called, whichever folder it lies in."""
    path = case.project.path.resolve().relative_to(base.resolve()).as_posix()
    return f"{path}::{case.dialogue.id}"


def _played(cases: Mapping[str, Case], wishes: Wishes, workers: int) -> dict[str, Outcome]:
    names = list(cases)
    with Supervisor(wishes, workers=workers) as supervisor:
        found = {names[finished.index]: finished.result for finished in supervisor.finished(list(cases.values()))}
    return {name: outcome_of(found[name]) for name in names if name in found}
