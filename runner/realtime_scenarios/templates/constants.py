"""A condition to the parts of it that no conversation can change: texts that were meant as names, bare alternatives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from realtime_scenarios.templates.plain import plain_path
from realtime_scenarios.templates.template import Expression, TemplateError

if TYPE_CHECKING:
    from jinja2 import nodes


class Constant(Struct, frozen=True):
    """What `holds` always or never. `text` is the text in quotes that it is, None where it is something else.

    `is_all`: the whole condition; otherwise a part of it that `and`, `or` or `not` joins to others.
    """

    holds: bool
    text: str | None
    is_all: bool


def constants_in(condition: str) -> list[Constant]:
    """The constants of a condition; none of one that cannot be read, which is told elsewhere."""
    if plain_path(condition) is not None:
        return []
    from jinja2 import TemplateSyntaxError, nodes

    from realtime_scenarios.templates.jinja import environment

    try:
        tree = environment().parse("{{ " + condition + " }}")
    except (TemplateSyntaxError, RecursionError, OverflowError, ValueError):
        return []
    output = tree.body[0] if len(tree.body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        return []
    whole = output.nodes[0]
    if _reads_nothing(whole):
        return list(_constant_of_all(whole, condition))
    return list(_bare_constants(whole))


def _constant_of_all(whole: nodes.Node, condition: str) -> Iterator[Constant]:
    from jinja2 import nodes

    try:
        holds = bool(Expression(condition).evaluate({}))
    except TemplateError:
        return
    text = whole.value if isinstance(whole, nodes.Const) and isinstance(whole.value, str) else None
    yield Constant(holds, text, is_all=True)


def _bare_constants(node: nodes.Node) -> Iterator[Constant]:
    """The constants that stand where something is asked to hold: not those that something is compared with."""
    from jinja2 import nodes

    match node:
        case nodes.And() | nodes.Or():
            yield from _bare_constants(node.left)
            yield from _bare_constants(node.right)
        case nodes.Not():
            yield from _bare_constants(node.node)
        case nodes.Const():
            yield Constant(bool(node.value), node.value if isinstance(node.value, str) else None, is_all=False)
        case _:
            return


def _reads_nothing(node: nodes.Node) -> bool:
    from jinja2 import nodes

    return not isinstance(node, nodes.Name) and node.find(nodes.Name) is None


class FilterConstant(Struct, frozen=True):
    """A text in quotes that a filter is given as its first argument, at a line from 1."""

    value: str
    line: int


def constants_given_to(filter_name: str, keyword: str, text: str, *, is_expression: bool) -> Iterator[FilterConstant]:
    """The texts that a filter is given, as its first argument or by `keyword`; none where the text cannot be read."""
    if filter_name not in text or "|" not in text:
        return
    from jinja2 import TemplateSyntaxError, nodes

    from realtime_scenarios.templates.jinja import environment

    try:
        tree = environment().parse("{{ " + text + " }}" if is_expression else text)
    except (TemplateSyntaxError, RecursionError, OverflowError, ValueError):
        return
    for used in tree.find_all(nodes.Filter):
        named = [argument.value for argument in used.kwargs if argument.key == keyword]
        for argument in [*used.args[:1], *named] if used.name == filter_name else ():
            if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
                yield FilterConstant(argument.value, argument.lineno)
