"""`scenario run --max-cost` and `--max-minutes`, and what a conversation has cost."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.kept import Kept, WantedFiles
from realtime_scenarios.cli.leaving import Leaving
from realtime_scenarios.cli.main import cli
from realtime_scenarios.cli.screen import Screen
from realtime_scenarios.cli.slash import SlashCommands
from realtime_scenarios.cli.style import painter
from realtime_scenarios.cli.turns import take_turns
from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.project.spending import Budget, OverBudget
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.trace import UserSaid
from support import PROGRAM, Answers, Written, recording_server
from support.command_line import run
from support.conversations import of
from support.warm import conversed

DESK = "scenario: desk\nstart: desk\nsession: {model: gpt-realtime-2.1}\nagents: {desk: {instructions: Help.}}\n"


def talked(written: Written, *options: str) -> subprocess.CompletedProcess[str]:
    """Three lines to a service with prices, as far as they come."""
    path = written(DESK)

    async def run() -> subprocess.CompletedProcess[str]:
        async with recording_server(Answers([[SayText("word " * 50)]], repeat=True)) as recording:
            words = ["run", str(path), "--provider", "openai", "--url", recording.url, *options]
            environment = {**os.environ, "OPENAI_API_KEY": "sk-1"}
            return await asyncio.to_thread(conversed, *words, typed="One\nTwo\nThree\n", environment=environment)

    return asyncio.run(run())


def test_a_conversation_says_what_it_has_cost(written: Written) -> None:
    done = talked(written, "--max-cost", "5", "--max-minutes", "5")

    assert done.returncode == 0, done.stderr
    assert "about $0.00" in done.stdout
    assert "for the voice model, by the prices of 2026-11-29" in done.stdout
    assert re.search(r"3 turns: first words after \d+\.\d s \(median\), \d+\.\d s at most", done.stdout)


def test_a_conversation_ends_where_the_money_is_spent(written: Written) -> None:
    done = talked(written, "--max-cost", "0.001")

    assert done.returncode == 3
    assert "error: the budget of $0.001 is spent: $0.00" in done.stderr
    assert "hint: --max-cost sets it" in done.stderr
    assert "you  Three" not in done.stdout


@pytest.mark.parametrize("option", ["--max-cost", "--max-minutes"])
def test_nothing_is_no_bound(written: Written, option: str) -> None:
    done = conversed("run", str(written(DESK)), option, "0")
    assert done.returncode == 2


class Idle:
    """Somebody who types these lines, a minute after the other, and then nothing any more, but does not leave."""

    is_person = False

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        self.waiting = 0

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        self.waiting += 1
        try:
            await asyncio.sleep(60 if self.lines else 1_000_000)
        finally:
            self.waiting -= 1
        return self.lines.pop(0)

    def close(self) -> None:
        pass


def test_a_prompt_at_which_nobody_types_is_taken_away_when_the_time_is_over(written: Written) -> None:
    project, keys, paint = load(written(DESK)), Idle(["Hello", "Hello again"]), painter("never")

    async def conversation() -> tuple[float, int]:
        opened = PROVIDERS["offline"].open(ProviderRequest())
        talked = Conversation(compiled(project.scenario), opened, clock=LoopClock(), budget=Budget(minutes=30))
        screen = Screen(project.scenario, paint)
        leaving = Leaving(talked, screen)
        kept = Kept(WantedFiles(), None, project, talked, screen)
        commands = SlashCommands(talked, screen, kept, leaving, paint)
        async with talked:
            with pytest.raises(OverBudget, match="the conversation has lasted its 30 minutes"):
                await take_turns(talked, keys, commands, leaving, paint)
            return talked.state.clock.monotonic(), len(of(talked.trace, UserSaid))

    assert run_in_virtual_time(conversation()) == (1800, 2)
    assert keys.waiting == 0


def test_a_pipe_that_nobody_closes_keeps_no_conversation_alive(written: Written) -> None:
    command = [*PROGRAM, "run", str(written(DESK)), "--max-minutes", "0.001"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.wait(timeout=60) == 3  # its standard input is still open
        assert process.stderr is not None
        assert "error: the conversation has lasted its 0.001 minutes" in process.stderr.read()


SUITE = (
    DESK
    + "dialogues:\n"
    + "".join(
        f"  - {{id: d{number}, turns: [{{user: Hi, agent: [{{say: Hello.}}], expect: [{{agent: desk}}]}}]}}\n"
        for number in range(6)
    )
)


def test_a_live_run_ends_in_time_and_says_what_was_left(written: Written) -> None:
    path = written(SUITE)

    async def run() -> subprocess.CompletedProcess[str]:
        async with recording_server(Answers([[SayText("word " * 50)]], repeat=True)) as recording:
            command = [
                *PROGRAM,
                "test",
                str(path),
                "--provider",
                "openai",
                "--url",
                recording.url,
                "--max-cost",
                "0.005",
                "--report",
                "markdown=comment.md",
            ]
            return await asyncio.to_thread(
                subprocess.run,
                command,
                cwd=path.parent,
                env={**os.environ, "OPENAI_API_KEY": "sk-1"},
                capture_output=True,
                text=True,
                check=False,
            )

    done = asyncio.run(run())
    why = r"\d dialogues? (was|were) not run: \$0\.00[0-4]\d of \$0\.005 is spent, and another dialogue might cost more"
    assert re.search(why, " ".join(done.stdout.split())), done.stdout
    assert re.search(why, (path.parent / "comment.md").read_text(encoding="utf-8"))
    *lines, command = done.stdout.splitlines()
    assert done.returncode == 1 and max(map(len, lines)) <= 80
    assert command.endswith(" --max-cost 0.005")
    assert "1 passed" in done.stdout or "2 passed" in done.stdout or "3 passed" in done.stdout
    assert "not run" in done.stdout


def runs_of(path: Path, *runs: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
    """Several runs of a suite, one after the other, with options that may name the address of a service as URL."""

    async def run() -> list[subprocess.CompletedProcess[str]]:
        async with recording_server(Answers([[SayText("word " * 50)]], repeat=True)) as recording:
            return [
                await asyncio.to_thread(
                    subprocess.run,
                    [*PROGRAM, "test", *[recording.url if option == "URL" else option for option in options]],
                    cwd=path.parent,
                    env={**os.environ, "OPENAI_API_KEY": "sk-1"},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                for options in runs
            ]

    return asyncio.run(run())


def passed(done: subprocess.CompletedProcess[str]) -> int:
    found = re.search(r"(\d) passed", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return int(found[1])


def test_a_run_whose_money_was_spent_goes_on_with_as_much_again_and_what_is_kept_costs_nothing(
    written: Written,
) -> None:
    path = written(SUITE)
    live = (str(path), "--provider", "openai", "--url", "URL")
    first, again, more = runs_of(
        path, (*live, "--max-cost", "0.004"), ["--resume"], (*live, "--resume", "--max-cost", "5")
    )
    assert first.returncode == again.returncode == 1
    assert passed(first) < passed(again) < 6 and "of $0.004 is spent" in again.stdout
    assert passed(more) == 6 and more.returncode == 0


def watched(path: Path, *options: str, saves: int) -> tuple[int | None, str]:
    """What is told by a watch in which the file is saved so often, each time with other instructions, as it ends."""
    text = path.read_text(encoding="utf-8")

    def saving(url: str) -> tuple[int | None, str]:
        command = [*PROGRAM, "test", "--watch", str(path), "--provider", "openai", "--url", url, *options]
        environment = {**os.environ, "OPENAI_API_KEY": "sk-1"}
        told, left = "", saves
        with subprocess.Popen(
            command, stdout=-1, stderr=subprocess.STDOUT, text=True, cwd=path.parent, env=environment
        ) as process:
            guard = threading.Timer(LONGEST, process.kill)
            guard.start()
            assert process.stdout is not None
            for line in process.stdout:
                told += line
                if "watching 1 file" in line or (line.startswith("1 passed") and "watching 1 file" in told):
                    if not left:
                        break
                    left -= 1
                    path.write_text(text.replace("Help.", f"Help {left} times."), encoding="utf-8")
            process.send_signal(signal.SIGINT)
        guard.cancel()
        return process.returncode, told

    async def run() -> tuple[int | None, str]:
        async with recording_server(Answers([[SayText("word " * 50)]], repeat=True)) as recording:
            return await asyncio.to_thread(saving, recording.url)

    return asyncio.run(run())


LONGEST = 120.0
ONE = SUITE.partition("  - {id: d1")[0]


def test_a_bound_is_that_of_all_rounds_of_a_watch(written: Written) -> None:
    code, told = watched(written(ONE), "--max-cost", "0.005", saves=5)
    assert code == 1
    assert re.search(
        r"watching has ended: \$0\.00[0-4]\d of \$0\.005 is spent, and another dialogue might cost more",
        " ".join(told.split()),
    )
    assert 1 < told.count("1 passed") < 5


def test_a_watch_goes_on_while_there_is_money(written: Written) -> None:
    code, told = watched(written(ONE), "--max-cost", "5", saves=3)
    assert code != 1 and told.count("1 passed") == 4 and "watching has ended" not in told


def test_a_round_that_would_cost_more_than_is_left_is_not_begun(written: Written) -> None:
    three = SUITE.partition("  - {id: d3")[0]
    code, told = watched(written(three), "--max-cost", "0.007", "-n", "2", saves=1)
    assert code == 1
    assert re.search(r"3 dialogues were not run: \$0\.00\d+ of \$0\.007 is spent", " ".join(told.split())), told
    assert told.count("3 passed") == 1


def test_a_watch_of_models_without_a_price_plays_nothing_under_a_bound(written: Written) -> None:
    code, told = watched(written(ONE), "--max-cost", "5", "--model", "nobodys-model", saves=1)
    assert code == 2 and "no price is known of 'nobodys-model'" in told


def test_what_holding_recordings_anew_costs_is_in_no_bound_and_so_refused_beside_one(written: Written) -> None:
    result = CliRunner().invoke(cli, ["test", str(written(SUITE)), "--refresh-stale", "--max-cost", "1"])
    assert result.exit_code == 2 and "--refresh-stale and --max-cost exclude each other" in result.output


def test_a_forecast_plays_nothing_live(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(SUITE)
    monkeypatch.chdir(path.parent)
    done = run("test", str(path), "--forecast", "--provider", "openai")
    assert done.exit_code == 0, done.output
    assert "6 dialogues: 6 responses of the voice model" in done.output
    assert "by the prices of 2026-11-29" in done.output
    assert not (path.parent / ".scenario").exists()
