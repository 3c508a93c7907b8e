"""What an author's function does that comes out otherwise than its author expects; it is read, and not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import code_of

if TYPE_CHECKING:
    import ast

    from realtime_scenarios.model.written import Code

_CHANGING = frozenset(
    ("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "setdefault", "popitem")
)
"""Methods of lists and dictionaries that change them."""


@rule("SC830", "sleeping-stub", "warning")
def sleeping_stub(subject: Subject) -> Iterator[Finding]:
    """A python stub sleeps.

    Problem: a function's own time is the wall's, so each dialogue that calls it waits for real, and no second passes on
    the dialogue's clock.
    Instead: write `delay: 3s` beside `python`, or `times_out: true` in place of it where it is to be late.
    """
    for target, function in _functions(subject):
        for node in _calls_in(function):
            if _dotted(node.func) in ("time.sleep", "asyncio.sleep") and not _is_zero(node.args):
                message = f"'{target.text}' sleeps in line {node.lineno}, and every dialogue waits for it"
                yield Finding(message, target.place.span, "write `delay` beside it: that passes in virtual time")


@rule("SC831", "changing-stub", "warning")
def changing_stub(subject: Subject) -> Iterator[Finding]:
    """A python stub changes what its call holds.

    Problem: context, arguments and approval are there to be read: a call whose function changes one of them fails.
    Instead: return what is new, and let `set` put it into the context: `set: {bag: result}`.
    """
    for target, function in _functions(subject):
        for line in _lines_that_change_the_call(function):
            message = f"'{target.text}' changes its `call` in line {line}, and so fails"
            yield Finding(message, target.place.span, "return what is new, and write `set: {NAME: result}`")


def _functions(subject: Subject) -> Iterator[tuple[Code, ast.FunctionDef | ast.AsyncFunctionDef]]:
    targets = {(target.text, target.place): target for _, target in code_of(subject.scenario, "python")}
    if not targets:
        return
    from realtime_scenarios.stubs.code import function_of  # only a scenario with code needs it

    for target in targets.values():
        if (function := function_of(target.text, subject.scenario.folder)) is not None:
            yield target, function


def _calls_in(function: ast.AST) -> Iterator[ast.Call]:
    import ast

    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _lines_that_change_the_call(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    import ast

    for node in ast.walk(function):
        match node:
            case ast.Subscript(ctx=ast.Store() | ast.Del(), value=value) if _is_part_of_call(value):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr=name, value=value)) if name in _CHANGING and _is_part_of_call(value):
                yield node.lineno


def _is_part_of_call(node: ast.expr) -> bool:
    """Whether it is `call.context`, or something in it."""
    import ast

    while isinstance(node, ast.Subscript):
        node = node.value
    return _dotted(node) in ("call.context", "call.args", "call.approval")


def _dotted(node: ast.expr) -> str:
    """`a.b` as it is written; empty where it is no name of two words."""
    import ast

    match node:
        case ast.Attribute(attr=name, value=ast.Name(id=owner)):
            return f"{owner}.{name}"
        case _:
            return ""


def _is_zero(arguments: list[ast.expr]) -> bool:
    """Whether a sleep only lets others go first."""
    import ast

    return [ast.dump(argument) for argument in arguments] == [ast.dump(ast.Constant(0))]
