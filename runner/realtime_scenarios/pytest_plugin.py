"""Dialogues as pytest items: `pytest scenarios/` plays them, with everything that pytest has to choose and to report.

A file is collected when it is named on the command line or lies under `[tool.scenario] paths` of the pyproject.toml in
pytest's root folder, and `scenario test` would read it too. Other YAML is left alone, so that the plug-in does nothing
where nobody asked for it. This module is imported by every pytest of an environment: it imports nothing of ours
before there is such a file. Dialogues are played by a worker, a process of its own that is forked from none of the
user's; with `--scenario-in-process` they are played here, and the SDK is imported here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from realtime_scenarios.core import Diagnostic, ScenarioError
    from realtime_scenarios.project import Project
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.suite import Finished
    from realtime_scenarios.verdicts import DialogueResult


_DEFAULT_PROVIDER = "scripted"
NOTHING_CHECKED = "no dialogue was checked, and so nothing holds"
STATUS = "scenario status"
"""The property of a report that says what came of a dialogue; `--junit-xml` writes it down."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("scenario", "dialogues of voice agents")
    group.addoption(
        "--scenario-provider",
        metavar="NAME",
        default=_DEFAULT_PROVIDER,
        help="Who answers in dialogues: scripted (the default), offline, openai, azure, url, chat.",
    )
    group.addoption(
        "--scenario-in-process",
        action="store_true",
        help="Play dialogues in pytest's own process, where a debugger can look; nothing is bounded.",
    )
    group.addoption(
        "--scenario-wall-timeout",
        type=float,
        metavar="SECONDS",
        help="How long a dialogue may take by the wall clock. Default 30; more where time must pass for real.",
    )
    group.addoption(
        "--scenario-spoken",
        action="store_true",
        help="Say every line of the callers aloud, and hear them, as `scenario test --spoken` does.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SCENARIOS] = _Scenarios(config)
    config.pluginmanager.register(_Statuses())


def pytest_unconfigure(config: pytest.Config) -> None:
    if (scenarios := config.stash.get(_SCENARIOS, None)) is not None:
        scenarios.close()


def pytest_sessionstart(session: pytest.Session) -> None:
    """What keeps all dialogues from being played is told once, before there are workers or anything is collected.

    Raises:
        pytest.UsageError: the settings in pyproject.toml, a plug-in of ours or the provider cannot be had.
    """
    session.config.stash[_SCENARIOS].make_ready()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> DialogueFile | None:
    if file_path.suffix.lower() not in (".yaml", ".yml"):
        return None
    scenarios = parent.config.stash[_SCENARIOS]
    is_named = parent.session.isinitpath(file_path)
    if not scenarios.collect(file_path, is_named=is_named):
        return None
    file: DialogueFile = DialogueFile.from_parent(parent, path=file_path)
    file.is_named = is_named or scenarios.are_named_in_pyproject(file_path)
    return file


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A dialogue is played once, also where its scenario and its own file are both named."""
    seen: set[Any] = set()
    for item in list(items):
        if isinstance(item, DialogueItem):
            if item.written in seen:
                items.remove(item)
            seen.add(item.written)


class _Statuses:
    """What came of the dialogues of a run, as whoever reports it hears: with workers, the process that has them."""

    def __init__(self) -> None:
        self._found: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._found.update(str(value) for name, value in report.user_properties if name == STATUS)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A run that plays dialogues and checks none of them is no good run."""
        if self._is_nothing_checked and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._is_nothing_checked:
            terminalreporter.write_line(NOTHING_CHECKED, red=True)

    @property
    def _is_nothing_checked(self) -> bool:
        return self._found == {"skipped"}


class DialogueFile(pytest.File):
    """A scenario with the dialogues in it, or a file of dialogues. A scenario that is named brings all it has."""

    is_named = False

    def collect(self) -> Iterator[DialogueItem]:
        from realtime_scenarios.core import ScenarioError

        scenarios = self.config.stash[_SCENARIOS]
        try:
            mistakes = scenarios.mistakes_in(self.path, with_its_dialogues=self.is_named)
        except ScenarioError as problem:
            raise self.CollectError(_with_hint(problem)) from problem
        if mistakes:
            raise self.CollectError(scenarios.report(mistakes))
        for case in scenarios.cases_in(self.path, with_its_dialogues=self.is_named):
            yield DialogueItem.from_parent(self, name=case.dialogue.id, case=case)


class DialogueItem(pytest.Item):
    """One dialogue of one scenario. Its tags are markers."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        for tag in case.dialogue.tags:
            self.config.addinivalue_line("markers", f"{tag}: a tag of dialogues")
            self.add_marker(tag)

    @property
    def written(self) -> tuple[Path, Any, str]:
        """Where the dialogue stands, and for which values it is played."""
        place = self.case.dialogue.place
        return place.document.path.resolve(), place.pointer, self.case.dialogue.id

    def runtest(self) -> None:
        from realtime_scenarios.suite.spoken import spoken_properties

        finished = self.config.stash[_SCENARIOS].play(self.case)
        result = finished.result
        self.add_report_section("call", "printed", finished.printed)
        self.user_properties.append((STATUS, result.status))
        self.user_properties += [("not checked here", f"{left.place.span}: {left.reason}") for left in result.unchecked]
        self.user_properties += spoken_properties(result.trace)
        if result.status == "skipped":
            pytest.skip(result.skipped or "")
        if result.fails_the_run:
            raise DialogueFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from realtime_scenarios.core import ScenarioError
        from realtime_scenarios.core.printable import printable

        match excinfo.value:
            case DialogueFailed(result=result):
                from realtime_scenarios.suite import failure_report

                return printable("\n".join(failure_report(self.case, result, lambda text, tone: text))).rstrip()
            case ScenarioError() as problem:
                return _with_hint(problem)
            case _:
                return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        span = self.case.dialogue.place.span
        return self.path, span.line - 1, self.case.name


class DialogueFailed(Exception):
    """A dialogue did not go as it is written."""

    def __init__(self, result: DialogueResult) -> None:
        super().__init__(result.dialogue.id)
        self.result = result


class _Scenarios:
    """What the items of one run share: each scenario is read, checked and compiled once."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._projects: dict[Path, Project] = {}
        self._mistakes: dict[Path, list[Diagnostic]] = {}
        self._paths: tuple[Path, ...] = ()
        self._playing = ExitStack()

    def make_ready(self) -> None:
        """Read the paths that pyproject.toml names, where it names any, and look up a provider that is wished for.

        Raises:
            pytest.UsageError: they, or a plug-in of ours, cannot be had.
        """
        root = self._config.rootpath
        file = root / "pyproject.toml"
        is_configured = file.is_file() and b"scenario" in file.read_bytes()
        provider = self._config.getoption("scenario_provider")
        if not is_configured and provider == _DEFAULT_PROVIDER:
            return
        from realtime_scenarios.core import ScenarioError
        from realtime_scenarios.model.provider import PROVIDERS
        from realtime_scenarios.project import load_plugins
        from realtime_scenarios.project.loader import files_in_pyproject

        try:
            self._paths = files_in_pyproject(root) if is_configured else ()
            if self._paths or provider != _DEFAULT_PROVIDER:
                load_plugins()
                PROVIDERS.known(provider)
        except ScenarioError as problem:
            raise pytest.UsageError(_with_hint(problem)) from problem

    def collect(self, path: Path, *, is_named: bool) -> bool:
        """Whether the YAML file is ours, and is named or lies under the paths that pyproject.toml names."""
        if not is_named and not any(path.resolve().is_relative_to(ours) for ours in self._paths):
            return False
        from realtime_scenarios.project import is_ours, may_be_ours

        return may_be_ours(path) if is_named else is_ours(path)

    def are_named_in_pyproject(self, path: Path) -> bool:
        """Whether pyproject.toml names the file itself, and not a folder around it."""
        return path.resolve() in self._paths

    def cases_in(self, path: Path, *, with_its_dialogues: bool) -> Iterator[Case]:
        """The dialogues that stand in the file; of a scenario `with_its_dialogues` also those of its dialogue files."""
        from realtime_scenarios.project.cases import cases_of

        project = self._project_of(path)
        for case in cases_of([project]):
            written = case.dialogue.place.document.path.resolve()
            if written == path.resolve() or (with_its_dialogues and path.resolve() == project.path.resolve()):
                yield case

    def mistakes_in(self, path: Path, *, with_its_dialogues: bool) -> list[Diagnostic]:
        """What keeps the dialogues of `cases_in` from being played."""
        project = self._project_of(path)
        if with_its_dialogues and path.resolve() == project.path.resolve():
            return self._mistakes_of(project)
        others = {file.shown for file in project.dialogue_files if file.path.resolve() != path.resolve()}
        return [mistake for mistake in self._mistakes_of(project) if mistake.span.file not in others]

    def report(self, mistakes: Sequence[Diagnostic]) -> str:
        """The mistakes as `scenario validate` shows them."""
        from realtime_scenarios.cli.diagnostics import text_lines
        from realtime_scenarios.core.printable import printable

        return printable("\n".join(text_lines(mistakes, lambda text, tone: text))).rstrip()

    def play(self, case: Case) -> Finished:
        self._require_trust(case.project)
        (finished,) = self._played([case])
        return finished

    def close(self) -> None:
        self._playing.close()

    def _require_trust(self, project: Project) -> None:
        """Run no code from outside of pytest's own folder and of the project: nobody can be asked here.

        Raises:
            NotTrusted: it was not trusted before, by `scenario test --trust`.
        """
        from realtime_scenarios.project.trust import code_from_elsewhere, is_remembered, memory_folder

        if project.path.resolve().is_relative_to(self._config.rootpath.resolve()):
            return
        for code in code_from_elsewhere([project], Path.cwd()):
            if not is_remembered(code, memory_folder(os.environ, Path.home())):
                raise code.refusal

    @cached_property
    def _played(self) -> Callable[[Sequence[Case]], Iterator[Finished]]:
        """What plays cases: a worker that lives until all items are over, or this process."""
        from realtime_scenarios.voice.calling import Calling

        provider = self._config.getoption("scenario_provider")
        calling = Calling() if self._config.getoption("scenario_spoken") else None
        if self._config.getoption("scenario_in_process"):
            from functools import partial

            from realtime_scenarios.providers import PROVIDERS, ProviderRequest
            from realtime_scenarios.workers.player import played_here

            request = ProviderRequest(environment=dict(os.environ), on=date.today(), spoken=calling)
            return partial(played_here, provider=PROVIDERS[provider], request=request)

        from realtime_scenarios.processes import Wishes
        from realtime_scenarios.suite import Supervisor

        bound = self._config.getoption("scenario_wall_timeout")
        wishes = Wishes.of(provider, os.environ, spoken=None if calling is None else calling.written)
        supervisor = Supervisor(wishes, wall_timeout=bound)
        return self._playing.enter_context(supervisor).finished

    def _project_of(self, path: Path) -> Project:
        """The scenario's project where the file belongs to one, so that it is shared; else one of its own."""
        from realtime_scenarios.project import (
            is_dialogue_file,
            is_scenario,
            load,
            load_dialogues,
            project_at,
            scenarios_beside,
        )

        if is_scenario(path):
            return self._projects.setdefault(path.resolve(), load(path))
        named = load_dialogues(path).scenario
        homes = scenarios_beside(path) if named is None or not named.is_file() else [named]
        for scenario in homes:
            shared = self._projects.setdefault(scenario.resolve(), load(scenario))
            if any(file.path.resolve() == path.resolve() for file in shared.dialogue_files):
                return shared
        alone = project_at(str(path), self._config.rootpath) if is_dialogue_file(path) else load(path)
        return self._projects.setdefault(path.resolve(), alone)

    def _mistakes_of(self, project: Project) -> list[Diagnostic]:
        from realtime_scenarios.lint import findings

        if project.path not in self._mistakes:
            self._mistakes[project.path] = findings(project, warnings=False)
        return self._mistakes[project.path]


_SCENARIOS = pytest.StashKey[_Scenarios]()


def _with_hint(problem: ScenarioError) -> str:
    from realtime_scenarios.core.printable import printable

    return printable(f"{problem.message}\nhint: {problem.hint}" if problem.hint else problem.message)
