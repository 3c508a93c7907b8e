"""Rules about scenarios and dialogues: what keeps them from being run, and what makes them weak."""

from collections.abc import Iterator

from runner.core import Diagnostic, in_reading_order
from runner.lint import code, dialogues, graph, prompts, proofs, references
from runner.lint.rule import PROFILES, RULES, Finding, Profile, Rule, Subject, rule
from runner.project import Project

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
    "graph",
    "prompts",
    "proofs",
    "references",
    "rule",
]


def findings(project: Project, *, warnings: bool, profile: Profile | None = None) -> list[Diagnostic]:
    """All that is wrong with a project, in reading order. Without `warnings`, only what keeps it from being run.

    The rules are those of the file's own profile and of `profile`. Warnings that the file ignores are left out.
    """
    ignored = set(project.sketch.lint.ignore) if project.sketch is not None else set()
    found = [*project.all_diagnostics, *_by_rules(project, warnings=warnings, profile=profile)]
    return in_reading_order(one for one in found if one.severity == "error" or not ignored & {one.code, one.name})


def _by_rules(project: Project, *, warnings: bool, profile: Profile | None) -> Iterator[Diagnostic]:
    if project.sketch is None:
        return
    subject = Subject(project.sketch, project.dialogues if project.built is not None else ())
    wanted = {project.sketch.lint.profile, profile or "basic"}
    for _, one in RULES.items():
        if one.needs_all and project.built is None:
            continue
        if one.severity == "error" or (warnings and not project.errors and any(map(one.is_in, wanted))):
            yield from one.diagnostics(subject)
