"""A conversation on a terminal or through a pipe: what is asked of a person, and what is shown to them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from support import PROGRAM
from support.command_line import run
from support.warm import conversed

BANK = """\
scenario: bank
start: desk
agents:
  desk:
    instructions: You move money.
    tools: [transfer]
    states_mode: tracked
    states:
      - id: greet
        description: Greet.
        instructions: [Greet.]
        transitions: [{to: done, when: The caller is served.}]
      - {id: done, description: Part., instructions: [Part.]}
context:
  limit: {type: integer, default: 10000}
tools:
  transfer:
    description: Move money to somebody.
    examples: [Please transfer 9000]
    parameters: {amount: integer}
    approval: {question: "Move {{ args.amount }} away?", fields: {purpose: {label: What is it for?, pattern: "^[a-z]+$"}}}
    returns: moved
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a conversation shows in which the state is asked for, and then a transfer that is not wanted after all."""
    folder = tmp_path_factory.mktemp("bank")
    (folder / "bank.yaml").write_text(BANK, encoding="utf-8")
    typed = "/state\nPlease transfer 9000\nRent 12\n/cancel\n"
    return conversed("run", "bank.yaml", typed=typed, folder=folder, check=True).stdout


def test_a_person_sees_all_that_they_say_yes_to_and_how_to_say_no(shown: str) -> None:
    box = shown[shown.index("transfer needs your yes") :].splitlines()
    assert box[0].endswith("fill this in")
    assert box[1] == "  │ Move 9000 away?"
    assert box[2] == "  │ amount: 9000"
    assert box[3] == "  │ /cancel says no"
    assert box[4].startswith("  │ What is it for?:")
    assert "transfer rejected" in shown


def test_a_person_whose_answer_has_the_wrong_form_is_asked_again_and_told_why(shown: str) -> None:
    again = shown[shown.rindex("transfer needs your yes") :].splitlines()
    assert again[1:4] == [
        "  │ Move 9000 away?",
        "  │ amount: 9000",
        "  │ What is it for?: it does not match the pattern ^[a-z]+$",
    ]


def test_the_first_state_is_known_before_anything_has_happened(shown: str) -> None:
    assert "desk is in state greet" in shown[: shown.index("Please transfer 9000")]


def test_a_conversation_begins_where_and_when_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "bank.yaml").write_text(BANK, encoding="utf-8")
    begins = ["--state", "done", "--now", "2026-03-01T09:00Z", "--context", "limit=500"]
    command = ["run", "bank.yaml", *begins, "--save", "saved.yaml"]
    done = conversed(*command, typed="/state\nHello\n", folder=tmp_path, check=True)

    assert done.returncode == 0 and "limit = 500" in done.stdout and "is in state done" in done.stdout
    (saved,) = yaml.safe_load((tmp_path / "saved.yaml").read_text(encoding="utf-8"))["dialogues"]
    assert (saved["context"], saved["state"]) == ({"limit": 500}, "done")
    assert str(saved["now"]).startswith("2026-03-01")


def test_a_dialogue_that_is_there_is_told_before_anything_is_said(tmp_path: Path) -> None:
    (tmp_path / "bank.yaml").write_text(BANK, encoding="utf-8")
    (tmp_path / "saved.yaml").write_text("mine", encoding="utf-8")
    command = [*PROGRAM, "run", "bank.yaml", "--save", "saved"]
    done = subprocess.run(command, input="Hello\n", capture_output=True, text=True, cwd=tmp_path, check=False)

    assert done.returncode == 2 and "'saved.yaml' exists already" in done.stderr
    assert done.stdout == ""


def test_a_conversation_is_saved_beside_a_file_that_has_come_to_be_there_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "bank.yaml").write_text(BANK, encoding="utf-8")
    command = [*PROGRAM, "run", "bank.yaml", "--save", "saved.yaml"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=tmp_path) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline()
        (tmp_path / "saved.yaml").write_text("mine", encoding="utf-8")
        (tmp_path / "saved-2.yaml").write_text("mine, too", encoding="utf-8")
        told = process.communicate("Hello\n")[0]

    assert process.returncode == 0
    assert "'saved.yaml' has come to exist meanwhile and is left as it is" in told
    assert "wrote saved-3.yaml; replay it with: scenario test saved-3.yaml" in told
    assert (tmp_path / "saved.yaml").read_text(encoding="utf-8") == "mine"
    (saved,) = yaml.safe_load((tmp_path / "saved-3.yaml").read_text(encoding="utf-8"))["dialogues"]
    assert saved["turns"][0]["user"] == "Hello"


def test_values_are_shown_as_they_are_written_in_the_file(shown: str) -> None:
    assert "limit = 10000" in shown


@pytest.mark.parametrize("width", [20, 40, 80])
def test_words_that_do_not_fit_go_on_the_next_line(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime_scenarios.cli.screen import Screen
    from realtime_scenarios.cli.style import painter
    from realtime_scenarios.core import resource_folder
    from realtime_scenarios.project import load

    monkeypatch.setenv("COLUMNS", str(width))
    screen = Screen(load(resource_folder("scenarios") / "airline" / "airline.yaml").scenario, painter("never"))
    screen.is_watched = True
    text = "The plane leaves at eight in the morning, and boarding begins half an hour before that."
    for start in range(0, len(text), 3):
        screen.on_delta("main", text[start : start + 3])
    screen.end_line()
    shown = capsys.readouterr().out
    assert all(len(line.rstrip()) <= width for line in shown.splitlines())
    assert " ".join(shown.split()) == f"Main Agent {text}"


def test_a_packaged_example_is_saved_by_its_name_and_says_which_secrets_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    lines = ["What flight am I on?", "Jane", "hunter2", "/save talk", "/quit"]
    shown = conversed("run", "airline", typed="".join(f"{line}\n" for line in lines), folder=folder, check=True).stdout
    assert "no secret is in it" in shown and "hunter2" not in (folder / "talk.yaml").read_text(encoding="utf-8")
    assert (folder / "talk.yaml").read_text(encoding="utf-8").startswith("scenario: airline\n")
    monkeypatch.chdir(folder)
    replayed = CliRunner().invoke(cli, ["test", "talk.yaml"])
    assert replayed.exit_code == 0, replayed.output


def test_a_conversation_through_a_pipe_can_be_saved_and_replayed(folder: Path) -> None:
    lines = "How big can my carry-on be?\nWhat flight am I on?\nriley\n\nriley\nhunter2\n/state\n/nope\n/save talk.yaml\n/quit\n"
    done = subprocess.run([*PROGRAM, "run", "airline"], input=lines, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0 and not done.stderr
    assert "22x14x9" in done.stdout and "8am flight" in done.stdout
    assert "password left empty" in done.stdout and "*******" in done.stdout
    assert "deterministic stand-in" in done.stdout and "unknown command '/nope'" in done.stdout
    assert "hunter2" not in done.stdout + (folder / "talk.yaml").read_text(encoding="utf-8")
    assert run("test", "talk.yaml").exit_code == 0


def test_a_rehearsal_ends_with_what_was_not_understood_and_the_example_that_would_help(tmp_path: Path) -> None:
    (tmp_path / "bank.yaml").write_text(BANK, encoding="utf-8")
    typed = "hello\nI need a taxi at six\nsing me a song\n/quit\n"
    done = conversed("run", "bank.yaml", typed=typed, folder=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == (
        "not understood: “sing me a song”, and 1 more; what would help: examples: [sing me a song] "
        "on the tool or handoff that it is meant for"
    )
    typed = "hello\n/quit\n"
    done = conversed("run", "bank.yaml", typed=typed, folder=tmp_path, check=True)
    assert "not understood" not in done.stdout
