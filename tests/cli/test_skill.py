"""What `scenario skill` tells an agent holds: its scenario lints, its dialogues pass, its commands are there."""

from __future__ import annotations

import re
from pathlib import Path

import click

from realtime_scenarios.cli.main import COMMANDS, cli
from support.command_line import run


def test_the_skill_names_itself_and_is_a_file(folder: Path) -> None:
    text = run("skill").output
    head = text.split("---")[1]
    assert "name: voice-scenarios" in head and len(head.split("description: ")[1]) < 1024
    assert Path(run("skill", "--path").output.strip()).read_text(encoding="utf-8") == text


def test_what_it_shows_lints_without_a_warning_and_passes(folder: Path) -> None:
    blocks = dict(re.findall(r"```yaml (\w+)\n(.*?)```", run("skill").output, re.DOTALL))
    (folder / "dialogues").mkdir()
    (folder / "bakery.yaml").write_text(blocks["scenario"])
    (folder / "dialogues" / "all.yaml").write_text(blocks["dialogue"])
    linted = run("lint", "--strict", "bakery.yaml")
    assert linted.exit_code == 0, linted.output
    tested = run("test", "--in-process")
    assert tested.exit_code == 0, tested.output
    assert "2 passed" in tested.output


def test_every_command_that_it_names_is_there() -> None:
    text = run("skill").output
    named = set(re.findall(r"`scenario ([a-z]+)(?: ([a-z]+))?", text))
    context = click.Context(cli)
    for command, below in named:
        assert command in COMMANDS, command
        group = cli.get_command(context, command)
        if isinstance(group, click.Group) and below:
            assert below in group.commands, (command, below)
    options = set(re.findall(r"`scenario [^`]*?(--[a-z-]+)", text))
    helps = "".join(run(command, "--help").output for command, _ in named)
    helps += "".join(run("talk", step, "--help").output for step in ("start", "say"))
    assert all(option in helps for option in options), options
