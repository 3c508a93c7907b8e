"""`--log-events`: every event of the wire of `run`, `test` and `serve` in a file, whatever ends the command."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from support import PROGRAM
from support.command_line import run
from support.warm import conversed

DESK = """\
scenario: desk
start: desk
agents: {desk: {instructions: You are the desk., tools: [sign_in]}}
tools:
  sign_in:
    description: Sign the caller in.
    parameters: {}
    examples: [Sign me in]
    approval: {fields: {password: {label: Password, secret: true}}}
    returns: You are in.
dialogues:
  - id: hello
    turns: [{user: Hello, agent: [{say: Good morning.}]}]
  - id: sign-in
    turns:
      - user: I am hunter2
        agent:
          - {call: sign_in, approval: {approve: {password: hunter2}}}
          - say: You are in.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines_of(path: Path) -> list[dict[str, Any]]:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def kinds(lines: list[dict[str, Any]], sender: str) -> list[str]:
    return [line["event"]["type"] for line in lines if line["from"] == sender]


def test_a_conversation_that_is_killed_leaves_all_events_up_to_then(folder: Path) -> None:
    command = [*PROGRAM, "run", "desk.yaml", "--log-events", "e.jsonl"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("My password is hunter2\nSign me in\nhunter2\nHello\n")
        process.stdin.flush()
        said = (line for line in process.stdout if line.startswith("desk  "))
        for _ in range(3):
            next(said)
        process.kill()
    lines = lines_of(folder / "e.jsonl")
    assert kinds(lines, "server")[0] == "session.created" and kinds(lines, "client")[0] == "session.update"
    assert kinds(lines, "client").count("response.create") == 4
    assert {line["connection"] for line in lines} == {1}
    created = next(line for line in lines if line["event"]["type"] == "session.created")
    assert created["session"] == created["event"]["session"]["id"] == lines[-1]["session"]
    assert "hunter2" not in (folder / "e.jsonl").read_text(encoding="utf-8")


def test_dialogues_that_are_played_side_by_side_write_into_one_file_without_secrets(folder: Path) -> None:
    done = run("test", "desk.yaml", "-n", "2", "--log-events", "logs/e.jsonl")
    assert done.exit_code == 0, done.output
    lines = lines_of(folder / "logs" / "e.jsonl")
    assert {(line["scenario"], line["dialogue"]) for line in lines} == {("desk", "hello"), ("desk", "sign-in")}
    assert "hunter2" not in (folder / "logs" / "e.jsonl").read_text(encoding="utf-8")
    for dialogue, responses in (("hello", 1), ("sign-in", 2)):
        own = [line for line in lines if line["dialogue"] == dialogue]
        assert kinds(own, "server").count("response.done") == responses


def test_the_same_dialogue_twice_gives_the_same_file(folder: Path) -> None:
    for name in ("one.jsonl", "two.jsonl"):
        assert run("test", "desk.yaml::sign-in", "--in-process", "--log-events", name).exit_code == 0
    assert (folder / "one.jsonl").read_bytes() == (folder / "two.jsonl").read_bytes()


def test_what_clients_of_a_server_send_and_are_sent_is_in_its_file(folder: Path) -> None:
    command = [*PROGRAM, "serve", "desk.yaml::hello", "--port", "0", "--log-events", "e.jsonl"]
    with subprocess.Popen(command, stdout=-1, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        for _ in range(2):
            with connect(url, open_timeout=60) as client:
                client.recv()
                client.send("no JSON")
                while json.loads(client.recv())["type"] != "error":
                    pass
        server.send_signal(signal.SIGINT)
        server.wait(60)
    lines = lines_of(folder / "e.jsonl")
    assert [line["text"] for line in lines if "text" in line] == ["no JSON", "no JSON"]
    assert {line["connection"] for line in lines} == {1, 2} and len({line["session"] for line in lines}) == 2


@pytest.mark.parametrize("command", [["run", "desk.yaml"], ["test", "desk.yaml"], ["serve", "--port", "0"]])
def test_no_file_is_written_over(folder: Path, command: list[str]) -> None:
    (folder / "e.jsonl").write_text("mine", encoding="utf-8")
    done = conversed(*command, "--log-events", "e.jsonl")
    assert done.returncode == 2 and "'e.jsonl' exists already" in done.stderr
    assert "choose another name for --log-events" in done.stderr
    assert (folder / "e.jsonl").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("command", ["run", "test", "serve --realtime-only"])
def test_a_command_that_never_began_leaves_no_file_in_the_way_of_the_next(folder: Path, command: str) -> None:
    (folder / "desk.yaml").write_text(DESK.replace("desk: {instr", "desk: {instrr"), encoding="utf-8")

    assert run(*command.split(), "desk.yaml", "--log-events", "e.jsonl").exit_code == 1
    assert not (folder / "e.jsonl").exists()
