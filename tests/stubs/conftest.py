"""Scenarios whose tools are functions of their authors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support import Written

TOOLS = """
    scenario: s
    start: main
    context:
      bag: {type: array, default: []}
      who: {type: object, default: {name: Noor}}
    agents: {main: {instructions: x, tools: [t, other]}}
    tools:
      t: {description: x, parameters: {x?: {type: array}}, timeout: 300ms, python: "code:t"SET}
      other: {description: x, timeout: 300ms, python: "code:other"}
"""


@pytest.fixture
def scenario(written: Written) -> Callable[..., Path]:
    """Writes a scenario whose tool `t` is the function of that name in `code`, with more files beside it."""

    def write(code: str, *, set: str = "", **files: str) -> Path:
        written(code, "code.py")
        for name, text in files.items():
            written(text, f"{name.replace('__in__', '/')}.py")
        return written(TOOLS.replace("SET", f", set: {set}" if set else ""))

    return write
