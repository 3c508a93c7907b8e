"""A place in a file to what its schema says may stand there: keys with their meanings, and words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from realtime_scenarios.document import Pointer
from realtime_scenarios.document.schema import SchemaName, description_of, schema, target_of

Part = dict[str, Any]

_BRANCHES = ("then", "else")


class Offer(NamedTuple):
    """`text` is what would be written, `kind` what it is in a word, `meaning` a sentence about it or nothing."""

    text: str
    kind: str
    meaning: str = ""
    opens: bool = False
    """Whether what belongs to it stands in lines of its own, below it."""


def offered_keys(name: SchemaName, pointer: Pointer, beside: frozenset[str]) -> list[Offer]:
    """The keys that may stand in the mapping at `pointer`, without those beside which they cannot stand."""
    root = schema(name)
    found: dict[str, Offer] = {}
    parts = _parts_at(root, pointer)
    for part in parts:
        for key, value in part.get("properties", {}).items():
            if not isinstance(value, dict) or key in beside or key in found or key.startswith("$"):
                continue
            if part.get("maxProperties") == 1 and beside:
                continue
            if not any(_is_closed(root, other, beside, key) for other in parts):
                found[key] = Offer(key, "key", description_of(root, value), _opens(root, value))
    return list(found.values())


def offered_words(name: SchemaName, pointer: Pointer) -> list[Offer]:
    """The words that may stand at `pointer`: choices, true and false, and what is usual."""
    root = schema(name)
    found: dict[str, Offer] = {}
    for part in _parts_at(root, pointer):
        words = [*part.get("enum", ()), *([part["const"]] if "const" in part else [])]
        types = part.get("type", ())
        if not words and "boolean" in ([types] if isinstance(types, str) else types):
            words = [True, False]
        for word in words:
            text = word if isinstance(word, str) else json.dumps(word)
            default = " (without the key)" if "default" in part and part["default"] == word else ""
            found.setdefault(text, Offer(text, "word", f"{part.get('description', '')}{default}"))
        for example in part.get("examples", ()) if not words else ():
            if isinstance(example, str | int | float) and not isinstance(example, bool):
                found.setdefault(str(example), Offer(str(example), "example", part.get("description", "")))
    return list(found.values())


def _parts_at(root: Part, pointer: Pointer) -> list[Part]:
    """All that the schema says of a place, as far as it is merged or chosen from."""
    parts = list(_merged(root, root))
    for step in pointer:
        inner = [found for part in parts for found in _below(part, step)]
        parts = [merged for part in inner for merged in _merged(root, part)]
    return parts


def _below(part: Part, step: str | int) -> Iterator[Part]:
    if isinstance(step, int):
        if isinstance(items := part.get("items"), dict):
            yield items
        return
    if isinstance(known := part.get("properties", {}).get(step), dict):
        yield known
    elif isinstance(other := part.get("additionalProperties"), dict):
        yield other


def _merged(root: Part, part: Part, depth: int = 0) -> Iterator[Part]:
    """A part, what it refers to, what it is merged with, and what it may be."""
    if depth > 12:
        return
    yield part
    inner = [part[key] for key in _BRANCHES if isinstance(part.get(key), dict)]
    inner += [other for key in ("allOf", "anyOf", "oneOf") for other in part.get(key, ()) if isinstance(other, dict)]
    if "$ref" in part:
        inner.append(target_of(root, part))
    for other in inner:
        yield from _merged(root, other, depth + 1)


def _is_closed(root: Part, part: Part, beside: frozenset[str], key: str) -> bool:
    """Whether one of the keys that are there keeps another one away, or it keeps one of them away."""
    closing = part.get("dependentSchemas", {})
    return any(
        _refuses(root, closing.get(first, {}), second)
        for other in beside
        for first, second in ((other, key), (key, other))
    )


def _refuses(root: Part, beside: Part, key: str) -> bool:
    names = beside.get("propertyNames")
    if names is None:
        return beside.get("properties", {}).get(key) is False
    if "if" not in names or "$ref" not in names["if"] or "enum" not in names.get("else", {}):
        return False
    return key not in (*target_of(root, names["if"]).get("enum", ()), *names["else"]["enum"])


def _opens(root: Part, value: Part) -> bool:
    """Whether the value is a mapping or a list, and nothing simpler."""
    types: set[str] = set()
    for part in _merged(root, value):
        kind = part.get("type", ())
        types |= {kind} if isinstance(kind, str) else set(kind)
        types |= {"object"} if "properties" in part else set()
    return bool(types) and types <= {"object", "array"}
