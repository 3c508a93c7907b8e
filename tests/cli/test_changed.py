"""`scenario test --changed`: only what touches what has changed is played, and the rest is told with the reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from realtime_scenarios.cli import changed
from support import Written
from support.command_line import SHOP, git, run

HOUSE = """
    scenario: house
    start: desk
    agents:
      desk:
        instructions: {file: desk.md}
        tools: [hours, stock, price]
        handoffs: [{to: back, description: x}]
      back: {$include: back.yaml}
    tools:
      hours: {description: x, returns: nine to five}
      stock: {description: x, query: {sql: {file: stock.sql}, result: value}}
      price: {description: x, python: "prices:price"}
    data:
      shelves: {columns: {name: TEXT}, rows: {file: shelves.csv}}
    dialogues:
      - {id: greets, agent: back, turns: [{user: Hi, agent: [{say: Hello.}]}]}
      - {id: asks, turns: [{user: When?, agent: [{call: hours, returns: nine}, {say: Nine.}]}]}
      - {id: looks, turns: [{user: Tea?, agent: [{call: stock, returns: tea}, {say: Yes.}]}]}
      - {id: buys, turns: [{user: How much?, agent: [{call: price, returns: 3}, {say: Three.}]}]}
"""
FILES = {
    "desk.md": "Help the caller.\n",
    "back.yaml": "instructions: Fetch things.\nhandoffs: [{to: desk, description: x}]\n",
    "stock.sql": "SELECT name FROM shelves ORDER BY name DESC\n",
    "shelves.csv": "name\ntea\n",
    "prices.py": "from tariff import COIN\n\ndef price():\n    return COIN\n",
    "tariff.py": "COIN = 3\n",
    "README.md": "A house.\n",
}
AT_THE_DESK = {"asks", "looks", "buys"}


@pytest.fixture
def shop(folder: Path) -> Path:
    """A shop in a repository, of which all dialogues pass."""
    path = folder / "shop.yaml"
    path.write_text(SHOP.replace("returns: ten", "returns: five").replace("eleven", "from ten"), encoding="utf-8")
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "Open the shop")
    return path


@pytest.fixture
def house(folder: Path, written: Written) -> Path:
    """A scenario in a repository that names files of each kind."""
    path = written(HOUSE, "house/house.yaml")
    for name, text in FILES.items():
        (path.parent / name).write_text(text, encoding="utf-8")
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "Build the house")
    return path


def played(*arguments: str) -> tuple[set[str], set[str]]:
    """The dialogues that are played and those that are skipped, by their ids."""
    lines = run("test", "--color", "never", "--verbose", *arguments).output.splitlines()
    found = {
        mark: {line.split()[1].partition("::")[2] for line in lines if line.startswith((mark, mark.upper()))}
        for mark in ("ok ", "FAIL ", "skip ")
    }
    return found["ok "] | found["FAIL "], found["skip "]


def test_what_is_not_touched_is_left_out_and_told_with_the_reason(shop: Path) -> None:
    text = shop.read_text(encoding="utf-8").replace("Hi, agent: [{call: hours, returns: nine}, ", "Hi, agent: [")
    shop.write_text(text, encoding="utf-8")
    git("commit", "-am", "Only greet")
    shop.write_text(text.replace("nine to five", "ten to six"), encoding="utf-8")

    found = run("test", "--changed", "--color", "never")

    assert found.exit_code == 1
    lines = found.output.splitlines()
    assert lines[0] == "shop.yaml: 1 of 2 dialogues is played; changed since HEAD: tool 'hours'"
    assert lines[1].startswith("FAIL shop.yaml::bad")  # the others need no line each
    told = run("test", "--changed", "--verbose", "--color", "never").output.splitlines()
    assert "skip shop.yaml::good (not touched by what has changed since HEAD)" in told
    assert "0 passed, 1 failed, 1 skipped" in found.output


def test_how_many_are_played_is_said_as_people_say_it(shop: Path) -> None:
    text = shop.read_text(encoding="utf-8").replace("Hi, agent: [{call: hours, returns: nine}, ", "Hi, agent: [")
    shop.write_text(f"{text}  - {{id: more, turns: [{{user: Hi, agent: [{{say: Hi.}}]}}]}}\n", encoding="utf-8")
    git("commit", "-am", "Only greet")
    shop.write_text(shop.read_text(encoding="utf-8").replace("nine to five", "ten to six"), encoding="utf-8")

    for asked, told in {
        ("shop.yaml::good",): "the one dialogue is not played; changed",
        ("shop.yaml::bad",): "the one dialogue is played; changed",
        ("shop.yaml::good", "shop.yaml::more"): "none of 2 dialogues is played; changed",
        ("shop.yaml",): "1 of 3 dialogues is played; changed",
    }.items():
        assert run("test", "--color", "never", "--changed=HEAD", *asked).output.startswith(f"shop.yaml: {told}")


@pytest.mark.parametrize(
    ("file", "text", "chosen"),
    [
        ("desk.md", "Help.\n", AT_THE_DESK),
        ("back.yaml", "instructions: Fetch.\nhandoffs: [{to: desk, description: x}]\n", {"greets"}),
        ("stock.sql", "SELECT name FROM shelves ORDER BY name\n", {"looks"}),
        ("shelves.csv", "name\ncoffee\n", {"looks", "buys"}),  # a function may look at any table
        ("prices.py", "def price():\n    return 4\n", {"buys"}),
        ("tariff.py", "COIN = 4\n", {"buys"}),
        ("README.md", "What a function may read.\n", {"buys"}),
        ("new.txt", "Not known to git.\n", {"buys"}),
    ],
)
def test_what_stands_in_another_file_belongs_to_what_names_it(
    house: Path, file: str, text: str, chosen: set[str]
) -> None:
    assert played("--changed")[0] == set()
    (house.parent / file).write_text(text, encoding="utf-8")

    wanted, skipped = played("--changed")

    assert wanted == chosen
    assert skipped == {"greets", *AT_THE_DESK} - chosen


def test_a_file_that_is_gone_may_have_been_read_by_a_function(house: Path) -> None:
    (house.parent / "README.md").unlink()

    assert played("--changed")[0] == {"buys"}


def test_a_scenario_that_is_new_and_one_that_was_broken_are_played_whole(shop: Path) -> None:
    text = shop.read_text(encoding="utf-8")
    (shop.parent / "new.yaml").write_text(text, encoding="utf-8")
    found = run("test", "--changed", "--color", "never").output
    assert "new.yaml: all 2 dialogues are played: it is not in HEAD" in found
    assert "shop.yaml: nothing has changed since HEAD" in found and "2 passed, 2 skipped" in found

    (shop.parent / "new.yaml").write_text(text.replace("start: desk", "start: dusk"), encoding="utf-8")
    git("add", ".")
    git("commit", "-m", "Start nowhere")
    (shop.parent / "new.yaml").write_text(text, encoding="utf-8")
    found = run("test", "--changed", "--color", "never").output
    assert "new.yaml: all 2 dialogues are played: it cannot be played as it is in HEAD" in found


def test_what_lies_outside_of_this_folder_is_played_whole(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = shop.parent / "inside"
    inside.mkdir()
    (inside / "here.yaml").write_text(shop.read_text(encoding="utf-8"), encoding="utf-8")
    git("add", ".")
    git("commit", "-m", "Open another one")
    monkeypatch.chdir(inside)

    found = run("test", "--changed", "../shop.yaml", "here.yaml", "--color", "never").output
    assert "all 2 dialogues are played: it is not below this folder" in found
    assert "here.yaml: nothing has changed since HEAD" in found and "2 passed, 2 skipped" in found


def test_a_dialogue_that_is_new_or_has_changed_or_failed_is_played(shop: Path) -> None:
    text = shop.read_text(encoding="utf-8")
    shop.write_text(f"{text}  - {{id: new, turns: [{{user: Hi, agent: [{{say: Hi.}}]}}]}}\n", encoding="utf-8")
    assert played("--changed") == ({"new"}, {"good", "bad"})

    shop.write_text(text.replace("said: from ten", "said: from nine"), encoding="utf-8")
    assert played("--changed") == ({"bad"}, {"good"})
    git("commit", "-am", "Say something else")
    assert played("--changed") == (set(), {"good", "bad"})

    shop.write_text(shop.read_text(encoding="utf-8") + "guardrails: {never: {phrases: [a]}}\n", encoding="utf-8")
    assert played("--changed") == ({"bad"}, {"good"})  # nobody knows where it would have gone on


def test_a_dialogue_that_was_taken_out_is_named(shop: Path) -> None:
    text = shop.read_text(encoding="utf-8")
    shop.write_text(text[: text.index("  - id: bad")], encoding="utf-8")

    found = run("test", "--changed", "--color", "never")

    assert found.output.splitlines()[0] == "shop.yaml: nothing else has changed since HEAD; gone since then: bad"
    assert found.exit_code == 1


def test_a_dialogue_whose_file_cannot_be_read_is_not_said_to_be_gone(shop: Path) -> None:
    (shop.parent / "dialogues").mkdir()
    more = shop.parent / "dialogues" / "more.yaml"
    more.write_text("scenario: ../shop.yaml\ndialogues: [{id: more, turns: [{user: Hi, agent: [{say: Hi.}]}]}]\n")
    git("add", ".")
    git("commit", "-m", "Say more")
    more.write_text(more.read_text() + "}{: [\n")

    found = run("test", "--changed", "--color", "never").output

    assert "gone" not in found and "yaml-syntax" in found
    assert "shop.yaml: nothing else has changed since HEAD; what has mistakes is not compared" in found
    more.unlink()
    assert "; gone since then: more" in run("test", "--changed", "--color", "never").output


def test_a_dialogue_whose_values_cannot_be_read_is_not_said_to_be_gone(shop: Path) -> None:
    values = "  - {id: each, each: [{word: Hi}, {word: Ho}], turns: [{user: <word>, agent: [{say: Hi.}]}]}\n"
    shop.write_text(shop.read_text(encoding="utf-8") + values, encoding="utf-8")
    git("commit", "-am", "Say more")
    shop.write_text(shop.read_text(encoding="utf-8").replace("[{word: Hi}, {word: Ho}]", "[Hi, Ho]"), encoding="utf-8")

    assert "gone" not in run("test", "--changed", "--color", "never").output


def test_where_nothing_is_played_nothing_holds(shop: Path) -> None:
    found = run("test", "--changed", "--color", "never")

    assert found.exit_code == 1
    assert found.output.splitlines()[0] == "shop.yaml: nothing has changed since HEAD"
    assert "0 passed, 2 skipped" in found.output and "no dialogue was checked" in found.output


def test_another_revision_is_named_and_a_path_may_stand_behind_the_option(shop: Path) -> None:
    shop.write_text(shop.read_text(encoding="utf-8").replace("nine to five", "from nine to five"), encoding="utf-8")
    git("commit", "-am", "Say from when")

    assert played("--changed") == (set(), {"good", "bad"})
    assert played("--changed=HEAD~1") == played("--changed", "main~1") == ({"good", "bad"}, set())
    assert played("--changed", "shop.yaml::bad") == (set(), {"bad"})


def test_what_was_touched_is_remembered(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played()  # as it is in HEAD
    text = shop.read_text(encoding="utf-8")
    monkeypatch.setattr(changed, "_played", lambda *_: pytest.fail("it is played again as it was"))

    shop.write_text(text.replace("nine to five", "from nine to five"), encoding="utf-8")
    assert played("--changed") == ({"good", "bad"}, set())

    (shop.parent / ".scenario" / "history.sqlite").write_bytes(b"no database, but long enough to be taken for one" * 99)
    monkeypatch.undo()
    monkeypatch.chdir(shop.parent)
    assert played("--changed") == ({"good", "bad"}, set())


def test_what_was_left_out_is_no_part_of_the_history(shop: Path) -> None:
    run("test")
    shop.write_text(shop.read_text(encoding="utf-8").replace("said: from ten", "said: from"), encoding="utf-8")
    run("test", "--changed")

    (latest, _) = json.loads(run("history", "--json").output)
    assert (latest["asked"], latest["counts"]) == ("--changed=HEAD", {"passed": 1})
    assert run("diff", "--color", "never").output.splitlines()[-1] == "nothing changed in 1 dialogue"


def test_a_run_that_was_left_is_gone_on_with_for_the_same_dialogues(shop: Path) -> None:
    shop.write_text(shop.read_text(encoding="utf-8").replace("said: from ten", "said: from"), encoding="utf-8")
    run("test", "--changed")

    found = run("test", "--resume", "--color", "never").output
    assert "1 of 2 dialogues are kept" in found and "1 passed, 1 skipped" in found


def test_reports_hold_what_was_left_out(shop: Path) -> None:
    shop.write_text(shop.read_text(encoding="utf-8").replace("said: from ten", "said: from"), encoding="utf-8")
    assert run("test", "--changed", "--junit", "report.xml").exit_code == 0

    skipped = ElementTree.parse("report.xml").find(".//testcase[@name='good']/skipped")
    assert skipped is not None and skipped.get("message") == "not touched by what has changed since HEAD"


def test_a_list_has_what_would_be_played(shop: Path) -> None:
    shop.write_text(shop.read_text(encoding="utf-8").replace("said: from ten", "said: from"), encoding="utf-8")
    found = run("test", "--changed", "--list")

    assert found.stdout == "shop.yaml::bad\n"
    assert found.stderr.startswith("shop.yaml: 1 of 2 dialogues is played; changed since HEAD: dialogues alone")


def no_repository(shop: Path) -> None:
    shutil.rmtree(shop.parent / ".git")


def nothing_committed(shop: Path) -> None:
    no_repository(shop)
    git("init")


def shallow(shop: Path) -> None:
    git("commit", "--allow-empty", "-m", "Nothing")
    git("clone", "--depth", "1", shop.parent.as_uri(), "clone")
    no_repository(shop)
    (shop.parent / "clone" / ".git").rename(shop.parent / ".git")


@pytest.mark.parametrize(
    ("happens", "revision", "told"),
    [
        (no_repository, "HEAD", "is in no git repository"),
        (nothing_committed, "HEAD", "nothing is committed in this repository"),
        (shallow, "HEAD~1", "git knows no revision 'HEAD~1' here (this clone is shallow:"),
        (lambda shop: None, "nowhere", "git knows no revision 'nowhere'"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(
    shop: Path, happens: Callable[[Path], None], revision: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.parent.parent))
    happens(shop)
    problem = run("test", f"--changed={revision}").exception

    assert told in f"{getattr(problem, 'message', problem)} ({getattr(problem, 'hint', None)})"


def test_it_makes_no_sense_beside_watching(shop: Path) -> None:
    assert "--watch and --changed exclude each other" in run("test", "--watch", "--changed").output
