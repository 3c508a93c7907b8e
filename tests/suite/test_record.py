"""A conversation saved as a dialogue replays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.compiler import compiled
from runner.core import resource_folder
from runner.model.dialogue import Dialogue
from runner.project import load, load_dialogues
from runner.providers import PROVIDERS, ProviderRequest
from runner.session import played
from runner.suite import dialogue_text
from runner.trace import AgentSaid, HandedOff, ToolCalled

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
    scenario = compiled(AIRLINE.scenario)
    first = played(scenario, dialogue, PROVIDERS[provider], ProviderRequest())
    text = dialogue_text(first.trace, AIRLINE.scenario, name="recorded", scenario_path=str(AIRLINE.path))
    path = tmp_path / "recorded.yaml"
    path.write_text(text, encoding="utf-8")

    recorded = load_dialogues(path)
    assert recorded.diagnostics == ()
    again = played(scenario, recorded.dialogues[0], PROVIDERS["scripted"], ProviderRequest())

    assert again.passed, (again.error, [verdict.message for verdict in again.failures])
    assert deeds(again) == deeds(first)
    assert "hunter2" not in text and "battery" not in text
