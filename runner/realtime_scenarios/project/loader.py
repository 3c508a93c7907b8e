"""A scenario file, and the dialogue files beside it, to a project: what they hold and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from msgspec import Struct

import realtime_scenarios.expectations
import realtime_scenarios.stubs  # noqa: F401 - the kinds of stubs that a scenario may have
from realtime_scenarios.core import Diagnostic, UsageError, did_you_mean, in_reading_order
from realtime_scenarios.core.paths import is_file, is_folder, is_there
from realtime_scenarios.document import CODES, Document, finding, read_checked
from realtime_scenarios.document.schema import SchemaName
from realtime_scenarios.model import Dialogue, Scenario, build_dialogues, build_scenario
from realtime_scenarios.project.lookup import (
    dialogue_files,
    example,
    find_scenario,
    is_dialogue_file,
    is_scenario,
    scenario_files,
)
from realtime_scenarios.project.plugins import load_plugins
from realtime_scenarios.project.secrecy import without_secrets
from realtime_scenarios.project.spelling import Spelling


class DialogueFile(Struct, frozen=True):
    """A file of dialogues. `shown` is what people call it; `scenario` is the path it names, or None where it is broken.

    Of dialogues with mistakes there is as much as their schema allows: enough to look for more, not to be played.
    """

    path: Path
    shown: str
    scenario: Path | None
    dialogues: tuple[Dialogue, ...]
    diagnostics: tuple[Diagnostic, ...]
    document: Document | None = None


class _FileContents(Struct, frozen=True):
    """What a scenario file holds. `scenario` None: mistakes keep it from being built; `sketch` is then what is left."""

    document: Document | None = None
    scenario: Scenario | None = None
    sketch: Scenario | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    dialogues: tuple[Dialogue, ...] = ()


class Project:
    """A scenario and its dialogues, each read when it is first asked for.

    `shown` is what people call the scenario file. `diagnostics` are the mistakes in that file alone.
    """

    def __init__(self, path: Path, *, only: Path | None = None, contents: _FileContents | None = None) -> None:
        load_plugins()
        self.path = path
        self.shown = shown(path)
        self._only = only
        if contents is not None:
            self._contents = contents

    @property
    def only(self) -> Path | None:
        """The file to whose dialogues it is narrowed; None: it has all of them."""
        return self._only

    @property
    def document(self) -> Document | None:
        return self._contents.document

    @property
    def built(self) -> Scenario | None:
        """The scenario; None where mistakes keep it from being built."""
        return self._contents.scenario

    @property
    def scenario(self) -> Scenario:
        """The scenario, for those who have looked at `errors` before.

        Raises:
            UsageError: it has mistakes that keep it from being built.
        """
        if self.built is None:
            raise UsageError(f"'{self.shown}' has mistakes", hint=f"`scenario validate {self.shown}` shows them")
        return self.built

    @property
    def sketch(self) -> Scenario | None:
        """As much of the scenario as its schema allows, for those who look for further mistakes; None: too little."""
        return self.built or self._contents.sketch

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return self._contents.diagnostics

    @cached_property
    def dialogue_files(self) -> tuple[DialogueFile, ...]:
        """The files in `dialogues/` beside the scenario that name it, and those too broken to say what they name."""
        if self._only is not None:
            return (load_dialogues(self._only),)
        folder = self.path.parent / "dialogues"
        paths = (
            sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".yaml", ".yml"))
            if is_folder(folder)
            else []
        )
        files = [load_dialogues(path) for path in paths if not is_scenario(path)]
        return tuple(file for file in files if file.scenario is None or not _is_another(file.scenario, self.path))

    @cached_property
    def inline_dialogues(self) -> tuple[Dialogue, ...]:
        """The dialogues in the scenario file itself."""
        return self._contents.dialogues if self._only is None else ()

    @cached_property
    def dialogues(self) -> tuple[Dialogue, ...]:
        """All of them: those in the scenario file, then file by file."""
        written = (*self.inline_dialogues, *(dialogue for file in self.dialogue_files for dialogue in file.dialogues))
        if self.sketch is None:
            return written
        spelling = Spelling(self.sketch)
        return tuple(map(spelling.with_ids, written))

    @cached_property
    def all_diagnostics(self) -> list[Diagnostic]:
        """The mistakes in the scenario and in its dialogues, causes first."""
        return self.in_order_of_cause(
            [*self.diagnostics, *(found for file in self.dialogue_files for found in file.diagnostics)]
        )

    def in_order_of_cause(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """What keeps the scenario from being read comes first, then what is wrong in it, then in its dialogues.

        Each of the three is in reading order, without repetitions, and without secrets of the files.
        """
        documents = [file.document for file in self.dialogue_files if file.document is not None]
        told = without_secrets(diagnostics, self.document, documents)
        files = {file.shown for file in self.dialogue_files}

        def distance_from_cause(found: Diagnostic) -> int:
            if found.span.file in files or (self.document and _is_in_dialogues(found, self.document)):
                return 2
            return 0 if found.name in CODES else 1

        return sorted(in_reading_order(told), key=distance_from_cause)

    @property
    def lost_names(self) -> frozenset[str]:
        """Names in the parts of the scenario's file that had to be left out of the sketch."""
        if self.built is not None or self.document is None or self.sketch is None:
            return frozenset()
        return frozenset(_names_left_out(self.document.data, self.sketch.place.value))

    @property
    def errors(self) -> list[Diagnostic]:
        """Those of `all_diagnostics` that keep it from being run."""
        return [diagnostic for diagnostic in self.all_diagnostics if diagnostic.severity == "error"]

    @cached_property
    def _contents(self) -> _FileContents:
        return _FileContents() if self.path == self._only else _contents_of(self.path, self.shown)


def _names_left_out(written: Any, kept: Any) -> Iterator[str]:
    """The keys of `written` that are not in `kept`, and all those inside them."""
    match written:
        case dict():
            for key, value in written.items():
                if not isinstance(kept, dict) or key not in kept:
                    yield key
                    yield from _names_left_out(value, None)
                else:
                    yield from _names_left_out(value, kept[key])
        case list():
            others = kept if isinstance(kept, list) else []
            for item, other in zip_longest(written, others[: len(written)]):
                yield from _names_left_out(item, other)


def _contents_of(path: Path, name: str) -> _FileContents:
    document, found = read_checked(path, "scenario", shown_as=name)
    if document is None:
        return _FileContents(diagnostics=tuple(in_reading_order(found)))
    allowed = _allowed_part(document, "scenario") if found else document
    if allowed is None:
        return _FileContents(document, diagnostics=tuple(in_reading_order(without_secrets(found, document))))
    scenario, more = build_scenario(allowed)
    dialogues, further = build_dialogues(allowed)
    diagnostics = tuple(in_reading_order(without_secrets([*found, *more, *further], document)))
    if all(_is_in_dialogues(mistake, document) for mistake in found):  # then the scenario itself is as it was written
        return _FileContents(document, scenario, None, diagnostics, dialogues)
    return _FileContents(document, None, scenario, diagnostics, dialogues)


def contents_of_variation(document: Document, dialogues: tuple[Dialogue, ...]) -> _FileContents:
    """What a scenario's document holds that its schema allows, with dialogues that have been built before."""
    scenario, found = build_scenario(document)
    return _FileContents(document, scenario, None, tuple(in_reading_order(found)), dialogues)


def _is_in_dialogues(found: Diagnostic, document: Document) -> bool:
    """Whether a mistake stands in the dialogues that a scenario's file holds itself."""
    if not isinstance(document.data, dict) or "dialogues" not in document.data:
        return False
    span = document.span(("dialogues",))
    return found.span.file == span.file and span.line <= found.span.line <= span.end_line


def _allowed_part(document: Document, name: SchemaName) -> Document | None:
    """What its schema allows of a document with mistakes; None where that is too little to be looked at."""
    from realtime_scenarios.document.prune import pruned  # only a mistake needs it

    return None if document.left_out else pruned(document, name)


def load(path: Path, *, only: Path | None = None) -> Project:
    """The project of a scenario file. `only` narrows its dialogues to those of one file; None: all of them."""
    return Project(path, only=only)


def with_dialogues_of(project: Project, file: Path) -> Project:
    """The same scenario, which is not read again, with the dialogues of that file alone."""
    return Project(project.path, only=file, contents=project._contents)


def project_sent(scenario: Scenario, name: str) -> Project:
    """The project of a scenario that came from another process: no file is read, and dialogues come by themselves."""
    document = scenario.place.document
    assert isinstance(document, Document)
    project = Project(document.path, contents=_FileContents(document, scenario))
    project.__dict__.update(shown=name, dialogue_files=(), inline_dialogues=(), dialogues=())
    return project


def project_of(scenario: Scenario) -> Project:
    """The project of a scenario that has been read already: its file is not read again, the dialogues beside it are."""
    document = scenario.place.document
    assert isinstance(document, Document)
    dialogues, found = build_dialogues(document)
    return Project(document.path, contents=_FileContents(document, scenario, None, tuple(found), dialogues))


def load_dialogues(path: Path) -> DialogueFile:
    """The dialogues in a file, without the scenario that they are about."""
    load_plugins()
    name = shown(path)
    document, found = read_checked(path, "dialogue", shown_as=name)
    if document is None:
        return DialogueFile(path, name, None, (), tuple(found))
    scenario = _scenario_path(document)
    dialogues: tuple[Dialogue, ...] = ()
    allowed = _allowed_part(document, "dialogue") if found else document
    if allowed is not None:
        dialogues, more = build_dialogues(allowed)
        found = [*found, *more]
    if scenario is not None and not is_file(scenario):
        message = f"there is no scenario '{document.data['scenario']}' beside this file"
        hint = _scenario_hint(path, document.data["scenario"])
        found = [*found, finding("no-such-file", message, document.span(("scenario",)), hint)]
    return DialogueFile(path, name, scenario, dialogues, tuple(in_reading_order(found)), document)


def projects_at(paths: Sequence[str], folder: Path) -> list[Project]:
    """The projects that are meant by what people type in `folder`: scenarios, dialogue files, or folders of them.

    Nothing typed means what `[tool.scenario] paths` in its pyproject.toml names, or everything below `folder`.

    Raises:
        UsageError: a path means nothing that exists.
    """
    found: dict[tuple[Path, Path | None], Project] = {}
    configured = [] if paths else paths_in_pyproject(folder) or []
    with _naming_pyproject() if configured else nullcontext():
        for path in paths or configured or ["."]:
            for project in _projects_meant_by(path, folder):
                found.setdefault((project.path.resolve(), project._only), project)
    return list(found.values())


def files_in_pyproject(folder: Path) -> tuple[Path, ...]:
    """The files and folders that `paths_in_pyproject` stands for; a name may stand for a scenario.

    Raises:
        UsageError: as there; or one does not exist.
    """
    paths = [(name, folder / name) for name in paths_in_pyproject(folder) or ()]
    with _naming_pyproject():
        return tuple((path if is_there(path) else find_scenario(name, folder)).resolve() for name, path in paths)


def paths_in_pyproject(folder: Path) -> list[str] | None:
    """What `[tool.scenario] paths` names in the pyproject.toml of a folder; None where nothing does.

    Raises:
        UsageError: it cannot be read, names no list of paths, or has another key beside it.
    """
    file = folder / "pyproject.toml"
    if not is_file(file):
        return None
    import tomllib

    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("scenario", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        raise UsageError(f"pyproject.toml cannot be read: {problem}", hint="mend it, or name the paths") from problem
    if not isinstance(settings, dict):
        raise UsageError("scenario below [tool] in pyproject.toml is no table", hint="write [tool.scenario]")
    if unknown := next((key for key in settings if key != "paths"), None):
        message = f"unknown key '{unknown}' below [tool.scenario] in pyproject.toml"
        raise UsageError(message, hint=did_you_mean(unknown, ["paths"]))
    paths = settings.get("paths")
    if paths is not None and not (isinstance(paths, list) and all(isinstance(path, str) for path in paths)):
        raise UsageError(
            "paths below [tool.scenario] in pyproject.toml is no list of paths", hint='paths = ["scenarios"]'
        )
    return paths


@contextmanager
def _naming_pyproject() -> Iterator[None]:
    """What cannot be found is told with where its name comes from: nobody typed it."""
    try:
        yield
    except UsageError as problem:
        message = f"[tool.scenario] paths in pyproject.toml: {problem.message}"
        raise UsageError(message, hint=problem.hint) from problem


def shown(path: Path, folder: Path | None = None) -> str:
    """A path as people would write it from `folder`, or from the current one (None)."""
    base = (folder or Path.cwd()).resolve()
    absolute = Path(os.path.normpath(Path.cwd() / path))
    for candidate in (absolute, absolute.parent.resolve() / absolute.name):
        if candidate.is_relative_to(base):
            return candidate.relative_to(base).as_posix()
    return str(path)


def project_at(name: str, folder: Path) -> Project:
    """The one project that `name` means to somebody in `folder`: a scenario, or one file of its dialogues.

    Raises:
        UsageError: it means nothing that exists.
    """
    path = folder / name
    if is_file(path) and is_dialogue_file(path):
        return _project_of_dialogues(path)
    return load(find_scenario(name, folder))


def _projects_meant_by(name: str, folder: Path) -> Iterable[Project]:
    path = folder / name
    if is_folder(path):
        scenarios = scenario_files(path)
        dialogues = dialogue_files(path)
        if scenarios or dialogues or name == ".":
            return _projects_among(scenarios, dialogues)
    return [project_at(name, folder)]


def _projects_among(scenarios: Iterable[Path], dialogues: Iterable[Path]) -> list[Project]:
    """The projects of the scenarios, and one for each dialogue file that none of them has."""
    projects = [load(path) for path in scenarios]
    taken = {file.path.resolve() for project in projects for file in project.dialogue_files}
    return projects + [_project_of_dialogues(path) for path in dialogues if path.resolve() not in taken]


def _project_of_dialogues(dialogues: Path) -> Project:
    """The project of one dialogue file; where its scenario cannot be had, one that has nothing but mistakes."""
    scenario = load_dialogues(dialogues).scenario
    return load(scenario if scenario is not None and is_file(scenario) else dialogues, only=dialogues)


def _scenario_path(document: Document) -> Path | None:
    named = document.data.get("scenario") if isinstance(document.data, dict) else None
    if not isinstance(named, str) or not named or "\0" in named:
        return None
    beside = Path(os.path.normpath(document.folder / named))
    return (example(named) or beside) if not is_file(beside) else beside


def _is_another(scenario: Path, path: Path) -> bool:
    return is_file(scenario) and scenario.resolve() != path.resolve()


def _scenario_hint(path: Path, wanted: str) -> str:
    for folder in (path.parent, path.parent.parent):
        candidates = [candidate for candidate in sorted(folder.glob("*.yaml")) if is_scenario(candidate)]
        namesakes = [candidate for candidate in candidates if candidate.stem == Path(wanted).stem]
        if namesakes or len(candidates) == 1:
            return f"did you mean '{os.path.relpath((namesakes or candidates)[0], path.parent)}'?"
    return "give the path of the scenario's file, as it is seen from this one"
