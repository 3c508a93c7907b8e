"""Code that a scenario from elsewhere brings: run only after somebody said so, for this very code."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support import PROGRAM
from support.warm import conversed

STUB = """\
scenario: bring
start: desk
agents: {desk: {instructions: "You look up with look_up.", tools: [look_up]}}
tools: {look_up: {description: Look up., python: "code:look_up"}}
dialogues: [{id: d, turns: [{user: Hi, agent: [{call: look_up}, {say: Hello.}]}]}]
"""
GUARD = """\
scenario: bring
start: desk
session: {guardrails: {apply: [polite]}}
agents: {desk: {instructions: Hi.}}
guardrails: {polite: {python: "code:look_up"}}
dialogues: [{id: d, turns: [{user: Hi, agent: [{say: Hello.}]}]}]
"""
SERVER = """\
scenario: bring
start: desk
agents: {desk: {instructions: Hi.}}
mcp: {other: {command: [python, code.py]}}
dialogues: [{id: d, turns: [{user: Hi, agent: [{say: Hello.}]}]}]
"""
CODE = "import pathlib, helper\n\npathlib.Path(__file__).with_name('ran').touch()\n\ndef look_up(text=''):\n    return None\n"

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with code, outside of the project that commands are given in."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "bring.yaml").write_text(STUB, encoding="utf-8")
    (folder / "code.py").write_text(CODE, encoding="utf-8")
    (folder / "helper.py").write_text("", encoding="utf-8")
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (tmp_path / "project" / "inner").mkdir()
    return folder


@pytest.fixture
def command(tmp_path: Path, elsewhere: Path) -> Command:
    def run(
        *arguments: str, folder: str = "project/inner", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
        return conversed(*arguments, folder=tmp_path / folder, environment=env or environment)

    return run


@pytest.mark.parametrize("text", [STUB, GUARD, SERVER], ids=["stub", "guardrail", "server"])
@pytest.mark.parametrize("verb", ["test", "run"])
def test_code_from_elsewhere_does_not_run_unasked(elsewhere: Path, command: Command, text: str, verb: str) -> None:
    (elsewhere / "bring.yaml").write_text(text, encoding="utf-8")
    done = command(verb, str(elsewhere / "bring.yaml"))
    assert done.returncode == 3 and "brings code from outside of this project" in done.stderr and "code" in done.stderr
    assert "--trust" in done.stderr and not (elsewhere / "ran").exists()


def test_a_yes_holds_until_the_code_changes(elsewhere: Path, command: Command) -> None:
    scenario = str(elsewhere / "bring.yaml")
    assert command("test", scenario, "--trust").returncode == 0
    assert (elsewhere / "ran").exists()
    assert command("test", scenario).returncode == 0 and command("run", scenario).returncode == 0
    here = ("test", scenario, "--in-process")
    (elsewhere / "helper.py").write_text("x = 1\n", encoding="utf-8")
    assert command(*here).returncode == 3
    (elsewhere / "helper.py").write_text("", encoding="utf-8")
    assert command(*here).returncode == 0
    (elsewhere / "bring.yaml").write_text(STUB.replace("code:look_up", "helper:look_up"), encoding="utf-8")
    (elsewhere / "helper.py").write_text("def look_up(): ...\n", encoding="utf-8")
    assert command(*here).returncode == 3


def test_code_of_the_project_and_of_the_package_needs_no_yes(elsewhere: Path, command: Command) -> None:
    assert command("test", "bring.yaml", folder="elsewhere").returncode == 0
    inside = elsewhere.rename(elsewhere.parent / "project" / "scenarios")
    assert command("test", str(inside / "bring.yaml"), "--in-process").returncode == 0
    assert command("test", "realtime_next", "--list").returncode == 0


def test_where_there_is_no_project_only_the_folder_itself_is_trusted(elsewhere: Path, command: Command) -> None:
    home = {**os.environ, "HOME": str(elsewhere.parent), "XDG_STATE_HOME": str(elsewhere.parent / "state")}
    assert command("test", "elsewhere/bring.yaml", "--in-process", folder=".", env=home).returncode == 3
    (elsewhere.parent / ".git").mkdir()
    assert command("test", "elsewhere/bring.yaml", "--in-process", folder=".", env=home).returncode == 3
    assert command("test", "bring.yaml", "--in-process", folder="elsewhere", env=home).returncode == 0


def test_what_runs_no_code_asks_nothing(elsewhere: Path, command: Command) -> None:
    scenario = str(elsewhere / "bring.yaml")
    for verb in (["lint"], ["graph"], ["prompt", "render"], ["test", "--list"]):
        assert command(*verb, scenario).returncode == 0
    assert not (elsewhere / "ran").exists()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 3)])
def test_a_person_is_asked_once(elsewhere: Path, command: Command, answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    scenario = str(elsewhere / "bring.yaml")
    environment = {**os.environ, "XDG_STATE_HOME": str(elsewhere.parent / "state")}
    where = elsewhere.parent / "project"
    done = subprocess.run(
        [*PROGRAM, "test", scenario], stdin=theirs, stdout=-1, stderr=theirs, cwd=where, env=environment
    )
    asked = os.read(ours, 4096).decode()
    os.close(theirs)
    os.close(ours)
    assert done.returncode == code and "python code:look_up" in asked and "run it" in asked
    assert command("test", scenario).returncode == code


def test_pytest_runs_no_code_from_elsewhere(elsewhere: Path, command: Command, tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    words = [PROGRAM[0], "-m", "pytest", "-p", "no:cacheprovider", str(elsewhere / "bring.yaml")]
    words += ["--rootdir", str(tmp_path / "project")]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path / "project", env=environment)
    assert "1 failed" in done.stdout and "--trust" in done.stdout and not (elsewhere / "ran").exists()
