"""A schema of Zod, as openai-agents-js takes it for parameters, to JSON Schema."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.importers.typescript import Made

_TYPES = {"string": "string", "number": "number", "boolean": "boolean", "null": "null"}
_NARROWED = {
    "int": {"type": "integer"},
    "email": {"format": "email"},
    "url": {"format": "uri"},
    "uuid": {"format": "uuid"},
}
_BOUNDS = {
    "string": {"min": "minLength", "max": "maxLength"},
    "number": {"min": "minimum", "max": "maximum"},
    "integer": {"min": "minimum", "max": "maximum"},
    "array": {"min": "minItems", "max": "maxItems"},
}


class Unknown(ValueError):
    """The schema says something that JSON Schema, or this reader, cannot."""


def is_zod(value: Any) -> bool:
    """Whether a value looks like one."""
    return isinstance(value, Made) and value.maker.startswith(".") and (_is_z(value) or is_zod(value.arguments[0]))


def json_schema(value: Any) -> dict[str, Any]:
    """The schema as JSON Schema.

    Raises:
        Unknown: some of it is not known here.
    """
    schema, _ = _read(value)
    return schema


def _is_z(made: Made) -> bool:
    root = made.arguments[0] if made.arguments else None
    return getattr(root, "text", None) == "z"


def _read(value: Any) -> tuple[dict[str, Any], bool]:
    """The schema, and whether what it is of may be left out."""
    if not isinstance(value, Made) or not value.maker.startswith("."):
        raise Unknown(f"{getattr(value, 'place', 'it')} is no schema of zod")
    method, given = value.maker[1:], value.arguments[1:]
    if _is_z(value):
        return _kind(method, given), False
    schema, optional = _read(value.arguments[0])
    match method, given:
        case "describe", (str(text),):
            return {**schema, "description": text}, optional
        case (("optional" | "nullish"), ()):
            return (_with_null(schema) if method == "nullish" else schema), True
        case "nullable", ():
            return _with_null(schema), optional
        case "default", (default,):
            return {**schema, "default": default}, True
        case (("strict" | "passthrough"), ()):
            return {**schema, "additionalProperties": method == "passthrough"}, optional
        case (("min" | "max"), (int() | float() as bound, *_)):
            key = _BOUNDS.get(str(schema.get("type")), {}).get(method)
            return ({**schema, key: bound} if key else schema), optional
        case name, _ if name in _NARROWED:
            return {**schema, **_NARROWED[name]}, optional
        case _:
            raise Unknown(f".{method} of zod")


def _kind(method: str, given: tuple[Any, ...]) -> dict[str, Any]:
    match method, given:
        case name, _ if name in _TYPES:
            return {"type": _TYPES[name]}
        case "any" | "unknown", ():
            return {}
        case "literal", (str() | int() | float() | bool() as only,):
            return {"const": only}
        case "enum", (list(values),):
            return {"type": "string", "enum": values}
        case "array", (inner,):
            return {"type": "array", "items": json_schema(inner)}
        case "union", (list(kinds),):
            return {"anyOf": [json_schema(kind) for kind in kinds]}
        case "object", (dict(fields),):
            read = {name: _read(field) for name, field in fields.items()}
            return {
                "type": "object",
                "properties": {name: schema for name, (schema, _) in read.items()},
                "required": [name for name, (_, optional) in read.items() if not optional],
                "additionalProperties": False,
            }
        case _:
            raise Unknown(f"z.{method}")


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if isinstance(kind, str) else {"anyOf": [schema, {"type": "null"}]}
