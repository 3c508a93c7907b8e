"""Secrets of one conversation: once told, a secret is replaced by a mark wherever text leaves its tool."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MARK = "[secret]"
_SHORT = 4
"""A secret of fewer characters would also be found inside of other words and numbers."""


class Secrets:
    """The secret values that a conversation has met, and the text without them."""

    def __init__(self) -> None:
        self._values: list[str] = []

    def add(self, value: str) -> None:
        """Remember a secret, as it is and as it looks inside JSON text. Empty values are no secrets."""
        for form in (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
            if form and form not in self._values:
                self._values.append(form)
        self._values.sort(key=len, reverse=True)

    def hidden(self, text: str) -> str:
        """`text` with every secret replaced by `[secret]`; a short one only where it stands as a word of its own."""
        for value in self._values:
            if value in text:
                if len(value) < _SHORT:
                    text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MARK, text)
                else:
                    text = text.replace(value, MARK)
        return text

    def hidden_in(self, data: Any) -> Any:
        """JSON-like data with every secret replaced, in keys and in values."""
        if not self._values:
            return data
        if isinstance(data, str):
            return self.hidden(data)
        if isinstance(data, dict):
            return {self.hidden(str(key)): self.hidden_in(value) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.hidden_in(value) for value in data]
        is_number = isinstance(data, (int, float)) and not isinstance(data, bool)
        if is_number and len(str(data)) >= _SHORT and str(data) in self._values:
            return MARK
        return data


def leaves(value: Any) -> Iterator[str | int | float]:
    """The texts and numbers inside of a value. True and false are none: to hide them would hide every answer."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves(inner)
