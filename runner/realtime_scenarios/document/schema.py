"""The JSON Schemas of our files, each complete in itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

from realtime_scenarios.core import resource_folder

SchemaName = Literal["scenario", "dialogue"]


def schema_text(name: SchemaName) -> str:
    """The text of `schemas/NAME.schema.json`."""
    return (resource_folder("schemas") / f"{name}.schema.json").read_text(encoding="utf-8")


@cache
def schema(name: SchemaName) -> dict[str, Any]:
    """The schema with the definitions of dialogues inside it, so that it refers to nothing but itself."""
    text = schema_text(name).replace('"dialogue.schema.json#/', '"#/')
    data: dict[str, Any] = json.loads(text)
    if name == "scenario":
        data["$defs"] |= schema("dialogue")["$defs"]
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
        found = {**found, **properties_of(root, merged), **found}
    return found


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


def target_of(root: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The definition that the `$ref` of a schema leads to."""
    target: dict[str, Any] = root["$defs"][part["$ref"].removeprefix("#/$defs/")]
    return target
