"""How the work of a template is counted: code that tells the environment what it does, and filters that are paid for.

Theory of operation: the code that Jinja makes of a template calls the environment wherever work may grow. Each block
takes a step for every node that stands in it; what operators, calls, filters, brackets and joined texts make is paid by
its size, and what could make much at one stroke (`'x' * 10**9`) is reckoned before it is made. Nothing is worked out
while a template is compiled, so that reading one is bounded as well.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, operators

from realtime_scenarios.templates.work import LARGEST_VALUE, TooMuch, current_work

LONGEST_RANGE = 1_000

_WIDE = re.compile(r"%(?:\([^()]*\))?[^a-zA-Z%(]*(?:\d{4}|\*)|%\([^()]*\(")
"""A sign of `%` that is filled up to thousands, or to what comes; or one with brackets in its name, which hide that."""

_WIDEST_SIGN = 1_000
_WIDEST_INDENT = 8
_MOST_DIGITS = 30


class CountingGenerator(CodeGenerator):
    """Python code of a template that tells the environment what it does."""

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> None:
        if not _makes_a_value(node):
            super().visit(node, *args, **kwargs)
            return
        self.write("environment.made(")
        super().visit(node, *args, **kwargs)
        self.write(")")

    def blockvisit(self, block: Iterable[nodes.Node], frame: Frame) -> None:
        block = list(block)
        self.writeline(f"environment.spend({1 + sum(map(_nodes_in, block))})")
        super().blockvisit(block, frame)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        if node.test is not None:  # what it leaves out never comes to the block
            node.test = nodes.Call(nodes.EnvironmentAttribute("made"), [node.test], [], None, None)
        super().visit_For(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        joined = "markup_join" if frame.eval_ctx.autoescape else "str_join"
        self.write(f"environment.joined({joined}, (")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        self.write("(environment.seen(")
        self.visit(node.expr, frame)
        self.write(")")
        for operand in node.ops:
            self.write(f" {operators[operand.op]} environment.seen(")
            self.visit(operand.expr, frame)
            self.write(")")
        self.write(")")


def _makes_a_value(node: nodes.Node) -> bool:
    match node:
        case nodes.List() | nodes.Dict():
            return True
        case nodes.Tuple():
            return bool(node.ctx == "load")
        case nodes.Getitem():
            return isinstance(node.arg, nodes.Slice)
        case _:
            return False


def _nodes_in(node: nodes.Node) -> int:
    return 1 + sum(1 for _ in node.find_all(nodes.Node))


def counted(function: Callable[..., Any], reckoned: Callable[..., None] | None = None) -> Callable[..., Any]:
    """The filter or test, paid for; `reckoned` refuses what comes to too much, before anything is made."""
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def paid_for(*args: Any, **kwargs: Any) -> Any:
        current_work().look_at(args[first:], kwargs)
        if reckoned is not None:
            reckoned(*args[first:], **kwargs)
        return current_work().made(function(*args, **kwargs))

    return paid_for


def joining(between: Any, items: Iterable[Any]) -> list[Any]:
    """The items, which come with something between them."""
    listed = list(items)
    current_work().made(between, times=len(listed))
    return listed


def replacing(text: Any, old: Any = "", new: Any = "", *_: Any, **__: Any) -> None:
    current_work().made(new, times=str(text).count(str(old)))


def _wrapping(text: Any, *args: Any, **kwargs: Any) -> None:
    between = kwargs.get("wrapstring", args[2] if len(args) > 2 else "\n")
    current_work().made(between, times=len(str(text)))
    current_work().spend(10 * len(str(text)))


def _rounding(value: Any, precision: int = 0, *_: Any, **__: Any) -> None:
    if abs(precision) > _MOST_DIGITS:
        raise TooMuch(f"a number is rounded to more than {_MOST_DIGITS} digits")


def _numbering(value: Any, digits: int | None = None) -> None:
    _rounding(value, digits or 0)


def _summing(items: Any, attribute: Any = None, start: Any = 0) -> None:
    """Lists are copied again with each one that is added."""
    if not isinstance(start, (int, float)):
        work, count = current_work(), len(items) if hasattr(items, "__len__") else LONGEST_RANGE
        work.spend(count * work.size(items) // 100)


def _writing(value: Any, indent: Any = None) -> None:
    """Deep values are moved in far."""
    if indent is None:
        return
    if not isinstance(indent, int) or indent > _WIDEST_INDENT:
        raise TooMuch(f"JSON is moved in by more than {_WIDEST_INDENT} spaces")
    for piece in json.JSONEncoder(indent=indent).iterencode(value):
        current_work().spend(1 + len(piece) // 10)


def _going_slowly(value: Any, *_: Any, **__: Any) -> None:
    current_work().spend(current_work().size(value))


def filling(signs: str | bytes, values: Any) -> None:
    text = signs if isinstance(signs, str) else signs.decode("latin-1")
    if _WIDE.search(text):
        raise TooMuch("a text is filled up with too much")
    if text.count("%") * (_WIDEST_SIGN + current_work().size(values)) > LARGEST_VALUE:
        raise TooMuch("a text is filled up with too much")


RECKONED: Mapping[str, Callable[..., None]] = {
    "replace": replacing,
    "wordwrap": _wrapping,
    "round": _rounding,
    "number": _numbering,
    "sum": _summing,
    "tojson": _writing,
    **dict.fromkeys(("pprint", "striptags", "title", "urlize"), _going_slowly),
}
"""Filters that make or do more than the size of what they are given tells."""
