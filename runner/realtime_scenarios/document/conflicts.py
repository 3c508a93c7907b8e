"""Keys that forbid each other: an error of a validator to the key that cannot stand there, and the one beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from realtime_scenarios.document.schema import properties_of, subschema, target_of

if TYPE_CHECKING:
    from jsonschema import ValidationError


class Conflict(Struct, frozen=True):
    """`key` cannot stand beside `other`; `is_told` False: something else is said about it already."""

    key: str
    other: str
    hint: str | None
    is_told: bool


def conflict_of(error: ValidationError, root: dict[str, Any]) -> Conflict | None:
    """The conflict that an error is about; None where it is about something else.

    A kind that is merged into a mapping (`allOf`) says beside which keys its own may stand: `dependentSchemas` with
    `propertyNames`. So of two kinds each refuses the other; the one further down the list is told. A key that the
    mapping does not know at all is told as such.
    """
    steps = tuple(error.absolute_schema_path)
    if error.validator != "enum" or steps[-3:] != ("propertyNames", "else", "enum") or "allOf" not in steps:
        return None
    key, other, hint = str(error.instance), str(steps[-4]), subschema(root, steps[:-3]).get("x-hint")
    list_at = len(steps) - 1 - steps[::-1].index("allOf")
    kinds, at = subschema(root, steps[: list_at + 1]), int(steps[list_at + 1])
    is_known = key in properties_of(root, subschema(root, steps[:list_at]))
    is_first = any(key in _keys_refusing(root, kind, other) for kind in kinds[:at])
    return Conflict(key, other, hint, is_told=is_known and not is_first)


def _keys_refusing(root: dict[str, Any], kind: dict[str, Any], key: str) -> list[str]:
    """The keys of a kind that refuse to stand beside `key`."""
    closed = target_of(root, kind).get("dependentSchemas", {}) if "$ref" in kind else {}
    names = {own: part.get("propertyNames") for own, part in closed.items()}
    return [own for own, wanted in names.items() if wanted is not None and key not in wanted["else"]["enum"]]
