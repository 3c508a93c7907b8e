"""`scenario lint`: everything that is wrong with scenarios and dialogues, or weak."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, cast

import click

from realtime_scenarios.cli.diagnostics import FORMATS
from realtime_scenarios.cli.options import as_of_option, color_option, day_of
from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError

if TYPE_CHECKING:
    from realtime_scenarios.lint import Profile

PROFILES = ("basic", "realtime", "metaprompt")
"""Written out here, because the help must not load the rules; a test holds them to the `PROFILES` of lint."""


@click.command("lint")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@color_option
@click.option("--strict", is_flag=True, help="Warnings count as findings for the exit code.")
@click.option("--profile", type=click.Choice(PROFILES), help="Look at these rules too, besides the file's own profile.")
@as_of_option
@click.option("--proofs", is_flag=True, help="Show what is proved of gates and properties, instead of findings.")
@click.option("--list", "listed", is_flag=True, help="List every code with its meaning.")
@click.option("--explain", metavar="CODE", help="Say what a code means and what to do instead.")
def lint(
    paths: tuple[str, ...],
    form: str,
    color: str,
    strict: bool,
    profile: str | None,
    as_of: date | None,
    proofs: bool,
    listed: bool,
    explain: str | None,
) -> None:
    """Say everything that is wrong with scenarios and dialogues, or weak.

    PATH is a scenario, a dialogue file, a folder, or the name of a packaged example. Without one, everything below the
    current folder, or what pyproject.toml names: [tool.scenario] paths. Exit code 0: no errors (and no warnings, with
    --strict). 1: findings. 2: no such file.
    """
    from realtime_scenarios.cli.checking import explanation, listing, report

    if listed:
        echo(listing())
    elif explain is not None:
        echo(explanation(explain))
    elif proofs:
        from realtime_scenarios.cli.proofs import show_proofs

        if form != "text" or strict or profile is not None:
            raise UsageError("--proofs goes with --color alone", hint="leave out --format, --strict and --profile")
        sys.exit(show_proofs(paths, color))
    else:
        asked = cast("Profile | None", profile)
        sys.exit(report(paths, form, color, warnings=True, strict=strict, profile=asked, as_of=day_of(as_of)))
