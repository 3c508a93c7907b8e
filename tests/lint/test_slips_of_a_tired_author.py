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
    assert note.message == "so it is said 21 times in dialogues, first here"
    assert note.span.file.endswith(DIALOGUE)
