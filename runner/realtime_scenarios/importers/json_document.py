"""JSON text to data that knows where each value stands: other people's exports, read as exactly the JSON that they are.

Our reader of YAML takes most JSON, but neither tabs nor the escapes of characters beyond 16 bits, which exports hold.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from json import JSONDecodeError, decoder
from pathlib import Path
from typing import Any

from realtime_scenarios.core import Span
from realtime_scenarios.document import Place, Pointer

_DEEPEST = 60
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
_HALVES = re.compile("[\ud800-\udfff]")
_LONGEST_NUMBER = 40
_TEXT: Any = vars(decoder)["scanstring"]
"""What `json` reads texts with; it says where they end."""


class NoJson(Exception):
    """The text is no JSON, or none that can be written again; `index` is the character where that shows."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.message = message
        self.index = index


class _Node:
    """Where a value begins and ends, and what is in it."""

    __slots__ = ("end", "inside", "keys", "start")

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.inside: dict[str | int, _Node] = {}
        self.keys: dict[str, tuple[int, int]] = {}


class JsonDocument:
    """A file of JSON as data. `file` is what messages call it. It is what a `Place` asks of a document."""

    def __init__(self, path: Path, file: str, text: str) -> None:
        """Raises NoJson."""
        self.path = path
        self.file = file
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._root = _Node(0)
        self.data = _Reader(text).whole(self._root)

    @property
    def root(self) -> Place:
        return Place(self)

    def line(self, number: int, file: str | None = None) -> str:
        """The source line with that number, from 1."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""

    def span(self, pointer: Pointer, key: bool = False) -> Span:
        """Where the value at `pointer` stands, or its key; where there is none, the nearest thing around it."""
        node, bounds = self._root, (self._root.start, self._root.end)
        for step in pointer:
            found = node.inside.get(step)
            if found is None:
                return self._span(node.start, node.end)
            bounds = node.keys.get(str(step), (found.start, found.end)) if key else (found.start, found.end)
            node = found
        return self._span(*bounds)

    def span_of_part(self, pointer: Pointer, start: int, end: int) -> Span:
        """Where all of the text stands: in JSON a text is one line."""
        return self.span(pointer)

    def _span(self, start: int, end: int) -> Span:
        return Span(self.file, *line_and_column(self._starts, start), *line_and_column(self._starts, end))


def line_and_column(starts: list[int], index: int) -> tuple[int, int]:
    """Both from 1; `starts` are where lines begin."""
    line = bisect_right(starts, index)
    return line, index - starts[line - 1] + 1


class _Reader:
    """Reads values one inside the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self, node: _Node) -> Any:
        value = self._value(node, 0)
        self._skip()
        if self._at < len(self._text):
            raise NoJson("there is something behind the end", self._at)
        return value

    def _skip(self) -> str:
        """The next character that means something; "" at the end."""
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return self._text[self._at : self._at + 1]

    def _value(self, node: _Node, depth: int) -> Any:
        sign = self._skip()
        node.start = self._at
        if depth > _DEEPEST:
            raise NoJson(f"values are nested more than {_DEEPEST} deep", self._at)
        value: Any
        if sign == "{":
            value = self._mapping(node, depth)
        elif sign == "[":
            value = self._list(node, depth)
        elif sign == '"':
            value = self._string()
        else:
            value = self._word_or_number()
        node.end = self._at
        return value

    def _mapping(self, node: _Node, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        self._at += 1
        if self._skip() == "}":
            self._at += 1
            return data
        while True:
            if self._skip() != '"':
                raise NoJson("a key in quotes is missing", self._at)
            start = self._at
            key = self._string()
            end = self._at
            self._expect(":", "a ':' is missing behind the key")
            inner = node.inside[key] = _Node(self._at)
            node.keys[key] = (start, end)
            data[key] = self._value(inner, depth + 1)
            if self._next_or_end("}"):
                return data

    def _list(self, node: _Node, depth: int) -> list[Any]:
        data: list[Any] = []
        self._at += 1
        if self._skip() == "]":
            self._at += 1
            return data
        while True:
            inner = node.inside[len(data)] = _Node(self._at)
            data.append(self._value(inner, depth + 1))
            if self._next_or_end("]"):
                return data

    def _next_or_end(self, end: str) -> bool:
        sign = self._skip()
        if sign not in (",", end):
            raise NoJson(f"a ',' or '{end}' is missing", self._at)
        self._at += 1
        return sign == end

    def _expect(self, sign: str, message: str) -> None:
        if self._skip() != sign:
            raise NoJson(message, self._at)
        self._at += 1

    def _string(self) -> str:
        try:
            text, self._at = _TEXT(self._text, self._at + 1, True)
        except JSONDecodeError as problem:
            raise NoJson(problem.msg[:1].lower() + problem.msg[1:], problem.pos) from None
        return str(_HALVES.sub("\ufffd", text))

    def _word_or_number(self) -> Any:
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return value
        found = _NUMBER.match(self._text, self._at)
        if found is None or len(found[0]) > _LONGEST_NUMBER:
            raise NoJson("a value is missing" if found is None else "a number is too long", self._at)
        number = float(found[0]) if found[1] or found[2] else int(found[0])
        if number in (float("inf"), float("-inf")):
            raise NoJson("a number is too large", self._at)
        self._at = found.end()
        return number
