"""Values that stand in the place of others.

Where a schema or a table says which values may stand there, it is one of these: any other one would be noticed by lint
whatever the dialogues are like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from realtime_scenarios.core.samples import sample_text
from realtime_scenarios.mutation.subject import OTHERWISE

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_MOST_TURNED = 40
"""Signs at the end of a text of which each is tried as another one."""

_FIRST_BEHIND = {"9": "0", "z": "a", "Z": "A"}


def other_value(value: Any) -> Any:
    """A value that is another one, of the same type where it has one."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case _:
            return OTHERWISE


def another_that_fits(value: Any, schemas: Iterable[Mapping[str, Any]], fits: Callable[[Any], bool]) -> Any:
    """Another value that may stand there; the value itself where none is found.

    `schemas` are those that say something of it, from which it is seen what may do; `fits` says whether it does.
    """
    for other in _candidates(value, list(schemas)):
        is_same = other == value and isinstance(other, bool) == isinstance(value, bool)
        if not is_same and fits(other):
            return other
    return value


def _candidates(value: Any, schemas: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """What may do, the likeliest first: what the schemas name goes before what is made of them."""
    yield other_value(value)
    for schema in schemas:
        yield from _named_values(schema, value)
    for schema in schemas:
        if isinstance(value, str):
            yield from _other_texts(schema, value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from _other_numbers(schema, value)
    yield None


def _named_values(schema: Mapping[str, Any], value: Any) -> Iterator[Any]:
    """Those that a schema lists, from the one behind the value on."""
    choices = schema.get("enum")
    if isinstance(choices, list):
        at = choices.index(value) + 1 if value in choices else 0
        yield from (*choices[at:], *choices[:at])
    if "const" in schema:
        yield schema["const"]
    if isinstance(schema.get("examples"), list):
        yield from schema["examples"]


def _other_numbers(schema: Mapping[str, Any], value: float) -> Iterator[float]:
    """One step on or back, the bounds, and halfway to them."""
    step = schema.get("multipleOf", 1)
    yield from (value + step, value - step)
    for bound in (schema[key] for key in _BOUNDS if key in schema):
        yield from (bound, (value + bound) / 2)


def _other_texts(schema: Mapping[str, Any], text: str) -> Iterator[str]:
    """Texts of which one sign is another, and what is made of the form."""
    for index in range(len(text) - 1, max(-1, len(text) - 1 - _MOST_TURNED), -1):
        yield text[:index] + _next_sign(text[index]) + text[index + 1 :]
    made = sample_text(schema.get("pattern"), schema.get("format"), wanted=OTHERWISE)
    if made is not None:
        yield made
    if isinstance(most := schema.get("maxLength"), int):
        yield OTHERWISE[:most]
    if isinstance(least := schema.get("minLength"), int):
        yield OTHERWISE.ljust(least, "e")


def _next_sign(sign: str) -> str:
    """The digit behind a digit, the letter behind a letter; any other sign is left as it is."""
    if not sign.isascii() or not sign.isalnum():
        return sign
    return _FIRST_BEHIND.get(sign) or chr(ord(sign) + 1)
