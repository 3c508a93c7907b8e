"""JSON text from outside as data that can be written out again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def parsed_json(text: str | bytes | bytearray, values: Sequence[Any] = ()) -> Any:
    """The text as data. `values` are what each `NaN` in it stands for, in their order: otherwise it is no JSON.

    Raises:
        ValueError: it is no JSON, or JSON that cannot be written again (endless numbers, half characters, no bottom).
    """
    if not isinstance(text, str):
        text = text.decode()
    elif not text.isascii():
        text.encode()
    try:
        data = (_with_values(values) if values else _DECODER).decode(text)
        if text.count("{") + text.count("[") > _DEEPEST:
            _refuse_depth(data, _DEEPEST)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if "\\ud" in text or "\\uD" in text:
        json.dumps(data, ensure_ascii=False, default=_no_text).encode()
    return data


def _with_values(values: Sequence[Any]) -> json.JSONDecoder:
    left = iter(values)

    def value(name: str) -> Any:
        found = next(left, None)
        return _refuse_constant(name) if name != "NaN" or found is None else found

    return json.JSONDecoder(parse_float=_finite_float, parse_constant=value)


def _no_text(value: Any) -> None:
    """A value from elsewhere, of which nothing is to be written out."""


def copied(data: Any) -> Any:
    """JSON-like data in mappings and lists that nobody else has."""
    if isinstance(data, Mapping):
        return {key: copied(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [copied(value) for value in data]
    return data


def _refuse_depth(data: Any, left: int) -> None:
    if left == 0:
        raise RecursionError
    if isinstance(data, dict):
        for value in data.values():
            _refuse_depth(value, left - 1)
    elif isinstance(data, list):
        for value in data:
            _refuse_depth(value, left - 1)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


_DEEPEST = 100
_DECODER = json.JSONDecoder(parse_float=_finite_float, parse_constant=_refuse_constant)
