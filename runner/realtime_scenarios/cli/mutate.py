"""`scenario mutate`: change one thing of a scenario at a time, and say what no dialogue would notice."""

from __future__ import annotations

import sys

import click

from realtime_scenarios.cli.options import Positive, changed_option, color_option, wall_timeout_option, workers_option
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.playing import get_workers_ready
from realtime_scenarios.cli.trusting import trust_option


@click.command("mutate")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--kind", "kinds", multiple=True, metavar="NAME", help="Only this kind of change; may be repeated.")
@click.option("--list", "listed", is_flag=True, help="List the kinds of change with their meaning.")
@changed_option("Only where lines differ from a revision of Git; all where old dialogues do. Default: the last commit.")
@click.option("--for", "seconds", type=Positive(), metavar="SECONDS", help="Stop then: a fair sample has been tried.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample is tried with --for.")
@workers_option
@wall_timeout_option
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 where less is noticed in one of the scenarios.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@color_option
@trust_option
def mutate(
    paths: tuple[str, ...],
    kinds: tuple[str, ...],
    listed: bool,
    revision: str | None,
    seconds: float | None,
    seed: int,
    workers: int,
    wall_timeout: float | None,
    fail_under: float | None,
    form: str,
    color: str,
    trust: bool,
) -> None:
    """Change one thing of a scenario at a time, and say which changes nothing notices.

    PATH is a scenario, a folder, or the name of a packaged example; without one, all below the current folder. What
    lint or a dialogue notices is protected. Each change that survives is told with its line, and with the dialogue
    that would notice it. Nothing is written to your files.

    Exit code 0: tried to the end. 1: less than --fail-under, a dialogue that fails as it is, mistakes, or nothing to
    try. 2: no such file. 3: something is out of reach, or code is not trusted.
    """
    if listed:
        from realtime_scenarios.cli.mutating import listing

        echo(listing())
        return
    get_workers_ready()
    from realtime_scenarios.cli.mutating import Asked, Mutating

    asked = Asked(
        paths=paths,
        kinds=kinds,
        revision=revision,
        seconds=seconds,
        seed=seed,
        workers=workers,
        wall_timeout=wall_timeout,
        fail_under=fail_under,
        is_json=form == "json",
        trust=trust,
    )
    sys.exit(Mutating(asked, color).to_the_end())
