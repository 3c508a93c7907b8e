"""A place in checked data: which document, and the path of keys and indexes that leads there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from realtime_scenarios.core import Span

Pointer = tuple[str | int, ...]

_NOTHING: Any = object()


class Located(Protocol):
    """Data that remembers where everything stood: a `Document`."""

    path: Path
    file: str
    text: str
    data: Any

    def line(self, number: int, file: str | None = None) -> str:
        """The source line with that number, from 1; of an included `file`, or of the document itself (None)."""
        ...

    def span(self, pointer: Pointer, key: bool = False) -> Span:
        """Where the value at `pointer` stands, or its key; where there is none, the nearest thing around it."""
        ...

    def span_of_part(self, pointer: Pointer, start: int, end: int) -> Span:
        """Where the characters from `start` to `end` (from 0, exclusive) of the text at `pointer` stand."""
        ...


class Place(Struct, frozen=True):
    """Cheap to make and to keep; the span is worked out only when somebody asks for it."""

    document: Located
    pointer: Pointer = ()

    def __truediv__(self, step: str | int) -> Place:
        """The place one key or index further in."""
        return Place(self.document, (*self.pointer, step))

    @property
    def value(self) -> Any:
        """What the author wrote there, as data; None where nothing stands."""
        return value_at(self.pointer, self.document.data)

    @property
    def json_pointer(self) -> str:
        """The same path as text (RFC 6901), such as `/tools/refund/cases/1`."""
        return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in self.pointer)

    @property
    def exists(self) -> bool:
        """Whether anything stands there, be it `null`, rather than something around it."""
        return _value_or_nothing(self.pointer, self.document.data) is not _NOTHING

    @property
    def span(self) -> Span:
        """Where the value stands; where it is missing, the nearest thing around it that exists."""
        return self.document.span(self.pointer)

    def span_of_part(self, start: int, end: int) -> Span:
        """Where the characters from `start` to `end` (from 0, exclusive) of the text that stands here are.

        In a text of one line that is where all of it stands.
        """
        return self.document.span_of_part(self.pointer, start, end)

    @property
    def key_span(self) -> Span:
        """Where the key stands that leads to the value."""
        return self.document.span(self.pointer, key=True)


def scalars_in(place: Place, data: Any) -> Iterator[tuple[Place, Any]]:
    """Each value in the data of a place that is no mapping and no list, behind the place where it stands."""
    waiting = [(place.pointer, data)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*pointer, key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*pointer, index), value[index]) for index in reversed(range(len(value)))]
        else:
            yield Place(place.document, pointer), value


def value_at(pointer: Pointer, data: Any) -> Any:
    """The value at `pointer`, or None where there is none."""
    found = _value_or_nothing(pointer, data)
    return None if found is _NOTHING else found


def _value_or_nothing(pointer: Pointer, data: Any) -> Any:
    for step in pointer:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return data
