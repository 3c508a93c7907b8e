"""Scenarios and dialogues checked and reported, for `validate` and `lint`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from realtime_scenarios import lint
from realtime_scenarios.cli.diagnostics import echo_diagnostics
from realtime_scenarios.core import UsageError, did_you_mean
from realtime_scenarios.document import CODES
from realtime_scenarios.lint import Profile, findings
from realtime_scenarios.project import Project, projects_at

_READING_CODES = frozenset(code.code for code in CODES.values())


def report(
    paths: Sequence[str],
    form: str,
    color: str,
    *,
    warnings: bool,
    strict: bool = False,
    profile: Profile | None = None,
    as_of: date | None = None,
    is_wanted: Callable[[str], bool] | None = None,
) -> int:
    """Check what the paths mean and print what was found; the exit code.

    `as_of`: see `findings`. `is_wanted` chooses rules by their codes. What keeps a file from being read is told in any
    case: no rule warns then.
    """
    projects = wanted_projects(paths)
    told = dict.fromkeys(
        diagnostic
        for project in projects
        for diagnostic in findings(project, warnings=warnings, profile=profile, as_of=as_of)
        if is_wanted is None or is_wanted(diagnostic.code) or diagnostic.code in _READING_CODES
    )
    found = list(told)
    files = {str(project.path) for project in projects}
    files |= {str(file.path) for project in projects for file in project.dialogue_files}
    echo_diagnostics(found, form=form, color=color, files=len(files))
    return 1 if any(strict or diagnostic.severity == "error" for diagnostic in found) else 0


def wanted_projects(paths: Sequence[str]) -> list[Project]:
    """The scenarios that the paths mean, with their dialogues.

    Raises:
        UsageError: there are none.
    """
    projects = projects_at(paths, Path.cwd())
    if not projects:
        raise UsageError("no scenarios found here", hint="`scenario new NAME` writes one")
    return projects


def listing() -> str:
    """Every code with its name and what it means, a line each."""
    lint.load_added_rules()
    lines = [(code.code, code.name, code.meaning) for code in CODES.values()]
    lines += [(rule.code, rule.name, rule.meaning) for _, rule in lint.RULES.items()]
    return "\n".join(f"{code}  {name:32} {meaning}" for code, name, meaning in sorted(lines))


def explanation(wanted: str) -> str:
    """What a code, or a name, means and what to do instead.

    Raises:
        UsageError: there is no such code.
    """
    lint.load_added_rules()
    for code in CODES.values():
        if wanted.upper() == code.code or wanted == code.name:
            return f"{code.code} {code.name}\n\n{code.meaning}"
    for _, rule in lint.RULES.items():
        if wanted.upper() == rule.code or wanted == rule.name:
            return f"{rule.code} {rule.name} ({rule.severity})\n\n{rule.documentation}"
    known = [code.code for code in CODES.values()] + [rule.code for _, rule in lint.RULES.items()]
    raise UsageError(f"there is no code '{wanted}'", hint=did_you_mean(wanted.upper(), known))
