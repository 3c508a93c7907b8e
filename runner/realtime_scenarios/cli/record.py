"""`scenario record`: a dialogue from a conversation, a trace or a log of events; and stale recordings anew."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from realtime_scenarios.cli.diagnostics import echo_diagnostics
from realtime_scenarios.cli.options import color_option, provider_options
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.playing import get_workers_ready
from realtime_scenarios.cli.style import painter, width
from realtime_scenarios.cli.trusting import require_trust, trust_option
from realtime_scenarios.core import MistakesError, UsageError


@click.command("record")
@click.argument("paths", nargs=-1, metavar="FILE [SOURCE]")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="DIALOGUE", help="The file to write."
)
@click.option("--refresh-stale", is_flag=True, help="Hold recordings anew whose agents have changed, and only those.")
@click.option(
    "--session", metavar="NAME", help="Which session of the log: the number of its connection, or a dialogue."
)
@click.option("--agent", metavar="ID", help="The agent that it began with. Default: as the source tells.")
@click.option("--state", metavar="ID", help="The state that this agent was in.")
@click.option("--context", multiple=True, metavar="NAME=VALUE", help="A context variable at the start; again for more.")
@click.option("--now", metavar="ISO", help="The moment at which it began, such as 2026-03-01T09:00Z.")
@color_option
@trust_option
@provider_options(default=None)
def record(
    paths: tuple[str, ...],
    output: Path | None,
    refresh_stale: bool,
    session: str | None,
    agent: str | None,
    state: str | None,
    context: tuple[str, ...],
    now: str | None,
    color: str,
    trust: bool,
    provider: str | None,
    **wishes: str | None,
) -> None:
    """Write a dialogue that replays at once.

    FILE is a scenario. SOURCE is a trace (`scenario run --record`), or a log of Realtime events as JSON lines
    (`--log-events`, or the events of openai-python, one a line); without it, you hold the conversation here.

    Secrets are not written down: the file says where a stand-in is in their place. What a log cannot tell, and what the
    scenario does not allow, is left out and told. The file remembers what each agent read (`recorded`), and `scenario
    test` says which agent has changed since; with --refresh-stale FILE may be any files or folders, as for `test`.

    Exit code 0: it was written, and replays. 1: it was written, and fails; or a file has mistakes. 3: it cannot be
    written, the model is out of reach, or code is not trusted.
    """
    if refresh_stale:
        if output is not None:
            raise click.UsageError("--refresh-stale and --output exclude each other")
        sys.exit(refresh(paths, provider, wishes, color=color, trust=trust))
    if not 1 <= len(paths) <= 2:
        raise click.UsageError("give a scenario, and perhaps a trace or a log of events")
    if output is None:
        raise click.UsageError("say where to write the dialogue: -o dialogues/first.yaml")
    if len(paths) == 1:
        from realtime_scenarios.cli.run import run

        begins = {"agent": agent, "state": state, "context": context, "now": now}
        shown = {"color": color, "trust": trust, "provider": provider}
        click.get_current_context().invoke(run, file=paths[0], save=output, **begins, **shown, **wishes)
        return
    get_workers_ready()
    from realtime_scenarios.project import project_at
    from realtime_scenarios.project.beginning import WishedBeginning
    from realtime_scenarios.suite.recording import record as recorded
    from realtime_scenarios.suite.report import failure_report

    project = project_at(paths[0], Path.cwd())
    require_trust([project], trust=trust)
    begun = WishedBeginning(agent, state, now, context).in_scenario(project.scenario)
    try:
        done = recorded(
            project.path,
            Path(paths[1]),
            output,
            provider=provider,
            session=session,
            agent=agent,
            state=state,
            context=begun.context,
            now=begun.now,
        )
    except MistakesError as problem:
        echo_diagnostics(problem.diagnostics, color=color)
        sys.exit(1)
    echo(f"wrote {done.path}; replay it with: scenario test {done.path}")
    if done.stand_ins:
        echo("no secret is in it: where one matters, write one that is good for a test in its place")
    for given in dict.fromkeys(given for given in done.stand_ins if not given.fits):
        echo(f"nothing was found that '{given.field}' of '{given.tool}' takes: replace '{given.text}'")
    for note in done.notes:
        echo(f"note: {note}")
    if done.result.fails_the_run:
        from realtime_scenarios.project.cases import Case

        case = Case(f"{done.path}", project, done.result.dialogue)
        for line in failure_report(case, done.result, painter(color), width()):
            echo(line)
        sys.exit(1)


def refresh(
    paths: tuple[str, ...], provider: str | None, wishes: dict[str, str | None], *, color: str, trust: bool
) -> int:
    """Hold stale recordings anew and say so; the exit code.

    Raises:
        UsageError: a path means nothing that exists.
    """
    get_workers_ready()
    from realtime_scenarios.project import projects_at
    from realtime_scenarios.project.cases import cases_of, parsed_target
    from realtime_scenarios.suite.refreshing import refreshed, stale_cases

    targets = [parsed_target(path) for path in paths]
    ids = frozenset(target.dialogue for target in targets if target.dialogue is not None)
    projects = [found for found in projects_at([target.path for target in targets], Path.cwd()) if found.built]
    cases = [case for case in cases_of(projects) if not ids or case.is_called(ids)]
    if ids and not cases:
        raise UsageError(f"there is no dialogue '{min(ids)}'", hint="`scenario test --list` names them")
    stale = stale_cases(cases)
    if not stale:
        echo("no recording is stale")
        return 0
    require_trust({case.project.path: case.project for case, _ in stale}.values(), trust=trust)
    paint, bad = painter(color), 0
    for done in refreshed([case for case, _ in stale], provider=provider, where=wishes):
        why = ", ".join(map(str, done.stale))
        if done.problem is not None:
            bad += 1
            echo(f"{paint('left', 'bad')} {done.case.name}: {done.problem}")
            continue
        fails = done.result is not None and done.result.fails_the_run
        bad += fails
        mark = paint("FAIL", "bad") if fails else paint("anew", "good")
        echo(f"{mark} {done.case.name} {paint(f'({why})', 'quiet')}")
        for verdict in done.result.failures if done.result is not None and fails else ():
            echo(f"      {verdict.place.span}: {verdict.message}")
    return 1 if bad else 0
