"""How a conversation in a terminal ends: by a signal, by Ctrl-C, by a pipe that is closed; and what is kept of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from support import PROGRAM
from support.command_line import git, run
from support.terminal import PROMPT, Terminal, at_terminal

SLOW = """\
scenario: slow
start: desk
agents: {desk: {instructions: "You look up with look_up.", tools: [look_up]}}
tools:
  look_up: {description: Look it up., examples: [Look it up], delay: 4s, returns: found, approval: APPROVAL}
"""

FILES = ["--save", "talk.yaml", "--trace", "talk.jsonl"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "slow.yaml").write_text(SLOW.replace("APPROVAL", "{when: 'false'}"), encoding="utf-8")
    return tmp_path


def kept(folder: Path) -> list[str]:
    """The types of the events in the trace, where the dialogue was saved, too."""
    assert yaml.safe_load((folder / "talk.yaml").read_text(encoding="utf-8"))["dialogues"]
    return [json.loads(line)["type"] for line in (folder / "talk.jsonl").read_text(encoding="utf-8").splitlines()]


@contextmanager
def terminal(folder: Path, *arguments: str) -> Iterator[Terminal]:
    with at_terminal([*PROGRAM, "run", "slow.yaml", *arguments], folder) as screen:
        yield screen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("typed", ["Look it up\n", "Hello\n"], ids=["while a tool works", "at the prompt"])
def test_a_signal_is_a_good_end(folder: Path, number: signal.Signals, typed: str) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "run", "slow.yaml", *FILES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(typed)
    process.stdin.flush()
    wanted = "  · call" if typed.startswith("Look") else "desk  "
    next(line for line in process.stdout if line.startswith(wanted))
    process.send_signal(number)
    if number == signal.SIGINT and typed.startswith("Look"):
        next(line for line in process.stdout if "cuts in after" in line)
        process.send_signal(number)
    _, problems = process.communicate(timeout=60)
    assert process.returncode == 128 + number and "Traceback" not in problems
    assert "UserSaid" in kept(folder)
    assert run("test", str(folder / "talk.yaml"), "--in-process").exit_code == 0  # what is written replays


def test_ctrl_c_at_the_prompt_asks_once(folder: Path) -> None:
    with terminal(folder, *FILES) as screen:
        screen.until(PROMPT)
        screen.type("Hello\r")
        screen.until("Hello! This is the desk.", PROMPT)
        screen.type("never mi\x03")
        screen.until("press Ctrl-C again to leave", PROMPT)
        screen.type("Bye\r")
        screen.until("All ", PROMPT)
        screen.type("\x03")
        screen.until("press Ctrl-C again to leave")
        screen.type("\x03")
        assert screen.code() == 130
    assert kept(folder).count("UserSaid") == 2


def test_a_terminal_whose_time_is_over_is_given_back_as_it_was(folder: Path) -> None:
    with terminal(folder, "--max-minutes", "0.02", *FILES) as screen:
        screen.until("you")
        screen.type("Hello\r")
        screen.until("has lasted its 0.02 minutes")
        assert screen.code() == 3
    assert kept(folder).count("UserSaid") == 1


@pytest.mark.parametrize("approval", ["{when: 'false'}", "always"], ids=["at once", "after a question"])
def test_ctrl_c_cuts_in_while_a_tool_works(folder: Path, approval: str) -> None:
    (folder / "slow.yaml").write_text(SLOW.replace("APPROVAL", approval), encoding="utf-8")
    with terminal(folder, *FILES) as screen:
        screen.until("you")
        screen.type("Look it up\r")
        if approval == "always":
            screen.until("allow it?")
            screen.type("y\r")
            screen.until("approved")
        else:
            screen.until("call")
        screen.type("\x03")
        screen.until("cuts in after")
        screen.until("returned")
        screen.until("you")
        screen.type("/quit\r")
        assert screen.code() == 0
    events = kept(folder)
    assert events.index("Interrupted") < events.index("ToolReturned") < events.index("AgentSaid")
    (dialogue,) = yaml.safe_load((folder / "talk.yaml").read_text(encoding="utf-8"))["dialogues"]
    assert "after" in dialogue["turns"][0]["agent"][0]["interrupt"]


def test_what_was_said_is_kept_where_nobody_reads_any_more(folder: Path) -> None:
    command = [*PROGRAM, "run", "slow.yaml", *FILES]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True, cwd=folder) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        next(line for line in process.stdout if line.startswith("type to talk"))
        process.stdout.close()
        process.stdin.write("Look it up\nHello\n")
        process.stdin.close()
        assert process.wait(timeout=60) == 0 and not process.stderr.read()
    assert kept(folder).count("UserSaid") == 1 and kept(folder)[-1] == "AgentSaid"


def test_a_full_disk_is_told_and_no_traceback(folder: Path) -> None:
    command = [*PROGRAM, "run", "slow.yaml", "--trace", "talk.jsonl"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(command, input="Hello\n", stdout=full, stderr=subprocess.PIPE, text=True, cwd=folder)
    assert done.returncode == 3 and "No space left" in done.stderr and (folder / "talk.jsonl").exists()


def test_standard_input_may_be_closed(folder: Path) -> None:
    command = [sys.executable, "-c", "import os,sys; os.close(0); os.execv(sys.argv[1], sys.argv[1:])"]
    done = subprocess.run([*command, *PROGRAM, "run", "slow.yaml"], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0 and "the conversation is over" in done.stdout and "Traceback" not in done.stderr


def test_the_trace_is_kept_where_the_dialogue_cannot_be(folder: Path) -> None:
    command = [*PROGRAM, "run", "slow.yaml", "--save", "kept/talk.yaml", "--trace", "t"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True, cwd=folder) as process:
        assert process.stdout is not None and process.stdout.readline()  # it has begun, and could be written then
        (folder / "kept").write_text("a file where a folder was to be", encoding="utf-8")
        _, told = process.communicate("Hello\n")
    assert process.returncode == 3 and "cannot be written" in told
    assert (folder / "t").read_text(encoding="utf-8")


def test_ctrl_c_while_the_command_is_leaving_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(
        "scenario: desk\nstart: desk\nagents: {desk: {instructions: Be brief.}}\n"
        "dialogues: [{id: hello, turns: [{user: Hi, agent: [{say: Hello.}]}]}]\n",
        encoding="utf-8",
    )
    program = (
        "import atexit, signal; atexit.register(signal.raise_signal, signal.SIGINT)\n"
        "from realtime_scenarios.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "test", "--list"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


BUSY = """\
scenario: busy
start: desk
agents: {desk: {instructions: x, tools: [wait]}}
tools: {wait: {description: x, python: "waiting:wait"}}
dialogues: [{id: waits, turns: [{user: Hi, agent: [{call: wait}, {say: Done.}]}]}]
"""


def _in_the_foreground() -> None:
    """As from a terminal, though these tests may be run where hang-ups are ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def busy(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that plays a dialogue whose tool does not come back. Its temporary files are in `temporary`."""
    begun = folder / "begun"
    os.mkfifo(begun)
    (folder / "temporary").mkdir()
    (folder / "busy.yaml").write_text(BUSY, encoding="utf-8")
    code = f"import threading\n\ndef wait():\n    open({str(begun)!r}, 'w').close()\n    threading.Event().wait()\n"
    (folder / "waiting.py").write_text(code, encoding="utf-8")
    git("init", "-b", "main", folder=folder)
    git("add", "busy.yaml", "waiting.py", folder=folder)
    git("commit", "-m", "x", folder=folder)
    environment = {**os.environ, "TMPDIR": str(folder / "temporary")}
    command = [*PROGRAM, *arguments, "--trust"]
    with subprocess.Popen(
        command, stdout=-1, stderr=-1, text=True, cwd=folder, env=environment, preexec_fn=_in_the_foreground
    ) as process:
        begun.read_bytes()
        yield process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("arguments", [("diff", "--git", "main", "busy.yaml"), ("generate", "busy.yaml")])
def test_a_signal_leaves_no_temporary_folder(tmp_path: Path, number: signal.Signals, arguments: tuple[str]) -> None:
    with busy(tmp_path, *arguments) as process:
        process.send_signal(number)
        _, problems = process.communicate(timeout=60)

    assert (process.returncode, problems.strip()) == (130, "interrupted")
    assert not list((tmp_path / "temporary").iterdir())


def test_a_hang_up_that_is_ignored_ends_nothing(tmp_path: Path) -> None:
    program = (
        "import atexit, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "atexit.register(signal.raise_signal, signal.SIGHUP)\n"
        "from realtime_scenarios.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "new", "desk"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
