"""A regular expression to its steps, as Python's own parser has them: nothing public of the standard library does so.

A step is a pair as that parser has it: its kind, one of `ops`, and what belongs to that.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterable, Iterator
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

ops: Any = _constants

Step = tuple[Any, Any]

UNREADABLE = (re.error, RecursionError, OverflowError)
"""What reading a text raises that is no regular expression."""

REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_OF_ONE_PLACE = (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN, ops.AT)


def parsed(text: str) -> Any:
    """The steps of a pattern; their `state.flags` are the flags that it is read with.

    Raises:
        re.error, RecursionError, OverflowError: it is none.
    """
    with warnings.catch_warnings(action="ignore"):  # of what may mean something else in a Python to come
        return _parser.parse(text)


class Item:
    """A step that takes one character, or is an edge, and the flags that it is read with."""

    def __init__(self, step: Step, flags: int) -> None:
        self.kind, self.told = step
        self.flags = flags

    def is_at(self, text: str, at: int = 0) -> bool:
        return self._pattern.match(text, at) is not None

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        state = _parser.State()
        state.flags = self.flags
        alone = _parser.SubPattern(state, [(self.kind, self.told)])
        compiled: re.Pattern[str] = _compiler.compile(alone, self.flags)
        return compiled


def needed_items(steps: Iterable[Step], flags: int) -> Iterator[Item | None]:
    """What each match takes, in order: characters, classes and edges; None: something of several, or maybe nothing."""
    for step in steps:
        kind, told = step
        if kind in _OF_ONE_PLACE:
            yield Item(step, flags)
        elif kind is ops.SUBPATTERN:
            _, added, removed, inner = told
            yield from needed_items(inner, flags_inside(flags, added, removed))
        elif kind in REPEATS and told[0] > 0:
            yield from needed_items(told[2], flags)
        else:
            yield None


def is_possessive(text: str) -> bool:
    """Whether a repetition in a pattern gives nothing back, as in `a++`; not where it is no pattern of Python's."""
    try:
        return _gives_nothing_back(parsed(text))
    except UNREADABLE:
        return False


def _gives_nothing_back(steps: Iterable[Step]) -> bool:
    return any(
        kind is ops.POSSESSIVE_REPEAT or any(map(_gives_nothing_back, _parts_inside(kind, told)))
        for kind, told in steps
    )


def _parts_inside(kind: Any, told: Any) -> Iterable[Iterable[Step]]:
    """The steps of each choice, or of what is grouped or repeated."""
    if kind is ops.BRANCH:
        choices: Iterable[Iterable[Step]] = told[-1]
        return choices
    return [told[-1]] if kind is ops.SUBPATTERN or kind in REPEATS else []


def flags_inside(flags: int, added: int, removed: int) -> int:
    """The flags in a group that adds and removes some."""
    combined: int = _compiler._combine_flags(flags, added, removed)
    return combined
