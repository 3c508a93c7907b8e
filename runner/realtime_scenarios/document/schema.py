"""The JSON Schemas of our files, each complete in itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Literal

from realtime_scenarios.core import resource_folder

SchemaName = Literal["scenario", "dialogue", "brief"]

_LENDERS: dict[SchemaName, SchemaName] = {"scenario": "dialogue", "brief": "scenario"}
"""Whose definitions a schema refers to, besides its own."""

_OTHER_FILE = re.compile(r'"[a-z]+\.schema\.json#/')

EXPECTED = "expected_"
"""How the name of a definition begins that says what may stand below the key of an expectation."""


Amendment = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes of a schema the schema that counts."""

_AMENDED: dict[SchemaName, dict[str, Any]] = {}
"""What plug-ins have made of the schemas, of those that they add to."""


def amend(name: SchemaName, amendment: Amendment) -> None:
    """From now on the schema of that name is what `amendment` makes of it.

    Raises:
        RuntimeError: a file may have been held against the schema as it was.
        ValueError: the amendment says that it cannot be made.
    """
    if schema.cache_info().currsize:
        raise RuntimeError("plug-ins are loaded before the first file is read")
    _AMENDED[name] = amendment(_AMENDED[name] if name in _AMENDED else json.loads(schema_text(name)))


def schema_text(name: SchemaName) -> str:
    """The text of `schemas/source/NAME.schema.json`, or of what plug-ins have made of it."""
    if name in _AMENDED:
        return json.dumps(_AMENDED[name], indent=2, ensure_ascii=False) + "\n"
    return (resource_folder("schemas") / "source" / f"{name}.schema.json").read_text(encoding="utf-8")


@cache
def schema(name: SchemaName) -> dict[str, Any]:
    """The schema with the definitions that it borrows inside it, so that it refers to nothing but itself."""
    data: dict[str, Any] = json.loads(_OTHER_FILE.sub('"#/', schema_text(name)))
    if name in _LENDERS:
        data["$defs"] |= schema(_LENDERS[name])["$defs"]
    return data


def subschema(root: dict[str, Any], steps: Iterable[str | int]) -> Any:
    """The part of a schema that a validator names by its steps, which pass over `$ref` in silence; {} where none is."""
    part: Any = root
    for step in steps:
        while isinstance(part, dict) and step not in part and "$ref" in part:
            part = target_of(root, part)
        if isinstance(part, dict):
            part = part.get(str(step), {})
        elif isinstance(part, list) and isinstance(step, int):
            part = part[step]
    return part


def properties_of(root: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The properties that a schema describes, by itself or through `$ref` and `allOf`."""
    found: dict[str, Any] = dict(part.get("properties", {}))
    if "$ref" in part:
        found |= properties_of(root, target_of(root, part))
    for merged in part.get("allOf", ()):
        # Its own stand first, and win over those that are merged.
        found = {**found, **properties_of(root, merged), **found}
    return found


def description_of(root: dict[str, Any], part: dict[str, Any]) -> str:
    """What a schema says of itself, or what the one says that it refers to; empty where neither says anything."""
    if "description" not in part and "$ref" in part:
        return description_of(root, target_of(root, part))
    return str(part.get("description", ""))


def with_expectation(root: dict[str, Any], key: str, definition: dict[str, Any]) -> dict[str, Any]:
    """The schema with one more kind of expectation: its `$defs` entry, listed under the key that files use.

    `root` stays as it is; it is the schema of dialogues or of scenarios, with the definitions of dialogues inside it.

    Raises:
        ValueError: there is a kind with this key already.
    """
    name, definitions = f"{EXPECTED}{key}", root["$defs"]
    listing = definitions["expectation"]
    if key in listing["properties"] or name in definitions:
        raise ValueError(f"the schema has an expectation '{key}' already")
    listing = {**listing, "properties": {**listing["properties"], key: {"$ref": f"#/$defs/{name}"}}}
    return {**root, "$defs": {**definitions, "expectation": listing, name: definition}}


def with_stub_kind(root: dict[str, Any], kind: str, definition: dict[str, Any]) -> dict[str, Any]:
    """The schema of scenarios with one more kind of stub: its definition, and its line in the list of a tool's kinds.

    Raises:
        ValueError: there is such a kind, or a tool has one of its keys.
    """
    definitions, name = root["$defs"], f"stub_{kind}"
    taken = definition["properties"].keys() & properties_of(root, definitions["tool"]).keys()
    if name in definitions or taken:
        raise ValueError(f"stub kind '{kind}' cannot be added: {', '.join(sorted(taken)) or kind} is there already")
    tool = {**definitions["tool"], "allOf": [*definitions["tool"]["allOf"], {"$ref": f"#/$defs/{name}"}]}
    return {**root, "$defs": {**definitions, "tool": tool, name: definition}}


def with_provider(root: dict[str, Any], name: str) -> dict[str, Any]:
    """The schema of scenarios with one more name that a provider may have."""
    definitions = root["$defs"]
    names = definitions["provider_name"]
    return {**root, "$defs": {**definitions, "provider_name": {**names, "enum": [*names["enum"], name]}}}


def stub_definition(description: str, properties: Mapping[str, Any], beside: Iterable[str]) -> dict[str, Any]:
    """The definition of a kind of stub: its own keys, and the keys that may stand beside each of them in a tool."""
    allowed = {"if": {"$ref": "#/$defs/tool_key"}, "else": {"enum": [*properties, *sorted(beside)]}}
    alone = {"propertyNames": allowed, "x-hint": "a tool answers in one way"}
    return {
        "description": description,
        "properties": dict(properties),
        "dependentSchemas": dict.fromkeys(properties, alone),
    }


def target_of(root: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The definition that the `$ref` of a schema leads to."""
    target: dict[str, Any] = root["$defs"][part["$ref"].removeprefix("#/$defs/")]
    return target
