"""docs/mutation.md: its table of kinds is that of the catalogue, and those of scenarios are what was told of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "mutation.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutation_tool", ROOT / "tools" / "mutation.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(name: str, left: int = 0, **fates: int) -> dict[str, Any]:
    count = {fate: fates.get(fate, 0) for fate in ("lint", "dialogue", "survived", "same", "no_scenario")}
    noticed = count["lint"] + count["dialogue"]
    counted = noticed + count["survived"]
    outcomes = [{"kind": f"{fate}-kind", "fate": fate} for fate, number in count.items() for _ in range(number)]
    percent = 100 * noticed / counted
    tried = len(outcomes)
    return {"scenario": f"{name}.yaml", **count, "noticed": noticed, "counted": counted, "percent": percent} | {
        "outcomes": outcomes,
        "tried": tried,
        "mutants": tried + left,
    }


def test_the_table_of_kinds_is_made_from_the_catalogue(tool: ModuleType) -> None:
    assert tool.page(PAGE) == PAGE, "make docs"


def test_the_tables_of_scenarios_are_made_of_what_was_told_of_them(tool: ModuleType) -> None:
    page = tool.page(PAGE, [told("b", lint=1, dialogue=2, survived=1, same=5), told("a", dialogue=4)])

    assert "| a | 4 of 4 | 100.0 % | 0 | 4 | 0 | 0 |\n| b | 3 of 4 | 75.0 % | 1 | 2 | 1 | 5 |\n" in page
    assert "| **all** | 7 of 8 | 87.5 % | 1 | 6 | 1 | 5 |\n" in page
    assert "| `dialogue-kind` | 6 of 6 |\n" in page and "| `survived-kind` | 0 of 1 |\n" in page
    assert "same-kind" not in page


def test_what_was_not_tried_is_told(tool: ModuleType) -> None:
    assert "| a, without 3 that were not tried | 4 of 4 |" in tool.page(PAGE, [told("a", left=3, dialogue=4)])
