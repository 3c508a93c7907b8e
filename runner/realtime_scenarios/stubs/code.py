"""What is wrong with a `module:function` of the author's: found by reading the module, and not by running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from realtime_scenarios.core import did_you_mean
from realtime_scenarios.stubs.target import NotThere, Target, target_in

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_problems(target: str, folder: Path, arguments: Mapping[str, Any] | None) -> Iterator[tuple[str, str | None]]:
    """What is wrong with a target, as message and hint, found by reading the module and not by running it.

    `arguments` is the JSON Schema that its calls fit; None: it takes one text.
    """
    try:
        found = target_in(folder, target)
        path, name, tree = found.path, found.function, _tree_of(found)
    except NotThere as problem:
        yield str(problem), "write it as module:function, the module being a file in the scenario's folder"
        return
    except (SyntaxError, ValueError, OSError) as problem:
        yield f"'{target.partition(':')[0]}' cannot be read: {problem}", None
        return
    functions = _functions_in(tree)
    if name not in functions and name in _other_names(tree):
        return  # what it takes is not to be seen here
    if name not in functions:
        yield f"'{path.name}' has no function '{name}'", did_you_mean(name, functions)
    elif arguments is not None:
        yield from _parameter_problems(functions[name], arguments)


def function_of(target: str, folder: Path) -> Function | None:
    """The function that a target names, as it is written; None where that cannot be read, or comes from elsewhere."""
    try:
        found = target_in(folder, target)
        return _functions_in(_tree_of(found)).get(found.function)
    except (NotThere, SyntaxError, ValueError, OSError):
        return None


def _tree_of(found: Target) -> ast.Module:
    return ast.parse(found.path.read_text(encoding="utf-8"), found.path.name)


def _functions_in(tree: ast.Module) -> dict[str, Function]:
    return {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def _other_names(tree: ast.Module) -> set[str]:
    """Names that a module gets otherwise than by a `def` of its own: imported, assigned, or only on a condition."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom():
                found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
            case ast.Name(ctx=ast.Store()):
                found.add(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node in tree.body:
                pass
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
    return found


def _parameter_problems(function: Function, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    given = list(arguments.get("properties", {}))
    always = set(arguments.get("required", ()))
    spec = function.args
    named = [parameter.arg for parameter in (*spec.args, *spec.kwonlyargs)]
    # `ast.arguments.defaults` belong to the last of the positional parameters
    optional = {parameter.arg for parameter in spec.args[len(spec.args) - len(spec.defaults) :]}
    keywords = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    optional |= {parameter.arg for parameter, default in keywords if default is not None}
    if spec.kwarg is None:
        for argument in given:
            if argument not in named:
                yield f"'{function.name}' does not take the argument '{argument}'", did_you_mean(argument, named)
    for name in named:
        if name != "call" and name not in optional and name not in always:
            yield (
                f"'{function.name}' needs '{name}', which a call may leave out",
                "give it a default, or make it required",
            )
