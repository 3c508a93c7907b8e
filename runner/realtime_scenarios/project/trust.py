"""A scenario that brings code from outside of the present project, to the yes that it needs before any of it runs.

Why: docs/decisions/0020. The yes is remembered by content, in one file for each in a folder of the user's own: whoever
changes the code, a command or which function is called is asked about anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from realtime_scenarios.core import ScenarioError, resource_folder
from realtime_scenarios.core.paths import is_file, is_there
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import specs_of
from realtime_scenarios.model.written import Code
from realtime_scenarios.project.loader import Project

_ROOT_MARKS = (".git", ".hg", ".svn", "pyproject.toml", "setup.py", "setup.cfg", "package.json")
_CODE = frozenset((".py", ".pyd", ".so", ".dll", ".dylib"))
_MOST_FILES = 20_000
"""Files in the scenario's folder; where there are more than that nothing is remembered, and each time is a new one."""


class NotTrusted(ScenarioError):
    """Code from elsewhere would run, and nobody said that it may."""


@dataclass(frozen=True, slots=True)
class BroughtCode:
    """What of a scenario is run by itself: `what` names it for people. `digest` None: too much to be remembered."""

    scenario: Path
    what: tuple[str, ...]
    digest: str | None

    @property
    def refusal(self) -> NotTrusted:
        message = f"'{self.scenario}' brings code from outside of this project: {', '.join(self.what)}"
        return NotTrusted(message, hint="look at it; --trust lets it run, now and until it changes")


def code_from_elsewhere(projects: Iterable[Project], folder: Path) -> list[BroughtCode]:
    """The code of each scenario that lies outside of the project around `folder`, and did not come with the package."""
    ours = [resource_folder("scenarios").resolve(), *filter(None, [_project_root(folder.resolve())])]
    outside = {
        project.path.resolve(): project
        for project in projects
        if not any(project.path.resolve().is_relative_to(root) for root in ours)
    }
    return [code for path, project in outside.items() if (code := _brought_code(path, project.scenario)) is not None]


def memory_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Where what was trusted is remembered: the place of the system for what programs remember of their user."""
    if given := environment.get("XDG_STATE_HOME"):
        base = Path(given)
    elif sys.platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = home / ".local" / "state"
    return base / "realtime-scenarios" / "trusted"


def is_remembered(code: BroughtCode, memory: Path) -> bool:
    """Whether this very code was trusted before."""
    return code.digest is not None and is_file(memory / code.digest)


def remember(code: BroughtCode, memory: Path) -> None:
    """Trust this very code from now on. Where nothing can be written, it is asked about again."""
    if code.digest is None:
        return
    try:
        memory.mkdir(parents=True, exist_ok=True, mode=0o700)
        (memory / code.digest).write_text(f"{code.scenario}\n", encoding="utf-8", errors="replace")
    except OSError:
        return


def _project_root(folder: Path) -> Path | None:
    """The nearest folder that looks like a project, or else the folder itself; None: the user's home, or above it.

    A home under version control is no project: what was downloaded lies in it.
    """
    home = Path.home().resolve()
    for candidate in (folder, *folder.parents):
        if home.is_relative_to(candidate):
            break
        if any(is_there(candidate / mark) for mark in _ROOT_MARKS):
            return candidate
    return None if home.is_relative_to(folder) else folder


def _brought_code(path: Path, scenario: Scenario) -> BroughtCode | None:
    """What the scenario runs besides its own text: functions of modules beside it, and commands."""
    functions = sorted(set(_functions_of(scenario)))
    commands = [server.command for server in scenario.mcp.values()]
    if not functions and not commands:
        return None
    what = (*(f"python {target}" for target in functions), *(f"command {' '.join(each)}" for each in commands))
    return BroughtCode(path, what, _digest(path.parent, what, commands))


def _functions_of(scenario: Scenario) -> Iterator[str]:
    for tool in specs_of(scenario.tools).values():
        texts = tool.stub.texts(tool.place, {"args": tool.parameters.get("properties", {})})
        yield from (text.text for text in texts if isinstance(text, Code) and text.kind == "python")
    yield from (guardrail.python for guardrail in scenario.guardrails.values() if guardrail.python)


def _digest(folder: Path, what: Iterable[str], commands: Iterable[tuple[str, ...]]) -> str | None:
    """A name for all that may run: the functions and commands, every file of code beside the scenario (one module may
    import another), and the files that commands name."""
    files = {folder / word for command in commands for word in command if _is_file(folder / word)}
    for count, file in enumerate(folder.rglob("*")):
        if count > _MOST_FILES:
            return None
        if file.suffix in _CODE and is_file(file):
            files.add(file)
    found = hashlib.sha256(json.dumps([str(folder), *what]).encode())
    try:
        for file in sorted(files):
            found.update(json.dumps([str(file), hashlib.sha256(file.read_bytes()).hexdigest()]).encode())
    except OSError:
        return None
    return found.hexdigest()


def _is_file(path: Path) -> bool:
    try:
        return is_file(path)
    except (OSError, ValueError):
        return False
