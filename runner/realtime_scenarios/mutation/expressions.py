"""Expressions and patterns to those that lack one of their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | [(\[{] | [)\]}] | \b(?:and|or|if|else)\b""", re.VERBOSE | re.DOTALL
)
_ALTERNATIVE = re.compile(r"\\. | \[\^?\]?(?:\\.|[^\]\\])*\] | [(] | [)] | \|", re.VERBOSE | re.DOTALL)

_OPENING = re.compile(r"\(\?(?:P?<[^>=!]+>|<?[=!]|[a-zA-Z-]*:|>)")


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
    """The pattern without one of the alternatives of a group, or one of the plain signs in brackets.

    Behind each of them comes what it lacks. The outermost alternatives are first.
    """
    opened: list[tuple[int, list[Stretch]]] = [(0, [])]  # where the groups begin that are open, and their own bars
    choices: list[tuple[str, list[Stretch]]] = []
    for found in _ALTERNATIVE.finditer(pattern):
        match found[0]:
            case "(":
                opened.append((_end_of_opening(pattern, found.start()), []))
            case ")" if len(opened) > 1:
                start, bars = opened.pop()
                choices.append(("|", _stretches(start, bars, found.start())))
            case "|":
                opened[-1][1].append(Stretch(*found.span()))
            case text if text[0] == "[" and not set("^-\\").intersection(text):
                signs = range(found.start() + 1, found.end() - 1)
                choices.append(("", [Stretch(at, at + 1) for at in signs]))
            case _:
                pass
    choices.insert(0, ("|", _stretches(*opened[0], len(pattern))))
    for joint, parts in choices:
        start, end = parts[0].start, parts[-1].end
        for rest, dropped in without_one(pattern, parts, joint) if len(parts) > 1 else ():
            yield pattern[:start] + rest + pattern[end:], dropped


def _end_of_opening(pattern: str, start: int) -> int:
    """Where what is inside of a group begins: behind `(`, `(?:`, `(?=`, `(?P<name>` ..."""
    opening = _OPENING.match(pattern, start)
    return opening.end() if opening else start + 1


def parts_between(text: str, joints: Sequence[Stretch]) -> list[Stretch]:
    """What stands between the joints, before the first and behind the last."""
    return _stretches(0, joints, len(text))


def _stretches(start: int, joints: Sequence[Stretch], end: int) -> list[Stretch]:
    """What of a text from `start` to `end` the joints leave."""
    starts, ends = [start, *(joint.end for joint in joints)], [*(joint.start for joint in joints), end]
    return [Stretch(*both) for both in zip(starts, ends, strict=True)]


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
