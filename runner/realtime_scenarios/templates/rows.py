"""A template or expression over the rows of a query to the columns that it reads of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from jinja2 import nodes

_KEEPING_ROWS = frozenset(("list", "sort", "reverse", "unique", "selectattr", "rejectattr"))
"""Filters that make rows of rows."""
_GIVING_A_ROW = frozenset(("first", "last", "min", "max"))
_BY_COLUMN = frozenset(("map", "sum", "sort", "unique", "min", "max", "groupby", "selectattr", "rejectattr"))
"""Filters that are told a column, by `attribute` or first of all."""
_FIRST_OF_ALL = frozenset(("groupby", "selectattr", "rejectattr"))
_METHODS = frozenset(dir(dict))


class ColumnRead(Struct, frozen=True):
    """`shown` is how the column is written where it is a step from a name; its line counts from 1."""

    name: str
    shown: str
    line: int


def columns_read(text: str, kind: Literal["template", "expression"]) -> Iterator[ColumnRead]:
    """Each reading of a column of `row`, or of one of the `rows`; none where the text cannot be read."""
    if "row" not in text:
        return
    from jinja2 import TemplateSyntaxError, nodes

    from realtime_scenarios.templates.jinja import environment

    try:
        tree = environment().parse(text if kind == "template" else "{{ " + text + " }}")
    except (TemplateSyntaxError, RecursionError, OverflowError, ValueError):
        return
    single = {"row", *_names_of_rows(tree)}
    steps: list[nodes.Getattr | nodes.Getitem] = [*tree.find_all(nodes.Getattr), *tree.find_all(nodes.Getitem)]
    for read in steps:
        name = _step(read)
        if name is not None and _is_row(read.node, single):
            root = read.node.name if isinstance(read.node, nodes.Name) else "row"
            yield ColumnRead(name, f"{root}.{name}", read.lineno)
    for used in tree.find_all(nodes.Filter):
        if used.name in _BY_COLUMN and used.node is not None and _is_rows(used.node):
            for name in _columns_told(used):
                yield ColumnRead(name, name, used.lineno)


def _names_of_rows(tree: nodes.Template) -> set[str]:
    """The names that loops have for one of the rows, and for nothing else."""
    from jinja2 import nodes

    named: dict[bool, set[str]] = {True: set(), False: set()}
    for loop in tree.find_all(nodes.For):
        if isinstance(loop.target, nodes.Name):
            named[_is_rows(loop.iter)].add(loop.target.name)
    return named[True] - named[False]


def _is_rows(node: nodes.Node) -> bool:
    from jinja2 import nodes

    if isinstance(node, nodes.Filter):
        return node.name in _KEEPING_ROWS and node.node is not None and _is_rows(node.node)
    return isinstance(node, nodes.Name) and node.name == "rows"


def _is_row(node: nodes.Node, single: set[str]) -> bool:
    from jinja2 import nodes

    match node:
        case nodes.Name():
            return node.name in single
        case nodes.Getitem():
            return _is_rows(node.node) and isinstance(node.arg, (nodes.Const, nodes.Neg))
        case nodes.Filter():
            return node.name in _GIVING_A_ROW and node.node is not None and _is_rows(node.node)
        case _:
            return False


def _step(read: nodes.Getattr | nodes.Getitem) -> str | None:
    """The name of the column; None where it is a number, is worked out, or is what every mapping can be asked."""
    from jinja2 import nodes

    if isinstance(read, nodes.Getattr):
        return None if read.attr in _METHODS else read.attr
    return read.arg.value if isinstance(read.arg, nodes.Const) and isinstance(read.arg.value, str) else None


def _columns_told(used: nodes.Filter) -> Iterator[str]:
    from jinja2 import nodes

    named = [argument.value for argument in used.kwargs if argument.key == "attribute"]
    first = used.args[:1] if used.name in _FIRST_OF_ALL else []
    for argument in [*named, *first]:
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            yield argument.value.partition(".")[0]
