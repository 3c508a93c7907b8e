"""What a program of the author's keeps from one call to the next, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

_CHANGING = frozenset(
    [
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "update",
        "setdefault",
        "popitem",
        "add",
        "discard",
    ]
)
"""Methods of lists, dictionaries and sets that change them."""


class Change(Struct, frozen=True):
    """A function changes a variable of its module in this line."""

    line: int
    variable: str


def changes_of_variables(program: Path) -> Iterator[Change]:
    """Where functions of a program change variables of its module; nothing where it cannot be read."""
    try:
        tree = ast.parse(program.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, OSError):
        return
    names = {
        name
        for statement in tree.body
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        for name in _names_stored_in(statement)
    }
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            own = _names_stored_in(function)
            declared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
            yield from _changes_in(function, (names - own) | declared, declared)


def _names_stored_in(part: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _changes_in(function: ast.AST, variables: set[str], declared: set[str]) -> Iterator[Change]:
    for node in ast.walk(function):
        match node:
            case ast.Name(ctx=ast.Store(), id=name) if name in declared:
                yield Change(node.lineno, name)
            case ast.Subscript(ctx=ast.Store() | ast.Del(), value=inner) if (name := _root_of(inner)) in variables:
                yield Change(node.lineno, name)
            case ast.Attribute(ctx=ast.Store() | ast.Del(), value=inner) if (name := _root_of(inner)) in variables:
                yield Change(node.lineno, name)
            case ast.Call(func=ast.Attribute(attr=method, value=inner)) if (
                method in _CHANGING and (name := _root_of(inner)) in variables
            ):
                yield Change(node.lineno, name)
            case _:
                pass


def _root_of(node: ast.expr) -> str:
    """The name at the beginning of `a.b["c"]`; empty where there is none."""
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
