"""`scenario history` and `scenario diff`: what runs came to, and what goes otherwise between two or two versions."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from realtime_scenarios.core import NothingCheckedError, ScenarioError, UsageError
from support.command_line import SHOP, git, run

SCENARIO, _, DIALOGUES = SHOP.partition("dialogues:\n")


def test_a_run_is_remembered_and_compared_with_the_next(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP)
    run("test", "--in-process")
    (folder / "shop.yaml").write_text(
        SHOP.replace("returns: nine to five", "returns: ten to eleven").replace("said: eleven", "said: ten")
    )
    run("test", "--in-process")

    told = run("history").output
    assert told.splitlines()[1].split()[0] == "1" and "1 failed, 1 passed" in told
    one = json.loads(run("history", "shop.yaml::bad", "--json").output)
    assert [(each["run"], each["status"]) for each in one] == [(2, "passed"), (1, "failed")]

    found = run("diff", "--color", "never")
    assert found.exit_code == 1
    assert "broken   shop.yaml::good (passed → failed" in found.output
    assert "mended   shop.yaml::bad (failed → passed)" in found.output
    assert "+turn 1  returned   ten to eleven" in found.output
    assert run("diff", "1", "1").exit_code == 0

    run("test", "--in-process", "-k", "good")  # what was not asked for is not gone
    assert run("diff", "--color", "never").output.splitlines()[-1] == "nothing changed in 1 dialogue"


def test_two_runs_without_a_common_dialogue_are_not_said_to_be_alike(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP)
    run("test", "--in-process", "-k", "good")
    run("test", "--in-process", "-k", "bad")

    for form in ("text", "markdown", "json"):
        found = run("diff", "--format", form)
        assert (found.exit_code, found.output) == (1, "")
        problem = found.exception
        assert isinstance(problem, NothingCheckedError)
        assert problem.message == "run 1 and run 2 have no dialogue in common: nothing was compared"


def test_the_history_says_which_runs_were_not_played_as_usually(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP)
    alike = ("test", "--in-process", "-k", "good")
    run(*alike)
    run(*alike, "--explore", "2", "--explore-seed", "7")
    run(*alike, "--provider", "offline", "--caller-seed", "3")
    run(*alike, "--provider", "offline", "--callers", "2")
    run(*alike, "--spoken", "--tts", "tone", "--stt", "script", "--noise", "pink:20", "--telephone")

    last = ["  ".join(line.split("  ")[-2:]) for line in run("history").output.splitlines()[::-1]]
    assert last[0].endswith("(scripted)  -k good")
    assert last[1:] == [
        "-k good  --explore 2 --explore-seed 7",
        "-k good  --caller-seed 3",
        "-k good  --callers 2",
        "-k good  --spoken --tts tone --stt script --noise pink:20 --telephone",
    ]
    assert [each["ways"] for each in json.loads(run("history", "--json").output)][::-1] == [
        "",
        *(line.partition("  ")[2] for line in last[1:]),
    ]
    assert run("history", "shop.yaml::good").output.splitlines()[1].endswith("  --callers 2")


def test_runs_that_were_kept_before_ways_were_are_read_and_gone_on_with(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP)
    run("test", "--in-process", "-k", "good")
    changed_by_hand(folder / ".scenario" / "history.sqlite", "ALTER TABLE runs DROP COLUMN ways")

    assert run("history").output.endswith("  -k good\n")
    run("test", "--in-process", "-k", "good", "--explore", "1")
    assert [line.split("  ")[-1] for line in run("history").output.splitlines()] == ["--explore 1", "-k good"]


BROKEN = {
    "no database": lambda path: path.write_bytes(b"no database" * 500),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "half of its tables": lambda path: changed_by_hand(path, "DROP TABLE results"),
    "conversations that are none": lambda path: changed_by_hand(path, "UPDATE conversations SET lines = x'0102'"),
    "conversations as text": lambda path: changed_by_hand(path, "UPDATE conversations SET lines = 'Hello'"),
    "a verdict that there is not": lambda path: changed_by_hand(path, "UPDATE results SET status = 'odd'"),
    "words for seconds": lambda path: changed_by_hand(path, "UPDATE runs SET seconds = 'few'"),
}


def changed_by_hand(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as base, base:
        base.execute(statement)


def broken_history(folder: Path, way: str) -> Path:
    """That of two runs, broken in a way."""
    (folder / "shop.yaml").write_text(SHOP)
    run("test", "--in-process")
    run("test", "--in-process")
    path = folder / ".scenario" / "history.sqlite"
    BROKEN[way](path)
    return path


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_history_is_one_line_with_the_way_out(folder: Path, way: str) -> None:
    path = broken_history(folder, way)

    found = [run(*command).exception for command in (("diff",), ("history", "shop.yaml::good"))]

    for problem in found:
        assert isinstance(problem, ScenarioError), problem
        assert problem.message.startswith(f"'{path}' cannot be read: ") and "\n" not in problem.message
        assert problem.hint == "take it away: the next run begins a new one"
    assert run("test", "--in-process", "-k", "good").exit_code == 0  # which goes on without


@pytest.mark.parametrize("way", ["conversations that are none", "a verdict that there is not", "words for seconds"])
def test_a_history_that_could_not_be_read_is_kept_from_nobody_else(folder: Path, way: str) -> None:
    path = broken_history(folder, way)

    problem = run("diff").exception

    assert isinstance(problem, ScenarioError)  # whose traceback knows all that was being read
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as base:
        base.execute("BEGIN EXCLUSIVE")


def test_a_history_in_which_no_run_has_come_to_its_end_is_empty(folder: Path) -> None:
    (folder / ".scenario").mkdir()
    (folder / ".scenario" / "history.sqlite").touch()

    assert "no run has been written down here" in str(getattr(run("history").exception, "message", ""))


def test_what_cannot_be_compared_is_told_in_one_line(folder: Path) -> None:
    for arguments, told in {
        ("diff",): "no run has been written down here",
        ("history",): "no run has been written down here",
        ("diff", "1", "2", "3"): "two runs can be compared",
        ("diff", "--git", "main"): "is in no git repository",
    }.items():
        (folder / "shop.yaml").write_text(SHOP)
        found = run(*arguments)
        assert told in str(getattr(found.exception, "message", "")), found.output


def test_two_versions_of_a_scenario_are_played_with_the_dialogues_of_now(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SCENARIO)
    (folder / "dialogues").mkdir()
    dialogues = folder / "dialogues" / "all.yaml"
    dialogues.write_text(
        "scenario: ../shop.yaml\ndialogues:\n"
        "  - {id: open, turns: [{user: Hi, agent: [{call: hours}, {say: Nine to five.}]}]}\n"
    )
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "x")
    (folder / "shop.yaml").write_text(SCENARIO.replace("nine to five", "ten to six"))
    dialogues.write_text(dialogues.read_text() + "  - {id: greet, turns: [{user: Hi, agent: [{say: Hello.}]}]}\n")
    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, check=True).stdout

    found = run("diff", "--git", "main", "--format", "json")
    assert found.exit_code == 1, found.output
    (change,) = json.loads(found.output)["differences"]
    assert (change["dialogue"], change["kind"]) == ("shop.yaml::open", "changed")
    assert any("nine to five" in line and line.startswith("-") for line in change["diff"])
    assert (
        subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, check=True).stdout == status
    )

    shown = run("diff", "--git", "main", "shop.yaml", "--format", "markdown").output
    assert shown.startswith("### 1 of 2 dialogues went otherwise: 1 changed")
    odd = run("diff", "--git", "nowhere")
    assert "git knows no revision 'nowhere'" in str(getattr(odd.exception, "message", ""))


def test_a_dialogue_that_was_taken_out_is_gone_wherever_it_stood(folder: Path) -> None:
    inside = "dialogues:\n  - {id: inside, turns: [{user: Hi, agent: [{say: Hello.}]}]}\n"
    (folder / "shop.yaml").write_text(SCENARIO + inside)
    (folder / "other.yaml").write_text(SCENARIO.replace("shop", "other") + inside)
    (folder / "dialogues").mkdir()
    for name in ("all", "more"):
        (folder / "dialogues" / f"{name}.yaml").write_text(
            f"scenario: ../shop.yaml\ndialogues:\n  - {{id: {name}, turns: [{{user: Hi, agent: [{{say: Hello.}}]}}]}}\n"
            f"  - {{id: {name}-kept, turns: [{{user: Hi, agent: [{{say: Hello.}}]}}]}}\n"
        )
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "x")
    assert run("diff", "--git", "main").exit_code == 0
    (folder / "shop.yaml").write_text(SCENARIO)
    (folder / "other.yaml").unlink()
    (folder / "dialogues" / "more.yaml").unlink()
    file = folder / "dialogues" / "all.yaml"
    file.write_text("\n".join(line for line in file.read_text().splitlines() if "id: all," not in line) + "\n")

    found = run("diff", "--git", "main", "--format", "json")

    assert found.exit_code == 1, found.output
    assert {each["dialogue"]: each["kind"] for each in json.loads(found.output)["differences"]} == {
        f"{name}": "gone"
        for name in (
            "shop.yaml::all",
            "shop.yaml::inside",
            "shop.yaml::more",
            "shop.yaml::more-kept",
            "other.yaml::inside",
        )
    }
    assert "nothing changed in 1 dialogue" in run("diff", "--git", "main", "shop.yaml::all-kept").output


@pytest.fixture
def two_shops(folder: Path) -> Path:
    """Two scenarios in a repository, each with two files of two dialogues."""
    for home, name in ((folder, "shop"), (folder / "other", "other")):
        (home / "dialogues").mkdir(parents=True)
        (home / f"{name}.yaml").write_text(SCENARIO.replace("shop", name))
        for file in ("a", "b"):
            (home / "dialogues" / f"{file}.yaml").write_text(
                f"scenario: ../{name}.yaml\ndialogues:\n"
                f"  - {{id: {file}, turns: [{{user: Hi, agent: [{{say: Hello.}}]}}]}}\n"
                f"  - {{id: {file}-more, turns: [{{user: Hi, agent: [{{say: Hello.}}]}}]}}\n"
            )
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "x")
    return folder


def compared(*paths: str) -> tuple[int, dict[str, str]]:
    """How many dialogues are compared with the last commit, and which go otherwise."""
    found = run("diff", "--git", "HEAD", "--format", "json", *paths)
    told = json.loads(found.stdout)
    assert found.exit_code == (1 if told["differences"] else 0), found.output
    return told["dialogues"], {each["dialogue"]: each["kind"] for each in told["differences"]}


@pytest.mark.parametrize(
    ("paths", "count"),
    [
        (("{}/shop.yaml",), 4),
        (("{}/dialogues/a.yaml",), 2),
        (("{}/shop.yaml", "other"), 8),
        (("shop.yaml", "{}/other/dialogues/a.yaml"), 6),
        (("{}/other",), 4),
        (("{}",), 8),
        (("shop.yaml::a", "other"), 5),
    ],
)
def test_only_what_is_asked_for_is_compared_however_its_path_is_written(
    two_shops: Path, paths: tuple[str, ...], count: int
) -> None:
    assert compared(*(path.format(two_shops) for path in paths)) == (count, {})


def test_a_path_that_is_new_hides_nothing_that_is_gone_elsewhere(two_shops: Path) -> None:
    (two_shops / "other").rename(two_shops / "new")
    (two_shops / "dialogues" / "b.yaml").unlink()

    gone = {"shop.yaml::b": "gone", "shop.yaml::b-more": "gone"}

    assert compared("new", "shop.yaml")[1] == gone | {
        f"new/other.yaml::{name}": "new" for name in ("a", "a-more", "b", "b-more")
    }
    assert compared("other", "shop.yaml")[1] == gone | {
        f"other/other.yaml::{name}": "gone" for name in ("a", "a-more", "b", "b-more")
    }
    assert compared("dialogues/b.yaml") == (2, gone)


def test_what_is_configured_is_looked_for_path_by_path(two_shops: Path) -> None:
    (two_shops / "new.yaml").write_text(SHOP.replace("returns: ten", "returns: five"))
    (two_shops / "dialogues" / "b.yaml").unlink()
    (two_shops / "pyproject.toml").write_text('[tool.scenario]\npaths = ["new.yaml", "shop.yaml"]\n')

    assert {name for name, kind in compared()[1].items() if kind == "gone"} == {"shop.yaml::b", "shop.yaml::b-more"}


def test_a_dialogue_that_is_gone_may_be_asked_for_by_its_id(two_shops: Path) -> None:
    file = two_shops / "dialogues" / "b.yaml"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]) + "\n")

    assert compared("shop.yaml::b-more") == (1, {"shop.yaml::b-more": "gone"})
    assert compared("shop.yaml::b-more", "shop.yaml::b") == (2, {"shop.yaml::b-more": "gone"})
    never = run("diff", "--git", "HEAD", "shop.yaml::b-moer", "other").exception
    assert isinstance(never, UsageError) and never.hint == "did you mean 'b-more'?"
    assert never.message == "there is no dialogue 'b-moer' in 'shop.yaml', neither now nor in 'HEAD'"


@pytest.mark.parametrize("paths", [(), ("shop.yaml",), ("shop.yaml::a",)])
@pytest.mark.parametrize("file", ["dialogues/b.yaml", "shop.yaml"])
def test_what_cannot_be_read_is_not_gone_and_its_mistake_is_told(
    two_shops: Path, file: str, paths: tuple[str, ...]
) -> None:
    with (two_shops / file).open("a") as text:
        text.write("}{: [\n")

    found = run("diff", "--git", "HEAD", "--format", "json", *paths)

    assert found.exit_code == 1 and json.loads(found.stdout)["differences"] == []
    assert f"{file}:" in found.stderr and "SC101 yaml-syntax" in found.stderr
    assert found.stderr.endswith("what has mistakes is not compared, and nobody knows what is gone from it\n")


def test_a_dialogue_whose_values_cannot_be_read_is_not_gone(two_shops: Path) -> None:
    file = two_shops / "dialogues" / "b.yaml"
    values = "id: b, each: [{word: Hi}, {word: Ho}], turns: [{user: <word>"
    file.write_text(file.read_text().replace("id: b, turns: [{user: Hi", values))
    git("commit", "-am", "Say more")
    file.write_text(file.read_text().replace("[{word: Hi}, {word: Ho}]", "[Hi, Ho]"))

    assert "gone" not in compared("shop.yaml")[1].values()


def test_what_was_played_on_neither_side_is_not_said_to_be_alike(folder: Path) -> None:
    wordless = "  - {id: wordless, turns: [{user: Hi}]}\n"
    (folder / "shop.yaml").write_text(f"{SCENARIO}dialogues:\n{wordless}")
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "x")

    found = run("diff", "--git", "main")
    assert (found.exit_code, found.output) == (1, "")
    assert isinstance(found.exception, NothingCheckedError)
    assert found.exception.message == "no dialogue was played on either side: nothing was compared"
    assert found.exception.hint == "nothing in it can be checked with this model"

    said = "  - {id: said, turns: [{user: Hi, agent: [{say: Hello.}]}]}\n"
    (folder / "shop.yaml").write_text(f"{SCENARIO}dialogues:\n{wordless}{said}")
    git("commit", "-am", "x")
    found = run("diff", "--git", "main", "--color", "never")
    assert found.exit_code == 0
    assert found.output.splitlines()[1:] == [
        "unplayed shop.yaml::wordless (skipped: nothing in it can be checked with this model)",
        "nothing changed in 1 dialogue; 1 not compared, which was not played",
    ]
    (unplayed,) = json.loads(run("diff", "--git", "main", "--format", "json").output)["unplayed"]
    assert (unplayed["dialogue"], unplayed["status"]) == ("shop.yaml::wordless", "skipped")
    assert "- ⏭️ unplayed: shop.yaml::wordless" in run("diff", "--git", "main", "--format", "markdown").output


def test_reports_for_a_pull_request_say_what_failed_where(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP)
    found = run(
        "test", "--in-process", "--report", "markdown=r.md", "--report", "github=-", "--report", "jsonl=r.jsonl"
    )
    assert found.exit_code == 1
    told = (folder / "r.md").read_text()
    assert told.startswith("### ❌ Dialogues: 1 passed, 1 failed")
    assert "| shop.yaml | 1 | 1 | 0 | 0 | 0 |" in told and "<summary>❌ shop.yaml::bad</summary>" in told
    (first, *_) = [line for line in found.output.splitlines() if line.startswith("::error")]
    assert first.startswith("::error file=shop.yaml,line=13,") and "title=shop.yaml%3A%3Abad::" in first
    lines = [json.loads(line) for line in (folder / "r.jsonl").read_text().splitlines()]
    assert [(each["id"], each["status"]) for each in lines] == [("good", "passed"), ("bad", "failed")]
    assert lines[1]["verdicts"][0]["file"] == "shop.yaml"
