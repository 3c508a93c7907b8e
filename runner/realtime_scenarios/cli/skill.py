"""`scenario skill`: what an agent that writes code has to know to write scenarios."""

from __future__ import annotations

import click

from realtime_scenarios.cli.output import echo


@click.command("skill")
@click.option("--path", is_flag=True, help="Print where its file is, instead of what it says.")
def skill(path: bool) -> None:
    """Print a SKILL.md: how an agent writes, lints, rehearses and tests a scenario.

    For an agent that reads skills from a folder: `scenario skill > .claude/skills/voice-scenarios/SKILL.md`.
    """
    from realtime_scenarios.core import resource_folder

    file = resource_folder("prompts") / "SKILL.md"
    echo(str(file) if path else file.read_text(encoding="utf-8"), nl=path)
