"""Regular expressions to those that lack one of their alternatives, or one of the plain signs in brackets.

Python's parser does not say where what it has read stands. So bars, brackets and groups are found in the text, and each
pattern that lacks one of them is read by that parser: what it cannot read, or reads as before, is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from realtime_scenarios.core.regex import UNREADABLE, parsed
from realtime_scenarios.mutation.expressions import Stretch, parts_of, squeezed, without_one

_MARK = re.compile(
    r"""\\. | \(\?\#[^)]*\) | \[\^?\]?(?:\\.|[^\]\\])*\] | [()|] | \#[^\n]*""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = re.compile(
    r"\((?:\?(?:P<[^>]+>|<?[=!]|>|(?P<condition>\([^)]*\))|(?P<flags>[a-zA-Z]*)(?:-(?P<without>[a-zA-Z]+))?:))?"
)
_FLAGS_OF_ALL = re.compile(r"(?:\(\?[a-zA-Z]+\))?")


class _Group(NamedTuple):
    """A group that is open, or all of the pattern: where what is inside begins, and the bars that are its own.

    `is_spaced`: blanks and comments in it mean nothing. `is_choice`: bars part alternatives, not what a condition leads
    to.
    """

    start: int
    is_spaced: bool
    is_choice: bool
    bars: list[Stretch]


class _Choice(NamedTuple):
    """What a pattern could lack one of; `is_spaced` as of the group that it stands in."""

    parts: list[Stretch]
    is_spaced: bool


def without_alternatives(pattern: str) -> Iterator[tuple[str, str]]:
    """The pattern without one of them, and behind it what it lacks, as messages have it. The outermost are first."""
    read = _reading(pattern)
    if read is None:
        return
    for choice in _choices_in(pattern):
        for rest, dropped in without_one(pattern, choice.parts):
            if _reading(rest) not in (None, read):
                yield rest, _with_visible_blanks(squeezed(dropped) if choice.is_spaced else dropped)


def _reading(pattern: str) -> str | None:
    """What a pattern is to Python; None: it is none."""
    try:
        steps = parsed(pattern)
    except UNREADABLE:
        return None
    return f"{steps.state.flags} {steps!r}"


def _choices_in(pattern: str) -> list[_Choice]:
    at = _end_of_flags(pattern)
    opened = [_Group(at, bool(parsed(pattern).state.flags & re.VERBOSE), is_choice=True, bars=[])]
    choices: list[_Choice] = []
    while (found := _MARK.search(pattern, at)) is not None:
        inner, at = opened[-1], found.end()
        match found[0]:
            case "(":
                opened.append(_opened(pattern, found.start(), inner))
                at = opened[-1].start
            case ")":
                choices.append(_choice_of(opened.pop(), found.start()))
            case "|":
                inner.bars.append(Stretch(*found.span()))
            case mark if mark[0] == "#" and not inner.is_spaced:
                at = found.start() + 1
            case mark if mark[0] == "[" and not set("^-\\").intersection(mark):
                signs = range(found.start() + 1, found.end() - 1)
                choices.append(_Choice([Stretch(at, at + 1) for at in signs], is_spaced=False))
    return [_choice_of(opened[0], len(pattern)), *choices]


def _end_of_flags(pattern: str) -> int:
    """Where the first alternative begins: behind the flags that hold for all of the pattern."""
    flags = _FLAGS_OF_ALL.match(pattern)
    return flags.end() if flags is not None else 0


def _opened(pattern: str, start: int, around: _Group) -> _Group:
    """The group that begins there: `(`, `(?:`, `(?=`, `(?P<name>`, `(?x-i:`, `(?(1)` ..."""
    opening = _OPENING.match(pattern, start)
    assert opening is not None
    is_spaced = "x" in (opening["flags"] or "") or (around.is_spaced and "x" not in (opening["without"] or ""))
    return _Group(opening.end(), is_spaced, is_choice=opening["condition"] is None, bars=[])


def _choice_of(group: _Group, end: int) -> _Choice:
    """The alternatives of a group that ends there; of one without a choice, all that is in it is one part."""
    bars = group.bars if group.is_choice else []
    return _Choice(parts_of(group.start, bars, end), group.is_spaced)


def _with_visible_blanks(text: str) -> str:
    """A part of a pattern in which a reader sees each blank."""
    if not text:
        return "the empty text"
    return f"`{''.join(sign if sign.isprintable() else sign.encode('unicode_escape').decode() for sign in text)}`"
