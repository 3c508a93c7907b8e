"""`scenario talk`: a conversation in a process of its own, which each command goes on with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from realtime_scenarios.talks.desk import address_file
from realtime_scenarios.talks.messages import Start
from support import PROGRAM
from support.command_line import run

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk: {instructions: x, tools: [hours, refund]}
tools:
  hours: {description: When we are open., examples: [When are you open?], returns: "We are open from nine to five."}
  refund: {description: Give money back., examples: [I want my money back], approval: always, returns: "It is on its way."}
"""


@pytest.fixture
def shop(folder: Path) -> Iterator[Path]:
    """A folder with a scenario; a conversation that was left in it is ended."""
    (folder / "shop.yaml").write_text(SCENARIO)
    yield folder
    run("talk", "stop")


def told(*arguments: str) -> Any:
    found = run("talk", *arguments, "--json")
    assert found.exit_code == 0, (found.output, found.exception)
    return json.loads(found.output)


def test_a_conversation_lives_between_commands_until_it_is_stopped(shop: Path) -> None:
    told("start", "shop.yaml")
    file = shop / ".scenario" / "talks" / "talk.json"
    assert file.stat().st_mode & 0o077 == 0  # the word in it is its owner's alone
    assert (shop / ".scenario" / ".gitignore").read_text() == "*\n"
    assert "is being held here already" in str(run("talk", "start", "shop.yaml").exception)

    assert told("say", "When", "are", "you", "open?")["said"] == ["We are open from nine to five."]
    assert told("say", "I want my money back")["waiting"]["tool"] == "refund"
    assert told("approve")["said"] == ["It is on its way."]
    assert told("undo")["waiting"]["tool"] == "refund"
    assert told("reject")["waiting"] is None
    assert told("state")["turn"] == 2
    assert told("save", "dialogues/first.yaml")["saved"].endswith("first.yaml")

    address = json.loads(file.read_text())
    with socket.create_connection(("127.0.0.1", address["port"])) as stranger:
        stranger.sendall(b'{"token": "guess", "deed": "stop"}\n')
        answer = json.loads(stranger.makefile().readline())
    assert answer["error"] == "this is not for you" and answer["told"] is None

    assert told("stop") == {"stopped": True}
    gone = run("talk", "say", "Hello?")
    assert "no conversation is being held here" in str(gone.exception)


def test_a_conversation_whose_process_was_killed_is_over(shop: Path) -> None:
    told("start", "shop.yaml")
    address = json.loads((shop / ".scenario" / "talks" / "talk.json").read_text())
    os.kill(address["pid"], 9)
    for _ in range(200):  # until the system has closed its port
        found = run("talk", "state")
        if found.exception is not None and "is over" in str(found.exception):
            break
    else:
        pytest.fail(found.output)
    assert not (shop / ".scenario" / "talks" / "talk.json").exists()


def test_a_scenario_with_mistakes_is_not_talked_to(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SCENARIO.replace("start: desk", "start: dsk"))
    found = run("talk", "start", "shop.yaml", "--json")
    assert found.exit_code == 1 and json.loads(found.output)[0]["code"].startswith("SC")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("say", "Hi"), "no conversation is being held here"),
        (("approve", "pin"), "has no '='"),
        (("start", "nowhere"), "there is no scenario 'nowhere'"),
        (("state", "--name", "../up"), "no conversation can be called '../up'"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    found = run("talk", *arguments)
    assert found.exit_code and said in found.output + str(found.exception)


@pytest.mark.parametrize(
    ("arguments", "code", "error", "hint"),
    [
        (("say", "Hi"), 2, "no conversation is being held here", "scenario talk start FILE"),
        (("approve", "pin"), 2, "'pin' has no '=': write it as FIELD=VALUE", None),
        (("say",), 2, "Missing argument 'WORDS...'.", None),
    ],
)
def test_what_cannot_be_done_is_one_object_where_that_is_asked_for(
    folder: Path, arguments: tuple[str, ...], code: int, error: str, hint: str | None
) -> None:
    found = run("talk", *arguments, "--json")
    assert (found.exit_code, json.loads(found.stdout), found.stderr) == (code, {"error": error, "hint": hint}, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_beginning_that_is_interrupted_leaves_no_process_behind(shop: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"ws://127.0.0.1:{silent.getsockname()[1]}"
        command = [*PROGRAM, "talk", "start", "shop.yaml", "--url", where]
        with (
            subprocess.Popen(command, stdout=-1, stderr=-1, text=True, cwd=shop) as process,
            silent.accept()[0],  # who holds the conversation waits for an answer
        ):
            (holder,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            process.send_signal(number)
            assert "interrupted" in process.communicate(timeout=60)[1]
            assert not Path(f"/proc/{holder}").exists()

    assert process.returncode == 130
    assert "no conversation is being held here" in str(run("talk", "stop").exception)


def test_a_conversation_of_which_nobody_is_told_ends(shop: Path) -> None:
    start = Start(str(shop / "shop.yaml"), str(address_file(shop, "talk")))
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "realtime_scenarios.talks.keeper"]
    done = subprocess.run(command, input=msgspec.json.encode(start), stdout=writer, check=False)
    os.close(writer)

    assert done.returncode == 0
    assert not address_file(shop, "talk").exists()
