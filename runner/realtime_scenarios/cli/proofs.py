"""What is proved of scenarios, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from realtime_scenarios.cli.checking import wanted_projects
from realtime_scenarios.cli.diagnostics import echo_diagnostics
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import painter
from realtime_scenarios.core import in_reading_order
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.lint import findings
from realtime_scenarios.model.scenario import Property, Scenario


def show_proofs(paths: Sequence[str], color: str) -> int:
    """Print what is proved of the gates and properties of every scenario that is meant; the exit code.

    Where a scenario has mistakes, they are shown instead.

    Raises:
        UsageError: there are no scenarios.
    """
    projects = wanted_projects(paths)
    mistakes = [mistake for project in projects for mistake in findings(project, warnings=False, proofs=False)]
    if mistakes:
        echo_diagnostics(in_reading_order(mistakes), color=color)
        return 1
    paint = painter(color)
    sound = True
    for project in projects:
        echo(paint(project.scenario.id, "bold"))
        for line in _proof_lines(project.scenario, paint):
            sound = sound and line.is_sound
            echo(f"  {line.text}")
    return 0 if sound else 1


class _ProofLine(NamedTuple):
    """`is_sound` is false of what is refuted, and of what could not be decided."""

    is_sound: bool
    text: str


def _proof_lines(scenario: Scenario, paint: Paint) -> Iterator[_ProofLine]:
    from realtime_scenarios.proof import proved

    report = proved(scenario)
    for tool in report.tools:
        match tool.proved:
            case True:
                yield _ProofLine(True, f"{paint('proved   ', 'good')} {tool.tool} only runs through its gates")
            case False:
                yield _ProofLine(
                    False,
                    f"{paint('refuted  ', 'bad')} {tool.tool} has a way around its gates: {_counterexample(tool.path)}",
                )
            case None:
                yield _ProofLine(
                    False,
                    f"{paint('undecided', 'ask')} {tool.tool}: open after {tool.states:,} sets of states",
                )
    for result in report.properties:
        promise = _property_text(result.property)
        if result.verdict == "proved":
            yield _ProofLine(True, f"{paint('proved   ', 'good')} {promise}")
        elif result.verdict == "refuted":
            yield _ProofLine(False, f"{paint('refuted  ', 'bad')} {promise}: {_counterexample(result.path)}")
        else:
            yield _ProofLine(False, f"{paint('undecided', 'ask')} {promise}: {result.problem}")
    if not report.tools and not report.properties:
        yield _ProofLine(True, paint("nothing is guarded, and no properties are stated", "quiet"))
    else:
        yield _ProofLine(True, paint(f"over {report.states:,} sets of states", "quiet"))


def _property_text(stated: Property) -> str:
    if stated.before is not None:
        return f"before: {' -> '.join(stated.before)}"
    return f"never: {stated.never}" + (f", when {stated.when.expression}" if stated.when else "")


def _counterexample(path: Sequence[str]) -> str:
    return "; ".join(path)
