"""Conditions of the author, evaluated over values of which only some things are known."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from realtime_scenarios.templates.plain import plain_path

if TYPE_CHECKING:
    from jinja2 import nodes

_WORDS: Mapping[str, Any] = {"true": True, "false": False, "none": None, "True": True, "False": False, "None": None}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ORDER: Mapping[str, Callable[[Any, Any], Any]] = {
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}
_SUMS: Mapping[str, Callable[[Any, Any], Any]] = {"Add": operator.add, "Sub": operator.sub, "Mul": operator.mul}


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
    """

    evaluate: Evaluate
    variables: set[str] = field(default_factory=set)
    compared: list[tuple[str, Any]] = field(default_factory=list)


def read_expression(text: str) -> Read:
    """The expression, ready to be evaluated. One that cannot be read is unknown: another rule says so."""
    text = text.strip()
    if text in _WORDS:
        return Read(_constant(_WORDS[text]))
    if _NUMBER.fullmatch(text):
        return Read(_constant(float(text) if "." in text else int(text)))
    if path := plain_path(text):
        read = Read(_path(path))
        read.variables.update(path[1:2] if path[0] == "context" else ())
        return read
    from jinja2 import TemplateSyntaxError, nodes  # 50 ms that plain names do not need

    from realtime_scenarios.templates.jinja import environment

    try:
        output = environment().parse("{{ " + text + " }}").body[0]
    except (TemplateSyntaxError, RecursionError, OverflowError, ValueError, IndexError):
        return Read(_constant(UNKNOWN))
    tree = output.nodes[0] if isinstance(output, nodes.Output) else nodes.Const(None)
    read = Read(_compiled(tree))
    read.variables.update(name for one in _all(tree) if (name := _variable(one)) is not None)
    read.compared.extend(pair for one in tree.find_all(nodes.Compare) for pair in _compared(one))
    if isinstance(tree, nodes.Compare):
        read.compared.extend(_compared(tree))
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


def _path(path: tuple[str, ...]) -> Evaluate:
    if path[0] == "context" and len(path) == 2:
        name = path[1]
        return lambda moment: moment.context.get(name, UNKNOWN)
    if path == ("state",):
        return lambda moment: moment.state
    if path == ("agent",):
        return lambda moment: moment.agent
    return _constant(UNKNOWN)


def _compiled(node: nodes.Node) -> Evaluate:
    from jinja2 import nodes

    match node:
        case nodes.Const():
            return _constant(node.value)
        case nodes.Name():
            return _path((node.name,))
        case nodes.Getattr() | nodes.Getitem():
            name = _variable(node)
            return _constant(UNKNOWN) if name is None else _path(("context", name))
        case nodes.Not():
            return _negated(_compiled(node.node))
        case nodes.And():
            return _joined(_compiled(node.left), _compiled(node.right), stops_at=False)
        case nodes.Or():
            return _joined(_compiled(node.left), _compiled(node.right), stops_at=True)
        case nodes.Compare():
            return _comparison(node)
        case nodes.List() | nodes.Tuple():
            return _sequence([_compiled(one) for one in node.items])
        case nodes.Test() if node.name in ("none", "defined", "undefined", "true", "false") and not node.args:
            return _tested(_compiled(node.node), node.name)
        case nodes.Add() | nodes.Sub() | nodes.Mul():
            return _sum(_compiled(node.left), _compiled(node.right), _SUMS[type(node).__name__])
        case nodes.Neg():
            return _sum(_constant(0), _compiled(node.node), operator.sub)
        case _:
            return _constant(UNKNOWN)


def _negated(inner: Evaluate) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        known = truth(inner(moment))
        return UNKNOWN if known is None else not known

    return evaluate


def _joined(left: Evaluate, right: Evaluate, *, stops_at: bool) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        first = left(moment)
        known = truth(first)
        if known is stops_at:
            return first
        if known is not None:
            return right(moment)
        try:
            second = right(moment)
        except Fails:
            return UNKNOWN
        return stops_at if truth(second) is stops_at else UNKNOWN

    return evaluate


def _sequence(items: list[Evaluate]) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        values = [one(moment) for one in items]
        return UNKNOWN if any(value is UNKNOWN or isinstance(value, Some) for value in values) else values

    return evaluate


def _tested(inner: Evaluate, name: str) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        value = inner(moment)
        if value is UNKNOWN:
            return UNKNOWN
        if name in ("defined", "undefined"):
            return name == "defined"
        return value is {"none": None, "true": True, "false": False}[name]

    return evaluate


def _sum(left: Evaluate, right: Evaluate, combined: Callable[[Any, Any], Any]) -> Evaluate:
    def evaluate(moment: Moment) -> Any:
        first, second = left(moment), right(moment)
        if not all(isinstance(one, (int, float)) for one in (first, second)):
            return UNKNOWN
        return combined(first, second)

    return evaluate


def _comparison(node: nodes.Compare) -> Evaluate:
    first, rest = _compiled(node.expr), [(one.op, _compiled(one.expr)) for one in node.ops]

    def evaluate(moment: Moment) -> Any:
        left, sure = first(moment), True
        for name, operand in rest:
            right = operand(moment)
            holds = _compares(left, name, right)
            if holds is False:
                return False
            sure = sure and holds is True
            left = right
        return True if sure else UNKNOWN

    return evaluate


def _compares(left: Any, name: str, right: Any) -> bool | None:
    if left is UNKNOWN or right is UNKNOWN:
        return None
    if name in ("ne", "notin"):
        holds = _compares(left, "eq" if name == "ne" else "in", right)
        return None if holds is None else not holds
    if isinstance(right, Some):
        turned = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq", "eq": "eq"}
        return _compares(right, turned[name], left) if name in turned and not isinstance(left, Some) else None
    if name == "in":
        if not isinstance(left, Some):
            return _plainly(lambda: left in right)
        answers = [_compares(left, "eq", one) for one in right] if isinstance(right, list) else [None]
        return True if True in answers else None if None in answers else False
    if isinstance(left, Some):
        is_known = any(same(right, one) for one in left.known)
        if name == "eq":
            return False if is_known else None
        if left.sample is None or not is_known or right is None:
            return None
        return bool(_ORDER[name](left.sample, right))
    return _plainly(lambda: bool(left == right) if name == "eq" else _ORDER[name](left, right))


def _plainly(compared: Callable[[], Any]) -> bool:
    try:
        return bool(compared())
    except TypeError as problem:
        raise Fails from problem


def _variable(node: Any) -> str | None:
    """The context variable that `context.x` or `context['x']` means."""
    from jinja2 import nodes

    if not isinstance(node, (nodes.Getattr, nodes.Getitem)) or not isinstance(node.node, nodes.Name):
        return None
    if node.node.name != "context":
        return None
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) else None


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    from jinja2 import nodes

    yield tree
    yield from tree.find_all(nodes.Node)


def _compared(node: nodes.Compare) -> Iterator[tuple[str, Any]]:
    from jinja2 import nodes

    operands = [node.expr, *(one.expr for one in node.ops)]
    names = [name for one in operands if (name := _variable(one)) is not None]
    for operand in operands:
        for one in operand.items if isinstance(operand, (nodes.List, nodes.Tuple)) else [operand]:
            if isinstance(one, nodes.Neg) and isinstance(one.node, nodes.Const):
                yield from ((name, -one.node.value) for name in names)
            elif isinstance(one, nodes.Const):
                yield from ((name, one.value) for name in names)
