"""Secrets of one conversation: once told, a secret is replaced by a mark wherever text leaves its tool."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

MARK = "[secret]"
_SHORT = 4
"""A secret of fewer characters would also be found inside of other words and numbers."""


_POWER_OF_TEN = re.compile(r"\d[eE][+-]?\d")
"""In a number that JSON may write otherwise than Python does."""


class Secrets:
    """The secret values that a conversation has met, and the text without them.

    Known are the values as they are, as JSON writes them and as URLs do; what is derived from them otherwise is not.
    """

    def __init__(self, values: tuple[str, ...] = ()) -> None:
        self._given: dict[str, None] = {}
        self._forms: list[str] = []
        self._written: list[bytes] = []
        self._listeners: list[Callable[[], None]] = []
        self._know(value for value in values if value and value != MARK)

    @property
    def values(self) -> tuple[str, ...]:
        """The secrets themselves, in the order in which they became known."""
        return tuple(self._given)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a value becomes secret that was not before."""
        self._listeners.append(listener)

    def add(self, value: str) -> None:
        """Remember a secret. Empty values are no secrets, and neither is the mark that stands for one."""
        if not value or value == MARK or value in self._given:
            return
        self._know([value])
        for listener in self._listeners:
            listener()

    def _know(self, values: Iterable[str]) -> None:
        new = dict.fromkeys(values)
        self._given |= new
        self._forms = sorted({*self._forms, *chain.from_iterable(map(_forms_of, new))}, key=len, reverse=True)
        self._written = [json.dumps(form, ensure_ascii=False)[1:-1].encode(errors="replace") for form in self._forms]

    def hidden(self, text: str) -> str:
        """`text` with every secret replaced by `[secret]`; a short one only where it stands as a word of its own."""
        return self._replaced(text, lambda _: MARK)

    def blotted(self, text: str) -> str:
        """`text` with an `*` for every character of a secret: what stands behind it keeps its column."""
        return self._replaced(text, lambda found: "*" * len(found[0]))

    def hidden_in(self, data: Any) -> Any:
        """JSON-like data with every secret replaced, in keys and in values."""
        if not self._forms:
            return data
        if isinstance(data, str):
            return self.hidden(data)
        if isinstance(data, dict):
            return {self.hidden(str(key)): self.hidden_in(value) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return type(data)(self.hidden_in(value) for value in data)
        is_number = isinstance(data, (int, float)) and not isinstance(data, bool)
        if is_number and len(str(data)) >= _SHORT and str(data) in self._forms:
            return MARK
        return data

    def may_be_in(self, written: bytes) -> bool:
        """Whether there may be a secret in data that are written as JSON. One who knows of none need not read them."""
        return any(form in written for form in self._written) or any(map(_POWER_OF_TEN.search, self._forms))

    def begun_in(self, text: str) -> int:
        """How many characters at the end of `text` may be the beginning of a secret, which is told piece by piece."""
        return max((_overlap(text, form) for form in self._forms), default=0)

    def _replaced(self, text: str, mark: Callable[[re.Match[str]], str]) -> str:
        for form in self._forms:
            if form in text:
                alone = len(form) < _SHORT
                pattern = rf"(?<!\w){re.escape(form)}(?!\w)" if alone else re.escape(form)
                text = re.sub(pattern, mark, text)
        return text


class SecretStream:
    """A text that comes in pieces, passed on without secrets: the beginning of one is held back until more is known."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._held = ""

    def passed_on(self, piece: str) -> str:
        """What can be shown by now."""
        known = self._secrets.hidden(self._held + piece)
        count = self._secrets.begun_in(known)
        self._held = known[len(known) - count :]
        return known[: len(known) - count]

    def hold(self, text: str) -> None:
        """Hold a text back behind what is held already, until the next piece comes."""
        self._held += text

    def rest(self) -> str:
        """What was held back, when nothing more comes."""
        held, self._held = self._held, ""
        return held


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


def is_something(value: Any) -> bool:
    """Whether a variable holds what could be a secret: null, an empty text and an empty list tell nothing."""
    return value is not None and value != "" and value != [] and value != {}


def _forms_of(value: str) -> Iterator[str]:
    """The value, and what JSON and URLs make of it."""
    from urllib.parse import quote, quote_plus  # which only those need who have secrets

    sent = value.encode("utf-8", "replace").decode("utf-8")
    yield from (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield from (quote(sent), quote(sent, safe=""), quote_plus(sent))


def _overlap(text: str, form: str) -> int:
    """The length of the longest end of `text` with which `form` begins, but is not over."""
    longest = min(len(text), len(form) - 1)
    return next((length for length in range(longest, 0, -1) if form.startswith(text[-length:])), 0)
