"""The options of `scenario serve` that are about calls by telephone, declared without importing what they are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from realtime_scenarios.core import UsageError


@dataclass(frozen=True, slots=True)
class AskedCalls:
    """What was typed about calls. `record` None: nothing of a call is kept. `provider` None: nobody said where."""

    twilio: bool
    sip: bool
    public_url: str | None
    record: Path | None
    approved: tuple[str, ...]
    rejected: tuple[str, ...]
    trust: bool
    provider: str | None
    wishes: Mapping[str, str | None]

    @property
    def is_telephone(self) -> bool:
        return self.twilio or self.sip

    def refuse_beside(self, given: Mapping[str, object]) -> None:
        """Go on only where nothing was given that is about Realtime clients, or these are what is served.

        Raises:
            UsageError: something means nothing here.
        """
        if self.is_telephone and (meant := next((name for name, value in given.items() if value), None)):
            raise UsageError(f"{meant} is about Realtime clients, and calls come here", hint="leave it out")

    def require_telephone(self, *, is_studio: bool = False) -> None:
        """Go on only where nothing was asked for that is about calls, or calls are what is wanted.

        `is_studio`: where the model is, and whether code may run, is asked of the studio, too.

        Raises:
            UsageError: something means nothing here.
        """
        given: dict[str, object] = {
            "--public-url": self.public_url,
            "--record": self.record,
            "--approve": self.approved,
            "--reject": self.rejected,
        }
        if not is_studio:
            given |= {"--trust": self.trust, "--provider": self.provider}
            given |= {f"--{name.replace('_', '-')}": value for name, value in self.wishes.items()}
        if not self.is_telephone and (meant := next((name for name, value in given.items() if value), None)):
            raise UsageError(f"{meant} is about calls by telephone", hint="add --twilio or --sip, or leave it out")


def telephone_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--twilio`, `--sip`, and what goes with them, besides where the model is."""
    for option in (
        click.option("--reject", "rejected", multiple=True, metavar="TOOL", help="Say no to its calls by telephone."),
        click.option(
            "--approve",
            "approved",
            multiple=True,
            metavar="TOOL",
            help="Say yes to its calls by telephone; otherwise the caller is asked to press 1 or 2.",
        ),
        click.option(
            "--record",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="FOLDER",
            help="Write the trace of each call as JSON lines while it happens, a new file for each.",
        ),
        click.option(
            "--public-url", metavar="URL", help="The address by which a carrier reaches this server, through a tunnel."
        ),
        click.option("--sip", is_flag=True, help="Take calls that come to OpenAI by SIP, instead (docs/telephone.md)."),
        click.option("--twilio", is_flag=True, help="Take calls of Twilio's Media Streams, instead."),
    ):
        command = option(command)
    return command
