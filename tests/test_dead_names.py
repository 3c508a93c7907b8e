"""Names that nobody uses, closer than vulture looks: it takes a name for used where any other thing of that name is."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_scenarios.core import resource_folder

PACKAGE = resource_folder("schemas").parent / "runner" / "realtime_scenarios"
FROM_OUTSIDE = {
    *("descend_resolver", "ascend_resolver", "ignore_aliases"),  # PyYAML
    *("list_commands", "get_command", "format_commands"),  # click
    *("is_plain_text", "is_strict_json_schema", "validate_json"),  # the SDK
    *("wrap_str_format", "recv", "runtest", "reportinfo"),  # Jinja, websockets, pytest
    *("exec_module", "emit"),  # importlib, logging
    *("persistent_id", "persistent_load"),  # pickle
    *("pytest_runtest_logreport", "pytest_sessionfinish", "pytest_terminal_summary"),  # pytest
    *(
        "code_generator_class",
        "blockvisit",
        "visit_Compare",
        "visit_Concat",
        "visit_For",
        "concat",
        "joined",
        "seen",
    ),  # Jinja
    *("demeanor", "enthusiasm", "formality", "emotion", "filler_words", "pacing"),  # prompts, field by field
}
"""Members that only libraries and templates read."""
RESULTS = {"findings", "audio_bytes", "next_spoken_turn"}
"""Members of a result that is handed out whole: `proved(scenario).findings`, the events of a trace, and `converse`."""


def test_every_private_name_of_a_module_is_used_there() -> None:
    assert [f"{path.relative_to(PACKAGE)}: {name}" for path, name in unused_private_names(modules_of(PACKAGE))] == []


def test_every_member_of_a_class_is_read_somewhere() -> None:
    assert sorted(set(unread_members(modules_of(PACKAGE))) - FROM_OUTSIDE - RESULTS) == []


@pytest.mark.parametrize(
    ("text", "dead"),
    [("def _with(): ...\n", "_with"), ("_LIMIT = 3\n", "_LIMIT"), ("_LIMIT: int = 3\n_LIMIT = 4\n", "_LIMIT")],
)
def test_a_private_name_without_use_is_told(tmp_path: Path, text: str, dead: str) -> None:
    (tmp_path / "other.py").write_text(f"class A:\n    def {dead}(self): ...\n\n\nA().{dead}()\n", encoding="utf-8")
    (tmp_path / "dead.py").write_text(text, encoding="utf-8")
    assert set(unused_private_names(modules_of(tmp_path))) == {(tmp_path / "dead.py", dead)}


def test_a_member_that_only_has_a_namesake_is_told(tmp_path: Path) -> None:
    (tmp_path / "dead.py").write_text(
        "class Provider:\n    summary: str\n\n\ndef summary(): ...\n\n\nsummary()\n", encoding="utf-8"
    )
    assert list(unread_members(modules_of(tmp_path))) == ["summary"]


@functools.cache
def modules_of(folder: Path) -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))}


def unused_private_names(modules: dict[Path, ast.Module]) -> Iterator[tuple[Path, str]]:
    """Functions, classes and constants that begin with `_`, and that neither their module nor an import mentions."""
    imported = {alias.name for module in modules.values() for alias in imports_of(module)}
    for path, module in modules.items():
        read = {node.id for node in ast.walk(module) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        for name in top_level_names(module):
            if name.startswith("_") and not name.startswith("__") and name not in read | imported:
                yield path, name


def imports_of(module: ast.Module) -> Iterator[ast.alias]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            yield from node.names


def top_level_names(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        match node:
            case (
                ast.FunctionDef(name=name, decorator_list=[])
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def unread_members(modules: dict[Path, ast.Module]) -> Iterator[str]:
    """Fields and methods that nothing asks for by `.name`; those a pattern takes apart by position count as read."""
    nodes = [node for module in modules.values() for node in ast.walk(module)]
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    taken_apart = {
        pattern.cls.id
        for pattern in nodes
        if isinstance(pattern, ast.MatchClass) and isinstance(pattern.cls, ast.Name) and pattern.patterns
    }
    for cls in nodes:
        if isinstance(cls, ast.ClassDef) and cls.name not in taken_apart:
            yield from (name for name in members_of(cls) if name not in read and not name.startswith("__"))


def members_of(cls: ast.ClassDef) -> Iterator[str]:
    for node in cls.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
