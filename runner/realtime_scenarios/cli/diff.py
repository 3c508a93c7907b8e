"""`scenario diff`: which dialogues go otherwise, between two runs or between two versions of a scenario."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.options import color_option, provider_options, workers_option
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import painter, width
from realtime_scenarios.cli.trusting import trust_option

if TYPE_CHECKING:
    from realtime_scenarios.core import Diagnostic

FORMATS = ("text", "markdown", "json")


@click.command("diff")
@click.argument("names", nargs=-1, metavar="[A [B]] | [PATH]...")
@click.option("--git", "revision", metavar="REV", help="Compare with the scenarios as they are in this revision.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@workers_option
@color_option
@trust_option
@provider_options(default="scripted")
def diff(
    names: tuple[str, ...],
    revision: str | None,
    form: str,
    workers: int,
    color: str,
    trust: bool,
    provider: str,
    **wishes: str | None,
) -> None:
    """Say which dialogues are broken, mended or changed, and what happened in them otherwise.

    A and B are runs of `scenario history`: a number, `last` or `last~1`. Without them, the last two; with A alone, that
    one and the last.

    With --git, the dialogues at each PATH, as they are now, are played twice: with the scenarios as they were in that
    revision, and as they are. Nothing in your folder or repository is changed. With --provider offline the stand-in
    answers the callers' lines on both sides, so that another prompt, example or tool shows, too.

    What was played on neither side (it is skipped, or has mistakes) is not compared, and told.

    Exit code 0: all go as they did. 1: some do not, or nothing can be compared, or not
    all of it. 2: no such run, revision or file.
    """
    from realtime_scenarios.core import NothingCheckedError, UsageError
    from realtime_scenarios.suite import comparison

    gone: list[str] = []
    unread: list[Diagnostic] = []
    if revision is not None:
        from realtime_scenarios.cli.versions import compared_with

        compared = compared_with(revision, names, workers, provider, wishes, trust=trust)
        before, after, gone, between = compared.before, compared.now, compared.gone, compared.between
        unread = compared.unread
    else:
        from realtime_scenarios.suite.history import History

        if len(names) > 2:
            raise UsageError("two runs can be compared", hint="`scenario history` shows them; paths go with --git REV")
        kept = History(Path.cwd())
        first = kept.run_called(names[0] if names else "last~1")
        second = kept.run_called(names[1] if len(names) > 1 else "last")
        before, after = kept.outcomes(first), kept.outcomes(second)
        if not second.is_whole:  # what was not asked for, or not reached, is not gone
            before = {name: outcome for name, outcome in before.items() if name in after}
        if not first.is_whole:
            after = {name: outcome for name, outcome in after.items() if name in before}
        if not before and not after:
            hint = "`scenario history` shows what each was asked for"
            numbers = f"run {first.number} and run {second.number}"
            raise NothingCheckedError(f"{numbers} have no dialogue in common: nothing was compared", hint=hint)
        between = f"run {first.number} ({first.at}) and run {second.number} ({second.at})"
    found = comparison.differences(before, after, gone)
    unplayed = comparison.uncompared(before, after)
    total = len({*before, *after, *gone} - set(unplayed))
    if not total and not unread:
        reasons = {outcome.reason or outcome.status for outcome in unplayed.values()}
        hint = reasons.pop() if len(reasons) == 1 else "`scenario test` says of each why"
        raise NothingCheckedError("no dialogue was played on either side: nothing was compared", hint=hint)
    match form:
        case "markdown":
            echo(comparison.as_markdown(found, total, between, unplayed), nl=False)
        case "json":
            echo(comparison.as_json(found, total, unplayed))
        case _:
            echo(between)
            for line in comparison.as_text(found, total, painter(color), width(), unplayed):
                echo(line)
    if unread:
        from realtime_scenarios.cli.diagnostics import text_lines

        for line in ("", *text_lines(unread, painter(color))):
            echo(line, err=True)
        echo("what has mistakes is not compared, and nobody knows what is gone from it", err=True)
    sys.exit(1 if found or unread else 0)
