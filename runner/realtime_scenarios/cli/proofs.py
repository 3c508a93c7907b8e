"""What is proved of scenarios, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from realtime_scenarios.cli.checking import wanted_projects
from realtime_scenarios.cli.diagnostics import echo_diagnostics
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
    mistakes = [one for project in projects for one in findings(project, warnings=False, proofs=False)]
    if mistakes:
        echo_diagnostics(in_reading_order(mistakes), color=color)
        return 1
    paint = painter(color)
    sound = True
    for project in projects:
        click.echo(paint(project.scenario.id, "bold"))
        for is_sound, line in _lines(project.scenario, paint):
            sound = sound and is_sound
            click.echo(f"  {line}")
    return 0 if sound else 1


def _lines(scenario: Scenario, paint: Paint) -> Iterator[tuple[bool, str]]:
    from realtime_scenarios.proof import proved

    report = proved(scenario)
    for tool in report.tools:
        match tool.proved:
            case True:
                yield True, f"{paint('proved   ', 'good')} {tool.tool} only runs through its gates"
            case False:
                yield False, f"{paint('refuted  ', 'bad')} {tool.tool} has a way around its gates: {_way(tool.path)}"
            case None:
                yield False, f"{paint('undecided', 'ask')} {tool.tool}: more than {tool.states:,} states"
    for one in report.properties:
        told = _told(one.property)
        if one.verdict == "proved":
            yield True, f"{paint('proved   ', 'good')} {told}"
        elif one.verdict == "refuted":
            yield False, f"{paint('refuted  ', 'bad')} {told}: {_way(one.path)}"
        else:
            yield False, f"{paint('undecided', 'ask')} {told}: {one.problem}"
    if not report.tools and not report.properties:
        yield True, paint("nothing is guarded, and no properties are stated", "quiet")
    else:
        yield True, paint(f"over {report.states:,} states of agents, their states and context", "quiet")


def _told(one: Property) -> str:
    if one.before is not None:
        return f"before: {' -> '.join(one.before)}"
    return f"never: {one.never}" + (f", when {one.when.expression}" if one.when else "")


def _way(path: Sequence[str]) -> str:
    return "; ".join(path)
