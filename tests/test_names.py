"""Names that say what they name: no variable called `one`, and no private function that means something else elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from realtime_scenarios.core import resource_folder

Look = Callable[[ast.Module], Iterator[tuple[int, str]]]

PACKAGE = resource_folder("schemas").parent / "runner" / "realtime_scenarios"
VAGUE = {"_told", "_plain", "_said", "_fits", "_shown", "_known", "_is", "_with", "_named"}
"""Private functions that once had a meaning of their own in every file."""


def test_no_variable_is_called_one() -> None:
    assert findings_in(PACKAGE, variables_called_one) == []


def test_private_functions_are_named_after_their_result() -> None:
    assert findings_in(PACKAGE, vague_functions) == []


@pytest.mark.parametrize(
    "text",
    [
        "for one in []: ...",
        "for at, (one, _) in []: ...",
        "async def f():\n    async for one in g(): ...",
        "[one for one in []]",
        "{at: one for at, one in []}",
        "sorted([], key=lambda one: one.at)",
        "def f(one): ...",
        "with f() as one: ...",
        "one, two = f()",
    ],
)
def test_whatever_binds_the_name_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "module.py").write_text(f"\n{text}\n", encoding="utf-8")
    line = 2 + text.splitlines().index(next(part for part in text.splitlines() if "one" in part))
    assert findings_in(tmp_path, variables_called_one) == [f"module.py:{line}: one"]


def test_a_vague_function_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(
        "class A:\n    def _said(self): ...\n\n\ndef _quoted(): ...\n", encoding="utf-8"
    )
    assert findings_in(tmp_path, vague_functions) == ["module.py:2: _said"]


def findings_in(folder: Path, look: Look) -> list[str]:
    """What is found in the modules of a folder, each as `file:line: name`."""
    return [
        f"{path.relative_to(folder).as_posix()}:{line}: {name}"
        for path in sorted(folder.rglob("*.py"))
        for line, name in sorted(look(ast.parse(path.read_text(encoding="utf-8"))))
    ]


def variables_called_one(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        match node:
            case ast.Name(id="one", ctx=ast.Store()) | ast.arg(arg="one"):
                yield node.lineno, "one"


def vague_functions(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in VAGUE:
                yield node.lineno, name
