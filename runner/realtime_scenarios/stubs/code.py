"""`module:function` in the scenario's own folder as a function; what is wrong with one, without running it."""

from __future__ import annotations

import ast
import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from realtime_scenarios.core import did_you_mean


class NotLoadable(Exception):
    """The target is not there, or its module fails; the message says why."""


Modules = dict[Path, ModuleType]
"""The modules of one conversation: what one of them remembers, no other conversation knows."""


def loaded_function(target: str, folder: Path, modules: Modules) -> Callable[..., Any]:
    """The function that `target` names, from a module below `folder` and from nowhere else.

    A module that is not among `modules` is loaded, and put there.

    Raises:
        NotLoadable: there is no such module or function, or the module raises when it is imported.
    """
    path, name = _path_and_name(target, folder)
    try:
        if path not in modules:
            modules[path] = _loaded_module(path, folder)
    except (Exception, SystemExit) as problem:  # the author's module may raise anything
        raise NotLoadable(f"'{path.name}' cannot be imported: {type(problem).__name__}: {problem}") from problem
    function = getattr(modules[path], name, None)
    if not callable(function):
        raise NotLoadable(f"'{path.name}' has no function '{name}'")
    return function  # type: ignore[no-any-return]


def takes_call(function: Callable[..., Any]) -> bool:
    """Whether the function asks for the whole call in a parameter named `call`."""
    return "call" in inspect.signature(function).parameters


def python_problems(target: str, folder: Path, arguments: Mapping[str, Any] | None) -> Iterator[tuple[str, str | None]]:
    """What is wrong with a target, as message and hint, found by reading the module and not by running it.

    `arguments` is the JSON Schema that its calls fit; None: it takes one text.
    """
    try:
        path, name = _path_and_name(target, folder)
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path.name))
    except NotLoadable as problem:
        yield str(problem), "write it as module:function, the module being a file in the scenario's folder"
        return
    except (SyntaxError, ValueError, OSError) as problem:
        yield f"'{target.partition(':')[0]}' cannot be read: {problem}", None
        return
    functions = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    if name not in functions and name in _other_names(tree):
        return  # what it takes is not to be seen here
    if name not in functions:
        yield f"'{path.name}' has no function '{name}'", did_you_mean(name, functions)
    elif arguments is not None:
        yield from _parameter_problems(functions[name], arguments)


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


def _parameter_problems(
    function: ast.FunctionDef | ast.AsyncFunctionDef, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, str | None]]:
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


def _path_and_name(target: str, folder: Path) -> tuple[Path, str]:
    module, colon, name = target.partition(":")
    if not colon or not name.isidentifier() or not all(step.isidentifier() for step in module.split(".")):
        raise NotLoadable(f"'{target}' is not of the form module:function")
    path = folder.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        raise NotLoadable(f"there is no file '{path.relative_to(folder)}' in the scenario's folder")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise NotLoadable(f"'{path.relative_to(folder)}' leads out of the scenario's folder")
    return path, name


def _loaded_module(path: Path, folder: Path) -> ModuleType:
    """A fresh module of the code at `path`. Siblings can be imported while it loads, and are its own as well."""
    module = ModuleType(f"scenario_code_{path.stem}")
    module.__file__ = str(path)
    path_before, modules_before = list(sys.path), set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        exec(_compiled_file(path, path.stat().st_mtime_ns), module.__dict__)  # noqa: S102 - the author's own code
    finally:
        sys.path[:] = path_before
        for name in set(sys.modules) - modules_before:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(f"{folder}{os.sep}"):
                del sys.modules[name]
    return module


@functools.lru_cache(maxsize=64)
def _compiled_file(path: Path, changed: int) -> CodeType:
    """What is at `path`, compiled; `changed` makes an edited file a new one."""
    return compile(path.read_bytes(), str(path), "exec")
