"""An author's expression to a function that evaluates it over values of which only some things are known.

The logic has three values: what depends on something that is not known is `UNKNOWN`, and a proof takes both ways. So
nothing may come out as true or false here that could be otherwise when the expression is evaluated for a caller.
"""

from __future__ import annotations

import contextlib
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from realtime_scenarios.templates.plain import plain_path

if TYPE_CHECKING:
    from jinja2 import nodes

_WORDS: Mapping[str, Any] = {"true": True, "false": False, "none": None, "True": True, "False": False, "None": None}
_POSITION = ("state", "agent")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ORDER: Mapping[str, Callable[[Any, Any], Any]] = {
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {"Add": operator.add, "Sub": operator.sub, "Mul": operator.mul}


class Fails(Exception):
    """The expression certainly fails when it is evaluated: a gate stays shut, and a person is asked."""


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""A value of which nothing is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Some:
    """Any truthy value but the `known` ones. `sample` is one of them, where they are the numbers between two known."""

    known: tuple[Any, ...]
    sample: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Where an expression is evaluated. A context variable that is not in `context` has an unknown value."""

    context: Mapping[str, Any]
    state: Any = None
    agent: Any = UNKNOWN


Evaluate = Callable[[Moment], Any]


@dataclass(slots=True)
class Read:
    """An expression that has been read.

    `variables` are the context variables it looks at; `compared` the constants they are compared with.
    `reads_position`: it looks at the agent or its state as well.
    """

    evaluate: Evaluate
    variables: set[str] = field(default_factory=set)
    compared: list[tuple[str, Any]] = field(default_factory=list)
    reads_position: bool = False


def read_expression(text: str) -> Read:
    """The expression, ready to be evaluated. One that cannot be read is unknown: another rule says so."""
    text = text.strip()
    if text in _WORDS:
        return Read(_constant(_WORDS[text]))
    if _NUMBER.fullmatch(text):
        with contextlib.suppress(ValueError):  # of more digits than Python reads
            return Read(_constant(float(text) if "." in text else int(text)))
    if path := plain_path(text):
        read = Read(_lookup(path), reads_position=path[0] in _POSITION)
        read.variables.update(path[1:2] if path[0] == "context" else ())
        return read
    from jinja2 import TemplateSyntaxError, nodes  # 50 ms that plain names do not need

    from realtime_scenarios.templates.jinja import environment

    try:
        output = environment().parse("{{ " + text + " }}").body[0]
    except (TemplateSyntaxError, RecursionError, OverflowError, ValueError, IndexError):
        return Read(_constant(UNKNOWN))
    tree = output.nodes[0] if isinstance(output, nodes.Output) else nodes.Const(None)
    names = {node.name for node in _nodes_in(tree) if isinstance(node, nodes.Name)}
    read = Read(_evaluator_of(tree), reads_position=not names.isdisjoint(_POSITION))
    read.variables.update(name for node in _nodes_in(tree) if (name := _variable_name(node)) is not None)
    read.compared.extend(pair for node in tree.find_all(nodes.Compare) for pair in _constants_compared(node))
    if isinstance(tree, nodes.Compare):  # which `find_all` leaves out, as it begins below
        read.compared.extend(_constants_compared(tree))
    return read


def truth(value: Any) -> bool | None:
    """Whether the value counts as true; None where it may or may not."""
    if value is UNKNOWN:
        return None
    return True if isinstance(value, Some) else bool(value)


def same(left: Any, right: Any) -> bool:
    """Whether two plain values are one and the same: unlike in Python, 1 is not true."""
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def _constant(value: Any) -> Evaluate:
    return lambda moment: value


def _lookup(path: tuple[str, ...]) -> Evaluate:
    if path[0] == "context" and len(path) == 2:
        name = path[1]
        return lambda moment: moment.context.get(name, UNKNOWN)
    if path == ("state",):
        return lambda moment: moment.state
    if path == ("agent",):
        return lambda moment: moment.agent
    return _constant(UNKNOWN)


def _evaluator_of(node: nodes.Node) -> Evaluate:
    from jinja2 import nodes

    match node:
        case nodes.Const():
            return _constant(node.value)
        case nodes.Name():
            return _lookup((node.name,))
        case nodes.Getattr() | nodes.Getitem():
            name = _variable_name(node)
            return _constant(UNKNOWN) if name is None else _lookup(("context", name))
        case nodes.Not():
            return _negated(_evaluator_of(node.node))
        case nodes.And():
            return _short_circuit(_evaluator_of(node.left), _evaluator_of(node.right), stops_at=False)
        case nodes.Or():
            return _short_circuit(_evaluator_of(node.left), _evaluator_of(node.right), stops_at=True)
        case nodes.Compare():
            return _comparison(node)
        case nodes.List() | nodes.Tuple():
            return _sequence([_evaluator_of(item) for item in node.items])
        case nodes.Test() if node.name in ("none", "defined", "undefined", "true", "false") and not node.args:
            return _type_test(_evaluator_of(node.node), node.name)
        case nodes.Add() | nodes.Sub() | nodes.Mul():
            return _arithmetic(_evaluator_of(node.left), _evaluator_of(node.right), _ARITHMETIC[type(node).__name__])
        case nodes.Neg():
            return _arithmetic(_constant(0), _evaluator_of(node.node), operator.sub)
        case _:
            return _constant(UNKNOWN)


def _negated(inner: Evaluate) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        known = truth(inner(moment))
        return UNKNOWN if known is None else not known

    return evaluate


def _short_circuit(left: Evaluate, right: Evaluate, *, stops_at: bool) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        first = left(moment)
        known = truth(first)
        if known is stops_at:
            return first
        if known is not None:
            return right(moment)
        try:
            second = right(moment)
        except Fails:  # it may as well not be looked at
            return UNKNOWN
        return stops_at if truth(second) is stops_at else UNKNOWN

    return evaluate


def _sequence(items: list[Evaluate]) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        values = [evaluate_item(moment) for evaluate_item in items]
        return UNKNOWN if any(value is UNKNOWN or isinstance(value, Some) for value in values) else values

    return evaluate


def _type_test(inner: Evaluate, name: str) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        value = inner(moment)
        if value is UNKNOWN:
            return UNKNOWN
        if name in ("defined", "undefined"):
            return name == "defined"
        # `Some` is none of these: null, true and false are values of their own wherever a schema allows them
        return value is {"none": None, "true": True, "false": False}[name]

    return evaluate


def _arithmetic(left: Evaluate, right: Evaluate, combined: Callable[[Any, Any], Any]) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        first, second = left(moment), right(moment)
        if not all(isinstance(operand, (int, float)) for operand in (first, second)):
            return UNKNOWN
        return combined(first, second)

    return evaluate


def _comparison(node: nodes.Compare) -> Evaluate:
    first, rest = _evaluator_of(node.expr), [(operand.op, _evaluator_of(operand.expr)) for operand in node.ops]

    def evaluate(moment: Moment) -> Any:
        left, sure = first(moment), True
        for name, operand in rest:
            right = operand(moment)
            holds = _comparison_holds(left, name, right)
            if holds is False:
                return False
            sure = sure and holds is True
            left = right
        return True if sure else UNKNOWN

    return evaluate


def _comparison_holds(left: Any, name: str, right: Any) -> bool | None:
    if left is UNKNOWN or right is UNKNOWN:
        return None
    if name in ("ne", "notin"):
        holds = _comparison_holds(left, "eq" if name == "ne" else "in", right)
        return None if holds is None else not holds
    if isinstance(right, Some):
        turned = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq", "eq": "eq"}
        return _comparison_holds(right, turned[name], left) if name in turned and not isinstance(left, Some) else None
    if name == "in":
        if not isinstance(left, Some):
            return _compared_in_python(lambda: left in right)
        answers = [_comparison_holds(left, "eq", item) for item in right] if isinstance(right, list) else [None]
        return True if True in answers else None if None in answers else False
    if isinstance(left, Some):
        is_known = any(same(right, known) for known in left.known)
        if name == "eq":
            return False if is_known else None
        # all numbers between two known ones lie on the same side of every known one; of others the sample tells nothing
        if left.sample is None or not is_known or right is None:
            return None
        return bool(_ORDER[name](left.sample, right))
    return _compared_in_python(lambda: bool(left == right) if name == "eq" else _ORDER[name](left, right))


def _compared_in_python(compared: Callable[[], Any]) -> bool:
    try:
        return bool(compared())
    except TypeError as problem:  # Jinja compares as Python does
        raise Fails from problem


def _variable_name(node: Any) -> str | None:
    """The context variable that `context.x` or `context['x']` means."""
    from jinja2 import nodes

    if not isinstance(node, (nodes.Getattr, nodes.Getitem)) or not isinstance(node.node, nodes.Name):
        return None
    if node.node.name != "context":
        return None
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) else None


def _nodes_in(tree: nodes.Node) -> Iterator[nodes.Node]:
    from jinja2 import nodes

    yield tree
    yield from tree.find_all(nodes.Node)


def _constants_compared(node: nodes.Compare) -> Iterator[tuple[str, Any]]:
    from jinja2 import nodes

    operands = [node.expr, *(operand.expr for operand in node.ops)]
    names = [name for operand in operands if (name := _variable_name(operand)) is not None]
    for operand in operands:
        for item in operand.items if isinstance(operand, (nodes.List, nodes.Tuple)) else [operand]:
            if isinstance(item, nodes.Neg) and isinstance(item.node, nodes.Const):
                yield from ((name, -item.node.value) for name in names)
            elif isinstance(item, nodes.Const):
                yield from ((name, item.value) for name in names)
