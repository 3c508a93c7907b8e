"""How much a function is given to do, and how much it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

import pytest


def lengths_given(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> list[int]:
    """How long the first argument is in each call of a module's function, as the calls come."""
    lengths: list[int] = []
    function = getattr(module, name)

    def counted(data: Any, *more: Any) -> Any:
        lengths.append(len(data))
        return function(data, *more)

    monkeypatch.setattr(module, name, counted)
    return lengths


def calls_in(work: Callable[[], Any]) -> tuple[int, Any]:
    """How many functions are called, in Python and in C, and what comes of it: the same on each machine."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        result = work()
    finally:
        sys.setprofile(before)
    return calls, result
