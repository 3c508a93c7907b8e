"""A schema to values that fit it: what the files themselves name first, then what a value of that name looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.core.formats import FORMATS
from realtime_scenarios.core.samples import sample_text
from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import ToolSpec
from realtime_scenarios.project.brief.kinds import kind_of

_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"|(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w.])")
_ROWS = 2
"""Rows of a table whose values are tried."""

_MOST = 6
"""Values that are tried for one name."""


class KnownValues:
    """What files say about the values that a name may have: rows of tables, dialogues, conditions."""

    def __init__(self, scenario: Scenario, dialogues: Iterable[Dialogue]) -> None:
        self._by_name: dict[str, list[Any]] = {}
        self._calls: dict[str, list[Mapping[str, Any]]] = {}
        for dialogue in dialogues:
            if dialogue.values:  # what is filled in may be anything
                continue
            for turn in dialogue.turns:
                for move in turn.moves or ():
                    if isinstance(move, (Call, Handoff, EnterState)):
                        self._remember(move.arguments)
                    if isinstance(move, Call) and move.outcome not in ("invalid", "unknown"):
                        self._calls.setdefault(move.tool, []).append(dict(move.arguments))
        for table in scenario.data.values():
            for row in table.rows[:_ROWS]:
                self._remember(row)
        for name, variable in scenario.context.items():
            self._remember({name: variable.default})

    def of_name(self, name: str) -> list[Any]:
        """Values that something of that name had."""
        return self._by_name.get(_folded(name), [])

    def of_tool(self, tool: str) -> list[Mapping[str, Any]]:
        """Arguments that the tool was called with in dialogues, each once."""
        found = {json.dumps(each, sort_keys=True, default=str): each for each in self._calls.get(tool, ())}
        return list(found.values())[:_MOST]

    def _remember(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            known = self._by_name.setdefault(_folded(name), [])
            if value is not None and value not in known and not isinstance(value, Mapping):
                known.append(value)


def value_of(name: str, schema: Mapping[str, Any], known: KnownValues) -> Any:
    """The first value that fits; None where nothing is found that does."""
    return next(iter(values_of(name, schema, known)), None)


def values_of(name: str, schema: Mapping[str, Any], known: KnownValues, literals: Iterable[Any] = ()) -> list[Any]:
    """Values that fit the schema, most likely first. `literals` are those that conditions compare with."""
    check = check_of(schema)
    found: list[Any] = []
    for value in _candidates(name, schema, known, literals):
        if value not in found and check.fits(value):
            found.append(value)
    return found[:_MOST]


def arguments_of(
    schema: Mapping[str, Any], known: KnownValues, literals: Iterable[Any] = (), *, all_of_them: bool = True
) -> list[dict[str, Any]]:
    """Objects that fit the schema: one of the likeliest values, then with one of the others at a time.

    `all_of_them`: also the properties that may be left out.
    """
    properties: Mapping[str, Any] = schema.get("properties", {})
    required = schema.get("required", ())
    found = list(literals)
    choices = {
        name: values_of(name, inner, known, found)
        for name, inner in properties.items()
        if isinstance(inner, Mapping) and (all_of_them or name in required)
    }
    choices = {name: values for name, values in choices.items() if values}
    if any(name not in choices for name in required):
        return []
    first = {name: values[0] for name, values in choices.items()}
    others = [{**first, name: value} for name, values in choices.items() for value in values[1:]]
    check = check_of(schema)
    return [each for each in [first, *others] if check.fits(each)]


def literals_in(spec: ToolSpec) -> list[Any]:
    """What the conditions of a tool compare its arguments with; of numbers also what is just above and below."""
    conditions = [*spec.requires, *(answer.when for answer in spec.stub.answers if answer.when is not None)]
    if spec.approval is not None and spec.approval.when is not None:
        conditions.append(spec.approval.when)
    found: list[Any] = []
    for condition in conditions:
        for single, double, number in _LITERAL.findall(condition.expression):
            if number:
                value = float(number) if "." in number else int(number)
                found += [value, value + 1, value - 1]
            else:
                found.append(single or double)
    return found


def _candidates(name: str, schema: Mapping[str, Any], known: KnownValues, literals: Iterable[Any]) -> Iterator[Any]:
    for key in ("const", "default"):
        if schema.get(key) is not None:
            yield schema[key]
    for key in ("enum", "examples"):
        yield from schema.get(key, ())
    yield from known.of_name(name)[:3]
    yield from literals
    kinds = schema.get("type", "string")
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        match kind:
            case "integer" | "number":
                yield from (2, 1, 0, schema.get("minimum"), schema.get("maximum"))
            case "boolean":
                yield from (True, False)
            case "string":
                yield from _texts(name, schema)
            case "array":
                inner = schema.get("items", {})
                yield [value] if (value := value_of(name, inner, known)) is not None else []
                yield []
            case "object":
                yield from arguments_of(schema, known, literals)[:2]
                yield {}
            case _:
                yield None


def _texts(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    pattern, form = schema.get("pattern"), schema.get("format")
    text = sample_text(pattern, form, wanted=kind_of(name).sample)
    if text is not None:
        yield text
    if isinstance(form, str) and form in FORMATS:
        yield FORMATS[form].sample
    yield "x" * max(1, int(schema.get("minLength", 1)))


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()
