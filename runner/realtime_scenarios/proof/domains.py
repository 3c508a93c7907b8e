"""Which context variables a proof follows, and which of their values it tells apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.model.scenario import ContextVariable, Scenario
from realtime_scenarios.model.tool import Condition, functions_of
from realtime_scenarios.proof.conditions import UNKNOWN, Fails, Moment, Read, Some, same

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_READ = frozenset(("type", *_BOUNDS, "multipleOf", "description", "default", "title"))
"""What a schema may say for its numbers to be known without a doubt."""


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """The values that are told apart of one variable. `settable` are the indexes of those that its schema allows."""

    values: tuple[Any, ...]
    settable: tuple[int, ...]

    def index(self, value: Any) -> int | None:
        """Where the value belongs; None where only a value that is not known would do."""
        for at, one in enumerate(self.values):
            if not isinstance(one, Some) and same(one, value):
                return at
        for at, one in enumerate(self.values):
            if isinstance(one, Some) and one.sample is None and not isinstance(value, (int, float)) and value:
                return at
            if isinstance(one, Some) and one.sample is not None and _is_number(value) and _is_beside(one, value):
                return at
        return None


def domains_of(scenario: Scenario, read: Callable[[str], Read]) -> dict[str, Domain]:
    """The variables that conditions depend on, each with its values. `read` analyses an expression."""
    tracked = _tracked(scenario, read)
    return {name: _domain(scenario.context[name], constants) for name, constants in tracked.items()}


def _tracked(scenario: Scenario, read: Callable[[str], Read]) -> dict[str, list[Any]]:
    """The variables that conditions read, with the constants they are compared with or set to."""
    context = scenario.context
    tracked: dict[str, list[Any]] = {}
    sets = list(_sets(scenario))
    reads = [read(one.expression) for one in _conditions(scenario)]
    pending = [name for one in reads for name in sorted(one.variables)]
    while pending:
        name = pending.pop(0)
        if name in context and name not in tracked:
            tracked[name] = []
            sources = [read(text) for variable, text in sets if variable == name]
            pending += [other for one in sources for other in sorted(one.variables)]
    for one in reads:
        for name, value in one.compared:
            if name in tracked:
                tracked[name].append(value)
    nowhere = Moment({})
    for name, text in sets:
        if name in tracked:
            try:
                value = read(text).evaluate(nowhere)
            except Fails:
                continue
            if value is not UNKNOWN and not isinstance(value, Some):
                tracked[name].append(value)
    return tracked


def _conditions(scenario: Scenario) -> Iterator[Condition]:
    for tool in (one for named in scenario.tools.values() for _, one in functions_of(named)):
        yield from tool.requires
        if tool.approval is not None and tool.approval.when is not None:
            yield tool.approval.when
        yield from (answer.when for answer in tool.stub.answers if answer.when is not None)
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            yield from edge.requires
        for state in agent.states.states.values() if agent.states is not None and agent.states.is_enforced else ():
            for way in state.transitions:
                yield from way.requires
    yield from (one.when for one in scenario.properties if one.when is not None)


def _sets(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for tool in scenario.tools.values():
        for answer in tool.stub.answers:
            yield from answer.set.items()
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            yield from edge.set.items()


def _domain(variable: ContextVariable, constants: list[Any]) -> Domain:
    schema = variable.schema
    types = schema.get("type", ["null", "boolean", "number", "string", "array", "object"])
    kinds = {types} if isinstance(types, str) else set(types)
    known: list[Any] = []
    for value in (variable.default, *constants):
        if value is variable.default or _fits(schema, value):
            _add(known, value)
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    falsy: dict[str, Any] = {
        "null": None,
        "boolean": False,
        "integer": 0,
        "number": 0,
        "string": "",
        "array": [],
        "object": {},
    }
    for kind, value in falsy.items():
        if kind in kinds and _fits(schema, value):
            _add(known, value)
    if "boolean" in kinds and _fits(schema, True):
        _add(known, True)
    if listed is not None:
        rest = [one for one in listed if not any(same(one, other) for other in known)]
        known += [one for one in rest if isinstance(one, (bool, int, float)) or not one]
        has_others = any(not isinstance(one, (bool, int, float)) and one for one in rest)
        values: list[Any] = [*known, *([Some(tuple(known))] if has_others else [])]
    else:
        points = [*known]
        for constant in constants:
            _add(points, constant)  # what no value may be still parts those that are less from those that are more
        values = [*known, *_between(known, points, schema, kinds)]
        if kinds & {"string", "array", "object"}:
            values.append(Some((*known, *(one for one in falsy.values() if not any(same(one, two) for two in known)))))
    settable = tuple(at for at, one in enumerate(values) if isinstance(one, Some) or _fits(schema, one))
    return Domain(tuple(values), settable)


def _between(known: list[Any], points: list[Any], schema: Mapping[str, Any], kinds: set[str]) -> Iterator[Some]:
    """Numbers below, between and above the `points`, where the schema allows any."""
    if not kinds & {"integer", "number"}:
        return
    numbers = sorted({one for one in points if _is_number(one)})
    if not numbers:
        yield Some(tuple(known), 1.0)
        return
    for low, high in zip([None, *numbers], [*numbers, None], strict=True):
        sample = _sample(low, high, schema, whole="number" not in kinds)
        if sample is not None:
            yield Some(tuple(points), sample)


def _sample(low: float | None, high: float | None, schema: Mapping[str, Any], *, whole: bool) -> float | None:
    """A number above `low` and below `high` that fits the schema; None where there is none. None bounds nothing.

    Where the schema says more than we can read, a number that it refuses stands for those that it may allow.
    """
    step = schema.get("multipleOf")
    if step is None or not _is_number(step) or step <= 0:
        step = 1 if whole else None
    width = 2 * (step or 1)
    lower, upper, over, under = (schema.get(name) for name in _BOUNDS)
    least: list[float] = [one for one in (low, lower, over) if one is not None and _is_number(one)]
    most: list[float] = [one for one in (high, upper, under) if one is not None and _is_number(one)]
    begin = max(least) if least else min(most) - width
    end = min(most) if most else max(least) + width
    tried: list[float] = []
    if step:
        first = math.floor(begin / step)
        tried += [at * step for at in range(first, first + 4)]
    else:
        tried += [(begin + end) / 2, begin, end]
    inside = [one for one in tried if (low is None or low < one) and (high is None or one < high)]
    found = next((one for one in inside if _fits(schema, one)), None)
    if found is None and not schema.keys() <= _READ:
        found = next(iter(inside), None)
    return found


def _is_beside(some: Some, value: float) -> bool:
    """Whether no known number stands between the value and the sample."""
    assert some.sample is not None
    low, high = sorted((value, some.sample))
    return not any(low <= one <= high for one in some.known if _is_number(one))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _add(known: list[Any], value: Any) -> None:
    if not any(same(one, value) for one in known):
        known.append(value)


def _fits(schema: Mapping[str, Any], value: Any) -> bool:
    if not schema:
        return True
    if schema.keys() == {"type"}:
        return _has_type(schema["type"], value)
    try:
        return check_of(schema).fits(value)
    except ValueError:  # no schema at all: another rule says so
        return True


def _has_type(types: str | list[str], value: Any) -> bool:
    kinds = {types} if isinstance(types, str) else set(types)
    names: tuple[str, ...]
    match value:
        case None:
            names = ("null",)
        case bool():
            names = ("boolean",)
        case int():
            names = ("integer", "number")
        case float():
            names = ("number", "integer") if value.is_integer() else ("number",)
        case str():
            names = ("string",)
        case list():
            names = ("array",)
        case _:
            names = ("object",)
    return bool(kinds & set(names))
