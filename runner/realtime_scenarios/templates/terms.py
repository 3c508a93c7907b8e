"""An expression to the terms that all have to hold: what stands between its outermost `and`s."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, meta, nodes

from realtime_scenarios.templates.jinja import environment, parsed

_OPEN, _CLOSED = {"(", "[", "{"}, {")", "]", "}"}


def terms_of(expression: str) -> list[str]:
    """The terms as they are written; the expression alone where it is no chain of `and`, or cannot be read."""
    whole = [expression.strip()]
    try:
        (output,) = parsed("{{ " + expression + " }}").body
        tokens = list(environment().lex("{{ " + expression + " }}"))
    except (TemplateSyntaxError, ValueError):
        return whole
    if not (isinstance(output, nodes.Output) and isinstance(output.nodes[0], nodes.And)):
        return whole
    return list(_parts([(kind, text) for _, kind, text in tokens[1:-1]]))


def reads(expression: str) -> frozenset[str]:
    """The names that an expression reads, without what is asked of them; none where it cannot be read."""
    try:
        return frozenset(meta.find_undeclared_variables(parsed("{{ " + expression + " }}")))
    except TemplateSyntaxError:
        return frozenset()


def _parts(tokens: list[tuple[str, str]]) -> Iterator[str]:
    depth, written = 0, ""
    for kind, text in tokens:
        if kind == "operator":
            depth += (text in _OPEN) - (text in _CLOSED)
        if kind == "name" and text == "and" and depth == 0:
            yield written.strip()
            written = ""
        else:
            written += text
    yield written.strip()
