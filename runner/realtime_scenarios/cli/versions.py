"""The dialogues of now, played with the scenarios of a revision and with those of now."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from realtime_scenarios.cli.playing import get_workers_ready
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core import UsageError
from realtime_scenarios.lint import findings
from realtime_scenarios.processes import Wishes
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
) -> Compared:
    """The dialogues at the targets, with the scenarios before and with those of now.

    Raises:
        UsageError: there is no such revision, file or dialogue, or a scenario lies outside of this folder.
        NotTrusted: code would run that nobody trusts.
    """
    get_workers_ready()
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
    with as_they_were(revision, projects, folder, dialogues_of_now=[target.path for target in meant]) as before:
        then = {_name(case, before.folder): case for case in _cases(before.projects.values(), ids)}
        wanted = Wishes.of(provider, os.environ, **wishes)
        first = _played(then, wanted, workers)
    # what a module of python once said must not answer for the other one: so other workers play what is there now
    second = _played({_name(case, folder): case for case in now}, wanted, workers)
    there = {_name(case, folder) for case in now}
    gone = [name for name, id in before.dialogues.items() if name not in there and (not ids or id in ids)]
    return Compared(first, second, gone, f"{before.commit[:10]} ({revision}) and now")


class Compared(NamedTuple):
    """What dialogues came to `before` and come to `now`, by their names; `gone` are those that are not there any more.

    `between` says what is compared.
    """

    before: dict[str, Outcome]
    now: dict[str, Outcome]
    gone: list[str]
    between: str


class AsTheyWere(NamedTuple):
    """What was in a commit: the folder in which its files are now, and its projects by where they are today.

    A project that was not there yet is not among them. `dialogues` are the ids of its dialogues, by their names, where
    those of now have taken their place.
    """

    commit: str
    folder: Path
    projects: Mapping[tuple[Path, Path | None], Project]
    dialogues: Mapping[str, str]

    def of(self, project: Project) -> Project | None:
        """The project as it was; None: it was not there yet."""
        return self.projects.get((project.path, project.only))


@contextmanager
def as_they_were(
    revision: str, projects: Sequence[Project], folder: Path, *, dialogues_of_now: Sequence[str] | None = None
) -> Iterator[AsTheyWere]:
    """Projects below a folder as they were in a revision, until the context manager is left.

    `dialogues_of_now` are the paths that were given for the projects, where the files of dialogues are to be as they
    are now; None: they are as they were.

    Raises:
        UsageError: there is no such revision, no repository, or nothing of the folder in it.
        ScenarioError: git is not there, or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="scenario-diff-") as place:
        old = Path(place).resolve() / folder.resolve().name
        old.mkdir()
        commit = files_at(revision, folder, old)

        def then(path: Path) -> Path:
            return old / path.resolve().relative_to(folder.resolve())

        were = {} if dialogues_of_now is None else _dialogues_in(old, dialogues_of_now)
        files = [file.path for project in projects for file in project.dialogue_files]
        for file in set(files if dialogues_of_now is not None else ()):
            then(file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, then(file))
        found = {
            (project.path, project.only): load(then(project.path), only=only)
            for project in projects
            if then(project.path).is_file()
            for only in [None if project.only is None else then(project.only)]
        }
        yield AsTheyWere(commit, old, found, were)


def _dialogues_in(folder: Path, paths: Sequence[str]) -> dict[str, str]:
    """The ids of the dialogues at these paths below another folder, by their names; none where it has no such path."""
    with contextlib.suppress(UsageError):
        return {
            _name(case, folder): case.dialogue.id
            for project in projects_at([path for path in paths if not Path(path).is_absolute()], folder)
            if project.path.resolve().is_relative_to(folder) and project.built is not None
            for case in cases_of([project])
        }
    return {}


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
