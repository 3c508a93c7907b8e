"""What is said of a file while it is being written: findings, completion, and where things stand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from realtime_scenarios.project import load
from realtime_scenarios.studio.authoring import Linter, finding_data, findings_of_buffer
from realtime_scenarios.studio.completing import completion_of
from realtime_scenarios.studio.outline import outline_of

SCENARIO = """\
scenario: desk
start: main
context:
  username: {type: [string, "null"], default: null, description: Who signed in.}
agents:
  main:
    name: Main Agent
    instructions: Help the caller.
    tools: [look_up, pay]
    handoffs:
      - to: billing
        description: For bills.
  billing:
    name: Billing
    instructions: |
      Explain bills.
      {{ context.username }}
    states:
      - id: ask
        description: Ask for the bill.
        tools: [pay]
        transitions: [{to: done, when: it was found}]
      - {id: done, description: Done., terminal: true}
    tools: [pay]
tools:
  look_up: {description: Looks something up., parameters: {what: string}, returns: "Found {{ args.what }}."}
  pay:
    description: Pays a bill.
    parameters: {amount: number}
    approval: {fields: {pin: {secret: true}}}
"""

DIALOGUES = """\
scenario: ../desk.yaml
dialogues:
  - id: hello
    turns:
      - user: Hello.
        agent:
          - call: look_up
            args: {what: hello}
          - say: Hello.
        expect:
          - called: look_up
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "dialogues").mkdir()
    (tmp_path / "desk.yaml").write_text(SCENARIO)
    (tmp_path / "dialogues" / "one.yaml").write_text(DIALOGUES)
    return tmp_path / "desk.yaml"


def codes(desk: Path, file: Path, text: str) -> list[tuple[str, str | None, int]]:
    data = [finding_data(found, desk.parent) for found in findings_of_buffer(desk, file, text)]
    return [(found["name"], found["path"], found["line"]) for found in data if found["severity"] == "error"]


def offered(desk: Path, text: str, *, file: str = "desk.yaml") -> list[str]:
    """What is offered at the `§` in a text."""
    before, after = text.split("§")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    found = completion_of(desk, desk.parent / file, before + after, line, column)
    return [offer.text for offer in found.offers]


def test_a_mistake_in_the_buffer_is_found_at_its_line_and_nothing_is_written(desk: Path) -> None:
    assert codes(desk, desk, SCENARIO) == []
    broken = SCENARIO.replace("to: billing", "to: biling")
    assert codes(desk, desk, broken) == [("unknown-handoff-target", "desk.yaml", 11)]
    assert desk.read_text() == SCENARIO
    assert codes(desk, desk, SCENARIO) == []


def test_a_buffer_of_dialogues_is_held_against_its_scenario(desk: Path) -> None:
    file = desk.parent / "dialogues" / "one.yaml"
    assert codes(desk, file, DIALOGUES.replace("call: look_up", "call: look_it_up")) == [
        ("unknown-name-in-dialogue", "dialogues/one.yaml", 7)
    ]


def test_a_buffer_of_the_scenario_is_held_against_its_dialogues(desk: Path) -> None:
    found = codes(desk, desk, SCENARIO.replace("look_up", "find_out"))
    assert ("dialogues/one.yaml", 7) in [(path, line) for _, path, line in found]


def test_what_is_no_yaml_is_told_like_any_mistake(desk: Path) -> None:
    assert [name for name, _, _ in codes(desk, desk, SCENARIO.replace("[look_up, pay]", "[look_up, pay"))] == [
        "yaml-syntax"
    ]


def test_an_empty_buffer_is_told_and_a_new_file_of_dialogues_is_looked_at(desk: Path) -> None:
    assert [name for name, _, _ in codes(desk, desk, "")] == ["empty-file"]
    assert codes(desk, desk.parent / "dialogues" / "new.yaml", "scenario: ../nobody.yaml\ndialogues: []\n") == []


def test_of_two_texts_that_wait_the_older_one_is_dropped(desk: Path) -> None:
    async def ask() -> list[object]:
        linter = Linter()
        texts = [SCENARIO, SCENARIO.replace("start: main", "start: man"), SCENARIO.replace("start: main", "start: mai")]
        return await asyncio.gather(*(linter.findings(desk, desk, text) for text in texts), return_exceptions=True)

    first, second, third = asyncio.run(ask())
    assert second is None
    assert isinstance(third, list) and "'mai'" in third[0].message
    assert first is None or isinstance(first, list)


@pytest.mark.parametrize(
    ("written", "wanted", "unwanted"),
    [
        ("st§", ["start"], ["agents"]),
        (SCENARIO.replace("start: main", "start: §"), ["main", "billing"], ["pay"]),
        (SCENARIO.replace("[look_up, pay]", "[look_up, p§]"), ["pay"], ["main"]),
        (SCENARIO.replace("- to: billing", "- to: b§"), ["billing"], ["pay"]),
        (SCENARIO.replace("- to: billing", "- b§"), ["billing"], ["pay"]),
        (SCENARIO.replace("    handoffs:", "    hand§\n    handoffs:"), ["handoff_style"], ["handoffs", "name"]),
        (SCENARIO.replace("{to: done, when", "{to: d§, when"), ["done"], ["billing"]),
        (SCENARIO.replace("tools: [pay]\n        transitions", "tools: [§]\n        transitions"), ["pay"], ["look_up"]),
        (SCENARIO.replace("{{ context.username }}", "{{ context.us§"), ["username"], []),
        (SCENARIO.replace("{{ args.what }}", "{{ args.§"), ["what"], []),
        (SCENARIO.replace("{secret: true}", "{secret: §"), ["true", "false"], []),
        (SCENARIO.replace("{secret: true}", "{sec§"), ["secret"], []),
        (SCENARIO + "    rem§", [], ["remember"]),
        (SCENARIO + "    ret§", ["returns"], []),
        (SCENARIO + "    returns: x\n    §", ["delay"], ["raises", "returns", "description"]),
        (SCENARIO + "    # ret§", [], ["returns"]),
        (SCENARIO + "session:\n  output: §", ["audio", "text"], []),
    ],
)  # fmt: skip
def test_what_may_stand_at_a_place_is_offered(desk: Path, written: str, wanted: list[str], unwanted: list[str]) -> None:
    found = offered(desk, written)
    assert set(wanted) <= set(found)
    assert not set(unwanted) & set(found)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (DIALOGUES.replace("call: look_up", "call: §"), ["look_up", "pay"]),
        (DIALOGUES.replace("- say: Hello.", "- ha§"), ["handoff"]),
        (DIALOGUES.replace("- say: Hello.", "- handoff: §"), ["main", "billing"]),
        (DIALOGUES.replace("- called: look_up", "- not_§"), ["not_called"]),
        (DIALOGUES.replace("- called: look_up", "- called: §"), ["look_up", "pay"]),
        (DIALOGUES.replace("- called: look_up", "- state: §"), ["ask", "done"]),
    ],
)
def test_a_file_of_dialogues_has_the_names_of_its_scenario(desk: Path, written: str, wanted: list[str]) -> None:
    assert set(wanted) <= set(offered(desk, written, file="dialogues/one.yaml"))


def test_everything_has_a_place_and_what_it_belongs_to_is_around_it(desk: Path) -> None:
    entries = outline_of(load(desk))
    places = {(entry.kind, entry.id): entry.data(desk.parent) for entry in entries}
    assert (places["agent", "main"]["path"], places["agent", "main"]["line"]) == ("desk.yaml", 6)
    assert places["handoff", "main>billing"]["line"] == 11
    assert places["state", "billing/ask"]["line"] == 19
    assert places["transition", "billing/ask>done"]["line"] == 22
    assert (places["turn", "hello/1"]["path"], places["turn", "hello/1"]["line"]) == ("dialogues/one.yaml", 5)
    for entry in entries:
        around = [
            other for other in entries if other.id == entry.parent and other.kind in ("agent", "state", "dialogue")
        ]
        assert (entry.parent is None) == (around == [])
        for other in around:
            assert other.span.line <= entry.span.line <= entry.span.end_line <= other.span.end_line
