"""A place in checked data: which document, and the path of keys and indexes that leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from runner.core import Span

if TYPE_CHECKING:
    from runner.document.reader import Document

Pointer = tuple[str | int, ...]


class Place(Struct, frozen=True):
    """Cheap to make and to keep; the span is worked out only when somebody asks for it."""

    document: Document
    pointer: Pointer = ()

    def __truediv__(self, step: str | int) -> Place:
        """The place one key or index further in."""
        return Place(self.document, (*self.pointer, step))

    @property
    def span(self) -> Span:
        """Where the value stands; where it is missing, the nearest thing around it that exists."""
        return self.document.span(self.pointer)

    @property
    def key_span(self) -> Span:
        """Where the key stands that leads to the value."""
        return self.document.span(self.pointer, key=True)
