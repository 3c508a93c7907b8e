"""`scenario test`: replay dialogues, say what failed and where, and remember it for the next run."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from click.core import ParameterSource

from realtime_scenarios.cli.callers import CallersWish, callers_options
from realtime_scenarios.cli.coverage import CoverageWish, coverage_options
from realtime_scenarios.cli.engine import engine_of, engine_option, wanted_cluster
from realtime_scenarios.cli.exploring import ExploreWish, explore_options
from realtime_scenarios.cli.options import (
    Positive,
    begun_event_log,
    changed_option,
    color_option,
    log_events_option,
    provider_options,
    wall_timeout_option,
    workers_option,
)
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.playing import get_workers_ready
from realtime_scenarios.cli.repeating import RepeatWish, repeat_options
from realtime_scenarios.cli.spoken import SpokenWish, refuse_silent_services, spoken_options
from realtime_scenarios.cli.style import painter
from realtime_scenarios.cli.trusting import require_trust, trust_option

_WAYS = frozenset(["repeat", "pass_rate", "explore", "explore_seed", "schedule", "callers", "caller_seed"])
"""Parameters of the options that say how a dialogue is played beside once, as usually."""


@click.command("test")
@click.argument("targets", nargs=-1, metavar="[PATH[::DIALOGUE]]...")
@click.option("-k", "words", metavar="TEXT", help="Only dialogues whose name contains TEXT.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only dialogues with this tag; may be repeated.")
@click.option(
    "--last-failed",
    is_flag=True,
    help="Only what failed or was not reached in the last run here; all where nothing did.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with the last run here: what it came to is kept where nothing changed."
)
@changed_option("Only dialogues that touch what has changed since a revision of Git. Default: the last commit.")
@click.option("--refresh-stale", is_flag=True, help="First hold recordings anew whose agents have changed since.")
@click.option("--watch", "watches", is_flag=True, help="Play again what a saved file touches, until Ctrl-C.")
@workers_option
@engine_option
@click.option("--in-process", is_flag=True, help="Play in this process, where a debugger can look; nothing is bounded.")
@wall_timeout_option
@click.option("-x", "--fail-fast", is_flag=True, help="Stop at the first dialogue that fails.")
@click.option("-v", "--verbose", is_flag=True, help="Show the events of every dialogue, not only of those that fail.")
@click.option("--forecast", "forecasts", is_flag=True, help="Say what a live run would cost and take, and play none.")
@click.option(
    "--max-cost",
    type=Positive(),
    metavar="DOLLARS",
    help="End a live run before its models cost more, by the dated table of models.",
)
@click.option("--list", "list_only", is_flag=True, help="Name the dialogues with their tags, and run none.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Also write the results as JUnit XML.")
@click.option(
    "--html",
    "html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write one HTML file with every dialogue, to be opened or sent as it is.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="KIND=FILE",
    help="Also write a report: junit, html, markdown, github, jsonl, or a plug-in's; FILE - prints it at the end.",
)
@click.option(
    "--trace", "traces", type=click.Path(file_okay=False, path_type=Path), help="Write each trace as JSON lines here."
)
@repeat_options
@explore_options
@callers_options
@coverage_options
@log_events_option
@color_option
@trust_option
@spoken_options
@provider_options(default="scripted")
def test(
    targets: tuple[str, ...],
    words: str | None,
    tags: tuple[str, ...],
    last_failed: bool,
    resume: bool,
    revision: str | None,
    refresh_stale: bool,
    watches: bool,
    workers: int,
    engine: str | None,
    in_process: bool,
    wall_timeout: float | None,
    fail_fast: bool,
    verbose: bool,
    forecasts: bool,
    max_cost: float | None,
    list_only: bool,
    junit: Path | None,
    html: Path | None,
    reports: tuple[str, ...],
    traces: Path | None,
    repeat: RepeatWish,
    explore: ExploreWish,
    callers: CallersWish,
    coverage: CoverageWish,
    log_events: Path | None,
    color: str,
    trust: bool,
    spoken: SpokenWish,
    provider: str,
    **wishes: str | None,
) -> None:
    """Replay dialogues against their scenarios.

    Without a PATH, every dialogue below the current folder, or what pyproject.toml names: [tool.scenario] paths. With
    the scripted provider (the default) each move of the agent is made as written, and it fails when the scenario no
    longer allows it. With any other provider a model answers by itself, and the moves are what is expected of it.

    Exit code 0: all that could be checked holds. 1: some failed, are invalid or were left, a file has mistakes, or
    nothing was checked. 2: no such file or dialogue. 3: the model is out of reach, or code is not trusted. 130: it was
    interrupted.
    """
    if forecasts:
        ways = {"--callers": callers.is_wanted, "--explore": explore.is_wanted, "--spoken": spoken.is_wanted}
        runs = {"--watch": watches, "--list": list_only, "--resume": resume, "--refresh-stale": refresh_stale}
        ends = {"--max-cost": max_cost, "--fail-fast": fail_fast}
        files = {"--junit": junit, "--html": html, "--report": reports, "--trace": traces, "--log-events": log_events}
        _refuse_beside("--forecast", {**ways, **runs, **ends, **files, "--coverage": coverage.is_wanted})
    if watches:
        others = {
            "--coverage": coverage.is_wanted,
            "--repeat": repeat.times,
            "--explore": explore.is_wanted,
            "--callers": callers.is_wanted,
            "--in-process": in_process,
            "--list": list_only,
            "--resume": resume,
            "--changed": revision,
            "--fail-fast": fail_fast,
        }
        _refuse_beside("--watch", {**others, "--junit": junit, "--html": html, "--report": reports, "--trace": traces})
    if engine is not None:
        is_typed = click.get_current_context().get_parameter_source("workers") is ParameterSource.COMMANDLINE
        here = {"-n": is_typed, "--in-process": in_process, "--forecast": forecasts, "--watch": watches}
        there = {"--log-events": log_events, "--max-cost": max_cost, "--spoken": spoken.calling, "--changed": revision}
        _refuse_beside("--engine", {**here, **there})
    cluster = wanted_cluster(engine)
    if revision is not None:
        from realtime_scenarios.cli.changed import revision_and_paths

        revision, targets = revision_and_paths(revision, targets, Path.cwd())
    if callers.times is not None:
        _refuse_beside("--callers", {"--repeat": repeat.times, "--explore": explore.is_wanted})
    if resume:
        others = {"--repeat": repeat.times, "--explore": explore.is_wanted, "--callers": callers.is_wanted}
        _refuse_beside("--resume", others)
    if refresh_stale:
        beside = {"--watch": watches, "--list": list_only, "--resume": resume, "--max-cost": max_cost}
        _refuse_beside("--refresh-stale", beside)
    if not (in_process or list_only or cluster):
        get_workers_ready()
    from realtime_scenarios.cli.again import to_play_again
    from realtime_scenarios.cli.files import refuse_one_file_for_two
    from realtime_scenarios.cli.testing import (
        TestRun,
        listed_case,
        report_mistakes,
        wanted_cases,
        wanted_reports,
    )
    from realtime_scenarios.core.garbage import keep_for_good, no_collections
    from realtime_scenarios.core.writing import refuse_unwritable
    from realtime_scenarios.project.fingerprints import Fingerprints
    from realtime_scenarios.suite.journal import Asked, interrupted_run

    paint = painter(color)
    folder = Path.cwd()
    report_kinds = wanted_reports({"junit": junit, "html": html}, reports)
    at_the_end = {
        **{report.option: report.path for report in report_kinds if not report.is_printed},
        "--coverage-json": coverage.file,
        "--coverage-html": coverage.page,
    }
    refuse_one_file_for_two({**at_the_end, "--log-events": log_events})
    if not list_only:
        traced = [] if traces is None else [traces / "trace.jsonl"]
        refuse_unwritable([*(path for path in at_the_end.values() if path is not None), *traced])
    logged = begun_event_log(None if list_only else log_events)
    if refresh_stale:
        from realtime_scenarios.cli.record import refresh

        refresh(targets, None if provider == "scripted" else provider, wishes, color=color, trust=trust)
        echo()

    if logged is not None:
        wishes = {**wishes, "log_events": logged}
    provider = "url" if wishes.get("url") and provider == "scripted" else provider
    if (calling := spoken.calling) is not None:
        wishes["spoken"] = calling.written
        if not list_only:
            refuse_silent_services(calling)
    asked = Asked(targets, words, tags, last_failed, provider, wishes, revision, _ways_typed()).bounded_by(max_cost)
    past = interrupted_run(folder, asked) if resume else None
    asked = past.begun.asked if past is not None else asked
    if not list_only:
        repeat.check(asked.provider)
        explore.check(asked.provider)
        callers.check(asked.provider)
    playing_there = engine_of(workers=workers, wall_timeout=wall_timeout, in_process=in_process, cluster=cluster)
    replay = playing_there("scripted", dict.fromkeys(wishes))
    players = callers.playing(playing_there(asked.provider, asked.where), replay=replay, provider=asked.provider)
    players = explore.exploring(repeat.repeating(players))
    budget = None
    if asked.dollars is not None:
        from realtime_scenarios.cli.forecasting import SuiteBudget

        budget = SuiteBudget(asked.dollars, workers)
    if watches:
        from realtime_scenarios.cli.watching import Watching

        sys.exit(
            Watching(
                asked, folder, players=players, paint=paint, verbose=verbose, color=color, trust=trust, budget=budget
            ).to_the_end()
        )
    again = to_play_again(folder, asked, is_played=not list_only) if last_failed and past is None else None
    if past is not None and asked.last_failed:
        again = past.all_again
    with no_collections():
        wanted = wanted_cases(asked.targets, folder, words=asked.words, tags=asked.tags, again=again)
    if click.get_current_context().obj:
        keep_for_good()
    if wanted.mistakes:
        report_mistakes(wanted.mistakes, sum(not case.mistakes for case in wanted.cases), color)
    if not list_only or asked.changed is not None:  # what has changed may have to be played as it was
        require_trust({case.project.path: case.project for case in wanted.cases}.values(), trust=trust)
    asked_for, left_out = wanted.cases, frozenset[str]()
    if asked.changed is not None:
        from realtime_scenarios.cli.changed import since

        changed = since(
            asked.changed,
            wanted.cases,
            folder,
            provider=asked.provider,
            workers=workers,
            wall_timeout=wall_timeout,
            paint=paint,
        )
        for line in changed.lines:
            echo(line, err=list_only)
        players = changed.leaving_out(players)
        asked_for, left_out = [case for case in wanted.cases if changed.is_wanted(case)], changed.left_out
    if list_only:
        for case in asked_for:
            echo(listed_case(case))
        sys.exit(1 if wanted.mistakes else 0)
    if forecasts:
        from realtime_scenarios.cli.forecasting import forecast

        replaying = playing_there("scripted", dict.fromkeys(wishes))
        code = forecast(asked_for, replaying, asked.provider, asked.where, workers=workers, times=repeat.times or 1)
        sys.exit(code or (1 if wanted.mistakes else 0))
    if budget is not None:
        from realtime_scenarios.cli.forecasting import require_known_prices

        require_known_prices(asked_for, asked.provider, asked.where)
    fingerprints = Fingerprints()
    run = TestRun(
        wanted.cases,
        folder,
        paint=paint,
        players=players,
        fail_fast=fail_fast,
        verbose=verbose,
        mistakes=wanted.mistakes,
        reports=report_kinds,
        traces=traces,
        asked=asked,
        fingerprints=[fingerprints.of(case) for case in wanted.cases],
        there=wanted.there,
        going_on_with=past,
        coverage=coverage,
        budget=budget,
        told_at_the_end=(repeat.tell, explore.tell, callers.tell),
        told_already=left_out,
    )
    code = run.to_the_end()
    sys.exit(code or (1 if wanted.mistakes else 0))


def _ways_typed() -> tuple[str, ...]:
    """The options that were given by which a dialogue is played several times, or otherwise than usually."""
    context = click.get_current_context()
    options = [option for option in context.command.params if option.name in _WAYS]
    given = [(option.opts[0], context.params[str(option.name)]) for option in options]
    return tuple(word for name, value in given if value is not None for word in (name, shlex.quote(f"{value}")))


def _refuse_beside(option: str, others: Mapping[str, object]) -> None:
    """Go on only where none of these options is given: they make no sense beside that one.

    Raises:
        click.UsageError: one is.
    """
    for other, value in others.items():
        if value:
            raise click.UsageError(f"{option} and {other} exclude each other")
