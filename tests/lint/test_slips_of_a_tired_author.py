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
MOVED = "SC101 this line begins in column {}, but what it stands beside begins in {}"

SLIPS = {
    "the tools are one in": (
        (SCENARIO, "\ntools:\n", "\n tools:\n"),
        f"99: {MOVED.format(2, 1)} (move it 1 to the left)",
    ),
    "a tool is one out": (
        (SCENARIO, "  document_lookup:\n", " document_lookup:\n"),
        f"118: {MOVED.format(2, 3)} (move it 1 to the right)",
    ),
    "a tool is one in": (
        (SCENARIO, "  document_lookup:\n", "   document_lookup:\n"),
        f"118: {MOVED.format(4, 3)} (move it 1 to the left)",
    ),
    "handoffs are one out": (
        (SCENARIO, "check_flights]\n    handoffs:", "check_flights]\n   handoffs:"),
        f"54: {MOVED.format(4, 5)} (move it 1 to the right)",
    ),
    "a move is two out": (
        (DIALOGUE, "            approval: reject", "          approval: reject"),
        f"31: {MOVED.format(11, 13)} (move it 2 to the right)",
    ),
    "the agent's part of a turn is two out": (
        (
            DIALOGUE,
            "        agent:\n          - call: check_flights\n            approval: reject",
            "      agent:\n          - call: check_flights\n            approval: reject",
        ),
        f"29: {MOVED.format(7, 9)} (move it 2 to the right)",
    ),
    "an agent stands outside of agents": (
        (SCENARIO, "  qa:\n    name", "qa:\n    name"),
        f"66: {MOVED.format(1, 3)} (move it 2 to the right)",
    ),
    "a section is misspelt": (
        (SCENARIO, "\ntools:\n", "\ntols:\n"),
        "99: SC141 unknown key 'tols' in the file (did you mean 'tools'?)",
    ),
    "a tool is renamed": (
        (SCENARIO, "  document_lookup:\n", "  document_lokup:\n"),
        "88: SC202 tool 'document_lookup' does not exist (did you mean 'document_lokup'?)",
    ),
    "a text is set without quotes": (
        (SCENARIO, "{username: approval.username}", "{username: Riley Smith}"),
        "116: SC301 'Riley Smith' is no expression (put a text in quotes of its own: \"'Riley Smith'\")",
    ),
    "an if compares with =": (
        (SCENARIO, "{% if context.username %}", "{% if context.username = 'riley' %}"),
        "48: SC301 '=' means nothing here (write ==)",
    ),
    "an endif is missing": (
        (SCENARIO, "      {% endif %}\n", ""),
        "48: SC301 this 'if' is never closed (write {% endif %} where it ends)",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_the_cause_is_told_and_nothing_that_follows_from_it(slip: str, tmp_path: Path) -> None:
    (name, right, wrong), told = SLIPS[slip]
    folder = Path(shutil.copytree(resource_folder("scenarios") / "airline", tmp_path / "airline"))
    text = (folder / name).read_text(encoding="utf-8")
    assert right in text
    (folder / name).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = findings(load(folder / SCENARIO), warnings=False)
    assert [f"{each.span.line}: {each.code} {each.message} ({each.hint})" for each in found] == [told]
    assert found[0].span.file.endswith(name)


def test_what_is_wrong_in_a_scenario_is_told_before_what_is_wrong_in_its_dialogues(tmp_path: Path) -> None:
    """Though `dialogues/` comes before `scenario.yaml` in any list of files."""
    (tmp_path / "dialogues").mkdir()
    (tmp_path / "scenario.yaml").write_text("scenario: s\nstart: b\nagents: {a: {instructions: x}}\n", encoding="utf-8")
    dialogue = "scenario: ../scenario.yaml\ndialogues: [{id: d, turns: [{user: Hi, agent: [{call: look}]}]}]\n"
    (tmp_path / "dialogues" / "d.yaml").write_text(dialogue, encoding="utf-8")
    found = findings(load(tmp_path / "scenario.yaml"), warnings=False)
    assert [diagnostic.code for diagnostic in found] == ["SC201", "SC402"]


def test_a_name_that_the_scenario_misses_too_is_told_once_with_how_often_dialogues_say_it(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(resource_folder("scenarios") / "airline", tmp_path / "airline"))
    text = (folder / SCENARIO).read_text(encoding="utf-8")
    (folder / SCENARIO).write_text(text.replace("\n  check_flights:\n", "\n  check_flight:\n"), encoding="utf-8")
    [found] = findings(load(folder / SCENARIO), warnings=False)
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
