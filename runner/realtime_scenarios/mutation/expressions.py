"""Expressions to those that lack one of their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | [(\[{] | [)\]}] | \b(?:and|or|if|else)\b""", re.VERBOSE | re.DOTALL
)


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
        for rest, part in without_one(expression, parts_between(expression, joints)):
            yield rest.strip(), squeezed(part)


def parts_between(text: str, joints: Sequence[Stretch]) -> list[Stretch]:
    """What stands between the joints, before the first and behind the last."""
    return parts_of(0, joints, len(text))


def parts_of(start: int, joints: Sequence[Stretch], end: int) -> list[Stretch]:
    """What of a text from `start` to `end` the joints leave."""
    starts, ends = [start, *(joint.end for joint in joints)], [*(joint.start for joint in joints), end]
    return [Stretch(*both) for both in zip(starts, ends, strict=True)]


def without_one(text: str, parts: Sequence[Stretch]) -> Iterator[tuple[str, str]]:
    """The text without one of its parts and the joint beside it, and behind it that part; all else is as it was."""
    for before, part, after in zip([None, *parts], parts, [*parts[1:], None], strict=False):
        if after is not None:
            cut = Stretch(part.start, after.start)
        elif before is not None:
            cut = Stretch(before.end, part.end)
        else:
            return
        yield text[: cut.start] + text[cut.end :], text[part.start : part.end]


def squeezed(text: str) -> str:
    """A text on one line, with one blank where there are several."""
    return " ".join(text.split())


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
