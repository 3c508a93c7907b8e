"""`scenario lint`: everything that is wrong with scenarios and dialogues, or weak."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from runner.cli.diagnostics import FORMATS, echo_diagnostics

if TYPE_CHECKING:
    from runner.lint import Profile

PROFILES = ("basic", "realtime", "metaprompt")
"""Written out here, because the help must not load the rules; a test holds them to `runner.lint.PROFILES`."""


@click.command("lint")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings count as findings for the exit code.")
@click.option("--profile", type=click.Choice(PROFILES), help="Look at these rules too, besides the file's own profile.")
@click.option("--list", "listed", is_flag=True, help="List every code with its meaning.")
@click.option("--explain", metavar="CODE", help="Say what a code means and what to do instead.")
def lint(
    paths: tuple[str, ...],
    form: str,
    color: str,
    strict: bool,
    profile: str | None,
    listed: bool,
    explain: str | None,
) -> None:
    """Say everything that is wrong with scenarios and dialogues, or weak.

    PATH is a scenario, a dialogue file, a folder, or the name of a packaged example. Without one, everything below the
    current folder. Exit code 0: no errors (and no warnings, with --strict). 1: findings. 2: no such file.
    """
    from runner.cli.checking import explanation, listing

    if listed:
        click.echo(listing())
    elif explain is not None:
        click.echo(explanation(explain))
    else:
        sys.exit(_report(paths, form, color, strict=strict, profile=cast("Profile | None", profile)))


def _report(paths: Sequence[str], form: str, color: str, *, strict: bool, profile: Profile | None) -> int:
    """Print all that the rules of the profile find; the exit code."""
    from runner.core import UsageError, in_reading_order
    from runner.lint import findings
    from runner.project import projects_at

    projects = projects_at(paths, Path.cwd())
    if not projects:
        raise UsageError("no scenarios found here", hint="`scenario new NAME` writes one")
    found = in_reading_order(one for project in projects for one in findings(project, warnings=True, profile=profile))
    files = {str(project.path) for project in projects}
    files |= {str(file.path) for project in projects for file in project.dialogue_files}
    echo_diagnostics(found, form=form, color=color, files=len(files))
    return 1 if any(strict or one.severity == "error" for one in found) else 0
