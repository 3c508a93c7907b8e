"""`scenario graph`: who hands off to whom, as a picture or as text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError, listed
from realtime_scenarios.core.writing import write_file

if TYPE_CHECKING:
    from realtime_scenarios.project import Project
    from realtime_scenarios.project.graph import Seen


@click.command("graph")
@click.argument("file", metavar="FILE")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "mermaid", "svg"]),
    help="Default: what the ending of --output says, or terminal.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
@click.option("--agent", metavar="ID", help="Draw the state machine of this agent instead.")
@click.option(
    "--coverage",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Dash what no dialogue has met, by what `scenario test --coverage-json FILE` wrote.",
)
def graph(file: str, form: str | None, output: Path | None, agent: str | None, coverage: Path | None) -> None:
    """Draw who hands off to whom, which tools each agent has, and what guards them.

    FILE is a scenario, or the name of a packaged example. Endings that --output knows: .svg, .mmd, .md, .txt.
    """
    from realtime_scenarios.project import find_scenario, load
    from realtime_scenarios.project.graph import as_mermaid, as_svg, as_terminal, handoff_graph, state_graph

    project = load(find_scenario(file, Path.cwd()))
    if project.built is None:
        raise UsageError(f"'{project.shown}' has mistakes", hint=f"`scenario validate {project.shown}` shows them")
    if coverage is None:
        drawn = state_graph(project.built, agent) if agent else handoff_graph(project.built)
    else:
        seen = _seen_in(coverage, project)
        drawn = state_graph(project.built, agent, seen) if agent else handoff_graph(project.built, seen)
    endings = {".svg": "svg", ".mmd": "mermaid", ".md": "mermaid", ".txt": "terminal"}
    if output is not None and form is None and output.suffix not in endings:
        known = listed(endings, joined_by="or")
        raise UsageError(f"'{output}' does not say what to draw", hint=f"end it in {known}, or use --format")
    chosen = form or (endings[output.suffix] if output else "terminal")
    if chosen == "svg":
        text = as_svg(drawn)
    elif chosen == "mermaid":
        text = as_mermaid(drawn)
        if output is not None and output.suffix == ".md":
            text = f"```mermaid\n{text}```\n"
    else:
        text = as_terminal(drawn, ascii_only=output is None and not _can_print_boxes())
    if output is None:
        echo(text, nl=False)
        return
    write_file(output, text)
    echo(f"wrote {output}")


def _seen_in(file: Path, project: Project) -> Seen:
    """What dialogues met, by a file that `scenario test` wrote.

    Raises:
        UsageError: it is none, or it says nothing of the scenario.
    """
    from realtime_scenarios.coverage import Key, read_coverage

    written = read_coverage(file)
    about = written.of(project.scenario.id)
    if about is None:
        known = listed(repr(each.scenario) for each in written.scenarios)
        raise UsageError(
            f"'{file}' says nothing of '{project.scenario.id}'", hint=f"it is about {known}" if known else None
        )
    keys = about.keys_in(project.scenario)
    return lambda kind, place: keys.get(Key(kind, place.json_pointer))


def _can_print_boxes() -> bool:
    try:
        "▶├└─│→↔".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
