"""Options that several commands share: which provider, where it is, with which key; and in which colours."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from realtime_scenarios.providers import ProviderRequest

PROVIDERS_SHOWN = "offline, scripted, openai, azure, url, chat"
"""Written out here so that `--help` loads nothing; a test holds it to the registry."""


color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True
)


log_events_option = click.option(
    "--log-events",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every event of the wire, both ways, as JSON lines while it happens, into a new file.",
)


def given_as(
    name: str, make: Callable[..., Any], *options: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that adds options to a command, which is given as `name` what `make` makes of them."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_wish(*arguments: Any, **typed: Any) -> Any:
            own = {key: typed.pop(key) for key in names}
            return command(*arguments, **{name: make(**own)}, **typed)

        before = len(getattr(command, "__click_params__", ()))
        found: Any = functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), with_wish)
        names = [parameter.name for parameter in found.__click_params__[before:]]
        return found  # type: ignore[no-any-return]

    return add


class _WorkerCount(click.ParamType[int]):
    """A number of processes; 'auto' for one a core."""

    name = "n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if value == "auto":
            return os.cpu_count() or 1
        if not str(value).isdecimal() or int(value) < 1:
            self.fail(f"'{value}' is neither a positive number nor 'auto'", param, ctx)
        return int(value)


workers_option = click.option(
    "-n",
    "workers",
    type=_WorkerCount(),
    default="1",
    metavar="N",
    help="Processes to use; 'auto' for one a core. Default 1.",
)


def wall_timeout_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--wall-timeout`."""
    return click.option(
        "--wall-timeout",
        type=Positive(),
        metavar="SECONDS",
        help="How long a dialogue may take by the wall clock. Default 30; more where time must pass for real.",
    )(command)


def changed_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--changed [REV]`, which the command is given as `revision`; None: it was not typed."""
    return click.option("--changed", "revision", is_flag=False, flag_value="HEAD", metavar="[REV]", help=help_text)


def begun_event_log(path: Path | None) -> str | None:
    """The whole path of a new file for events; None: none is wanted.

    Where nothing stands in it when the command ends, it is taken away: whoever mends a mistake types the same again.

    Raises:
        UsageError: there is one already.
        ScenarioError: it cannot be made.
    """
    if path is None:
        return None
    from realtime_scenarios.core import UsageError
    from realtime_scenarios.realtime.event_log import new_event_log, unwritable

    try:
        new_event_log(path)
    except FileExistsError:
        raise UsageError(f"'{path}' exists already", hint="choose another name for --log-events") from None
    except OSError as problem:
        raise unwritable(path, problem) from problem
    whole = path.absolute()
    click.get_current_context().call_on_close(lambda: _take_away_if_empty(whole))
    return str(whole)


def _take_away_if_empty(path: Path) -> None:
    with contextlib.suppress(OSError):  # it is no harm where it stays
        if not path.stat().st_size:
            path.unlink()


class Positive(click.FloatRange):
    """A number above 0 that something is bounded by. `nan` and `inf` are none: they compare, and bound nothing."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number} bounds nothing: give a number, or leave the option out.", param, ctx)
        return number


class ProviderName(click.ParamType[str]):
    """The name of a provider, also of a plug-in's. Which there are is looked up only when one is given."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from realtime_scenarios.model.provider import PROVIDERS
        from realtime_scenarios.project import load_plugins

        load_plugins()
        return PROVIDERS.known(value)


def provider_options(default: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--provider`, `--model`, `--url`, `--deployment` and `--key-env` for a command. `default` None: left to it."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        default_note = f" Default: {default}." if default else ""
        for option in (
            click.option("--key-env", metavar="NAME", help="The environment variable that holds the key."),
            click.option("--deployment", metavar="NAME", help="The deployment to use (azure)."),
            click.option("--url", metavar="URL", help="Where the model is; implies --provider url when given alone."),
            click.option("--model", metavar="NAME", help="The model to ask for, instead of the scenario's."),
            click.option(
                "--provider",
                type=ProviderName(),
                default=default,
                help=f"Where the model is: {PROVIDERS_SHOWN}, or a plug-in's.{default_note}",
            ),
        ):
            command = option(command)
        return command

    return add


def _day(context: click.Context, option: click.Parameter, given: str | None) -> date | None:
    """The day that was typed; None: none was."""
    if given is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", given):
        if given is not None:
            raise click.BadParameter(f"'{given}' is no day: write YYYY-MM-DD, as 2027-03-01")
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise click.BadParameter(f"there is no day '{given}': write YYYY-MM-DD, as 2027-03-01") from None


as_of_option = click.option(
    "--as-of",
    callback=_day,
    metavar="DATE",
    help="The day on which models must still answer, as 2027-03-01. Default: today.",
)


def day_of(given: date | None) -> date:
    """The day that `--as-of` names, or today."""
    return given or date.today()


def key_in(variable: str | None, option: str) -> str | None:
    """The key in the environment variable that the option names; None: it names none.

    Raises:
        ScenarioError: the variable is not set.
    """
    from realtime_scenarios.core import ScenarioError

    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise ScenarioError(f"{variable} is not set", hint=f"set {variable}, or leave {option} out")
    return key


def request_of(wishes: Mapping[str, str | None]) -> ProviderRequest:
    """The provider request for what was wished on the command line, with this process's environment."""
    from realtime_scenarios.providers import ProviderRequest
    from realtime_scenarios.voice.calling import Calling

    spoken = wishes.get("spoken")
    return ProviderRequest(
        environment=dict(os.environ),
        model=wishes.get("model"),
        url=wishes.get("url"),
        deployment=wishes.get("deployment"),
        key_env=wishes.get("key_env"),
        spoken=Calling.of(spoken) if spoken else None,
        on=date.today(),
        event_log=Path(path) if (path := wishes.get("log_events")) else None,
        max_dollars=float(most) if (most := wishes.get("max_dollars")) else None,
    )
