"""Slips in a scenario that is otherwise right: the cause is told, first and alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from realtime_scenarios.core import resource_folder
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load

SCENARIO = "airline.yaml"
DIALOGUE = "dialogues/flight_status.yaml"


@pytest.fixture
def airline(tmp_path: Path) -> Path:
    """The folder of a copy of the packaged airline."""
    return Path(shutil.copytree(resource_folder("scenarios") / "airline", tmp_path / "airline"))


def told_of_slip(airline: Path, file: str, right: str, wrong: str) -> list[str]:
    """All that is told of the airline when `wrong` stands in a file of it where `right` stood first."""
    text = (airline / file).read_text(encoding="utf-8")
    assert right in text
    (airline / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return [
        f"{found.span.file.rpartition('airline/')[2]}:{found.span.line}: {found.code} {found.message} ({found.hint})"
        for found in findings(load(airline / SCENARIO), warnings=False)
    ]


@pytest.mark.parametrize(
    ("file", "number", "line", "columns"),
    [
        pytest.param(SCENARIO, 99, "tools:\n", 1, id="the tools are one in"),
        pytest.param(SCENARIO, 118, "  document_lookup:\n", -1, id="a tool is one out"),
        pytest.param(SCENARIO, 118, "  document_lookup:\n", 1, id="a tool is one in"),
        pytest.param(SCENARIO, 54, "    handoffs:\n", -1, id="handoffs are one out"),
        pytest.param(SCENARIO, 66, "  qa:\n", -2, id="an agent stands outside of agents"),
        pytest.param(DIALOGUE, 31, "            approval: reject\n", -2, id="a move is two out"),
        pytest.param(
            DIALOGUE,
            29,
            "        agent:\n          - call: check_flights\n            approval: reject\n",
            -2,
            id="the agent's part of a turn is two out",
        ),
    ],
)
def test_a_line_in_a_wrong_column_is_told_alone_with_the_way_back(
    airline: Path, file: str, number: int, line: str, columns: int
) -> None:
    """`line`, the first that is like it and the one with this number, stands so many columns further to the right."""
    column = line.index(line.lstrip()) + 1
    moved = " " * (column + columns - 1) + line.lstrip()
    way_back = f"move it {abs(columns)} to the {'left' if columns > 0 else 'right'}"
    assert told_of_slip(airline, file, f"\n{line}", f"\n{moved}") == [
        f"{file}:{number}: SC101 this line begins in column {column + columns}, "
        f"but what it stands beside begins in {column} ({way_back})"
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        pytest.param(
            "\ntools:\n",
            "\ntols:\n",
            "99: SC141 unknown key 'tols' in the file (did you mean 'tools'?)",
            id="a section is misspelt",
        ),
        pytest.param(
            "  document_lookup:\n",
            "  document_lokup:\n",
            "88: SC202 tool 'document_lookup' does not exist (did you mean 'document_lokup'?)",
            id="a tool is renamed",
        ),
        pytest.param(
            "{username: approval.username}",
            "{username: Riley Smith}",
            "116: SC301 'Riley Smith' is no expression (put a text in quotes of its own: \"'Riley Smith'\")",
            id="a text is set without quotes",
        ),
        pytest.param(
            "{% if context.username %}",
            "{% if context.username = 'riley' %}",
            "48: SC301 '=' means nothing here (write ==)",
            id="an if compares with =",
        ),
        pytest.param(
            "      {% endif %}\n",
            "",
            "48: SC301 this 'if' is never closed (write {% endif %} where it ends)",
            id="an endif is missing",
        ),
    ],
)
def test_the_cause_is_told_and_nothing_that_follows_from_it(airline: Path, right: str, wrong: str, told: str) -> None:
    assert told_of_slip(airline, SCENARIO, right, wrong) == [f"{SCENARIO}:{told}"]


def test_what_is_wrong_in_a_scenario_is_told_before_what_is_wrong_in_its_dialogues(tmp_path: Path) -> None:
    """Though `dialogues/` comes before `scenario.yaml` in any list of files."""
    (tmp_path / "dialogues").mkdir()
    (tmp_path / "scenario.yaml").write_text("scenario: s\nstart: b\nagents: {a: {instructions: x}}\n", encoding="utf-8")
    dialogue = "scenario: ../scenario.yaml\ndialogues: [{id: d, turns: [{user: Hi, agent: [{call: look}]}]}]\n"
    (tmp_path / "dialogues" / "d.yaml").write_text(dialogue, encoding="utf-8")
    found = findings(load(tmp_path / "scenario.yaml"), warnings=False)
    assert [diagnostic.code for diagnostic in found] == ["SC201", "SC402"]


def test_a_name_that_the_scenario_misses_too_is_told_once_with_how_often_dialogues_say_it(airline: Path) -> None:
    text = (airline / SCENARIO).read_text(encoding="utf-8")
    (airline / SCENARIO).write_text(text.replace("\n  check_flights:\n", "\n  check_flight:\n"), encoding="utf-8")
    [found] = findings(load(airline / SCENARIO), warnings=False)
    assert found.code == "SC202"
    [note] = found.related
    assert note.message == "so it is said 23 times in dialogues, first here"
    assert note.span.file.endswith(DIALOGUE)


SHOP = """
scenario: shop
start: desk
context: {who: {type: string, default: x}}
agents:
  desk:
    instructions: Help {{ context.who }}.
    tools: [find]
tools:
  find:
    description: Find.
    parameters:
      what: {type: string, default: a}
      size: {type: integer, default: 1}
    approval:
      fields:
        username: {}
      timeout: 30s
    query: SELECT * FROM people WHERE name = :what
data: {people: {columns: {name: TEXT, age: REAL}, rows: [{name: Maya, age: 3}]}}
dialogues:
  - id: d
    each:
      - {wish: Boots}
      - {wish: Skis}
    turns:
      - user: Hi
        agent:
          - call: find
            args: {what: <wish>}
            approval: reject
      - user: Bye
        agent:
          - say: Bye.
"""

IN_SHOP = {
    "the agent's part is one out": (
        ("        agent:\n          - call", "       agent:\n          - call"),
        (28, "SC101"),
    ),
    "parameters at the depth of their key": (("      what:", "    what:"), (13, "SC101")),
    "parameters behind a comment": (("      what:", "\n    # what they want\n    what:"), (15, "SC101")),
    "tools at the depth of the agents": (("    tools: [find]", "  tools: [find]"), (8, "SC101")),
    "tools below the instructions": (("    tools: [find]", "      tools: [find]"), (8, "SC101")),
    "a timeout among the fields": (("      timeout:", "        timeout:"), (18, "SC101")),
    "data below the tools": (("\ndata: {", "\n  data: {"), (20, "SC101")),
    "a bad name beside others": (("{who: {type", "{a b: {type: string}, who: {type"), (4, "SC148")),
    "a bad table beside others": (
        ("{people: {col", "{a b: {columns: {x: TEXT}, rows: []}, people: {col"),
        (20, "SC148"),
    ),
    "a table without rows beside others": (("{people: {col", "{b: {columns: {x: TEXT}}, people: {col"), (20, "SC142")),
    "a comma in a number": (("age: 3", "age: 1,5"), (20, "SC106")),
    "a comma in an argument": (("{what: <wish>}", "{what: <wish>, size: 1,5}"), (30, "SC106")),
    "an unclosed quote among others": (("{what: <wish>}", '{what: "a, size: "1"}'), (30, "SC101")),
    "a curly quote around a key": (("{what: <wish>}", "{“what”: <wish>}"), (30, "SC106")),
    "a curly quote around a comma": (("{what: <wish>}", "{what: “<wish>, or so: yes”}"), (30, "SC106")),
    "a default of another type": (("default: 1}", "default: two}"), (14, "SC163")),
    "an item of each without the value": (("{wish: Skis}", "{hope: Skis}"), (25, "SC406")),
    "an item of each that is none": (("- {wish: Skis}", "- Skis"), (25, "SC143")),
    "an item of each that does not fit": (("{wish: Skis}", "{wish: 3}"), (25, "SC403")),
    "a tab": (("        agent:\n          - call", "\tagent:\n          - call"), (28, "SC102")),
    "a tab before an item": (("      - user: Bye", "\t- user: Bye"), (32, "SC102")),
}


@pytest.mark.parametrize("slip", IN_SHOP)
def test_of_a_slip_its_place_alone_is_told(slip: str, tmp_path: Path) -> None:
    (right, wrong), told = IN_SHOP[slip]
    assert right in SHOP
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP.replace(right, wrong, 1), encoding="utf-8")
    found = findings(load(path), warnings=False)
    assert [(diagnostic.span.line, diagnostic.code) for diagnostic in found] == [told], found


def test_the_shop_itself_is_in_order(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    assert findings(load(path), warnings=False) == []


def test_a_default_with_a_leading_zero_is_a_number_where_one_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP.replace("default: 1}", "default: 02}"), encoding="utf-8")
    assert [found.hint for found in findings(load(path), warnings=True) if found.code == "SC512"] == ["write 2"]


def test_a_table_that_is_wrong_twice_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP.replace("{people: {col", "{a b: {columns: {x: TEXT}}, people: {col"), encoding="utf-8")
    assert [found.code for found in findings(load(path), warnings=False)] == ["SC142", "SC148"]


def test_a_line_behind_the_last_key_of_a_turn_is_no_turn_of_its_own(tmp_path: Path) -> None:
    """What is missing is told though a key that may stand there resembles it."""
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP.replace("- call: find\n            args", "- args"), encoding="utf-8")
    [found] = findings(load(path), warnings=False)
    assert (found.code, found.span.line) == ("SC142", 29)
