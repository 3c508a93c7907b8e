"""`scenario import`: agents that were written elsewhere, as a scenario."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from realtime_scenarios.cli.options import color_option
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import painter

FORMATS = ("typescript", "python", "vapi", "retell", "elevenlabs")


@click.command("import")
@click.argument("source")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The scenario to write. Default: NAME/NAME.yaml, by the name of the source.",
)
@click.option(
    "--agents",
    "wanted",
    metavar="NAME",
    help="The list of agents (TypeScript), the squad (Vapi) or the agent to begin with.",
)
@click.option(
    "--from",
    "format",
    type=click.Choice(FORMATS),
    help="What the source is of, where that is not plain from what it holds.",
)
@color_option
def import_(source: str, output: Path | None, wanted: str | None, format: str | None, color: str) -> None:
    """Make a scenario of agents that were written elsewhere, and say what was not carried over, at its place.

    SOURCE is TypeScript, a file or a folder of them: RealtimeAgents of openai-agents-js, or AgentConfigs of the
    reference demos. It is parsed and never run (pip install 'realtime-scenarios[import]'). Or it is Python, as
    module:agent or path/file.py:agent: RealtimeAgents of openai-agents. A program is imported, and so it runs.

    Or it is an export of Vapi (assistants, squads), Retell (agents, Retell LLMs) or ElevenLabs (agents): JSON, YAML, or
    a folder of such files, where one names what stands in another. What is secret in it is left out.

    A tool that always answers the same keeps its answer. One whose answer is code answers true until it has a stub.

    Exit code 0: the scenario was written, and lints without an error. 1: it has mistakes. 2: there is no such source,
    or no agent in it. 3: it cannot be imported or written.
    """
    from realtime_scenarios.cli.diagnostics import echo_diagnostics
    from realtime_scenarios.core.writing import refuse_existing, write_file
    from realtime_scenarios.importers.imported import imported
    from realtime_scenarios.importers.written import scenario_text, with_fitting_names
    from realtime_scenarios.lint import findings
    from realtime_scenarios.project import load

    given = imported(source, Path.cwd(), format, wanted)
    name, found = given.name, with_fitting_names(given.found)
    written = output or Path(name) / f"{name}.yaml"
    refuse_existing([written], "choose another place with -o")
    write_file(written, scenario_text(found, name, source))
    agents, tools = len(found.agents), len(found.tools)
    echo(f"wrote {written}: {agents} agent{'s' * (agents != 1)}, {tools} tool{'s' * (tools != 1)}")
    paint = painter(color)
    if found.notes:
        echo(paint("not carried over:", "ask"))
    for note in found.notes:
        echo(f"  {note}")
    mistakes = [each for each in findings(load(written), warnings=False) if each.severity == "error"]
    if mistakes:
        echo_diagnostics(mistakes, color=color)
        sys.exit(1)
    echo(f"\nnext: scenario lint {written}, and a stub for each tool")
