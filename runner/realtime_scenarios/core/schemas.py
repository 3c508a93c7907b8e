"""A JSON Schema as what it says of its parts: the schemas inside it, and the values that stand where none is given."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]

_BY_NAME = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    "items",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
)
_REFERENCES = 8
"""References that are followed in a row; more are a circle."""


def schemas_in(schema: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The schema and each one inside it, with the path that leads to it. What is no schema is passed by."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for key in _BY_NAME:
        inner = schema.get(key)
        for name, part in inner.items() if isinstance(inner, Mapping) else ():
            yield from schemas_in(part, (*path, key, name))
    for key in _LISTS:
        parts = schema.get(key)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from schemas_in(part, (*path, key, index))
    for key in _SINGLE:
        yield from schemas_in(schema.get(key), (*path, key))


def has_defaults(schema: Mapping[str, Any]) -> bool:
    """Whether the schema gives any value of its own."""
    return any("default" in part for _, part in schemas_in(schema))


def filled(value: Any, schema: Any, root: Mapping[str, Any]) -> Any:
    """The value with the schema's defaults where nothing was given, in the objects inside it as well.

    An object that was not given is not made up. `root` is the schema that references begin in.
    """
    parts = list(_holding(schema, root))
    if isinstance(value, Mapping):
        return _filled_object(value, parts, root)
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for item in items:
            value = [filled(member, item, root) for member in value]
    return value


def _filled_object(value: Mapping[str, Any], parts: list[Mapping[str, Any]], root: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(value)
    for part in parts:
        properties = part.get("properties")
        for name, schema in properties.items() if isinstance(properties, Mapping) else ():
            if name in whole:
                whole[name] = filled(whole[name], schema, root)
                continue
            default = next((given for given in _holding(schema, root) if "default" in given), None)
            if default is not None:
                whole[name] = copy.deepcopy(default["default"])
    return whole


def parts_of_member(schemas: Iterable[Any], member: str | int, root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All schemas that may say something of the member of that name, or of an item, of a value that has `schemas`."""
    found: list[Mapping[str, Any]] = []
    for schema in schemas:
        for part in possible_parts(schema, root):
            properties = part.get("properties")
            inner = part.get("items") if isinstance(member, int) else None
            if isinstance(member, str) and isinstance(properties, Mapping):
                inner = properties.get(member, part.get("additionalProperties"))
            found += possible_parts(inner, root)
    return found


def possible_parts(schema: Any, root: Mapping[str, Any], left: int = _REFERENCES) -> Iterator[Mapping[str, Any]]:
    """The schemas that may hold of a value: those that do whatever it is, and each that it has the choice of."""
    for part in _holding(schema, root):
        yield part
        for key in ("anyOf", "oneOf"):
            choices = part.get(key)
            for choice in choices if isinstance(choices, list) and left else ():
                yield from possible_parts(choice, root, left - 1)


def _holding(schema: Any, root: Mapping[str, Any], left: int = _REFERENCES) -> Iterator[Mapping[str, Any]]:
    """The schemas that hold of a value whatever it is: this one, what it refers to, and all of its `allOf`."""
    if not isinstance(schema, Mapping) or not left:
        return
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        yield from _holding(_referred(reference, root), root, left - 1)
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        yield from _holding(part, root, left - 1)


def _referred(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for step in reference.removeprefix("#").removeprefix("/").split("/"):
        if step:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
    return found
