"""`scenario test` and the processes that it has dialogues played in."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from realtime_scenarios.cli.playing import this_process
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import Finished
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts import DialogueResult
from realtime_scenarios.workers import player
from support import Written

SCENARIO = """\
    scenario: s
    start: desk
    agents: {desk: {instructions: Help., tools: [look, spin]}}
    tools:
      look: {description: Look., python: "stubs:look"}
      spin: {description: Spin., timeout: 60s, python: "stubs:spin"}
    dialogues:
      - {id: looks, turns: [{user: hi, agent: [{call: look, returns: 7}, {say: ok}]}]}
      - {id: looks-for-more, turns: [{user: hi, agent: [{call: look, returns: 8}, {say: ok}]}]}
      - {id: spins, tags: [endless], turns: [{user: hi, agent: [{call: spin}, {say: ok}]}]}
"""
STUBS = """\
    import sys


    def look():
        print("looked", file=sys.stderr)
        return 7


    def spin():
        while True:
            pass
"""


@pytest.fixture
def path(written: Written, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    written(STUBS, "stubs.py")
    path = written(SCENARIO)
    monkeypatch.chdir(path.parent)
    return path


def output(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["test", "scenario.yaml", *arguments], prog_name="scenario")
    return re.sub(r"in \d+\.\d s", "in 0.0 s", result.output)


def test_the_command_itself_imports_neither_the_sdk_nor_an_event_loop(path: Path) -> None:
    code = (
        "import sys; from realtime_scenarios.cli.main import cli\n"
        "try: cli.main(['test', 'scenario.yaml', '-k', 'looks', '--junit', 'report.xml'], standalone_mode=False)\n"
        "except SystemExit: print(sorted({'agents', 'openai', 'pydantic', 'asyncio', 'httpx2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "1 passed, 1 failed" in done.stdout and done.stdout.splitlines()[-1] == "[]"


def test_in_process_the_same_is_told_but_for_what_code_prints(path: Path) -> None:
    here, there = output("-k", "looks", "--in-process"), output("-k", "looks")
    assert "      printed    looked\n" in there
    assert here.replace("looked\n", "") == there.replace("      printed    looked\n", "")


def test_in_process_an_interruption_ends_the_playing_as_it_does_with_workers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(cases: Sequence[Case], *_: object) -> Iterator[Finished]:
        yield Finished(0, cases[0], DialogueResult(cases[0].dialogue, (), Trace((), "desk")))
        raise KeyboardInterrupt

    monkeypatch.setattr(player, "played_here", interrupted)
    with this_process("scripted", {})(cases_of([load(path)])) as playing:
        assert [finished.index for finished in playing.finished] == [0] and playing.is_interrupted()


def test_what_a_passing_dialogue_prints_is_shown_to_those_who_want_to_see_all(path: Path) -> None:
    assert output("-k", "looks").count("printed    looked") == 1
    assert output("-k", "looks", "-v").count("printed    looked") == 2


def test_the_bound_of_the_wall_clock_can_be_set(path: Path) -> None:
    told = output("--tag", "endless", "--wall-timeout", "1.5")
    assert "stopped: it took longer than 1.5 s by the wall clock, in turn 1 while 'spin' was at work" in told
    assert "1 failed" in told


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_a_bound_that_is_none_is_a_slip(path: Path, seconds: str) -> None:
    result = CliRunner().invoke(cli, ["test", "--wall-timeout", seconds], prog_name="scenario")
    assert result.exit_code == 2 and "--wall-timeout" in result.output
