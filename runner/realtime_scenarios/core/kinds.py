"""The kinds of values that callers give, told by what a parameter is called and by its schema: one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal[
    "address", "boolean", "choice", "code", "date", "digits", "email", "list", "name", "number", "phone", "place",
    "request", "seat", "text", "time", "zip", "other",
]  # fmt: skip
"""`request`: what somebody wants to know or have, in their words. `text`: any other words. `other`: no kind of ours."""

_NAME_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

_BY_WORD: tuple[tuple[Kind, str], ...] = (
    ("email", "email mail courriel correo"),
    ("phone", "phone mobile cell telephone fax telefono telefon"),
    ("date", "date dob birth birthdate birthday day fecha datum"),
    ("time", "time hour heure hora"),
    ("zip", "zip zipcode postal postcode plz"),
    ("seat", "seat"),
    ("request", "request question query topic search context message prompt input keyword keywords subject term terms"),
    ("text", "description reason note notes comment comments complaint details rationale summary issue problem text"),
    ("text", "feedback action motivo motif mensaje comentario nota"),
    ("code", "id number code no num reference ref pnr locator sku ticket order booking confirmation"),
    ("place", "city location place destination origin airport region country area town sector ville ciudad"),
)
"""Earlier lines win: `order_date` is a date, `place_of_birth` is one too, and `reference` is a code."""

_OF_ADDRESS = frozenset(["street", "city", "town", "state", "province", "region"])
_OF_NAME = frozenset(
    ["first", "last", "full", "middle", "given", "family", "sur", "customer", "client", "passenger", "guest", "caller",
     "patient", "my", "name", "nombre", "apellido", "apellidos", "nom", "prenom", "vorname", "nachname"]
)  # fmt: skip
_NAMES = frozenset(["name", "nombre", "apellido", "apellidos", "nom", "prenom", "vorname", "nachname"])
_SHAPES: Mapping[str, Kind] = {"email": "email", "date": "date", "date-time": "date", "time": "time"}


def name_words(name: str) -> list[str]:
    """The words of an identifier: `phone_number`, `phoneNumber` and `PhoneNumber` are all `phone`, `number`."""
    return [part.lower() for part in _NAME_PART.findall(name)]


def kind_of(name: str, schema: Mapping[str, Any], *, nested: bool = False) -> Kind:
    """The kind of value that a parameter takes; `nested`: it is part of an object, as streets are of an address."""
    types = types_of(schema)
    if "array" in types:
        return "list"
    if choices_of(schema):
        return "choice"
    if "boolean" in types:
        return "boolean"
    if types & {"integer", "number"} and "string" not in types:
        return "number"
    if types and "string" not in types:
        return "other"
    return _SHAPES.get(str(schema.get("format"))) or _kind_of_text(name, schema, nested=nested)


def _kind_of_text(name: str, schema: Mapping[str, Any], *, nested: bool) -> Kind:
    ordered = name_words(name)
    words = set(ordered)
    if (nested or "address" in words) and words & _OF_ADDRESS | words & {"zip", "postal"} and not words & {"email"}:
        return "address"
    if "last" in words and words & {"4", "four"}:
        return "digits"
    if (ordered and ordered[-1] in _NAMES and words <= _OF_NAME) or name.lower() in ("lname", "fname"):
        return "name"
    found = next((kind for kind, listed in _BY_WORD if not words.isdisjoint(listed.split())), None)
    if found is None or (found == "time" and ordered[-1:] != ["time"]):
        return "code" if "pattern" in schema else "other"
    return found


def types_of(schema: Mapping[str, Any]) -> set[str]:
    """The types that a schema allows, without null."""
    kind = schema.get("type")
    listed = [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []
    return {entry for entry in listed if isinstance(entry, str) and entry != "null"}


def choices_of(schema: Mapping[str, Any]) -> list[Any]:
    """The values that a const, an enum or an array of an enum allows, without null."""
    if "const" in schema:
        return [schema["const"]]
    items = schema.get("items")
    values = schema.get("enum") or (items.get("enum") if isinstance(items, dict) else None)
    return [value for value in values if value is not None] if isinstance(values, list) else []
