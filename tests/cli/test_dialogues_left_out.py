"""Dialogues with mistakes: they are told, listed and reported, and the others are played."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from support.command_line import SHOP, run


def test_a_dialogue_with_mistakes_is_left_out_and_the_others_are_played(folder: Path) -> None:
    text = SHOP.replace("{id: good,", "{id: odd, turns: [{user: Hi, agent: [{call: hour}]}]}\n  - {id: good,")
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    result = run("test", "shop.yaml", "-k", "good")
    assert result.exit_code == 1
    assert "tool 'hour' does not exist" in result.output and "the other dialogue follows" in result.output
    assert "1 passed" in result.output
    assert run("test", "shop.yaml::odd").exit_code == 1


INLINE = """\
scenario: s
start: a
agents: {a: {instructions: Help.}}
dialogues:
  - {id: good, turns: [{user: Hi, agent: [{say: Hi.}]}]}
  - BAD
  - {id: also-good, turns: [{user: Hi, agent: [{say: Hi.}]}]}
"""


@pytest.mark.parametrize(
    "bad",
    [
        "{id: bad, turns: [{usr: Hi}]}",
        "{id: bad, turns: [{user: Hi, agent: [{says: Hi.}]}]}",
        "{id: bad, turns: [{user: Hi, agent: [{call: nothing}]}]}",
        "{id: bad, turns: []}",
        "{id: bad, turns: 5}",
        "{id: bad}",
        "{turns: [{user: Hi}]}",
        "{id: Bad Id, turns: [{user: Hi}]}",
        "just words",
    ],
)
@pytest.mark.parametrize("beside", [False, True], ids=["inline", "in a file"])
def test_a_mistake_in_one_dialogue_leaves_the_others_to_be_played(folder: Path, bad: str, beside: bool) -> None:
    head, _, dialogues = INLINE.replace("BAD", bad).partition("dialogues:")
    file = folder / "dialogues" / "d.yaml" if beside else folder / "s.yaml"
    file.parent.mkdir(exist_ok=True)
    (folder / "s.yaml").write_text(head, encoding="utf-8")
    whole = "scenario: ../s.yaml\ndialogues:" if beside else f"{head}dialogues:"
    file.write_text(whole + dialogues, encoding="utf-8")
    result = run("test", "s.yaml")
    assert result.exit_code == 1
    assert "the other 2 dialogues follow" in result.output + result.stderr
    assert [line for line in result.output.splitlines() if line.startswith("ok ")] == [
        "ok   s.yaml::good (1 turn)",
        "ok   s.yaml::also-good (1 turn)",
    ]


def test_a_mistake_in_the_form_of_one_dialogue_leaves_the_others_of_its_file(folder: Path) -> None:
    scenario, dialogues = SHOP.split("dialogues:\n")
    (folder / "dialogues").mkdir()
    (folder / "shop.yaml").write_text(scenario, encoding="utf-8")
    broken = (
        f"scenario: ../shop.yaml\ndialogues:\n{dialogues}  - {{id: typo, turns: [{{usr: Hi, agent: [{{say: x}}]}}]}}\n"
    )
    (folder / "dialogues" / "d.yaml").write_text(broken, encoding="utf-8")
    listed = ["shop.yaml::good  [smoke]", "shop.yaml::bad", "shop.yaml::typo  (invalid)"]
    assert run("test", "shop.yaml", "--list").output.splitlines()[-3:] == listed


def test_a_list_of_dialogues_says_by_its_exit_code_that_some_have_mistakes(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP.replace("call: hours, returns", "call: hurs, returns"), encoding="utf-8")
    result = run("test", "--list", "shop.yaml")
    assert result.exit_code == 1
    assert result.output.splitlines()[-2:] == ["shop.yaml::good  [smoke]  (invalid)", "shop.yaml::bad"]


def test_what_is_left_out_for_its_mistakes_is_not_lost_to_ci(folder: Path) -> None:
    (folder / "shop.yaml").write_text(
        SHOP.replace("          - call: hours", "          - call: houers"), encoding="utf-8"
    )
    played = run("test", "shop.yaml", "--junit", "report.xml")
    assert played.exit_code == 1
    assert "INVALID shop.yaml::bad (1 mistake)" in played.output and "1 passed, 1 invalid" in played.output
    report = ElementTree.parse(folder / "report.xml")
    assert [case.get("name") for case in report.findall(".//testcase")] == ["good", "bad"]
    error = report.find(".//testcase[@name='bad']/error")
    assert error is not None and "houers" in (error.get("message") or "")
    assert "shop.yaml::bad" in run("test", "--last-failed", "--list").output
    (folder / "shop.yaml").write_text("scenario: shop\n", encoding="utf-8")
    assert run("test", "shop.yaml", "--junit", "report.xml").exit_code == 1
    assert ElementTree.parse(folder / "report.xml").find(".//error") is not None
