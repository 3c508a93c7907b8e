"""Options that several commands share: which provider, and where it is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from realtime_scenarios.providers import ProviderRequest

PROVIDERS_SHOWN = "offline, scripted, openai, azure, url, chat"
"""Written out here so that `--help` loads nothing; a test holds it to the registry."""


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
    )
