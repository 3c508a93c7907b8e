"""`scenario new`: a scenario with a first dialogue that pass at once."""

from __future__ import annotations

import re
from pathlib import Path

import click

from realtime_scenarios.cli.files import write_scenario
from realtime_scenarios.cli.output import echo
from realtime_scenarios.core import UsageError, resource_folder
from realtime_scenarios.core.writing import refuse_existing

_NAME = re.compile(r"[a-z][a-z0-9_-]*")


@click.command("new")
@click.argument("name")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where to write; default: ./NAME.")
@click.option("--force", is_flag=True, help="Write over files that exist.")
def new(name: str, folder: Path | None, force: bool) -> None:
    """Write a scenario NAME with two agents, tools of several kinds, a gate, an approval, and its first dialogues.

    It passes `scenario lint` and `scenario test` as it is, and is meant to be changed bit by bit.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' cannot be the name of a scenario", hint=f"try '{slug(name)}'")
    where = folder or Path(name)
    texts = {
        f"{name}.yaml": _filled_template("scenario.yaml", name),
        "dialogues/first.yaml": _filled_template("dialogue.yaml", name),
    }
    if not force:
        refuse_existing([where / path for path in texts], "choose another name, or add --force")
    shown = write_scenario(where, texts)
    echo("\nnext:")
    echo(f"  scenario run {shown}     talk to it")
    echo(f"  scenario test {shown}    replay its dialogues")
    echo(f"  scenario lint {shown}    see what is wrong or weak")


def slug(text: str) -> str:
    """The nearest name that a scenario may have."""
    letters = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
    return letters if letters[:1].isalpha() else f"scenario-{letters}".strip("-")


def _filled_template(template: str, name: str) -> str:
    text = (resource_folder("prompts") / "new" / template).read_text(encoding="utf-8")
    return text.replace("NAME", name).replace("TITLE", name.replace("-", " ").replace("_", " ").capitalize())
