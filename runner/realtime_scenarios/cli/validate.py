"""`scenario validate`: everything that keeps scenarios and dialogues from being run."""

from __future__ import annotations

import sys

import click

from realtime_scenarios.cli.diagnostics import FORMATS
from realtime_scenarios.cli.options import color_option


@click.command("validate")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@color_option
def validate(paths: tuple[str, ...], form: str, color: str) -> None:
    """Say everything that keeps scenarios and dialogues from being run.

    PATH is a scenario, a dialogue file, a folder, or the name of a packaged example. Without one, everything below the
    current folder, or what pyproject.toml names: [tool.scenario] paths. Exit code 0: nothing wrong. 1: mistakes. 2: no
    such file.
    """
    from realtime_scenarios.cli.checking import report

    sys.exit(report(paths, form, color, warnings=False))
