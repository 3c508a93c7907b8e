"""`scenario import`: agents that were written elsewhere, as a scenario."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from realtime_scenarios.cli.options import color_option
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import echo_wrapped, painter

if TYPE_CHECKING:
    from realtime_scenarios.importers import Found
    from realtime_scenarios.importers.imported import Imported

FORMATS = ("typescript", "python", "vapi", "retell", "elevenlabs", "promptfoo", "livekit")


@click.command("import")
@click.argument("source")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The scenario to write; with --scenario, the dialogues. Default: NAME/NAME.yaml, by the name of the source.",
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
@click.option(
    "--scenario",
    "target",
    metavar="FILE",
    help="The scenario that tests are to be played against. Without it, one is made for them.",
)
@color_option
def import_(
    source: str, output: Path | None, wanted: str | None, format: str | None, target: str | None, color: str
) -> None:
    """Make a scenario of agents that were written elsewhere, and say what was not carried over, at its place.

    SOURCE is TypeScript, a file or a folder of them: RealtimeAgents of openai-agents-js, or AgentConfigs of the
    reference demos. It is parsed and never run (pip install 'realtime-scenarios[import]'). Or it is Python, as
    module:agent or path/file.py:agent: RealtimeAgents of openai-agents. A program is imported, and so it runs.

    Or it is an export of Vapi (assistants, squads), Retell (agents with their LLMs or conversation flows) or ElevenLabs
    (agents, workflows): JSON, YAML, or a folder of such files, where one names what stands in another. What is secret
    in it is left out.

    Or it is tests: of promptfoo (its configuration), or of LiveKit (scenarios.yaml). They become dialogues, in
    dialogues/NAME.yaml beside the scenario: the one of --scenario, or one that is made for them.

    A tool that always answers the same keeps its answer. One whose answer is code answers true until it has a stub, and
    that of a platform says what would have answered.

    Exit code 0: the scenario was written, and lints without an error. 1: it has mistakes. 2: there is no such source,
    or no agent in it. 3: it cannot be imported or written.
    """
    from realtime_scenarios.importers.imported import imported
    from realtime_scenarios.importers.written import with_fitting_names
    from realtime_scenarios.project import find_scenario, load

    paint = painter(color)
    project = load(find_scenario(target, Path.cwd())) if target is not None else None
    given = imported(source, Path.cwd(), format, wanted, None if project is None else project.scenario)
    found = with_fitting_names(given.found)
    if given.dialogues:
        scenario, files = _texts_of_tests(given, source, output, None if project is None else _from_here(project.path))
    else:
        scenario, files = _texts_of_agents(given.name, found, source, output)
    _write(files)
    for path in files:
        echo(f"wrote {path}: {_counted(given, found, path == scenario)}")
    if found.notes:
        echo(paint("not carried over:", "ask"))
    for note in found.notes:
        echo_wrapped(str(note), lead="  ")
    _end_with_mistakes(scenario, color)
    echo()
    echo_wrapped(f"next: scenario lint {scenario}, and {_left_to_do(given)}")


def _from_here(path: Path) -> Path:
    """The path as it is written in the current folder, where it lies in that."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _texts_of_agents(name: str, found: Found, source: str, output: Path | None) -> tuple[Path, dict[Path, str]]:
    """The scenario, and the texts of the files to write."""
    from realtime_scenarios.importers.written import scenario_text

    path = output or Path(name) / f"{name}.yaml"
    return path, {path: scenario_text(found, name, source)}


def _texts_of_tests(
    given: Imported, source: str, output: Path | None, scenario: Path | None
) -> tuple[Path, dict[Path, str]]:
    """The same, of tests: their dialogues, and a scenario where there is none yet."""
    from realtime_scenarios.importers.dialogues import dialogues_text

    files: dict[Path, str] = {}
    if scenario is None:
        without_notes = replace(given.found, notes=())
        scenario, files = _texts_of_agents(given.name, without_notes, source, output)
        output = None
    dialogues = output or scenario.parent / "dialogues" / f"{given.name}.yaml"
    seen = Path(os.path.relpath(scenario, dialogues.parent)).as_posix()
    return scenario, {**files, dialogues: dialogues_text(given.dialogues, given.found.notes, seen, source)}


def _write(files: Mapping[Path, str]) -> None:
    from realtime_scenarios.core.writing import refuse_existing, write_file

    refuse_existing(files, "choose another place with -o")
    for path, text in files.items():
        write_file(path, text)


def _counted(given: Imported, found: Found, is_scenario: bool) -> str:
    if not is_scenario:
        return f"{len(given.dialogues)} dialogue{'s' * (len(given.dialogues) != 1)}"
    agents, tools = len(found.agents), len(found.tools)
    return f"{agents} agent{'s' * (agents != 1)}, {tools} tool{'s' * (tools != 1)}"


def _end_with_mistakes(scenario: Path, color: str) -> None:
    """Shows what lint finds wrong, and ends the command with 1 where that is something."""
    from realtime_scenarios.cli.diagnostics import echo_diagnostics
    from realtime_scenarios.lint import findings
    from realtime_scenarios.project import load

    mistakes = [each for each in findings(load(scenario), warnings=False) if each.severity == "error"]
    if mistakes:
        echo_diagnostics(mistakes, color=color)
        sys.exit(1)


def _left_to_do(given: Imported) -> str:
    if not given.dialogues:
        return "a stub for each tool"
    if any(dialogue.caller is not None for dialogue in given.dialogues):
        return "scenario test --provider offline, or openai, where text models play the callers and judge"
    return "the agent's moves (`agent:`) in the dialogues, or a model to test: scenario test --provider openai"
