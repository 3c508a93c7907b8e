"""Rules about scenarios and dialogues: what keeps them from being run, and what makes them weak."""

from collections.abc import Iterator

from runner.core import Diagnostic, in_reading_order
from runner.lint import code, dialogues, graph, references
from runner.lint.rule import RULES, Finding, Rule, Subject, rule
from runner.project import Project

__all__ = ["RULES", "Finding", "Rule", "Subject", "code", "dialogues", "findings", "graph", "references", "rule"]


def findings(project: Project, *, warnings: bool) -> list[Diagnostic]:
    """All that is wrong with a project, in reading order. Without `warnings`, only what keeps it from being run."""
    return in_reading_order([*project.all_diagnostics, *_by_rules(project, warnings=warnings)])


def _by_rules(project: Project, *, warnings: bool) -> Iterator[Diagnostic]:
    if project.sketch is None:
        return
    subject = Subject(project.sketch, project.dialogues if project.built is not None else ())
    for _, one in RULES.items():
        if one.severity == "error" or (warnings and not project.errors):
            yield from one.diagnostics(subject)
