"""How much a function is given to do."""

from __future__ import annotations

from types import ModuleType
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
