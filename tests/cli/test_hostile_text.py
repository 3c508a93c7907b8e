"""Escape sequences of tools, agents, callers and files: shown as text in everything that is printed or reported."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from realtime_scenarios.cli.output import echo, painted
from realtime_scenarios.core.printable import printable
from support import PROGRAM
from support.warm import conversed

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

TITLE = r"\e]0;owned\a\u202Etxet"
HOSTILE = rf"""
scenario: hostile
title: "{TITLE}"
start: desk
agents:
  desk: {{name: "Desk \e[8m", instructions: "You look up with look_up. {TITLE}", tools: [look_up]}}
tools:
  look_up:
    description: "Look up. {TITLE}"
    approval: {{question: "Really \e[2J?", fields: {{why: {{label: "Why \x9b31m"}}}}}}
    returns: "found \e]8;;http://evil\e\\\\ \x9b2J \u2066 \x7f \u0008"
    examples: [Look it up]
properties: [{{never: look_up, when: "context.mood == '\e[6m'"}}]
context: {{mood: {{type: string, default: "\e[5m"}}}}
dialogues:
  - id: fails
    turns:
      - user: "Look it up \e[31m\x9d"
        agent: [{{call: look_up, approval: {{approve: {{why: "\e[6n"}}}}}}, {{say: "Found \u202Eit \e[1m"}}]
        expect: [{{said: "lost \e[0m \u2067"}}]
"""

NAME = "hostile\x1b7\u202e\x9b.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    (home / NAME).write_text(HOSTILE, encoding="utf-8")
    (home / "broken\x1b[5m.yaml").write_text(HOSTILE.replace("instructions", r'"in\e[5m"'), encoding="utf-8")
    return home


def printed(folder: Path, *arguments: str, typed: str = "") -> str:
    done = conversed(*arguments, typed=typed, folder=folder, errors="surrogateescape")
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["lint", NAME],
        ["lint", NAME, "--proofs"],
        ["validate", "broken\x1b[5m.yaml"],
        ["validate", "broken\x1b[5m.yaml", "--format", "github"],
        ["test", "broken\x1b[5m.yaml"],
        ["test", NAME, "--list"],
        ["graph", NAME, "--format", "mermaid"],
        ["graph", NAME, "--format", "svg"],
        ["graph", NAME, "--format", "terminal"],
        ["prompt", "render", NAME],
        ["models", NAME],
        ["run", "no\x1b[31m such \u202e.yaml"],
        ["test", NAME, "--provider", "\x1b[31m"],
        ["--nothing\x1b[31m"],
    ],
    ids=lambda arguments: " ".join(arguments).encode("ascii", "backslashreplace").decode(),
)
def test_nothing_in_a_file_is_obeyed_by_a_terminal(folder: Path, arguments: list[str]) -> None:
    shown = printed(folder, *arguments)
    assert shown and not OBEYED.search(shown)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_machines_read_the_very_same_text(folder: Path, form: str) -> None:
    shown = printed(folder, "validate", "broken\x1b[5m.yaml", "--format", form)
    assert not OBEYED.search(shown)
    assert "in\x1b[5m" in json.dumps(json.loads(shown), ensure_ascii=False).encode().decode("unicode_escape")


def test_nothing_said_or_done_is_obeyed_by_a_terminal_or_a_reader_of_reports(folder: Path) -> None:
    shown = printed(folder, "test", NAME, "--junit", "report.xml", "--trace", "traces")
    assert "1 failed" in shown and r"\u001b]8;;http" in shown and not OBEYED.search(shown)
    report = (folder / "report.xml").read_text(encoding="utf-8")
    assert not OBEYED.search(report) and ElementTree.fromstring(report)[0][0][0].text
    (trace,) = (folder / "traces").iterdir()
    text = trace.read_text(encoding="utf-8")
    assert not OBEYED.search(text)
    assert any("\x1b]8;;http" in json.loads(line).get("output", "") for line in text.splitlines())


def test_a_conversation_shows_escape_sequences_and_obeys_none(folder: Path) -> None:
    typed = "Look it up \x1b\x9b\nBecause \x9b31m\n/state\n/agent\n/history\n/save talk.yaml\n/\x1b[31m\n"
    shown = printed(folder, "run", NAME, "--trace", "talk.jsonl", typed=typed)
    assert r"found \u001b]8;;" in shown and not OBEYED.search(shown)
    assert not OBEYED.search((folder / "talk.yaml").read_text(encoding="utf-8"))
    assert not OBEYED.search((folder / "talk.jsonl").read_text(encoding="utf-8"))


def test_pytest_shows_escape_sequences_and_obeys_none(folder: Path) -> None:
    command = [*PROGRAM[:1], "-m", "pytest", "-p", "no:cacheprovider", "--color=no", NAME]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env={**os.environ, "PYTEST_ADDOPTS": ""})
    assert "1 failed" in done.stdout and not OBEYED.search(done.stdout.replace(NAME, ""))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, tab\there\n", "plain, tab\there\n"),
        ("a\r\nb\rc", "a\nb\\u000dc"),
        ("\x1b]0;t\x07", r"\u001b]0;t\u0007"),
        ("\udcff\ufffe", r"\udcff\ufffe"),
        ("שלום 👩‍👩‍👧 é", "שלום 👩‍👩‍👧 é"),
    ],
)
def test_what_could_be_obeyed_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_only_our_own_styles_pass(capsys: pytest.CaptureFixture[str]) -> None:
    import click

    with click.Context(click.Command("any"), color=True) as context:
        context.color = True
        echo(painted("bad \x1b[8m", fg="red") + " \x1b[32mgreen")
    assert capsys.readouterr().out == "\x1b[31mbad \\u001b[8m\x1b[0m \\u001b[32mgreen\n"
