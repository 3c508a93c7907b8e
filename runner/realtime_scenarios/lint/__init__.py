"""Rules about scenarios and dialogues: what keeps them from being run, and what makes them weak."""

import importlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from realtime_scenarios.core import Diagnostic, in_reading_order
from realtime_scenarios.lint import code, dialogues, proofs, references, settings
from realtime_scenarios.lint.prompts import references as prompt_references
from realtime_scenarios.lint.rule import PROFILES, Finding, Profile, Rule, Subject, rule
from realtime_scenarios.lint.rule import RULES as _RULES
from realtime_scenarios.project import Project, load_plugins

__all__ = [
    "PROFILES",
    "RULES",
    "Finding",
    "Profile",
    "Rule",
    "Subject",
    "code",
    "dialogues",
    "findings",
    "prompt_references",
    "proofs",
    "references",
    "rule",
    "settings",
]

_BY_NAME = ("SC401", "SC402")
"""Rules about names in dialogues: they need no more of a scenario with mistakes than the names in it."""

_WARNINGS_ONLY = (
    "graph",
    "models",
    "slips",
    "prompts.states",
    "prompts.spoken",
    "prompts.realtime",
    "prompts.metaprompt",
)
"""Modules of rules that never keep a scenario from being run: they are imported when warnings are wanted."""


def findings(
    project: Project,
    *,
    warnings: bool,
    profile: Profile | None = None,
    proofs: bool = True,
    as_of: date | None = None,
) -> list[Diagnostic]:
    """All that is wrong with a project, in reading order. Without `warnings`, only what keeps it from being run.

    The rules are those of the file's own profile and of `profile`. Warnings that the file ignores are left out. Without
    `proofs` what takes a search through all conversations is left out as well. `as_of` is the day on which models are
    asked whether they still answer; None: they are not asked.
    """
    if warnings:
        _load_all()
    for module in (module for plugin in load_plugins() for module in plugin.rules):
        importlib.import_module(module)
    ignored = set(project.sketch.lint.ignore) if project.sketch is not None else set()
    told = _rule_diagnostics(project, warnings=warnings, profile=profile, proofs=proofs, as_of=as_of)
    found = [*project.all_diagnostics, *told]
    return in_reading_order(
        diagnostic
        for diagnostic in found
        if diagnostic.severity == "error" or not ignored & {diagnostic.code, diagnostic.name}
    )


def _rule_diagnostics(
    project: Project, *, warnings: bool, profile: Profile | None, proofs: bool, as_of: date | None
) -> Iterator[Diagnostic]:
    if project.sketch is None:
        return
    by_name = Subject(project.sketch, project.dialogues, as_of)
    subject = by_name if project.built is not None else Subject(project.sketch, (), as_of)
    wanted = {project.sketch.lint.profile, profile or "basic"}
    for _, candidate in _RULES.items():
        if candidate.needs_all and (project.built is None or not proofs):
            continue
        if candidate.severity == "error":
            is_wanted = warnings or candidate.keeps_from_running
        else:
            is_wanted = warnings and not project.errors and any(map(candidate.is_in, wanted))
        if is_wanted:
            yield from candidate.diagnostics(by_name if candidate.code in _BY_NAME else subject)


def __getattr__(name: str) -> Any:
    """`RULES`: all of them, with those that are only imported where warnings are wanted."""
    if name != "RULES":
        raise AttributeError(name)
    _load_all()
    return _RULES


def _load_all() -> None:
    for module in _WARNINGS_ONLY:
        importlib.import_module(f"realtime_scenarios.lint.{module}")
