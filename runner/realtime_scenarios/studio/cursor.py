"""A text and a place in it to what is being written there: the path of keys that leads to it, be the YAML whole or not.

While somebody types a file is broken most of the time, so nothing is parsed: indentation and the line itself tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from realtime_scenarios.document import Pointer

_KEY = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s#&*!|>%@`"'{}\[\],:-][^:#{}\[\],]*?|-[^\s:]+)\s*:(?:\s+|$)""")
_DASH = re.compile(r"-(?:\s+|$)")
_TEXT_BEGINS = re.compile(r"[|>][+-]?\d?[+-]?\s*(?:#.*)?$")
_MOST_LINES = 5_000
"""Lines above the cursor that are looked at."""

Part = Literal["key", "value", "item", "text"]


class Cursor(NamedTuple):
    """What is being written. `pointer` is the path of the mapping (key), the value, the list item or the text.

    `word` is what of it stands before the cursor, `column` where it begins, from 1. `beside` are the keys that the
    mapping has already.
    """

    part: Part
    pointer: Pointer
    word: str
    column: int
    beside: frozenset[str] = frozenset()


class _Token(NamedTuple):
    """A dash (`key` None) or a key of a line, in a column from 0, with what stands behind it in the line."""

    line: int
    column: int
    key: str | None
    rest: str


def cursor_in(text: str, line: int, column: int) -> Cursor | None:
    """What is written at a place, both from 1; None: in a comment nothing is."""
    lines = text.split("\n")[max(0, line - _MOST_LINES) : line]
    if not lines:
        return None
    before = lines[-1][: column - 1]
    if before.lstrip().startswith("#") or re.search(r"\s#[^\"']*$", before):
        return None
    lines[-1] = before
    tokens = list(_tokens_of(before, len(lines) - 1))
    indent = len(before) - len(before.lstrip(" "))
    if (owner := _text_around(lines, indent)) is not None:
        word = re.search(r"[\w.]*$", before)
        assert word is not None
        return Cursor("text", owner, word[0], word.start() + 1)
    if tokens and tokens[-1].key is not None:
        base = _path_of(lines, tokens)
        return _in_flow(before, tokens[-1].rest, base, "value")
    start = tokens[-1].column if tokens else indent
    rest = tokens[-1].rest if tokens else before[indent:]
    above = _parents(lines, len(lines) - 1, start if not tokens else tokens[0].column, is_dash=bool(tokens))
    pointer = (*above, *([0] * len(tokens)))
    if rest[:1] in ("[", "{"):
        return _in_flow(before, rest, pointer, "value")
    at = len(before) - len(rest)
    if tokens:
        return Cursor("item", pointer, rest, at + 1)
    return Cursor("key", pointer, rest, at + 1, _siblings(lines, text.split("\n")[line:], indent))


def _in_flow(before: str, rest: str, base: Pointer, part: Part) -> Cursor:
    """Inside of brackets and braces on one line; where there are none, the value itself."""
    start = len(before) - len(rest)
    stack: list[Pointer] = []
    pointer, word_at, keys = base, start, [set[str]()]
    kinds: list[str] = []
    quote = ""
    for at in range(start, len(before)):
        char = before[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and not before[word_at:at].strip():
            quote = char
        elif char in "[{":
            stack.append(pointer)
            kinds.append(char)
            keys.append(set())
            pointer, word_at = ((*pointer, 0) if char == "[" else pointer), at + 1
        elif char in "]}" and stack:
            pointer, word_at = stack.pop(), at + 1
            kinds.pop()
            keys.pop()
        elif char == "," and stack:
            pointer, word_at = ((*stack[-1], 0) if kinds[-1] == "[" else stack[-1]), at + 1
        elif (
            char == ":" and kinds and kinds[-1] == "{" and before[at + 1 : at + 2] in ("", " ") and pointer == stack[-1]
        ):
            key = before[word_at:at].strip().strip("\"'")
            keys[-1].add(key)
            pointer, word_at = (*stack[-1], key), at + 1
    word = before[word_at:].lstrip()
    column = len(before) - len(word) + 1
    if kinds and kinds[-1] == "{" and pointer == stack[-1]:
        return Cursor("key", pointer, word, column, frozenset(keys[-1]))
    return Cursor("item" if kinds and kinds[-1] == "[" and pointer == (*stack[-1], 0) else part, pointer, word, column)


def _tokens_of(line: str, number: int) -> Iterator[_Token]:
    """The dashes and the key that a line begins with."""
    at = len(line) - len(line.lstrip(" "))
    while (dash := _DASH.match(line, at)) is not None:
        yield _Token(number, at, None, line[dash.end() :])
        at = dash.end()
    if (key := _KEY.match(line, at)) is not None:
        yield _Token(number, at, key["key"].strip("\"'"), line[key.end() :])


def _path_of(lines: Sequence[str], tokens: Sequence[_Token]) -> Pointer:
    first = tokens[0]
    inside = tuple(0 if token.key is None else token.key for token in tokens)
    return (*_parents(lines, first.line, first.column, is_dash=first.key is None), *inside)


def _parents(lines: Sequence[str], number: int, column: int, *, is_dash: bool) -> Pointer:
    """The path of what a line that begins in a column (from 0) stands in."""
    path: list[str | int] = []
    for above in range(number - 1, -1, -1):
        line = lines[above]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        tokens = list(_tokens_of(line, above))
        if len(line) - len(line.lstrip(" ")) > column or not tokens:
            continue
        for token in reversed(tokens):
            is_parent = token.column < column or (is_dash and token.key is not None and token.column == column)
            if is_parent:
                path.append(0 if token.key is None else token.key)
                column, is_dash = token.column, token.key is None
        if column == 0 and not is_dash:
            break
    return tuple(reversed(path))


def _text_around(lines: Sequence[str], indent: int) -> Pointer | None:
    """The path of the block of text that the last line stands in; None: in none."""
    number = len(lines) - 1
    column = indent if lines[-1].strip() else len(lines[-1])
    for above in range(number - 1, -1, -1):
        line = lines[above]
        if not line.strip():
            continue
        begins = len(line) - len(line.lstrip(" "))
        if begins < column:
            tokens = list(_tokens_of(line, above))
            if tokens and _TEXT_BEGINS.search(line):
                return _path_of(lines, tokens)
            if tokens:
                return None
            column = begins
    return None


def _siblings(above: Sequence[str], below: Sequence[str], indent: int) -> frozenset[str]:
    """The keys of the mapping that a line with this indent stands in, but its own."""
    found: set[str] = set()
    for lines in (reversed(above[:-1]), below):
        for line in lines:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            tokens = list(_tokens_of(line, 0))
            found |= {token.key for token in tokens if token.column == indent and token.key is not None}
            begins = len(line) - len(line.lstrip(" "))
            if begins < indent:
                break
    return frozenset(found)
