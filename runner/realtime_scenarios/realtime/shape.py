"""The shapes of what clients send: a check takes a value and its path, and returns it in its canonical form.

A wrong value raises `ClientError` with the code, the wording and the `param` that the OpenAI API uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from realtime_scenarios.core import listed
from realtime_scenarios.realtime.events import ClientError

Check = Callable[[Any, str], Any]


def record(fields: Mapping[str, Check], *, required: Sequence[str] = ()) -> Check:
    """An object with these fields and no others."""

    def check(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_type(value, path, "an object")
        prefix = f"{path}." if path else ""
        checked = {}
        for name, given in value.items():
            field = fields.get(name)
            if field is None:
                raise unknown(f"{prefix}{name[:80]}")
            checked[name] = field(given, f"{prefix}{name}")
        for name in required:
            if name not in checked:
                raise missing(f"{prefix}{name}")
        return checked

    return check


def kinds(of: Mapping[str, Check], *, key: str = "type") -> Check:
    """An object whose `key` says which of these shapes it has."""
    known = one_of(*of)

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise wrong_type(value, path, "an object")
        where = f"{path}.{key}" if path else key
        if key not in value:
            raise missing(where)
        return of[known(value[key], where)](value, path)

    return check


def array(of: Check, *, longest: int | None = None) -> Check:
    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_type(value, path, "an array")
        if longest is not None and len(value) > longest:
            raise wrong_value(path, f"expected at most {longest} entries, but got {len(value)}")
        return [of(entry, f"{path}[{index}]") for index, entry in enumerate(value)]

    return check


def text(*, longest: int | None = None, pattern: str | None = None) -> Check:
    wanted = re.compile(pattern) if pattern else None

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, path, "a string")
        if longest is not None and len(value) > longest:
            raise wrong_value(path, f"expected a string of at most {longest} characters, but got {len(value)}")
        if wanted is not None and not wanted.fullmatch(value):
            raise wrong_value(path, f"string does not match pattern. Expected a string that matches '{pattern}'")
        return value

    return check


def one_of(*values: str) -> Check:
    """One of these strings."""

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, path, f"one of {listed(map(repr, values), joined_by='or')}")
        if value not in values:
            supported = listed(map(repr, values))
            raise ClientError(
                "invalid_value", f"Invalid value: '{value[:80]}'. Supported values are: {supported}.", path
            )
        return value

    return check


def integer(least: int, most: int) -> Check:
    def check(value: Any, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(value, path, "an integer")
        if not least <= value <= most:
            raise wrong_value(path, f"expected an integer from {least} to {most}")
        return value

    return check


def number(least: float, most: float) -> Check:
    def check(value: Any, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong_type(value, path, "a number")
        if not least <= value <= most:
            raise wrong_value(path, f"expected a number from {least:g} to {most:g}")
        return value

    return check


def boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(value, path, "a boolean")
    return value


def anything(value: Any, path: str) -> Any:
    return value


def json_object(value: Any, path: str) -> dict[str, Any]:
    """An object whose insides are the client's own business."""
    if not isinstance(value, dict):
        raise wrong_type(value, path, "an object")
    return value


def null(value: Any, path: str) -> None:
    """A field of a kindred shape, which some clients send as null and which has no place here otherwise."""
    if value is not None:
        raise unknown(path)


def mapping(of: Check, *, longest_key: int | None = None, most: int | None = None) -> Check:
    """An object with any keys, such as metadata."""

    def check(value: Any, path: str) -> dict[str, Any]:
        given = json_object(value, path)
        if most is not None and len(given) > most:
            raise wrong_value(path, f"expected at most {most} keys, but got {len(given)}")
        for name in given:
            if longest_key is not None and len(name) > longest_key:
                raise wrong_value(path, f"expected keys of at most {longest_key} characters")
        return {name: of(entry, f"{path}.{name[:80]}") for name, entry in given.items()}

    return check


def nullable(of: Check) -> Check:
    """The shape, or null."""
    return lambda value, path: None if value is None else of(value, path)


def either(first: Check, second: Check, *, when: type) -> Check:
    """The first shape where the value is of type `when`, else the second."""
    return lambda value, path: first(value, path) if isinstance(value, when) else second(value, path)


def base64_bytes(value: Any, path: str) -> bytes:
    if isinstance(value, bytes):  # that of a long event, which is decoded as it is read
        return value
    if not isinstance(value, str):
        raise wrong_type(value, path, "a base64-encoded string")
    try:
        return msgspec.convert(value, bytes)  # four times as fast as `binascii`
    except (msgspec.ValidationError, UnicodeEncodeError):
        raise wrong_value(path, "expected base64-encoded bytes") from None


def unknown(path: str) -> ClientError:
    return ClientError("unknown_parameter", f"Unknown parameter: '{path}'.", path)


def missing(path: str) -> ClientError:
    return ClientError("missing_required_parameter", f"Missing required parameter: '{path}'.", path)


def wrong_value(path: str, reason: str) -> ClientError:
    return ClientError("invalid_value", f"Invalid '{path}': {reason}.", path)


def wrong_type(value: Any, path: str, expected: str) -> ClientError:
    kind = _KINDS.get(type(value), "a string")  # a long one, which is kept as it is written
    message = f"Invalid type for '{path}': expected {expected}, but got {kind} instead."
    return ClientError("invalid_type", message, path)


_KINDS = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    type(None): "null",
}
