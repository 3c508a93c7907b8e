"""The schemas that editors read, held to those that validators read, and to what language servers make of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import jsonschema
import jsonschema_rs
import pytest

from realtime_scenarios.core import resource_folder
from realtime_scenarios.document import read
from realtime_scenarios.document.editor import editor_text, for_editors
from realtime_scenarios.document.schema import (
    SchemaName,
    properties_of,
    schema,
    schema_text,
    stub_definition,
    with_stub_kind,
)

Part = dict[str, Any]
NAMES: tuple[SchemaName, ...] = get_args(SchemaName)
SCHEMAS = resource_folder("schemas")
TESTS = Path(__file__).parent.parent
FILES = sorted(chain(resource_folder("scenarios").rglob("*.yaml"), (TESTS / "document").rglob("*.yaml")))


def parts(part: Any, path: str = "#", branch: bool = False) -> Iterator[tuple[str, bool, Part]]:
    """Every schema in a schema, with its path, and whether it is a branch, in which nothing is looked for to offer."""
    if not isinstance(part, dict):
        return
    yield path, branch, part
    for key in ("properties", "$defs", "dependentSchemas"):
        for name, inner in part.get(key, {}).items():
            yield from parts(inner, f"{path}/{key}/{name}")
    for key in ("items", "additionalProperties", "propertyNames"):
        yield from parts(part.get(key), f"{path}/{key}")
    for key in ("if", "then", "else"):
        yield from parts(part.get(key), f"{path}/{key}", branch=True)
    for index, inner in enumerate(part.get("allOf", ())):
        yield from parts(inner, f"{path}/allOf/{index}")


@cache
def published(name: SchemaName) -> Part:
    data: Part = json.loads(editor_text(name))
    return data


@cache
def whole(name: SchemaName) -> Part:
    """What is published, with the definitions of other files inside it."""
    text = editor_text(name)
    for other in NAMES:
        text = text.replace(f"{other}.schema.json#", "#")
    data: Part = json.loads(text)
    return {**data, "$defs": {**{key: part for each in NAMES for key, part in definitions(each)}, **data["$defs"]}}


def definitions(name: SchemaName) -> list[tuple[str, Part]]:
    text = editor_text(name).replace("scenario.schema.json#", "#").replace("dialogue.schema.json#", "#")
    return list(json.loads(text)["$defs"].items())


@pytest.mark.parametrize("name", NAMES)
def test_what_is_checked_in_is_what_is_made_of_the_source(name: SchemaName) -> None:
    assert (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8") == editor_text(name), "make docs"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema_itself(name: SchemaName) -> None:
    jsonschema.Draft202012Validator.check_schema(whole(name))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(path.parents[2])))
def test_a_file_is_right_by_both_or_by_neither(path: Path) -> None:
    document, _ = read(path, shown_as=path.name)
    if document is None:
        return
    for name in NAMES:
        assert jsonschema_rs.is_valid(whole(name), document.data) == jsonschema_rs.is_valid(schema(name), document.data)


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_that_fails_is_told_in_words(name: SchemaName) -> None:
    patterned = [(path, part) for path, _, part in parts(published(name)) if "pattern" in part]
    unsaid = [path for path, part in patterned if ": " not in part.get("patternErrorMessage", "")]
    assert unsaid == [], "give it an `x-hint` in schemas/source: how it is written, in words"


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_mouse_rests_on_is_described(name: SchemaName) -> None:
    keys = [
        (f"{path}/{key}", inner)
        for path, branch, part in parts(published(name))
        for key, inner in part.get("properties", {}).items()
        if isinstance(inner, dict) and not path.endswith("/if")
    ]
    named = [(f"#/$defs/{key}", part) for key, part in published(name).get("$defs", {}).items() if "title" in part]
    mute = [path for path, part in [*keys, *named] if not {"markdownDescription", "$ref"} & part.keys()]
    assert mute == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_offered_that_a_label_cannot_show(name: SchemaName) -> None:
    shown = ("examples", "enum", "default", "const", "defaultSnippets")
    mappings = [
        path
        for path, branch, part in parts(published(name))
        for value in (part.get(key) for key in shown)
        if has_a_mapping(value) and not (branch and is_closed(part))
    ]
    assert mappings == []


def has_a_mapping(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(has_a_mapping, value)))


def is_closed(part: Part) -> bool:
    """Whether a branch is for lists or mappings, so that a server does not take it for words."""
    return part.get("type") in ("object", "array")


@pytest.mark.parametrize("name", NAMES)
def test_a_default_is_told_and_not_filled_in(name: SchemaName) -> None:
    assert [path for path, _, part in parts(published(name)) if "default" in part] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_is_filled_in_may_stand_there(name: SchemaName) -> None:
    """A server writes 0 where it has no example."""
    wrong = [
        path
        for path, _, part in parts(published(name))
        if part.get("type") in ("number", "integer") and part.get("minimum", 0) > 0 and "examples" not in part
    ]
    assert wrong == []


MAPPINGS = [
    (name, path, part)
    for name in NAMES
    for path, _, part in parts(schema(name))
    if "dependentSchemas" in part or part.get("unevaluatedProperties") is False or part.get("maxProperties") == 1
    if properties_of(schema(name), part) and "/stub_" not in path
]


@pytest.mark.parametrize(("name", "path", "source"), MAPPINGS, ids=[f"{name}{path}" for name, path, _ in MAPPINGS])
def test_a_key_is_offered_exactly_where_it_may_stand_beside_what_is_there(
    name: SchemaName, path: str, source: Part
) -> None:
    made = for_editors(source, schema(name))
    keys = [key for key, part in properties_of(schema(name), source).items() if part is not False]
    for there in keys:
        may_stand = {key for key in keys if key != there and not excludes(name, source, there, key)}
        assert offered(made, {there: None}, whole(name)) - {there} == may_stand, there


def excludes(name: SchemaName, source: Part, there: str, key: str) -> bool:
    """Whether the validators' schema has something against two keys, whatever their values."""
    validator = jsonschema.Draft202012Validator({**source, "$defs": schema(name)["$defs"]})
    errors = validator.iter_errors({there: None, key: None})
    return any(
        not error.absolute_path
        and (error.validator in (None, "maxProperties") or "propertyNames" in error.absolute_schema_path)
        for error in errors
    ) or any(error.validator is None for error in validator.iter_errors({there: None, key: None}))


def offered(part: Part, value: Part, root: Part) -> set[str]:
    """The keys that a server finds: in a schema, in what it is merged with, and in the branches that are open."""
    found = {key for key, inner in part.get("properties", {}).items() if isinstance(inner, dict)}
    merged = list(part.get("allOf", ()))
    if "$ref" in part:
        merged.append(root["$defs"][part["$ref"].rpartition("/")[2]])
    if "if" in part:
        merged.append(part.get("then" if jsonschema_rs.is_valid(part["if"], value) else "else", {}))
    return found.union(*(offered(inner, value, root) for inner in merged))


def test_the_keys_of_a_kind_from_elsewhere_are_offered_alike() -> None:
    words = {"dice": {"description": "How many dice are thrown.", "type": "integer"}}
    root = with_stub_kind(schema("scenario"), "dice", stub_definition("What dice say.", words, beside=["delay"]))
    made = for_editors(root, root)
    tool = made["$defs"]["tool"]

    assert "dice" in offered(tool, {"description": "Throw."}, made)
    assert "dice" not in offered(tool, {"query": "SELECT 1"}, made)
    assert {"delay", "timeout"} <= offered(tool, {"dice": 2}, made)
    assert not {"query", "returns", "set"} & offered(tool, {"dice": 2}, made)


@pytest.mark.parametrize("name", NAMES)
def test_words_of_our_own_are_for_validators_and_words_of_editors_for_editors(name: SchemaName) -> None:
    own = {"x-hint", "x-message"}
    for_an_editor = {"patternErrorMessage", "errorMessage", "markdownDescription"}
    assert [path for path, _, part in parts(published(name)) if own & part.keys()] == []
    assert [path for path, _, part in parts(json.loads(schema_text(name))) if for_an_editor & part.keys()] == []
