"""The arguments of a call as templates and conditions see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Arguments(dict[str, Any]):
    """What was given; what may be given and was left out reads as null, but is not counted among them."""

    def __init__(self, given: Mapping[str, Any], declared: Iterable[str]) -> None:
        super().__init__(given)
        self.declared = frozenset(declared)

    def __missing__(self, name: str) -> Any:
        if name in self.declared:
            return None
        raise KeyError(name)
