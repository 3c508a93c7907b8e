"""A recording knows the agents that it met, and says which of them have changed since."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.project import load
from realtime_scenarios.project.met import FOLDER, StaleAgent, keep_texts, met_keys, stale_agents

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk:
    instructions: |
      Be brief.
      Greet {{ context.name or 'the caller' }} first.
    tools: [hours]
    handoffs: [bills]
  bills: {instructions: Explain bills., handoffs: [desk]}
context:
  name: {type: [string, "null"], default: null}
tools:
  hours: {description: Say when we are open., returns: nine to five}
"""


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A scenario with a recording that met both of its agents; the file of the scenario."""
    path = tmp_path / "shop.yaml"
    path.write_text(SCENARIO)
    scenario = load(path).scenario
    dialogues = tmp_path / "dialogues" / "first.yaml"
    dialogues.parent.mkdir()
    keep_texts(["desk", "bills"], scenario, dialogues)
    met = met_keys(["desk", "bills"], scenario)
    dialogues.write_text(
        "scenario: ../shop.yaml\ndialogues:\n"
        f"  - {{id: first, recorded: {{provider: offline, agents: {met}}}, turns: [{{user: Hi, agent: [{{say: Hi.}}]}}]}}\n"
    )
    return path


def stale(path: Path, old: str, new: str) -> tuple[StaleAgent, ...]:
    """What is stale once the scenario says the one in place of the other."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    project = load(path)
    assert not project.all_diagnostics
    return stale_agents(project.dialogues[0], project.scenario)


def test_a_recording_whose_agents_are_as_they_were_is_fresh(recorded: Path) -> None:
    assert stale(recorded, "scenario: shop", "scenario: store") == ()


def test_instructions_that_changed_are_shown_with_the_lines_that_did(recorded: Path) -> None:
    (agent,) = stale(recorded, "Be brief.", "Be thorough.")
    assert agent.agent == "desk"
    (change,) = agent.changes
    assert (change.part, change.kind) == ("instructions", "changed")
    assert "-Be brief." in change.diff and "+Be thorough." in change.diff


def test_a_tool_that_reads_otherwise_makes_stale_only_the_agent_that_has_it(recorded: Path) -> None:
    (agent,) = stale(recorded, "Say when we are open.", "Say when we are closed.")
    assert [(change.part, change.kind) for change in agent.changes] == [("hours", "changed")]
    assert "-Say when we are open." in agent.changes[0].diff


def test_a_tool_that_is_there_no_more_and_a_handoff_that_is_gone_are_told(recorded: Path) -> None:
    found = stale(recorded, "    tools: [hours]\n    handoffs: [bills]\n", "    tools: []\n")
    assert [(change.part, change.kind) for change in found[0].changes] == [
        ("hours", "gone"),
        ("transfer_to_bills", "gone"),
    ]


def test_an_agent_that_is_gone_is_stale_as_a_whole(recorded: Path) -> None:
    (_, gone) = stale(
        recorded, "    handoffs: [bills]\n  bills: {instructions: Explain bills., handoffs: [desk]}\n", ""
    )
    assert (gone.agent, gone.changes) == ("bills", ())


def test_what_a_tool_answers_is_not_read_by_the_model_and_makes_nothing_stale(recorded: Path) -> None:
    assert stale(recorded, "returns: nine to five", "returns: ten to six") == ()


def test_without_the_kept_text_it_still_says_what_changed(recorded: Path) -> None:
    for file in (recorded.parent / "dialogues" / FOLDER).iterdir():
        file.unlink()
    (agent,) = stale(recorded, "Be brief.", "Be thorough.")
    assert agent.changes[0].part == "instructions" and agent.changes[0].diff == ()
