"""Exports that are changed at random end in a scenario that lints, or in a line with a place: never in a traceback."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.importers import scenario_text
from realtime_scenarios.importers.dialogues import dialogues_text
from realtime_scenarios.importers.imported import imported
from realtime_scenarios.importers.written import with_fitting_names
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load

CASES = Path(__file__).parents[1] / "cases" / "importers"
EXPORTS = [
    *(path for path in sorted(CASES.glob("*/*.json")) if path.name != "chat.json"),
    CASES / "promptfoo_shop" / "promptfooconfig.yaml",
    CASES / "livekit_library" / "scenarios.yaml",
]
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e9, "", "x", "{{", "{{ a.b }} {% x %}", "{{{n}}}", "\x00\x1b\u2028", "é" * 300, [], {}, [None, 1, "a"],
    {"type": "object"}, {"a": {}}, [[]], "a\n\tb \n", "name with blanks", "1st", "-x", "null", ": #", "\ud800",
)  # fmt: skip
ROUNDS = 40


def steps_in(data: Any, pointer: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if pointer:
        yield pointer
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from steps_in(value, (*pointer, key))


def changed(data: Any, chance: random.Random) -> Any:
    data = copy.deepcopy(data)
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice(list(steps_in(data)) or [("gone",)])
        inner = data
        for step in way:
            inner = inner[step]
        kind = chance.random()
        if not isinstance(inner, (dict, list)):
            continue
        if kind < 0.2:
            del inner[last]
        elif kind < 0.3 and isinstance(inner, dict):
            inner[chance.choice(["", "x y", "é", "0", last + "2"])] = inner.pop(last)
        elif kind < 0.4 and isinstance(inner, list):
            inner.append(copy.deepcopy(inner[last]))
        elif kind < 0.5:
            inner[last] = copy.deepcopy(data)
        else:
            inner[last] = copy.deepcopy(chance.choice(ODD))
    return data


@pytest.mark.parametrize("case", EXPORTS, ids=lambda path: path.parent.name)
def test_an_export_that_is_changed_lints_or_is_refused(case: Path, tmp_path: Path) -> None:
    data, chance = yaml.safe_load(case.read_text().replace("\t", " ")), random.Random(case.name)
    written = 0
    for number in range(ROUNDS):
        path = tmp_path / "changed.json"
        text = json.dumps(changed(data, chance))
        path.write_text(text)
        try:
            given = imported(str(path), tmp_path)
        except ScenarioError as problem:
            assert "\n" not in problem.message
            continue
        scenario = tmp_path / "scenario.yaml"
        scenario.write_text(scenario_text(with_fitting_names(given.found), given.name, path.name))
        if given.dialogues:
            (tmp_path / "dialogues").mkdir(exist_ok=True)
            (tmp_path / "dialogues" / "tests.yaml").write_text(
                dialogues_text(given.dialogues, given.found.notes, "../scenario.yaml", path.name)
            )
        wrong = [found for found in findings(load(scenario), warnings=False) if found.severity == "error"]
        assert wrong == [], f"round {number}: {text}\n{scenario.read_text()}"
        written += 1
    assert written > ROUNDS // 2


@pytest.mark.parametrize("case", EXPORTS, ids=lambda path: path.parent.name)
def test_a_text_that_is_changed_is_read_or_refused(case: Path, tmp_path: Path) -> None:
    text, chance = case.read_text(), random.Random(case.name)
    path = tmp_path / f"changed{case.suffix}"
    for _ in range(ROUNDS):
        at = chance.randrange(len(text))
        path.write_bytes(
            (text[:at] + chance.choice(["", '"', "{", "]", ",", "\\", "\t", "9", "\x00", text[:40]])).encode()
            + text[at + chance.randint(0, 3) :].encode()
        )
        try:
            given = imported(str(path), tmp_path)
        except ScenarioError as problem:
            assert "\n" not in problem.message
        else:
            assert scenario_text(with_fitting_names(given.found), given.name, path.name)
