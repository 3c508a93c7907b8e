"""What one rendering may do: a number of steps, each with its share in the size of what it makes or looks at."""

from __future__ import annotations

import contextlib
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from contextvars import ContextVar
from itertools import chain
from typing import TypeVar

MOST_STEPS = 2_000_000
"""Steps of a rendering. A pass through a loop takes one for each thing that stands in it, ten characters take one."""

LARGEST_VALUE = 2_000_000
"""Characters of a value that a template may make; an item of a list counts as ten."""

_PER_STEP = _PER_ITEM = 10
_SMALL = 500
"""Sizes up to which a value is looked through again rather than remembered."""

_LONGEST_NUMBER = 1_100
"""Bits of a number: more than any floating point number has."""

_Value = TypeVar("_Value")


class TooMuch(OverflowError):
    """A template does more than it may; the message says what, to be read after its place."""


class Work:
    """The steps that one rendering has left."""

    def __init__(self) -> None:
        self._left = MOST_STEPS
        self._sizes: dict[int, tuple[object, int]] = {}

    def spend(self, steps: int) -> None:
        """Raises:
        TooMuch: that many are not left.
        """
        self._left -= steps
        if self._left < 0:
            raise TooMuch(f"it takes more than {MOST_STEPS:,} steps")

    def look_at(self, *values: object) -> None:
        """Spend what it takes to look through the values, whatever is done with them."""
        self.spend(1 + sum(map(self.size, values)) // _PER_STEP)

    def made(self, value: _Value, times: int = 1) -> _Value:
        """The value, which is paid for. `times`: what is made comes to so many times its size.

        Raises:
            TooMuch: it is too large, or the steps are not left.
        """
        if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
            raise TooMuch("a number is too large")
        size = self.size(value) * times
        if size > LARGEST_VALUE:
            raise TooMuch(f"a value comes to more than {LARGEST_VALUE:,} characters")
        self.spend(1 + size // _PER_STEP)
        return value

    def size(self, value: object) -> int:
        """Characters, an item counting as ten. What is held twice counts twice: it is written and compared twice."""
        match value:
            case str() | bytes():
                return len(value)
            case range():
                return _PER_ITEM * len(value)
            case Mapping():
                parts: Iterable[object] = chain.from_iterable(value.items())
            case list() | tuple() | set() | frozenset() | KeysView() | ValuesView() | ItemsView():
                parts = value
            case _:
                return _PER_ITEM
        if (known := self._sizes.get(id(value))) is not None:
            return known[1]
        size = _PER_ITEM * (1 + len(value)) + sum(map(self.size, parts))
        if size > _SMALL:
            self._sizes[id(value)] = (value, size)  # with the value, as an id is only its own while it is there
        return size


_current: ContextVar[Work] = ContextVar("work of a rendering")


def current_work() -> Work:
    """That of the rendering which is going on; where none is, one of its own."""
    return _current.get(None) or Work()


@contextlib.contextmanager
def one_rendering() -> Iterator[Work]:
    """All that is rendered inside is one rendering; inside of another one it is a part of that."""
    if (outer := _current.get(None)) is not None:
        yield outer
        return
    work = Work()
    token = _current.set(work)
    try:
        yield work
    finally:
        _current.reset(token)
