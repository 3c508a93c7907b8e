"""Rules about scenarios and dialogues: what keeps them from being run, and what makes them weak."""

import importlib
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from msgspec import structs

from realtime_scenarios.core import Diagnostic, Related, Span, added_module
from realtime_scenarios.document import CODES
from realtime_scenarios.lint import code, dialogues, hollow, proofs, references, rows, settings
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
    "hollow",
    "load_added_rules",
    "prompt_references",
    "proofs",
    "references",
    "rows",
    "rule",
    "settings",
]

_BY_NAME = ("SC401", "SC402")
"""Rules about names in dialogues: they need no more of a scenario with mistakes than the names in it."""

_WARNINGS_ONLY = (
    "braces",
    "conditions",
    "faults",
    "functions",
    "graph",
    "hearing",
    "locales",
    "models",
    "patterns",
    "servers",
    "slips",
    "sql",
    "prompts.names",
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
    """All that is wrong with a project, causes first. Without `warnings`, only what keeps it from being run.

    The rules are those of the file's own profile and of `profile`. Warnings that the file ignores are left out. Without
    `proofs` what takes a search through all conversations is left out as well. `as_of` is the day on which models are
    asked whether they still answer; None: they are not asked.
    """
    if warnings:
        _load_all()
    load_added_rules()
    ignored = set(project.sketch.lint.ignore) if project.sketch is not None else set()
    told = _rule_diagnostics(project, warnings=warnings, profile=profile, proofs=proofs, as_of=as_of)
    found = [*project.all_diagnostics, *told]
    return project.in_order_of_cause(
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
    found: list[tuple[Rule, Finding]] = []
    for candidate in sorted((candidate for _, candidate in _RULES.items()), key=lambda candidate: candidate.of_whole):
        if candidate.of_whole and any(_is_name_in_doubt(*told) for told in found):
            break  # those of the whole come last
        if candidate.needs_all and (project.built is None or not proofs):
            continue
        if candidate.severity == "error":
            is_wanted = warnings or candidate.keeps_from_running
        else:
            is_wanted = warnings and not project.errors and any(map(candidate.is_in, wanted))
        if is_wanted:
            looked_at = by_name if candidate.code in _BY_NAME else subject
            found += [(candidate, finding) for finding in candidate.check(looked_at)]
    misread = [diagnostic.span for diagnostic in project.all_diagnostics if diagnostic.name in CODES]
    read = [(teller, told) for teller, told in found if not any(_holds(told.span, span) for span in misread)]
    yield from _without_consequences(read, project.lost_names)


def _is_name_in_doubt(teller: Rule, told: Finding) -> bool:
    """Whether a name of the scenario itself does not mean what was meant; of dialogues it is no part."""
    return teller.code not in _BY_NAME and (teller.misnames or told.missing is not None)


def _holds(outer: Span, inner: Span) -> bool:
    """Whether a value holds another: what is told of the inner one may be why the outer one is wrong."""
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return (
        outer.file == inner.file and begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def _without_consequences(found: Sequence[tuple[Rule, Finding]], lost: Collection[str]) -> Iterator[Diagnostic]:
    """The findings as diagnostics, without those that say once more what has been said already.

    A name of `lost` stands in a part of the file that has mistakes of its own. Where the scenario itself names what is
    not there, its dialogues do so for the same reason: that they do is noted where it is told.
    """
    told = [(teller, finding) for teller, finding in found if finding.missing not in lost or finding.missing is None]
    in_dialogues: dict[str, list[Finding]] = {}
    for teller, finding in told:
        if teller.code in _BY_NAME and finding.missing is not None:
            in_dialogues.setdefault(finding.missing, []).append(finding)
    in_scenario = {finding.missing for teller, finding in told if teller.code not in _BY_NAME}
    for teller, finding in told:
        if teller.code in _BY_NAME:
            if finding.missing is None or finding.missing not in in_scenario:
                yield teller.diagnostic(finding)
        elif finding.missing is not None and (also := in_dialogues.pop(finding.missing, None)):
            note = Related(f"so it is said {_times(len(also))} in dialogues, first here", also[0].span)
            yield teller.diagnostic(structs.replace(finding, related=(*finding.related, note)))
        else:
            yield teller.diagnostic(finding)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def __getattr__(name: str) -> Any:
    """`RULES`: all of ours, with those that are only imported where warnings are wanted."""
    if name != "RULES":
        raise AttributeError(name)
    _load_all()
    return _RULES


def load_added_rules() -> None:
    """Enter the rules of plug-ins. All of ours come first, so that what is taken is taken in every command.

    Raises:
        ScenarioError: a module of theirs cannot be imported, or has a rule that is there already.
    """
    for installed in load_plugins():
        for module in installed.plugin.rules:
            _load_all()
            added_module(module, f"rule module '{module}' of {installed.owner}")


def _load_all() -> None:
    for module in _WARNINGS_ONLY:
        importlib.import_module(f"realtime_scenarios.lint.{module}")
