"""A conversation saved as a dialogue replays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.expectations.promises import Breaks
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.project import Project, load, load_dialogues, projects_at
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite.record import dialogue_text
from realtime_scenarios.trace import AgentSaid, HandedOff, ToolCalled
from support.dialogues import played

OTHERS = [
    (project, dialogue)
    for project in projects_at([str(resource_folder("scenarios"))], Path.cwd())
    if project.scenario.id != "airline" and not project.scenario.mcp
    for dialogue in project.dialogues
    if dialogue.caller is None
    and not any(turn.image for turn in dialogue.turns)  # a trace holds the name of a picture only
    and not any(isinstance(wanted, Breaks) for wanted in dialogue.expectations)  # which no conversation should do again
]
AIRLINE = load(resource_folder("scenarios") / "airline" / "airline.yaml")


def deeds(result: object) -> list[object]:
    kinds = {AgentSaid: "text", HandedOff: "to", ToolCalled: "tool"}
    return [
        (type(event).__name__, getattr(event, kinds[type(event)]))
        for event in result.trace  # type: ignore[attr-defined]
        if type(event) in kinds
    ]


@pytest.mark.parametrize("provider", ["scripted", "offline"])
@pytest.mark.parametrize("dialogue", AIRLINE.dialogues, ids=lambda dialogue: dialogue.id)
def test_a_recorded_dialogue_passes_and_does_the_same(dialogue: Dialogue, provider: str, tmp_path: Path) -> None:
    text = replayed_as_recorded(AIRLINE, dialogue, provider, tmp_path)
    assert "hunter2" not in text and "battery" not in text


@pytest.mark.parametrize(("project", "dialogue"), OTHERS, ids=lambda value: getattr(value, "id", None))
def test_whatever_a_scenario_can_do_is_recorded(project: Project, dialogue: Dialogue, tmp_path: Path) -> None:
    replayed_as_recorded(project, dialogue, "scripted", tmp_path)


def replayed_as_recorded(project: Project, dialogue: Dialogue, provider: str, tmp_path: Path) -> str:
    """Play, record and replay; the text of the record."""
    scenario = compiled(project.scenario)
    first = played(scenario, dialogue, PROVIDERS[provider], ProviderRequest())
    text = dialogue_text(first.trace, project.scenario, name="recorded", scenario_path=str(project.path))
    path = tmp_path / "recorded.yaml"
    path.write_text(text, encoding="utf-8")

    recorded = load_dialogues(path)
    assert recorded.diagnostics == ()
    again = played(scenario, recorded.dialogues[0], PROVIDERS["scripted"], ProviderRequest())

    assert again.passed, (again.error, [verdict.message for verdict in again.failures])
    assert deeds(again) == deeds(first)
    return text
