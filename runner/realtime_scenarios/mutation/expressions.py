"""Expressions and patterns to those that lack one of their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | [(\[{] | [)\]}] | \b(?:and|or|if|else)\b""", re.VERBOSE | re.DOTALL
)
_ALTERNATIVE = re.compile(r"\\. | \[\^?\]?(?:\\.|[^\]\\])*\] | [(] | [)] | \|", re.VERBOSE | re.DOTALL)


class Stretch(NamedTuple):
    """From `start` to `end`, exclusive, of a text."""

    start: int
    end: int


def weaker_and_stronger(expression: str) -> Iterator[tuple[str, str]]:
    """The expression without one of the parts that `and` or `or` join, behind each of them the part itself.

    `or` binds less than `and`, so where both stand on one level, those of `or` are the parts.
    """
    marks = list(_joints(expression))
    if any(word in ("if", "else") for word, _ in marks):
        return
    word = "or" if any(word == "or" for word, _ in marks) else "and"
    joints = [at for joint, at in marks if joint == word]
    if joints:
        yield from without_one(expression, parts_between(expression, joints), f" {word} ")


def without_alternatives(pattern: str) -> Iterator[tuple[str, str]]:
    """The pattern without one of the alternatives of its outermost level, behind each of them the alternative."""
    depth, bars = 0, []
    for found in _ALTERNATIVE.finditer(pattern):
        match found[0]:
            case "(":
                depth += 1
            case ")":
                depth -= 1
            case "|" if depth == 0:
                bars.append(Stretch(*found.span()))
    if bars:
        yield from without_one(pattern, parts_between(pattern, bars), "|")


def parts_between(text: str, joints: Sequence[Stretch]) -> list[Stretch]:
    """What stands between the joints, before the first and behind the last."""
    starts, ends = [0, *(joint.end for joint in joints)], [*(joint.start for joint in joints), len(text)]
    return [Stretch(start, end) for start, end in zip(starts, ends, strict=True)]


def without_one(text: str, parts: Sequence[Stretch], joint: str) -> Iterator[tuple[str, str]]:
    """The parts joined again, but for one of them, which comes with it."""
    words = [" ".join(text[part.start : part.end].split()) for part in parts]
    for index, word in enumerate(words):
        yield joint.join([*words[:index], *words[index + 1 :]]), word


def _joints(expression: str) -> Iterator[tuple[str, Stretch]]:
    """The words that join parts on the outermost level."""
    depth = 0
    for found in _TOKEN.finditer(expression):
        if found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth -= 1
        elif depth == 0 and found[0].isalpha():
            yield found[0], Stretch(*found.span())
