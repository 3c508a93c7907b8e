"""Items of a list in [...] that are keys of one mapping: what is told of each of them has one cause, its braces.

YAML reads `[to: done, when: They said it.]` as a list of two mappings with a key each.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import Diagnostic, Span
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.place import Pointer, value_at
from realtime_scenarios.document.reader import Document

Told = Callable[[Any], Iterable[Pointer]]
"""Where data is not as it should be."""


class Unbraced(Struct, frozen=True):
    """The items from `first` up to `last` of the list at `pointer`."""

    pointer: Pointer
    first: int
    last: int

    def holds(self, pointer: Pointer) -> bool:
        """Whether something inside of the items is what the pointer leads to."""
        length = len(self.pointer)
        return (
            pointer[:length] == self.pointer
            and len(pointer) > length
            and self.first <= int(pointer[length]) <= self.last
        )

    def diagnostic(self, document: Document) -> Diagnostic:
        begin = document.span((*self.pointer, self.first))
        end = document.span((*self.pointer, self.last))
        span = Span(begin.file, begin.line, begin.column, end.end_line, end.end_column)
        items = value_at(self.pointer, document.data)[self.first : self.last + 1]
        keys = [key for item in items for key in item]
        message = f"'{keys[0]}' and '{keys[1]}' stand in [...] without braces, and so each is an item of its own"
        inside = f"{keys[0]}: ..., {keys[1]}: ...{', ...' if len(keys) > 2 else ''}"
        return finding("wrong-type", message, span, f"put braces around what belongs together: [{{{inside}}}]")


def unbraced_in(document: Document, told: Collection[Pointer], told_of: Told) -> list[Unbraced]:
    """The items of lists in which something is told that are as they should be once they are one mapping."""
    lists = dict.fromkeys(pointer[:at] for pointer in told for at, step in enumerate(pointer) if isinstance(step, int))
    found = []
    for pointer in lists:
        for run in _runs(document, pointer):
            # what stands before it may be an item of its own: [say: One moment., call: pay, returns: paid]
            parts = (Unbraced(pointer, first, run.last) for first in range(run.first, run.last))
            wrong = (part for part in parts if any(map(part.holds, told)))
            found += [part for part in wrong if _is_meant(part, document, told_of)][:1]
    return found


def _runs(document: Document, pointer: Pointer) -> Iterator[Unbraced]:
    """The longest runs of single keys without braces, of which none stands twice."""
    first, keys = 0, []
    items = value_at(pointer, document.data)
    for index, item in enumerate([*items, None]):
        key = _single_key(document, (*pointer, index), item)
        if key is not None and key not in keys:
            keys.append(key)
            continue
        if len(keys) > 1:
            yield Unbraced(pointer, first, index - 1)
        first, keys = (index, [key]) if key is not None else (index + 1, [])


def _single_key(document: Document, pointer: Pointer, item: Any) -> str | None:
    if not isinstance(item, dict) or len(item) != 1:
        return None
    around, here = document.span(pointer[:-1]), document.span(pointer)
    begins = document.line(around.line, around.file)[around.column - 1 :][:1]
    is_bare = document.line(here.line, here.file)[here.column - 1 :][:1] not in ("{", "*", "&")
    return next(iter(item)) if begins == "[" and is_bare else None


def _is_meant(run: Unbraced, document: Document, told_of: Told) -> bool:
    trial = copy.deepcopy(document.data)
    items = value_at(run.pointer, trial)
    whole = {key: value for item in items[run.first : run.last + 1] for key, value in item.items()}
    items[run.first : run.last + 1] = [whole]
    here = (*run.pointer, run.first)
    return not any(pointer[: len(here)] == here for pointer in told_of(trial))
