"""One script that is played for several values: the values of each time, and the script with them filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.document.place import scalars_in
from realtime_scenarios.model.tool import Json

_PLACEHOLDER = re.compile(r"(?<!\?P)<([A-Za-z_][A-Za-z0-9_]*)>")
"""`<city>`. It is no template, and needs no quotes in YAML. `(?P<city>...)` is a group of a pattern."""

_VALUES = frozenset(("args", "expect_args", "context", "returns", "equals", "answer"))
"""Keys below which any value may stand: there a placeholder that stands alone is the value as it is, and no text."""

_TEXTS = frozenset(("contains", "excludes", "matches", "any_of"))

_LONGEST_LABEL = 40


class Round(Struct, frozen=True):
    """The `values` of one time that a script is played; `label` tells it from the other times."""

    label: str
    values: Mapping[str, Json]


def rounds_of(each: Sequence[Mapping[str, Json]], hidden: Collection[str] = ()) -> list[Round]:
    """Each time with its label: its first value where that tells all of them apart, otherwise its number.

    The values of the names in `hidden` are no labels: names of dialogues are shown to everybody.
    """
    firsts = [next(iter(values.items())) for values in each]
    labels = ["" if name in hidden else _label_of(value) for name, value in firsts]
    if len(set(labels)) < len(labels) or "" in labels:
        labels = [str(number) for number in range(1, len(labels) + 1)]
    return [Round(label, values) for label, values in zip(labels, each, strict=True)]


def filled(data: Any, values: Mapping[str, Json], *, is_value: bool = False) -> Any:
    """The script with `values` in place of its placeholders; one that has no value stays as it stands.

    `is_value`: any value may stand there, and not only text.
    """
    if isinstance(data, Mapping):
        return {
            key: filled(item, values, is_value=key not in _TEXTS and (is_value or key in _VALUES))
            for key, item in data.items()
        }
    if isinstance(data, list):
        return [filled(item, values, is_value=is_value) for item in data]
    if not isinstance(data, str):
        return data
    alone = _PLACEHOLDER.fullmatch(data)
    if alone is not None and is_value and alone[1] in values:
        return values[alone[1]]
    return _PLACEHOLDER.sub(lambda found: _text_of(values[found[1]]) if found[1] in values else found[0], data)


def placeholders_in(place: Place, data: Any) -> Iterator[tuple[str, Place]]:
    """The names of the placeholders in a script, each with the text that it stands in."""
    for there, scalar in scalars_in(place, data):
        if isinstance(scalar, str):
            yield from ((name, there) for name in _PLACEHOLDER.findall(scalar))


def hidden_names(script: Place) -> set[str]:
    """The names of values that a person fills in when asked, which may be secret."""
    return {name for name, place in placeholders_in(script, script.value) if "approve" in place.pointer}


def _label_of(value: Json) -> str:
    """A value as a part of a name; empty where it cannot be one."""
    if isinstance(value, (dict, list)) or value is None:
        return ""
    label = re.sub(r"[^\w.-]+", "-", _text_of(value)).strip("-")
    return label if len(label) <= _LONGEST_LABEL else ""


def _text_of(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
