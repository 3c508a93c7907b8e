"""What `scenario test` remembers: `--last-failed`, `--resume`, and reports that are whole or not there."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from realtime_scenarios.cli.again import resume_command, to_play_again
from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import UsageError
from realtime_scenarios.suite.journal import Asked, past_run
from support import PROGRAM
from support.command_line import SHOP, git

HEAD = "scenario: shop\nstart: desk\nagents: {desk: {instructions: {file: prompt.md}}}\n"
MANY = 400
CALLER_OF_TWO_MINDS = """scenario: shop
start: desk
agents: {desk: {instructions: Say where the parcel is., tools: [track]}}
tools:
  track:
    description: Look up where a parcel is.
    examples: [Where is my parcel?]
    parameters: {number: {type: string, description: the parcel number}}
    returns: The parcel is in Lyon.
dialogues:
  - id: asks
    caller:
      opens: [Where is my parcel?, Sing]
      facts: [{asked: number, says: [It is A-17, It is B-18]}]
      wants: [{says: Where is my parcel?, until: Lyon}]
    expect: [{called: {tool: track, args: {number: A-17}}}]
"""
FRAGILE = """scenario: shop
start: desk
agents: {desk: {instructions: x, tools: [find]}}
tools: {find: {description: x, parameters: {kind: string}, approval: {timeout: 1s}, returns: found}}
dialogues:
  - {id: a, turns: [{user: find, agent: [{call: find, args: {kind: x}, approval: approve, returns: found}, {say: ok}]}]}
  - {id: b, turns: [{user: find, agent: [{call: find, args: {kind: x}, approval: approve, returns: found}, {say: ok}]}]}
"""
BY_A_SLOW_ANSWER = ("--schedule", "decision 1 5s")
BY_ANOTHER_SLOW_ANSWER = ("--schedule", "decision 1 7s")
TOLD_FOR_A_SLOW_ANSWER = "scenario test --last-failed --schedule 'decision 1 5s'"


def dialogues(*expected: str) -> str:
    """A dialogue for each of these words, which says hello, and in which the word is expected to be said."""
    return "dialogues:\n" + "".join(
        f"  - {{id: d{number}, turns: [{{user: hi, agent: [{{say: hello}}], expect: [{{said: {word}}}]}}]}}\n"
        for number, word in enumerate(expected)
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompt.md").write_text("Help.", encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(HEAD + dialogues("hello", "goodbye", "hello"), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["test", *arguments], prog_name="scenario")


def told_commands(result: Result) -> Iterator[tuple[str, ...]]:
    """The arguments of each `scenario test` that is told to be typed, in what is printed or in the way out."""
    way_out = (getattr(result.exception, "hint", None) or "").replace(" and scenario", "\nscenario")
    for told in re.findall(r"scenario test .*", f"{result.output}\n{way_out}"):
        yield tuple(shlex.split(told)[2:])


def kept(result: Result) -> str:
    """What is said of the dialogues that were kept."""
    return next(line for line in result.output.splitlines() if "kept" in line).partition(" dialogues")[0]


def names_in(report: Path) -> list[str | None]:
    return [case.get("name") for case in ElementTree.parse(report).getroot().iter("testcase")]


def test_where_nothing_failed_the_last_failed_are_all(folder: Path) -> None:
    (folder / "shop.yaml").write_text(HEAD + dialogues("hello"), encoding="utf-8")
    for _ in range(2):  # before the first run, and after one that passed
        again = run("--last-failed")
        assert again.exit_code == 0 and "1 passed" in again.output
        assert "nothing failed in the last run here, so all are wanted" in again.output


def test_what_failed_by_a_seed_is_not_played_by_another_alone(folder: Path) -> None:
    (folder / "shop.yaml").write_text(CALLER_OF_TWO_MINDS, encoding="utf-8")
    offline = ("--provider", "offline", "--in-process")
    usual = run(*offline)
    assert usual.exit_code == 0, usual.output
    failed = run(*offline, "--callers", "5")
    assert failed.exit_code == 1 and "scenario test --last-failed --provider offline --callers 5" in failed.output
    for option in ("--last-failed", "--resume"):
        again = run(*offline, option)
        assert isinstance(again.exception, UsageError) and "--callers 5" in str(again.exception), again.output
    assert "and such a run is not gone on with" in str(again.exception)
    assert run("--last-failed", "--list").output.startswith("shop.yaml::asks")
    by_all = run(*offline, "--last-failed", "--callers", "5")
    assert by_all.exit_code == 1 and "0 passed, 1 failed in" in by_all.output


def test_how_it_failed_is_remembered_while_others_are_played(folder: Path) -> None:
    (folder / "shop.yaml").write_text(CALLER_OF_TWO_MINDS, encoding="utf-8")
    offline = ("--provider", "offline", "--in-process")
    assert run(*offline, "--callers", "5").exit_code == 1
    (folder / "other.yaml").write_text(HEAD.replace("shop", "other") + dialogues("hello"), encoding="utf-8")
    assert run("other.yaml").exit_code == 0
    again = run(*offline, "--last-failed")
    assert isinstance(again.exception, UsageError) and "--callers 5" in str(again.exception), again.output


@pytest.mark.parametrize(
    ("text", "way", "code"),
    [
        (CALLER_OF_TWO_MINDS, ("--provider", "offline", "--callers", "5"), 1),
        (CALLER_OF_TWO_MINDS, ("--provider", "offline", "--caller-seed", "2"), 1),
        (HEAD + dialogues("goodbye"), ("--provider", "offline"), 1),
        (HEAD + dialogues("goodbye"), ("--spoken", "--tts", "tone", "--stt", "script", "--noise", "white:10"), 1),
        (HEAD + dialogues("hello"), ("--url", "ws://127.0.0.1:1/v1", "--model", "so so", "--repeat", "16"), 3),
        (FRAGILE, BY_A_SLOW_ANSWER, 1),
    ],
)
def test_each_command_that_is_told_plays_what_failed_as_it_failed(
    folder: Path, text: str, way: tuple[str, ...], code: int
) -> None:
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    failed = run(*way)
    assert failed.exit_code == code, failed.output
    (at_the_end,) = told_commands(failed)
    refused = run("--last-failed")
    assert isinstance(refused.exception, UsageError), refused.output
    (in_place_of_it,) = told_commands(refused)
    assert at_the_end == in_place_of_it
    again = run(*at_the_end)
    assert again.exit_code == code and list(told_commands(again)) == [at_the_end], again.output


def test_what_failed_by_several_ways_is_left_until_each_is_played_again(folder: Path) -> None:
    (folder / "shop.yaml").write_text(FRAGILE, encoding="utf-8")
    assert run("-k", "::b", *BY_A_SLOW_ANSWER).exit_code == 1
    assert run("-k", "::a", *BY_ANOTHER_SLOW_ANSWER).exit_code == 1

    by_another = run("--last-failed", "--explore", "1")
    assert isinstance(by_another.exception, UsageError), by_another.output
    commands = list(told_commands(by_another))
    assert commands == [("--last-failed", *BY_A_SLOW_ANSWER), ("--last-failed", *BY_ANOTHER_SLOW_ANSWER)]

    (folder / "shop.yaml").write_text(FRAGILE.replace("timeout: 1s", "timeout: 20s"), encoding="utf-8")
    first = run(*commands[0])
    assert first.exit_code == 0 and "1 passed" in first.output and "ok   shop.yaml::b" in first.output
    rest = "not played the way it failed: shop.yaml::a: scenario test --last-failed --schedule 'decision 1 7s'"
    assert rest in first.output
    second = run(*commands[1])
    assert second.exit_code == 0 and "1 passed" in second.output and "not played" not in second.output
    assert "nothing failed in the last run here" in run("--last-failed").output


def test_what_passes_as_usual_is_still_left_where_it_failed_otherwise(folder: Path) -> None:
    (folder / "shop.yaml").write_text(FRAGILE, encoding="utf-8")
    assert run("-k", "::b", *BY_A_SLOW_ANSWER).exit_code == 1

    usual = run()

    assert usual.exit_code == 0 and "2 passed" in usual.output
    assert f"not played the way it failed: shop.yaml::b: {TOLD_FOR_A_SLOW_ANSWER}" in usual.output
    assert run("--last-failed", "--list").output == "shop.yaml::b\n"
    again = run("--last-failed", *BY_A_SLOW_ANSWER)
    assert again.exit_code == 1 and "0 passed, 1 failed" in again.output


@pytest.mark.parametrize("typed", [(), ("--explore", "1")])
def test_a_journal_of_an_older_version_still_says_what_failed_and_how(folder: Path, typed: tuple[str, ...]) -> None:
    (folder / "shop.yaml").write_text(FRAGILE, encoding="utf-8")
    run("-k", "::a", *BY_ANOTHER_SLOW_ANSWER)
    journal = folder / ".scenario" / "journal.jsonl"
    begun, *rest = journal.read_text(encoding="utf-8").splitlines()
    older = {**json.loads(begun), "earlier": ["shop.yaml::b"], "earlier_ways": ["--schedule", "'decision 1 5s'"]}
    journal.write_text("\n".join([json.dumps(older), *rest, ""]), encoding="utf-8")

    refused = run("--last-failed", *typed)

    assert isinstance(refused.exception, UsageError), refused.output
    assert [run(*command).exit_code for command in told_commands(refused)] == [1, 1]


def test_what_is_left_out_since_nothing_changed_is_still_left(folder: Path) -> None:
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "x")
    assert run("shop.yaml::d1").exit_code == 1
    assert "3 skipped" in run("--changed").output
    assert run("--last-failed", "--list").output == "shop.yaml::d1\n"


def test_where_watching_cannot_play_what_failed_it_says_what_can(folder: Path) -> None:
    (folder / "shop.yaml").write_text(CALLER_OF_TWO_MINDS, encoding="utf-8")
    assert run("--provider", "offline", "--callers", "5").exit_code == 1

    refused = run("--watch", "--last-failed")

    problem = refused.exception
    assert isinstance(problem, UsageError), refused.output
    assert problem.message.endswith("--callers 5, and may pass otherwise; --watch plays each dialogue once, as usually")
    (command,) = told_commands(refused)
    assert run(*command).exit_code == 1


def test_what_failed_with_a_model_is_watched_with_that_model(folder: Path) -> None:
    (folder / "shop.yaml").write_text(HEAD + dialogues("goodbye"), encoding="utf-8")
    assert run("--provider", "offline").exit_code == 1

    with pytest.raises(UsageError) as refused:
        to_play_again(folder, Asked((), None, (), True, "scripted", {}), watches=True)

    assert refused.value.hint == "scenario test --watch --last-failed --provider offline"


def test_a_command_that_goes_on_with_a_run_says_where_credentials_are_missing(folder: Path) -> None:
    asked = Asked((), None, (), False, "url", {"url": "wss://me:hunter2@127.0.0.1:1/v1"})
    told = resume_command(asked)
    assert told == "scenario test --resume, with the same paths and options: credentials are not kept"


def test_what_failed_is_remembered_while_others_are_played(folder: Path) -> None:
    assert run().exit_code == 1
    assert run("shop.yaml::d0").exit_code == 0
    assert run("--last-failed", "--list").output == "shop.yaml::d1\n"


def test_what_failed_and_has_another_name_now_is_played_again(folder: Path) -> None:
    assert run().exit_code == 1
    renamed = HEAD + dialogues("hello", "goodbye", "hello").replace("id: d1,", "id: renamed,")
    (folder / "shop.yaml").write_text(renamed, encoding="utf-8")
    again = run("--last-failed")
    assert again.exit_code == 1 and "no longer here: shop.yaml::d1; what is new is played as well" in again.output
    assert run("--last-failed", "--list").output == "shop.yaml::renamed\n"


def test_who_takes_out_what_failed_has_nothing_to_play_again(folder: Path) -> None:
    run()
    (folder / "shop.yaml").write_text(HEAD + dialogues("hello"), encoding="utf-8")
    for told in ("no longer here: shop.yaml::d1", "nothing failed in the last run here"):
        again = run("--last-failed")
        assert again.exit_code == 0 and "1 passed" in again.output and told in again.output


@pytest.mark.parametrize("others", [(), ("other.yaml",)])
def test_what_could_not_be_read_is_among_what_failed(folder: Path, others: tuple[str, ...]) -> None:
    for name in others:
        (folder / name).write_text(HEAD + dialogues("goodbye"), encoding="utf-8")
    (folder / "shop.yaml").write_text((HEAD + dialogues("goodbye")).replace("start", "strat"), encoding="utf-8")
    assert run().exit_code == 1
    assert run(*(f"{name}::d0" for name in others)).exit_code == 1
    for name in ("shop.yaml", *others):
        (folder / name).write_text(HEAD + dialogues("goodbye" if name == "shop.yaml" else "hello"), encoding="utf-8")
    again = run("--last-failed")
    assert again.exit_code == 1 and "FAIL shop.yaml::d0" in again.output
    assert "a file had mistakes in the last run here, so all are wanted" in again.output


@pytest.mark.parametrize("url", ["wss://me:hunter2@127.0.0.1:1/v1", "ws://127.0.0.1:1/v1?api-key=hunter2"])
def test_credentials_are_not_kept(folder: Path, url: str) -> None:
    asked = ("--url", url, "shop.yaml::d0")
    failed = run(*asked)
    told = failed.output.splitlines()[-1]
    assert failed.exit_code == 3 and "hunter2" not in told
    assert told.startswith("run what failed again: ") and told.endswith(", with credentials in place of [secret]")
    refused = run("--last-failed").exception
    assert isinstance(refused, UsageError) and "hunter2" not in f"{refused.message} {refused.hint}"
    assert "hunter2" not in (folder / ".scenario" / "journal.jsonl").read_text(encoding="utf-8")
    alone = run("--resume").exception
    assert isinstance(alone, UsageError) and "a URL with credentials, which are not kept" in alone.message
    assert kept(run("--resume", *asked)) == "0 of 1"
    assert run("--last-failed", *asked).exit_code == 3


def test_a_run_that_was_killed_is_gone_on_with(folder: Path) -> None:
    (folder / "shop.yaml").write_text(HEAD + dialogues(*["hello"] * MANY), encoding="utf-8")
    process = subprocess.Popen([*PROGRAM, "test", "-n", "2"], stdout=subprocess.PIPE, text=True, cwd=folder)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(5)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait()
    past = past_run(folder)
    assert past is not None and len(told) <= len(past.over) < MANY, "each was written down before it was told"
    resumed = run("--resume", "--junit", "report.xml")
    assert kept(resumed) == f"{len(past.over)} of {MANY}"
    assert resumed.exit_code == 0 and f"{MANY} passed" in resumed.output
    assert names_in(folder / "report.xml") == [f"d{number}" for number in range(MANY)]


def test_what_is_kept_is_told_where_it_stands_among_what_is_played(folder: Path) -> None:
    run()
    journal = folder / ".scenario" / "journal.jsonl"
    begun, first, second, third = journal.read_bytes().splitlines(keepends=True)
    for kept_lines, count in (([third], 1), ([first, third], 2), ([second], 1)):
        journal.write_bytes(b"".join([begun, *kept_lines]))
        resumed = run("--resume")
        told = [line.split()[1] for line in resumed.output.splitlines() if line.startswith(("ok", "FAIL"))]
        assert kept(resumed) == f"{count} of 3" and told == [f"shop.yaml::d{number}" for number in range(3)]


def test_going_on_until_something_fails_ends_at_what_is_known_to_fail(folder: Path) -> None:
    run()
    journal = folder / ".scenario" / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:3]))
    resumed = run("--resume", "-x")
    assert kept(resumed) == "2 of 3" and resumed.exit_code == 1 and "1 passed, 1 failed, 1 not run" in resumed.output


@pytest.mark.parametrize(
    ("changed", "text", "expected"),
    [
        ("prompt.md", "Help well.", "0 of 3"),
        ("shop.yaml", HEAD + dialogues("hello", "hello", "hello"), "0 of 3"),
        ("other.md", "Something else.", "3 of 3"),
    ],
)
def test_what_has_changed_since_is_played_again(folder: Path, changed: str, text: str, expected: str) -> None:
    assert run("shop.yaml").exit_code == 1
    (folder / changed).write_text(text, encoding="utf-8")
    resumed = run("--resume", "shop.yaml")
    assert kept(resumed) == expected
    assert resumed.exit_code == (0 if changed == "shop.yaml" else 1)


def test_what_ended_without_a_verdict_is_played_again(folder: Path) -> None:
    (folder / "stubs.py").write_text("import os\n\ndef leave(): os._exit(0)\n", encoding="utf-8")
    call = "turns: [{user: hi, agent: [{call: leave}, {say: ok}]}]"
    (folder / "shop.yaml").write_text(
        "scenario: shop\nstart: desk\nagents: {desk: {instructions: x, tools: [leave]}}\n"
        "tools: {leave: {description: x, python: 'stubs:leave'}}\n"
        f"dialogues:\n  - {{id: hi, turns: [{{user: hi, agent: [{{say: hi}}]}}]}}\n  - {{id: gone, {call}}}\n",
        encoding="utf-8",
    )
    assert run().exit_code == 1
    resumed = run("--resume")
    assert kept(resumed) == "1 of 2" and resumed.exit_code == 1 and "FAIL shop.yaml::gone" in resumed.output


def test_a_run_that_was_asked_for_something_else_is_not_gone_on_with(folder: Path) -> None:
    assert isinstance(run("--resume").exception, UsageError)
    run("-k", "d0")
    assert isinstance(run("--resume", "-k", "d1").exception, UsageError)
    assert kept(run("--resume", "-k", "d0")) == "1 of 1"
    assert kept(run("--resume")) == "1 of 1"


def test_a_journal_that_ends_in_half_a_line_is_read_up_to_there(folder: Path) -> None:
    run()
    journal = folder / ".scenario" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    resumed = run("--resume")
    assert kept(resumed) == "2 of 3" and "2 passed, 1 failed" in resumed.output


def test_the_journal_is_nobodys_to_commit(folder: Path) -> None:
    run()
    assert (folder / ".scenario" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_run_goes_on_where_nothing_can_be_remembered(folder: Path) -> None:
    (folder / ".scenario").write_text("in the way", encoding="utf-8")
    result = run("shop.yaml::d0")
    assert result.exit_code == 0 and "1 passed" in result.output


def test_an_earlier_run_is_not_taken_for_one_that_could_not_be_written_down(folder: Path) -> None:
    shop = folder / "shop.yaml"
    assert run("--in-process").exit_code == 1  # the second one fails
    note = folder / ".scenario" / ".gitignore"
    note.unlink()
    note.mkdir()  # as where there is no room left
    shop.write_text(HEAD + dialogues("goodbye", "hello", "hello"), encoding="utf-8")
    assert run("--in-process").exit_code == 1  # and now the first one

    assert run("--in-process", "--last-failed").exit_code == 1


@pytest.mark.parametrize("each", ["[]", "5", "[cat]"])
def test_what_cannot_be_played_keeps_its_name(folder: Path, each: str) -> None:
    bad = f"  - {{id: bad, each: {each}, turns: [{{user: hi}}]}}\n"
    (folder / "shop.yaml").write_text(HEAD + dialogues("hello") + bad, encoding="utf-8")
    assert "INVALID shop.yaml::bad (1 mistake)" in run("shop.yaml").output


def test_what_was_typed_in_no_utf_8_is_no_hindrance(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")

    found = run("--in-process", "shop.yaml", "--tag", "smoke", "--tag", "\udcfc")  # a byte of Latin-1

    assert found.exit_code == 0, found.output
    past = past_run(folder)
    assert past is not None and past.begun.asked.tags == ("smoke", "\ufffd")
