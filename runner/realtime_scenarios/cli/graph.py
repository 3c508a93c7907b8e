"""`scenario graph`: who hands off to whom, as a picture or as text."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError, listed
from realtime_scenarios.core.writing import write_file


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
def graph(file: str, form: str | None, output: Path | None, agent: str | None) -> None:
    """Draw who hands off to whom, which tools each agent has, and what guards them.

    FILE is a scenario, or the name of a packaged example. Endings that --output knows: .svg, .mmd, .md, .txt.
    """
    from realtime_scenarios.project import find_scenario, load
    from realtime_scenarios.project.graph import as_mermaid, as_svg, as_terminal, handoff_graph, state_graph

    project = load(find_scenario(file, Path.cwd()))
    if project.built is None:
        raise UsageError(f"'{project.shown}' has mistakes", hint=f"`scenario validate {project.shown}` shows them")
    drawn = state_graph(project.built, agent) if agent else handoff_graph(project.built)
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


def _can_print_boxes() -> bool:
    try:
        "▶├└─│→↔".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
