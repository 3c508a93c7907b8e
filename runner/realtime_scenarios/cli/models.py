"""`scenario models`: which models a folder names, until when they answer, and what to change them to."""

from __future__ import annotations

import sys
from datetime import date

import click

from realtime_scenarios.cli.options import as_of_option, day_of
from realtime_scenarios.core import UsageError


@click.command("models")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@as_of_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--write", is_flag=True, help="Change the names in place of what is gone or about to end.")
def models(paths: tuple[str, ...], as_of: date | None, form: str, write: bool) -> None:
    """Say which models are named, until when they answer, and what to change.

    PATH is a scenario, a folder, or the name of a packaged example. Without one, everything below the current folder,
    or what pyproject.toml names: [tool.scenario] paths. Roles stand for models of the table in docs/models.md. --write
    leaves comments and form as they are. Exit code 0: all of them answer. 1: one is gone. 2: no such file.
    """
    from realtime_scenarios.cli.model_names import changed, report

    day = day_of(as_of)
    if write and form != "text":
        raise UsageError("--write goes with text alone", hint="leave out --format")
    if write:
        sys.exit(changed(paths, day))
    sys.exit(report(paths, day, form))
