"""Templates that are no more than text and dotted names, rendered without Jinja: importing it costs 50 ms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAME = r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*"
_HOLE = re.compile(r"\{\{\s*(" + _NAME + r")\s*\}\}")
_PLAIN = re.compile(r"\{\{-?\s*(" + _NAME + r")\s*-?\}\}|\{%-?\s*(?:if\s+(" + _NAME + r")|(else|endif))\s*-?%\}")
_DOTTED = re.compile(r"\s*(" + _NAME + r")\s*")
_WORDS_OF_JINJA = frozenset(
    ("true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else", "self", "loop")
)

_LITERAL = re.compile(r"""\s*(?:'[^'\\\n{}%#]*'|"[^"\\\n{}%#]*"|(?:0|[1-9][0-9]{0,99})(?:\.[0-9]+)?)\s*""")

Path = tuple[str, ...]
Part = str | Path
"""A stretch of literal text, or a dotted name as its steps."""


def plain_parts(text: str) -> tuple[Part, ...] | None:
    """The text and names of a template that needs no Jinja; None where it does."""
    if "{" not in text:
        return (text.replace("\r\n", "\n").replace("\r", "\n"),)
    parts: list[Part] = []
    at = 0
    for hole in _HOLE.finditer(text):
        parts += [text[at : hole.start()], tuple(hole.group(1).split("."))]
        at = hole.end()
    parts.append(text[at:])
    literal = [part for part in parts if isinstance(part, str)]
    if any(map(_has_jinja_mark, literal)) or any(map(_begins_with_keyword, _paths(parts))):
        return None
    return tuple(part.replace("\r\n", "\n").replace("\r", "\n") if isinstance(part, str) else part for part in parts)


def is_literal(text: str) -> bool:
    """Whether an expression is one quoted text or number, in which nothing can be wrong."""
    return _LITERAL.fullmatch(text) is not None


def plain_uses(text: str) -> tuple[tuple[Path, int], ...] | None:
    """The dotted names in a template and their lines, where it has only those and plain `if`s; None otherwise."""
    uses: list[tuple[Path, int]] = []
    open_ifs: list[bool] = []
    at = 0
    for part in _PLAIN.finditer(text):
        if _has_jinja_mark(text[at : part.start()]):
            return None
        at = part.end()
        name, condition, word = part.groups()
        if name or condition:
            path = tuple((name or condition).split("."))
            if _begins_with_keyword(path):
                return None
            uses.append((path, 1 + text.count("\n", 0, part.start())))
        if condition:
            open_ifs.append(False)
        elif word and (not open_ifs or (word == "else" and open_ifs[-1])):
            return None
        elif word == "else":
            open_ifs[-1] = True
        elif word:
            open_ifs.pop()
    return None if open_ifs or _has_jinja_mark(text[at:]) else tuple(uses)


def plain_path(expression: str) -> Path | None:
    """The steps of an expression that is a dotted name; None where it is more."""
    found = _DOTTED.fullmatch(expression)
    path = tuple(found.group(1).split(".")) if found else None
    return None if path is None or _begins_with_keyword(path) else path


def value_at(path: Path, values: Mapping[str, Any]) -> Any:
    """What a dotted name stands for.

    Raises:
        KeyError: only Jinja can tell: a step is missing, or leads into something that is no mapping.
    """
    value: Any = values
    for step in path:
        if not isinstance(value, Mapping):
            raise KeyError(step)
        value = value[step]
    return value


def _paths(parts: list[Part]) -> Iterator[Path]:
    return (part for part in parts if isinstance(part, tuple))


def _has_jinja_mark(literal: str) -> bool:
    """Whether Jinja would see more in the text than text: a mark, or a brace that makes one with what follows."""
    return any(mark in literal for mark in ("{{", "{%", "{#")) or literal.endswith("{")


def _begins_with_keyword(path: Path) -> bool:
    return path[0] in _WORDS_OF_JINJA
