"""The dialogues of now, played with the scenarios of a revision and with those of now."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from realtime_scenarios.cli.playing import get_workers_ready
from realtime_scenarios.cli.trusting import require_trust
from realtime_scenarios.core import Diagnostic, UsageError, did_you_mean
from realtime_scenarios.core.paths import is_folder
from realtime_scenarios.lint import findings
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import Project, load, projects_at
from realtime_scenarios.project.cases import Case, broken_scripts, cases_of, ids_of, parsed_target, unread
from realtime_scenarios.project.git import files_at
from realtime_scenarios.project.loader import paths_in_pyproject
from realtime_scenarios.suite import Supervisor
from realtime_scenarios.suite.comparison import Outcome, outcome_of


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
    asked = _asked_for(targets, folder)
    projects = list({id(project): project for each in asked for project in each.projects}.values())
    for project in projects:
        if not project.path.resolve().is_relative_to(folder.resolve()):
            hint = "give the command in a folder that it is in"
            raise UsageError(f"'{project.shown}' is not below this folder", hint=hint)
    require_trust([project for project in projects if project.built is not None], trust=trust)
    here = _Version(folder, {id(project): _cases(project) for project in projects})
    now = here.chosen(asked)
    wanted = Wishes.of(provider, os.environ, **wishes)
    with as_they_were(revision, projects, folder) as before:
        gone = list(_gone(asked, before, here, revision))
        mistakes = list(dict.fromkeys(mistake for project in projects for mistake in unread(project)))
        if not now and not gone and not mistakes:
            raise UsageError("no dialogues found here", hint="write one beside the scenario, in dialogues/*.yaml")
        before.take_dialogues_of(projects)
        old = {id(project): _cases(was) for project in projects if (was := before.of(project)) is not None}
        then = _Version(before.folder, old).chosen(asked)
        known = {*now, *gone}
        first = _played({name: case for name, case in then.items() if name in known}, wanted, workers)
    # what a module of python once said must not answer for the other one: so other workers play what is there now
    second = _played(now, wanted, workers)
    return Compared(first, second, gone, mistakes, f"{before.commit[:10]} ({revision}) and now")


class Compared(NamedTuple):
    """What dialogues came to `before` and come to `now`, by their names; `gone` are those that are not there any more.

    `unread` are mistakes of now that keep dialogues from being known. `between` says what is compared.
    """

    before: dict[str, Outcome]
    now: dict[str, Outcome]
    gone: list[str]
    unread: list[Diagnostic]
    between: str


class AsTheyWere(NamedTuple):
    """What was in a commit: the folder in which its files are now, and its projects by where they are today, in `here`.

    A project that was not there yet is not among them.
    """

    commit: str
    folder: Path
    here: Path
    projects: Mapping[tuple[Path, Path | None], Project]

    def of(self, project: Project) -> Project | None:
        """The project as it was; None: it was not there yet."""
        return self.projects.get((project.path, project.only))

    def take_dialogues_of(self, projects: Sequence[Project]) -> None:
        """Have the files of dialogues be as they are now, before anything is read of the projects as they were."""
        for file in {file.path for project in projects for file in project.dialogue_files}:
            then = _moved(file, self.here, self.folder)
            then.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, then)


@contextmanager
def as_they_were(revision: str, projects: Sequence[Project], folder: Path) -> Iterator[AsTheyWere]:
    """Projects below a folder as they were in a revision, until the context manager is left.

    Raises:
        UsageError: there is no such revision, no repository, or nothing of the folder in it.
        ScenarioError: git is not there, or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="scenario-diff-") as place:
        here = folder.resolve()
        old = Path(place).resolve() / here.name
        old.mkdir()
        commit = files_at(revision, folder, old)
        found = {(project.path, project.only): _then(project, here, old) for project in projects}
        yield AsTheyWere(commit, old, here, {key: then for key, then in found.items() if then is not None})


def _then(project: Project, here: Path, old: Path) -> Project | None:
    path = _moved(project.path, here, old)
    only = None if project.only is None else _moved(project.only, here, old)
    return load(path, only=only) if path.is_file() else None


def _moved(path: Path, here: Path, old: Path) -> Path:
    return old / path.resolve().relative_to(here)


class _Asked(NamedTuple):
    """The projects at a path that was typed, and the ids of the dialogues there that are wanted; none: all are.

    `path` None: nothing was typed. `problem` says why there is no project, where there may have been one.
    """

    path: str | None
    ids: frozenset[str]
    projects: Sequence[Project]
    problem: UsageError | None = None

    def wants(self, case: Case) -> bool:
        return not self.ids or case.is_called(self.ids)


class _Version(NamedTuple):
    """The dialogues below a folder, by the ids of the projects of now."""

    folder: Path
    cases: Mapping[int, Sequence[Case]]

    def chosen(self, asked: Sequence[_Asked]) -> dict[str, Case]:
        """Those that are wanted, by their names."""
        return {
            _name(case, self.folder): case
            for each in asked
            for project in each.projects
            for case in self.cases.get(id(project), ())
            if each.wants(case)
        }


def _asked_for(targets: Sequence[str], folder: Path) -> list[_Asked]:
    """What was typed, path by path. A project that several of them mean is the same one.

    Raises:
        UsageError: nothing was typed, and what is configured does not exist.
    """
    if not targets:
        return [_Asked(None, frozenset(), projects_at([], folder))]
    known: dict[tuple[Path, Path | None], Project] = {}
    meant = [parsed_target(target) for target in targets]
    found = []
    for path in dict.fromkeys(target.path for target in meant):
        ids = {target.dialogue for target in meant if target.path == path}
        wanted = frozenset(name for name in ids if name is not None) if None not in ids else frozenset[str]()
        try:
            projects = [
                known.setdefault((project.path.resolve(), project.only), project)
                for project in projects_at([path], folder)
            ]
        except UsageError as problem:
            found.append(_Asked(path, wanted, (), problem))
        else:
            found.append(_Asked(path, wanted, projects))
    return found


def _gone(asked: Sequence[_Asked], before: AsTheyWere, here: _Version, revision: str) -> Iterator[str]:
    """The names of dialogues that were there and are not, as far as everything is read in which they could be.

    Raises:
        UsageError: a path or a dialogue that is asked for is there neither now nor then.
    """
    there = {_name(case, here.folder) for own in here.cases.values() for case in own}
    projects = [(_path(project, here.folder), project) for each in asked for project in each.projects]
    unknown = {path for path, project in projects if unread(project)}
    broken = {f"{path}::{script}" for path, project in projects for script in broken_scripts(project)}
    for each in asked:
        were = cases_of(project for project in _were(each, before) if project.built is not None)
        if each.problem is not None and not were:
            raise each.problem
        _require_known(each, here, were, revision)
        for case in filter(each.wants, were):
            path, name = _path(case.project, before.folder), _name(case, before.folder)
            if name not in there and path not in unknown and f"{path}::{case.dialogue.script}" not in broken:
                there.add(name)
                yield name


def _require_known(asked: _Asked, here: _Version, were: Sequence[Case], revision: str) -> None:
    now = [case for project in asked.projects for case in here.cases[id(project)]]
    known = ids_of((*now, *were))
    if any(unread(project) for project in asked.projects):
        return
    for name in sorted(asked.ids - known):
        message = f"there is no dialogue '{name}' in '{asked.path}', neither now nor in '{revision}'"
        raise UsageError(message, hint=did_you_mean(name, sorted(known)))


def _were(asked: _Asked, before: AsTheyWere) -> Iterator[Project]:
    """The projects that were where somebody asks for some now."""
    paths = [asked.path] if asked.path is not None else paths_in_pyproject(before.here) or ["."]
    for path in paths:
        place = (before.here / path).resolve()
        if asked.path is not None and asked.projects and not is_folder(place):
            yield from (then for project in asked.projects if (then := _then(project, before.here, before.folder)))
        elif place.is_relative_to(before.here):
            with contextlib.suppress(UsageError):
                found = projects_at([place.relative_to(before.here).as_posix()], before.folder)
                yield from (project for project in found if project.path.resolve().is_relative_to(before.folder))


def _cases(project: Project) -> list[Case]:
    """The dialogues of a scenario that can be run, each with its own mistakes."""
    mistakes = findings(project, warnings=False, proofs=False)
    found = []
    for case in cases_of([project]) if project.built is not None else ():
        span = case.dialogue.place.span
        own = tuple(
            mistake
            for mistake in mistakes
            if mistake.span.file == span.file and span.line <= mistake.span.line <= span.end_line
        )
        found.append(Case(case.name, case.project, case.dialogue, own))
    return found


def _name(case: Case, base: Path) -> str:
    """What the dialogue is called, whichever folder it lies in."""
    return f"{_path(case.project, base)}::{case.dialogue.id}"


def _path(project: Project, base: Path) -> str:
    return project.path.resolve().relative_to(base.resolve()).as_posix()


def _played(cases: Mapping[str, Case], wishes: Wishes, workers: int) -> dict[str, Outcome]:
    names = list(cases)
    with Supervisor(wishes, workers=workers) as supervisor:
        found = {names[finished.index]: finished.result for finished in supervisor.finished(list(cases.values()))}
    return {name: outcome_of(found[name]) for name in names if name in found}
