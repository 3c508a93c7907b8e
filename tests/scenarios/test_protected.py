"""What the dialogues of our scenarios are for: a change that breaks a scenario makes at least one of them fail.

Each file in `changes/` lists changes to the scenario of its name: `remove` takes something out, `put` puts a `value` in
its place. A path is written with dots; a number counts from 0 in a list. `noticed_by` is who objects first: a dialogue,
a file of dialogues that no longer fit the scenario, or the scenario's own `properties`. No more than that is played.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.document import read
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from realtime_scenarios.proof import departures
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support import AS_OF
from support.dialogues import played
from support.light_mcp import lighten_mcp

SCENARIOS = resource_folder("scenarios")
CHANGES = {
    f"{path.stem}: {change['change']}": (path.stem, change)
    for path in sorted((Path(__file__).parent / "changes").glob("*.yaml"))
    for change in read(path)[0].data  # type: ignore[union-attr]
}
OWN = sorted(path.parent.name for path in SCENARIOS.glob("*/*.yaml") if path.stem == path.parent.name)


def changed(data: Any, change: dict[str, Any]) -> None:
    *steps, last = [
        int(step) if step.isdigit() else step for step in change.get("remove", change.get("put")).split(".")
    ]
    for step in steps:
        data = data[step]
    if "remove" in change:
        del data[last]
    else:
        assert (
            last not in data or data[last] != change["value"]
            if isinstance(data, dict)
            else data[last] != change["value"]
        )
        data[last] = change["value"]


def notices(name: str, path: Path) -> bool:
    """Whether the named part of a scenario objects: `properties`, a file whose dialogues fit no more, or a dialogue."""
    project = load(path)
    mistakes = [mistake for mistake in findings(project, warnings=False) if mistake.severity == "error"]
    if name == "properties":
        return any(mistake.name == "property-refuted" for mistake in mistakes)
    inside = [mistake for mistake in mistakes if Path(mistake.span.file).name == path.name]
    assert not inside, f"the change itself is a mistake: {inside[0].message}"
    if name.endswith(".yaml"):
        return any(Path(mistake.span.file) == path.parent / name for mistake in mistakes)
    assert not mistakes, f"noticed before anything is played: {mistakes[0].span}"
    (dialogue,) = (dialogue for dialogue in project.dialogues if dialogue.id == name)
    return not played(compiled(project.scenario), dialogue, PROVIDERS["scripted"], ProviderRequest()).passed


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(change: str, tmp_path: Path) -> None:
    name, what = CHANGES[change]
    folder = tmp_path / name
    shutil.copytree(SCENARIOS / name, folder)
    lighten_mcp(folder)  # the real library plays in the dialogues as they are
    path = folder / f"{name}.yaml"
    document, _ = read(path)
    assert document is not None
    data = document.data
    changed(data, what)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")

    assert notices(what["noticed_by"], path)


@pytest.mark.parametrize("name", OWN)
def test_the_scenario_has_nothing_wrong_and_nothing_weak(name: str) -> None:
    project = load(SCENARIOS / name / f"{name}.yaml")

    assert findings(project, warnings=True, as_of=AS_OF) == []


@pytest.mark.parametrize("name", OWN)
def test_all_dialogues_pass_as_they_are_and_never_leave_the_model_of_the_proofs(name: str) -> None:
    project = load(SCENARIOS / name / f"{name}.yaml")
    scenario = compiled(project.scenario)
    results = [
        played(scenario, dialogue, PROVIDERS["scripted" if dialogue.caller is None else "offline"], ProviderRequest())
        for dialogue in project.dialogues
    ]

    assert [result.dialogue.id for result in results if not result.passed] == []
    assert [result.dialogue.id for result in results if list(departures(project.scenario, result.trace))] == []
    assert results
