"""`scenario doctor`: whether a conversation can be held, and what to do where it cannot."""

from __future__ import annotations

import sys
from datetime import date

import click

from realtime_scenarios.cli.options import as_of_option, color_option, day_of, provider_options
from realtime_scenarios.cli.trusting import trust_option


@click.command("doctor")
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--no-network", is_flag=True, help="Look at what is here, and ask nobody outside.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@color_option
@as_of_option
@trust_option
@provider_options(default=None)
def doctor(
    file: str | None,
    no_network: bool,
    form: str,
    color: str,
    trust: bool,
    as_of: date | None,
    provider: str | None,
    **wishes: str | None,
) -> None:
    """Say whether a conversation can be held, and what to do where it cannot.

    FILE may be a path or the name of a packaged example; without it simple_handoff is tried. Without --provider the
    scenario's own is looked at, else OpenAI or Azure where their keys are set, and otherwise the offline one, which
    works everywhere. A session is opened and closed again: nothing is asked of the model, and no key is shown.

    Exit code 0: a conversation can be held that way, or nothing is missing, and the line is not tried (--no-network).
    1: FILE has mistakes. 2: no such file or provider. 3: something is missing, refused or out of reach; each line says
    what to do.
    """
    from realtime_scenarios.cli.examining import examine

    day = day_of(as_of)
    sys.exit(examine(file, provider, wishes, dials_out=not no_network, form=form, color=color, trust=trust, day=day))
