"""Files that must pass without a word, and the two validators held to each other over good and broken ones."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import jsonschema_rs
import pytest

import realtime_scenarios.expectations  # noqa: F401 - the kinds that dialogues are built from
from realtime_scenarios.document import Document, check, read
from realtime_scenarios.document.schema import SchemaName, schema
from realtime_scenarios.model import build_dialogues, build_scenario

HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "scenarios"
SCENARIOS = [path for path in sorted(EXAMPLES.glob("*/*.yaml")) if path.stem == path.parent.name]
GOOD = [HERE / "good" / "everything.yaml", HERE / "good" / "smallest.yaml", HERE / "good" / "split" / "scenario.yaml"]
ALL = [*GOOD, *sorted(EXAMPLES.rglob("*.yaml")), *sorted((HERE / "cases").rglob("*.yaml"))]


def kind_of(path: Path) -> SchemaName:
    return "dialogue" if path.name == "dialogue.yaml" or path.parent.name == "dialogues" else "scenario"


@pytest.mark.parametrize("path", [*GOOD, *SCENARIOS], ids=lambda path: path.name)
def test_a_good_scenario_passes_without_a_word(path: Path) -> None:
    document, found = read(path)

    assert document is not None
    assert [*found, *check(document, "scenario"), *build_scenario(document)[1], *build_dialogues(document)[1]] == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/dialogues/*.yaml")), ids=lambda path: path.name)
def test_the_dialogues_of_our_examples_pass_without_a_word(path: Path) -> None:
    document, found = read(path)

    assert document is not None
    assert [*found, *check(document, "dialogue"), *build_dialogues(document)[1]] == []


READABLE = [path for path in ALL if read(path)[0] is not None]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_fast_and_the_slow_validator_see_mistakes_at_the_same_places(path: Path) -> None:
    document, _ = read(path)
    assert document is not None
    name = kind_of(path)

    assert fast_places(document, name) == slow_places(document, name)


def fast_places(document: Document, name: SchemaName) -> set[tuple[str | int, ...]]:
    errors = jsonschema_rs.validator_for(schema(name)).iter_errors(document.data)
    return {shortened(tuple(error.instance_path), error.message) for error in errors}


def slow_places(document: Document, name: SchemaName) -> set[tuple[str | int, ...]]:
    errors = jsonschema.Draft202012Validator(schema(name)).iter_errors(document.data)
    return {tuple(error.absolute_path) for error in errors}


def shortened(path: tuple[str | int, ...], message: str) -> tuple[str | int, ...]:
    """Of a forbidden key the slow validator names only the mapping that it stands in."""
    return path[:-1] if message.startswith("False schema") else path
