"""`scenario run --record`: every event as it happens, whole whatever ends the process, and without secrets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from realtime_scenarios.cli.recording import Recording
from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.trace import AgentSaid, Trace, UserSaid, from_json_lines
from support import PROGRAM
from support.warm import conversed

SIGN_IN = """\
scenario: desk
start: desk
context: {pin: {type: string, default: "4711", secret: true}}
agents: {desk: {instructions: "Sign callers in with sign_in.", tools: [sign_in]}}
tools:
  sign_in:
    description: Sign the caller in.
    examples: [Sign me in]
    approval: {fields: {password: {label: Password, secret: true}}}
    returns: You are in.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "desk.yaml").write_text(SIGN_IN, encoding="utf-8")
    return tmp_path


def talked(folder: Path, lines: str, *options: str) -> subprocess.CompletedProcess[str]:
    return conversed("run", "desk.yaml", "--record", "talk.jsonl", *options, typed=lines, folder=folder)


def types(folder: Path) -> list[str]:
    return [type(event).__name__ for event in from_json_lines((folder / "talk.jsonl").read_text(encoding="utf-8"))]


def test_what_is_recorded_is_the_trace_and_holds_no_secret(folder: Path) -> None:
    done = talked(folder, "Hello, hunter2 here\nSign me in\nhunter2\nIt was hunter2\n", "--trace", "whole.jsonl")

    assert done.returncode == 0, done.stderr
    recorded = (folder / "talk.jsonl").read_text(encoding="utf-8")
    assert recorded == (folder / "whole.jsonl").read_text(encoding="utf-8")
    assert "ApprovalDecided" in types(folder)
    assert "Hello, [secret] here" in recorded, "it was said before it was a secret"
    assert "hunter2" not in recorded


def test_a_process_that_is_killed_leaves_every_event_until_then(folder: Path) -> None:
    command = [*PROGRAM, "run", "desk.yaml", "--record", "talk.jsonl"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"Sign me in\n")
        process.stdin.flush()
        while b"Password" not in process.stdout.read1():
            pass
        process.send_signal(signal.SIGKILL)

    assert types(folder)[:2] == ["UserSaid", "ToolCalled"]
    assert types(folder)[-1] == "ApprovalRequested"


def test_a_file_that_is_there_is_not_written_over(folder: Path) -> None:
    (folder / "talk.jsonl").write_text("mine\n", encoding="utf-8")
    done = talked(folder, "Hello\n")

    assert done.returncode == 2
    assert "'talk.jsonl' exists already" in done.stderr
    assert (folder / "talk.jsonl").read_text(encoding="utf-8") == "mine\n"


def test_a_conversation_that_does_not_come_about_leaves_no_file(folder: Path) -> None:
    done = talked(folder, "Hello\n", "--url", "ws://127.0.0.1:1/v1/realtime")

    assert done.returncode == 3
    assert not (folder / "talk.jsonl").exists()


SAID = UserSaid(seq=1, turn=1, agent="desk", text="Hello")


def test_a_disk_that_is_full_is_told_and_stops_nothing(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "new.jsonl")
    os.dup2(os.open("/dev/full", os.O_WRONLY), recording._file)
    recording.add(SAID)
    recording.add(SAID)

    assert recording.problem is not None
    assert "No space left on device" in recording.problem.message


def test_what_has_become_secret_is_replaced_and_the_file_goes_on(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "new.jsonl")
    recording.add(SAID)
    recording.become(Trace((UserSaid(seq=1, turn=1, agent="desk", text="[secret]"),), "desk"))
    recording.add(AgentSaid(seq=2, turn=1, agent="desk", text="Good day."))
    recording.close()

    lines = (tmp_path / "new.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["[secret]", "Good day."]


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"cannot be written: (File exists|Not a directory)"):
        Recording(tmp_path / "file" / "new.jsonl")
    with pytest.raises(UsageError, match="exists already"):
        Recording(tmp_path / "file")
