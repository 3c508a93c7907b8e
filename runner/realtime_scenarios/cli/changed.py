"""What has changed since a revision: `--changed` of `scenario test` and of `scenario mutate`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from realtime_scenarios.cli.playing import Players, Playing, workers_of
from realtime_scenarios.cli.progress import Progress
from realtime_scenarios.cli.touches import LOCAL, Parts, Touches, touched_by
from realtime_scenarios.cli.versions import AsTheyWere, as_they_were
from realtime_scenarios.core import UsageError
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.document import Document
from realtime_scenarios.lint import findings
from realtime_scenarios.mutation.affected import Before, affected, is_same_dialogue
from realtime_scenarios.mutation.differences import Differences, differences_between
from realtime_scenarios.project import Project, load_plugins, projects_at
from realtime_scenarios.project.cases import Case, broken_scripts, parsed_target, playable_cases, unread
from realtime_scenarios.project.fingerprints import Fingerprints
from realtime_scenarios.project.git import changed_files, commit_of

if TYPE_CHECKING:
    from realtime_scenarios.suite import Finished

_MOST_TOLD = 5


def revision_and_paths(typed: str, paths: Sequence[str], folder: Path) -> tuple[str, tuple[str, ...]]:
    """The revision, and the paths: what stands behind `--changed` may be the first of those, and HEAD is meant then.

    Raises:
        UsageError: it is neither, there is no repository, or nothing is committed.
        ScenarioError: git is not there, or takes too long.
    """
    commit_of("HEAD", folder)
    try:
        commit_of(typed, folder)
    except UsageError as unknown:
        try:
            projects_at([parsed_target(typed).path], folder)
        except UsageError:
            raise unknown from None
        return "HEAD", (typed, *paths)
    return typed, tuple(paths)


class Since:
    """What has changed since a revision, as far as it matters to the cases of a run.

    `left_out` are the names of those that go as they went. `lines` say of each scenario what has changed in it.
    """

    def __init__(self, revision: str, left_out: frozenset[str], lines: Sequence[str]) -> None:
        self.left_out = left_out
        self.lines = lines
        self._reason = f"not touched by what has changed since {revision}"

    def is_wanted(self, case: Case) -> bool:
        return case.name not in self.left_out

    def leaving_out(self, players: Players) -> Players:
        """Players that play what is wanted, and say of the rest why it was skipped."""

        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            wanted = [index for index, case in enumerate(cases) if self.is_wanted(case)]
            skipped = [self._skipped(index, case) for index, case in enumerate(cases) if not self.is_wanted(case)]
            if not wanted:
                yield Playing(iter(skipped), lambda: False)
                return
            with players([cases[index] for index in wanted]) as playing:

                def finished() -> Iterator[Finished]:
                    yield from skipped
                    yield from (structs.replace(each, index=wanted[each.index]) for each in playing.finished)

                yield Playing(finished(), playing.is_interrupted)

        return play

    def _skipped(self, index: int, case: Case) -> Finished:
        from realtime_scenarios.suite import Finished
        from realtime_scenarios.verdicts.unplayed import left_out

        return Finished(index, case, left_out(case, self._reason))


class _Versions(NamedTuple):
    """A project now and then, and what is otherwise. `why` it cannot be told what dialogues touch; None: it can."""

    project: Project
    before: Sequence[Case] = ()
    differences: Differences = Differences()
    why: str | None = None

    @property
    def gone(self) -> list[str]:
        """The dialogues that are not there any more, by their ids."""
        there = {dialogue.id for dialogue in self.project.dialogues}
        broken = broken_scripts(self.project)
        were = [case.dialogue for case in self.before]
        return [dialogue.id for dialogue in were if dialogue.id not in there and dialogue.script not in broken]


def since(
    revision: str,
    cases: Sequence[Case],
    folder: Path,
    *,
    provider: str,
    workers: int,
    wall_timeout: float | None,
    paint: Paint,
) -> Since:
    """What has changed since a revision that the cases touch.

    What they touched then is known from earlier runs, or they are played in that version: with the scripts, where a
    model would cost something.

    Raises:
        UsageError: there is no such revision, or no repository.
        ScenarioError: git is not there or takes too long, or nothing can be played.
    """
    local = provider if provider in LOCAL else "scripted"
    files = changed_files(commit_of(revision, folder), folder)
    projects = list({id(case.project): case.project for case in cases}.values())
    below = [project for project in projects if _is_below(project, folder.resolve())]
    own = {id(project): [case for case in cases if case.project is project] for project in projects}
    others = files - {path for project in projects for path in _read_by(project)}
    with as_they_were(revision, below, folder) as then:
        versions = [
            _versions_of(project, then, others, revision)
            if project in below
            else _Versions(project, why="it is not below this folder")
            for project in projects
        ]
        touched = _touched(versions, own, then.folder, folder, local, workers, wall_timeout, paint)
        left_out, lines = set[str](), []
        for each in versions:
            its = own[id(each.project)]
            wanted = its if each.why is not None else list(_wanted(its, each, touched, provider))
            left_out |= {case.name for case in its} - {case.name for case in wanted}
            lines.append(_line(each, len(its), len(wanted), revision))
    return Since(revision, frozenset(left_out), lines)


def noticing_less(revision: str, projects: Sequence[Project], folder: Path) -> dict[int, str]:
    """Why the dialogues of a project may notice less than in a revision, by the project's id.

    A project all of whose dialogues of then are there as they were is not in it, nor is one that was not there yet.

    Raises:
        UsageError: there is no such revision, or no repository.
        ScenarioError: git is not there, or takes too long.
    """
    below = [project for project in projects if _is_below(project, folder.resolve())]
    found = {id(project): "it is not below this folder" for project in projects if project not in below}
    with as_they_were(revision, below, folder) as then:
        for project in below:
            old = then.of(project)
            if old is not None and old.built is None:
                found[id(project)] = f"nobody can say what noticed something in {revision}, where it was broken"
            elif old is not None and (names := _not_as_they_were(project, old)):
                found[id(project)] = f"not as in {revision}: {_some(names)}"
    return found


def _not_as_they_were(project: Project, old: Project) -> list[str]:
    now = {dialogue.id: dialogue for dialogue in project.dialogues}
    return [
        f"'{dialogue.id}'"
        for dialogue in old.dialogues
        if dialogue.id not in now or not is_same_dialogue(now[dialogue.id], dialogue)
    ]


def _is_below(project: Project, folder: Path) -> bool:
    files = [project.path, *([project.only] if project.only is not None else [])]
    return all(file.resolve().is_relative_to(folder) for file in files)


def _wanted(cases: Sequence[Case], versions: _Versions, touched: Mapping[int, Parts], provider: str) -> Iterator[Case]:
    before = {case.dialogue.id: Before(case.dialogue, touched.get(id(case))) for case in versions.before}
    scenarios = {id(case.project): case.project.scenario for case in (*cases, *versions.before)}.values()
    yield from affected(cases, before, versions.differences, offers=() if provider == "scripted" else [*scenarios])


def _versions_of(project: Project, then: AsTheyWere, others: frozenset[Path], revision: str) -> _Versions:
    old = then.of(project)
    if old is None:
        return _Versions(project, why=f"it is not in {revision}")
    before = playable_cases([(old, findings(old, warnings=False, proofs=False))])
    if not before:
        return _Versions(project, why=f"it cannot be played as it is in {revision}")
    modules = {path for path in others if path.suffix == ".py"}
    if modules and load_plugins():
        return _Versions(project, why="a module has changed that a plug-in may use")
    home = project.scenario.folder.resolve()
    read = {path.name for path in others if path in modules or path.is_relative_to(home)}
    found = differences_between(old.scenario, project.scenario, read)
    return _Versions(project, [case for case in before if not case.mistakes], found)


def _touched(
    versions: Sequence[_Versions],
    own: Mapping[int, Sequence[Case]],
    then: Path,
    folder: Path,
    provider: str,
    workers: int,
    wall_timeout: float | None,
    paint: Paint,
) -> Mapping[int, Parts]:
    """What dialogues touched in the version before, by the ids of their cases; nothing of those that did not pass."""
    asked: dict[str, Case] = {}
    fingerprints = Fingerprints(then)
    for each in versions:
        ids = {case.dialogue.id for case in own[id(each.project)]}
        if each.differences and not each.differences.everywhere:
            asked |= {fingerprints.of(case): case for case in each.before if case.dialogue.id in ids}
    memory = Touches(folder, provider)
    known = memory.of(asked)
    unknown = [fingerprint for fingerprint in asked if fingerprint not in known]
    if unknown:
        played = _played([asked[fingerprint] for fingerprint in unknown], provider, workers, wall_timeout, paint)
        by_case = touched_by((finished.case, finished.result) for finished in played)
        new = {
            fingerprint: by_case[id(asked[fingerprint])] for fingerprint in unknown if id(asked[fingerprint]) in by_case
        }
        memory.add(new)
        known |= new
    return {id(asked[fingerprint]): parts for fingerprint, parts in known.items()}


def _played(
    cases: Sequence[Case], provider: str, workers: int, wall_timeout: float | None, paint: Paint
) -> list[Finished]:
    progress, found = Progress(len(cases), paint), []
    with workers_of(workers, wall_timeout, provider, {})(cases) as playing:
        for finished in playing.finished:
            found.append(finished)
            progress.say("dialogues as they were", done=len(found))
        progress.clear()
        if playing.is_interrupted():
            sys.exit(130)
    return found


def _read_by(project: Project) -> Iterator[Path]:
    """The files whose texts were read for a project: what has changed in them is looked at as data."""
    here = Path.cwd()
    places = (project.document, *(dialogue.place.document for dialogue in project.dialogues))
    for document in {id(place): place for place in places if isinstance(place, Document)}.values():
        yield from ((here / name).resolve() for name in document.texts)
        yield from (path.resolve() for path in document.attached)


def _line(versions: _Versions, total: int, wanted: int, revision: str) -> str:
    shown, gone = versions.project.shown, versions.gone
    lost = f"; gone since then: {', '.join(gone)}" if gone else ""
    if versions.why is not None:
        return f"{shown}: {_dialogues(total, total)} played: {versions.why}"
    told = list(versions.differences.told)
    rest = "; what has mistakes is not compared" if unread(versions.project) else lost
    if not told and not wanted:
        return f"{shown}: nothing {'else ' if rest else ''}has changed since {revision}{rest}"
    what = _some(told) or "dialogues alone"
    return f"{shown}: {_dialogues(wanted, total)} played; changed since {revision}: {what}{rest}"


def _some(names: Sequence[str]) -> str:
    more = [f"{len(names) - _MOST_TOLD} more"] if len(names) > _MOST_TOLD else []
    return ", ".join([*names[:_MOST_TOLD], *more])


def _dialogues(wanted: int, total: int) -> str:
    if total == 1:
        return "the one dialogue is" if wanted else "the one dialogue is not"
    which = f"all {total}" if wanted == total else f"{wanted or 'none'} of {total}"
    return f"{which} dialogues {'are' if wanted > 1 else 'is'}"
