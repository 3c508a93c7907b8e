"""A scenario's conditions to the context variables that a proof follows, each with the values that it tells apart.

A condition sees of a value whether it is truthy, whether it equals a constant, and where it stands among constants. So
a variable needs no more values than these: each falsy one, each constant, and one `Some` for all the rest; for numbers
one for each stretch between two constants.
"""

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
        for at, member in enumerate(self.values):
            if not isinstance(member, Some) and same(member, value):
                return at
        for at, member in enumerate(self.values):
            if not isinstance(member, Some):
                continue
            if member.sample is None and not isinstance(value, (int, float)) and value:
                return at
            if member.sample is not None and _is_number(value) and _is_in_the_same_interval(member, value):
                return at
        return None


def domains_of(scenario: Scenario, read: Callable[[str], Read]) -> dict[str, Domain]:
    """The variables that conditions depend on, each with its values. `read` analyses an expression."""
    tracked = _constants_by_variable(scenario, read)
    return {name: _domain_of(scenario.context[name], constants) for name, constants in tracked.items()}


def _constants_by_variable(scenario: Scenario, read: Callable[[str], Read]) -> dict[str, list[Any]]:
    """The variables that conditions read, with the constants they are compared with or set to."""
    context = scenario.context
    tracked: dict[str, list[Any]] = {}
    sets = list(_assignments_of(scenario))
    reads = [read(condition.expression) for condition in _conditions_of(scenario)]
    pending = [name for expression in reads for name in sorted(expression.variables)]
    while pending:
        name = pending.pop(0)
        if name in context and name not in tracked:
            tracked[name] = []
            # what it is set to may depend on other variables, which must be followed then too
            sources = [read(text) for variable, text in sets if variable == name]
            pending += [other for source in sources for other in sorted(source.variables)]
    for expression in reads:
        for name, value in expression.compared:
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


def _conditions_of(scenario: Scenario) -> Iterator[Condition]:
    for tool in (spec for named in scenario.tools.values() for _, spec in functions_of(named)):
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
    yield from (prop.when for prop in scenario.properties if prop.when is not None)


def _assignments_of(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for tool in scenario.tools.values():
        for answer in tool.stub.answers:
            yield from answer.set.items()
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            yield from edge.set.items()
        for state in agent.states.states.values() if agent.states is not None and agent.states.is_enforced else ():
            for way in state.transitions:
                yield from way.set.items()


def _domain_of(variable: ContextVariable, constants: list[Any]) -> Domain:
    schema = variable.schema
    types = schema.get("type", ["null", "boolean", "number", "string", "array", "object"])
    kinds = {types} if isinstance(types, str) else set(types)
    known: list[Any] = []
    for value in (variable.default, *constants):
        if value is variable.default or _allows(schema, value):
            _add_if_new(known, value)
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    # all that is falsy stands by itself, so that whatever is left is truthy; and so does true, which `is true` asks for
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
        if kind in kinds and _allows(schema, value):
            _add_if_new(known, value)
    if "boolean" in kinds and _allows(schema, True):
        _add_if_new(known, True)
    if listed is not None:
        rest = [value for value in listed if not any(same(value, other) for other in known)]
        known += [value for value in rest if isinstance(value, (bool, int, float)) or not value]
        has_others = any(not isinstance(value, (bool, int, float)) and value for value in rest)
        values: list[Any] = [*known, *([Some(tuple(known))] if has_others else [])]
    else:
        points = [*known]
        for constant in constants:
            _add_if_new(
                points, constant
            )  # what no value may be still parts those that are less from those that are more
        values = [*known, *_number_intervals(known, points, schema, kinds)]
        if kinds & {"string", "array", "object"}:
            refused = (value for value in falsy.values() if not any(same(value, other) for other in known))
            values.append(Some((*known, *refused)))
    settable = tuple(at for at, member in enumerate(values) if isinstance(member, Some) or _allows(schema, member))
    return Domain(tuple(values), settable)


def _number_intervals(
    known: list[Any], points: list[Any], schema: Mapping[str, Any], kinds: set[str]
) -> Iterator[Some]:
    """Numbers below, between and above the `points`, where the schema allows any."""
    if not kinds & {"integer", "number"}:
        return
    numbers = sorted({point for point in points if _is_number(point)})
    if not numbers:
        yield Some(tuple(known), 1.0)
        return
    for low, high in zip([None, *numbers], [*numbers, None], strict=True):
        sample = _sample_between(low, high, schema, whole="number" not in kinds)
        if sample is not None:
            yield Some(tuple(points), sample)


def _sample_between(low: float | None, high: float | None, schema: Mapping[str, Any], *, whole: bool) -> float | None:
    """A number above `low` and below `high` that fits the schema; None where there is none. None bounds nothing.

    Where the schema says more than we can read, a number that it refuses stands for those that it may allow.
    """
    step = schema.get("multipleOf")
    if step is None or not _is_number(step) or step <= 0:
        step = 1 if whole else None
    width = 2 * (step or 1)
    lower, upper, over, under = (schema.get(name) for name in _BOUNDS)
    least: list[float] = [bound for bound in (low, lower, over) if bound is not None and _is_number(bound)]
    most: list[float] = [bound for bound in (high, upper, under) if bound is not None and _is_number(bound)]
    begin = max(least) if least else min(most) - width
    end = min(most) if most else max(least) + width
    tried: list[float] = []
    if step:
        first = math.floor(begin / step)
        tried += [at * step for at in range(first, first + 4)]
    else:
        tried += [(begin + end) / 2, begin, end]
    inside = [number for number in tried if (low is None or low < number) and (high is None or number < high)]
    found = next((number for number in inside if _allows(schema, number)), None)
    if found is None and not schema.keys() <= _READ:
        found = next(iter(inside), None)
    return found


def _is_in_the_same_interval(some: Some, value: float) -> bool:
    """Whether no known number stands between the value and the sample."""
    assert some.sample is not None
    low, high = sorted((value, some.sample))
    return not any(low <= number <= high for number in some.known if _is_number(number))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _add_if_new(known: list[Any], value: Any) -> None:
    if not any(same(other, value) for other in known):
        known.append(value)


def _allows(schema: Mapping[str, Any], value: Any) -> bool:
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
