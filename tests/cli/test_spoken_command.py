"""`scenario test --spoken`: lines are said aloud and heard, by workers or here, and the end of the run tells how."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from xml.etree import ElementTree

import pytest

from realtime_scenarios.core import ScenarioError, UsageError
from support.command_line import run, same_as_before
from support.sounds import needs_flite, needs_pocketsphinx

DESK = """\
scenario: desk
start: desk
session: {turn_detection: {type: server_vad, silence_duration_ms: 300}}
agents:
  desk: {instructions: You help callers., tools: [opening_hours]}
tools:
  opening_hours:
    description: When the shop is open.
    examples: [When are you open?, What are your opening hours?]
    returns: From nine to five.
dialogues:
  - id: hours
    turns: [{user: When are you open?, agent: [{call: opening_hours}, {say: From nine to five.}]}]
  - id: thanks
    turns: [{user: Thank you., agent: [{say: Goodbye.}]}]
"""
BY_TONE = ("--spoken", "--tts", "tone", "--stt", "script")


@pytest.fixture
def desk(folder: Path) -> Path:
    path = folder / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return path


def test_a_run_ends_with_a_table_of_what_was_heard(desk: Path) -> None:
    result = run("test", "desk.yaml", *BY_TONE)

    assert result.exit_code == 0, result.output
    same_as_before("test_spoken.txt", result.output)


def test_workers_here_and_several_of_them_hear_the_same(desk: Path) -> None:
    for where, traces in (("--in-process", "here"), ("-n2", "workers")):
        result = run("test", "desk.yaml", *BY_TONE, "--noise", "pink:15", "--seed", "4", where, "--trace", traces)
        assert result.exit_code == 0, result.output
    files = sorted(path.name for path in Path("here").iterdir())
    assert len(files) == 2
    for name in files:
        assert Path("here", name).read_text() == Path("workers", name).read_text()


def test_reports_and_traces_say_what_was_said_and_heard(desk: Path) -> None:
    run("test", "desk.yaml", *BY_TONE, "--in-process", "--junit", "report.xml", "--trace", "traces")

    properties = {found.get("name"): found.get("value") for found in ElementTree.parse("report.xml").iter("property")}
    assert re.fullmatch(
        r"said: Thank you\. \| heard: Thank you\. \| 0 of 2 words wrong \| answered after \d+ ms",
        properties["spoken turn 1"] or "",
    )
    assert properties["word error rate"] == "0.000"
    (trace,) = Path("traces").glob("*thanks*")
    said, answered = [json.loads(line) for line in trace.read_text().splitlines()][:2]
    assert (said["text"], said["said"]) == ("Thank you.", "Thank you.")
    assert answered["audio_ms"] == 400 and answered["latency_ms"] > 0


def test_a_run_that_was_ended_goes_on_spoken_alike(desk: Path) -> None:
    run("test", "desk.yaml", *BY_TONE, "--in-process")
    typed = run("test", "desk.yaml", "--resume", "--in-process")
    spoken = run("test", "desk.yaml", *BY_TONE, "--resume", "--in-process")

    assert isinstance(typed.exception, UsageError) and "asked for something else" in typed.exception.message
    assert "2 of 2 dialogues are kept" in spoken.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--spoken", "--noise", "blue:3"], "there is no noise 'blue:3'"),
        (["--spoken", "--noise", "white"], "there is no noise 'white'"),
        (["--spoken", "--noise", "white:loud"], "there is no noise 'white:loud'"),
        (["--spoken", "--tts", "flight"], "flight"),
        (["--spoken", "--tts", "tone", "--vad", "ears"], "ears"),
        (["--spoken", "--tts", "tone", "--stt", "ears"], "ears"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(desk: Path, arguments: list[str], told: str) -> None:
    problem = run("test", "desk.yaml", *arguments).exception

    assert isinstance(problem, UsageError), problem
    assert told in problem.message


def test_the_way_out_is_told_where_a_part_has_none_of_its_own(desk: Path) -> None:
    problem = run("test", "desk.yaml", "--spoken", "--tts", "tone", "--stt", "script:nowhere.txt").exception

    assert isinstance(problem, ScenarioError) and problem.hint == "take --stt script"


def test_a_voice_that_is_not_there_is_told_before_a_dialogue_is_played(desk: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    result = run("test", "desk.yaml", "--spoken", "--stt", "script", "--tts", url, "--in-process")

    assert isinstance(result.exception, ScenarioError) and result.exception.exit_code == 3
    assert result.exception.message.startswith("the server at 127.0.0.1 did not answer: ")
    assert result.exception.hint == "start the server, check the URL, or take another --tts"
    assert result.output == ""
    assert run("test", "desk.yaml", "--spoken", "--tts", url, "--list").exit_code == 0


def test_how_lines_are_spoken_is_asked_only_where_they_are(desk: Path) -> None:
    result = run("test", "desk.yaml", "--noise", "white:10")

    assert result.exit_code == 2
    assert "--noise says how lines are spoken; it needs --spoken" in result.output


def test_a_program_that_is_missing_is_told_with_the_way_out(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    problem = run("test", "desk.yaml", "--spoken", "--stt", "script").exception

    assert isinstance(problem, ScenarioError) and problem.message == "flite is not installed"
    assert "apt install flite" in (problem.hint or "")


def test_a_recogniser_that_is_missing_is_told_with_the_way_out(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_scenarios.voice.pocketsphinx.find_spec", lambda name: None)
    problem = run("test", "desk.yaml", "--spoken", "--tts", "tone", "--stt", "pocketsphinx").exception

    assert isinstance(problem, ScenarioError) and problem.message == "pocketsphinx is not installed"
    assert "--stt script" in (problem.hint or "")


@needs_flite
@needs_pocketsphinx
def test_a_worker_that_hears_with_a_process_of_its_own_plays_on(desk: Path) -> None:
    result = run("test", "desk.yaml", "--spoken", "--provider", "offline", "-k", "hours", "-v")

    assert "caller     When are you open?" in result.output
    assert "call       opening_hours" in result.output
    assert "turns by loudness, words by pocketsphinx" in result.output


def test_a_service_that_writes_nothing_down_is_told_at_the_end_of_the_run(desk: Path) -> None:
    with socket.socket() as taken:  # a port that nobody listens at
        taken.bind(("127.0.0.1", 0))
        service = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        result = run("test", "desk.yaml", "--spoken", "--tts", "tone", "--stt", service)

    assert "\n2 turns were not written down: the server at 127.0.0.1 did not answer" in result.output


def test_how_callers_speak_is_told_in_80_columns(desk: Path) -> None:
    options = ("--noise", "white:10", "--telephone", "--seed", "7")
    result = run("test", "desk.yaml", *BY_TONE, *options)

    assert "in noise (white:10 dB, seed 7), over a telephone" in " ".join(result.output.split())
    assert max(map(len, result.output.splitlines())) <= 80
