"""What its dialogues are for: a change that breaks the airline is caught, whichever it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support import AS_OF
from support.dialogues import played

AIRLINE = resource_folder("scenarios") / "airline"

APPROVAL = """    approval:
      fields:
        username: {label: Username}
        password: {label: Password, secret: true}
      timeout: 60s
      reject_message: The caller cancelled the sign-in. Do not look up the flight; offer to help with something else.
"""

CHANGES = {
    "the approval is taken away": (APPROVAL, ""),
    "the approval has no timeout any more": ("      timeout: 60s\n", ""),
    "the password is no longer needed": (
        "password: {label: Password, secret: true}",
        "password: {label: P, required: false}",
    ),
    "the handoff to the QA agent is taken away": ("      - to: qa\n", "      - to: nobody\n"),
    "the QA agent cannot hand back": ("      - to: main\n", "      - to: nobody\n"),
    "a gate is put before the handoff": ("      - to: qa\n", "      - to: qa\n        requires: context.username\n"),
    "the booking answers something else": ("8am flight from SFO to JFK", "9pm flight from LAX to ORD"),
    "the QA agent loses its reference": ("    tools: [document_lookup]\n", ""),
    "the parameter is renamed": ("parameters: {request: string}", "parameters: {question: string}"),
    "the user name is not remembered": ("    set: {username: approval.username}\n", ""),
    "the guardrail is taken away": ("    guardrails: [no_promises]\n", ""),
    "another agent begins": ("start: main", "start: qa"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_dialogues_notice_when(change: str, tmp_path: Path) -> None:
    folder = tmp_path / "airline"
    shutil.copytree(AIRLINE, folder)
    path = folder / "airline.yaml"
    before, after = CHANGES[change]
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")

    project = load(path)
    noticed = [str(mistake.span) for mistake in findings(project, warnings=False)]
    if project.built is not None and not any(mistake.code == "SC203" for mistake in findings(project, warnings=False)):
        scenario = compiled(project.scenario)
        results = [
            played(scenario, dialogue, PROVIDERS["scripted"], ProviderRequest()) for dialogue in project.dialogues
        ]
        noticed = [result.dialogue.id for result in results if not result.passed]

    assert noticed


def test_without_a_change_nothing_is_noticed() -> None:
    project = load(AIRLINE / "airline.yaml")
    scenario = compiled(project.scenario)
    assert findings(project, warnings=True, as_of=AS_OF) == []
    assert all(
        played(scenario, dialogue, PROVIDERS["scripted"], ProviderRequest()).passed for dialogue in project.dialogues
    )


def test_the_reference_is_protected_line_by_line(tmp_path: Path) -> None:
    folder = tmp_path / "airline"
    shutil.copytree(AIRLINE, folder)
    reference = folder / "quick_reference.md"
    for part in ("22x14x9", "50 pounds", "24 hours", "three hours", "20 pounds"):
        reference.write_text((AIRLINE / "quick_reference.md").read_text(encoding="utf-8").replace(part, "…"), "utf-8")
        project = load(folder / "airline.yaml")
        scenario = compiled(project.scenario)
        results = [
            played(scenario, dialogue, PROVIDERS["scripted"], ProviderRequest()) for dialogue in project.dialogues
        ]
        assert not all(result.passed for result in results), part
