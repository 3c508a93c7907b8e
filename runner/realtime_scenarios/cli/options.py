"""Options that several commands share: which provider, and where it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from realtime_scenarios.providers import ProviderRequest

PROVIDER_NAMES = ("offline", "scripted", "openai", "azure", "url")
"""Written out here so that `--help` needs no SDK; a test holds them to the registry."""


def provider_options(default: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--provider`, `--model`, `--url`, `--deployment` and `--key-env` for a command. `default` None: left to it."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        told = f" Default: {default}." if default else ""
        for option in (
            click.option("--key-env", metavar="NAME", help="The environment variable that holds the key."),
            click.option("--deployment", metavar="NAME", help="The deployment to use (azure)."),
            click.option("--url", metavar="URL", help="Where the model is; implies --provider url when given alone."),
            click.option("--model", metavar="NAME", help="The model to ask for, instead of the scenario's."),
            click.option(
                "--provider",
                type=click.Choice(PROVIDER_NAMES),
                default=default,
                help=f"Where the model is.{told}",
            ),
        ):
            command = option(command)
        return command

    return add


def request_of(wishes: Mapping[str, str | None]) -> ProviderRequest:
    """The provider request for what was wished on the command line, with this process's environment."""
    from realtime_scenarios.providers import ProviderRequest

    return ProviderRequest(
        environment=dict(os.environ),
        model=wishes.get("model"),
        url=wishes.get("url"),
        deployment=wishes.get("deployment"),
        key_env=wishes.get("key_env"),
    )
