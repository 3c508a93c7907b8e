"""`scenario talk`: a conversation that lives between commands, for programs and agents that write scenarios."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from realtime_scenarios.cli.options import Positive, provider_options
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.trusting import trust_option
from realtime_scenarios.core import ScenarioError

_AS_JSON = f"{__name__}.as_json"


class _Told(click.Group):
    """Commands whose errors are objects, too, where `--json` stands among what is typed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_AS_JSON] = "--json" in itertools.takewhile(lambda word: word != "--", args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ScenarioError, click.UsageError) as problem:
            if not ctx.meta[_AS_JSON]:
                raise
            told = {"error": problem.message, "hint": None}
            if isinstance(problem, ScenarioError):
                told["hint"] = problem.hint
            else:
                told["error"] = problem.format_message()
            echo(json.dumps(told, ensure_ascii=False, indent=2))
            raise click.exceptions.Exit(problem.exit_code) from problem


@click.group("talk", cls=_Told)
def talk() -> None:
    """Hold a conversation step by step: each command does one thing and says what came of it.

    It lives in a process of its own, which listens on this machine alone and ends when you stop it or after half an
    hour without a command. With --json everything is printed as one object; `waiting` in it is a question to a person,
    `error` with its `hint` what could not be done. Mistakes of a scenario are a list, as `scenario lint` has it.
    """


_name_option = click.option("--name", default="talk", show_default=True, help="Which conversation, of several.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def _step(name: str) -> Callable[[Callable[..., None]], click.Command]:
    def add(function: Callable[..., None]) -> click.Command:
        return talk.command(name)(_name_option(_json_option(function)))

    return add


@_step("start")
@click.argument("file", metavar="FILE")
@click.option("--agent", metavar="ID", help="Begin with this agent instead of the scenario's start.")
@click.option("--state", metavar="ID", help="Begin in this state of the agent.")
@click.option("--context", multiple=True, metavar="NAME=VALUE", help="Begin with this value; again for more.")
@click.option("--now", metavar="ISO", help="Begin at this moment, such as 2026-03-01T09:00Z.")
@click.option("--idle", type=Positive(), default=30.0, show_default=True, metavar="MINUTES", help="End after so long.")
@trust_option
@provider_options(default=None)
def start(
    file: str,
    agent: str | None,
    state: str | None,
    context: tuple[str, ...],
    now: str | None,
    idle: float,
    trust: bool,
    provider: str | None,
    name: str,
    as_json: bool,
    **wishes: str | None,
) -> None:
    """Begin a conversation with a scenario; the agent opens it where the scenario says so."""
    from realtime_scenarios.cli.diagnostics import echo_diagnostics
    from realtime_scenarios.cli.talks import start_of
    from realtime_scenarios.core import MistakesError
    from realtime_scenarios.project.beginning import WishedBeginning
    from realtime_scenarios.talks.desk import started

    begins = WishedBeginning(agent, state, now, context)
    try:
        wanted = start_of(file, name, begins, idle, provider, wishes, trust=trust)
    except MistakesError as problem:
        echo_diagnostics(problem.diagnostics, form="json" if as_json else "text")
        raise click.exceptions.Exit(1) from None
    _tell(started(wanted), as_json)


@_step("say")
@click.argument("words", nargs=-1, required=True)
def say(words: tuple[str, ...], name: str, as_json: bool) -> None:
    """Say something as the caller, and read what comes of it."""
    _ask(name, as_json, "say", " ".join(words))


@_step("approve")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
def approve(fields: tuple[str, ...], name: str, as_json: bool) -> None:
    """Say yes to the call that waits, with what is asked for."""
    given = {}
    for field in fields:
        key, equals, value = field.partition("=")
        if not equals:
            raise click.UsageError(f"'{field}' has no '=': write it as FIELD=VALUE")
        given[key] = value
    _ask(name, as_json, "approve", None, given)


@_step("reject")
@click.argument("message", required=False)
def reject(message: str | None, name: str, as_json: bool) -> None:
    """Say no to the call that waits; MESSAGE is what the model is told instead of the scenario's words."""
    _ask(name, as_json, "reject", message)


@_step("state")
def state(name: str, as_json: bool) -> None:
    """Say where it stands: who speaks, what is known, what can be called, what waits, all that has happened."""
    _ask(name, as_json, "state")


@_step("undo")
def undo(name: str, as_json: bool) -> None:
    """Take back the last thing said or decided: all else is done again, from the beginning."""
    _ask(name, as_json, "undo")


@_step("save")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def save(file: Path, name: str, as_json: bool) -> None:
    """Write the conversation as a dialogue file, which `scenario test` replays."""
    _ask(name, as_json, "save", str(file.absolute()))


@_step("stop")
def stop(name: str, as_json: bool) -> None:
    """End the conversation and its process."""
    _ask(name, as_json, "stop")


@talk.command("mcp")
def mcp() -> None:
    """Offer the same to a client of the Model Context Protocol, on standard input and output.

    As an entry of a client's configuration: {"command": "scenario", "args": ["talk", "mcp"]}.
    """
    from realtime_scenarios.cli.talks import serve_mcp

    serve_mcp()


def _ask(name: str, as_json: bool, deed: Any, text: str | None = None, fields: Mapping[str, str] | None = None) -> None:
    from realtime_scenarios.talks.desk import address_file, asked

    _tell(asked(address_file(Path.cwd(), name), deed, text, fields), as_json)


def _tell(told: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    from realtime_scenarios.cli.talks import told_lines

    for line in told_lines(told):
        echo(line)
