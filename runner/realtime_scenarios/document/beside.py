"""What stands in documents, as bytes for another process that has the documents already, each by its number."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

from realtime_scenarios.document.reader import Document


def pickled_beside(value: Any, number_of: Callable[[Document], int]) -> bytes:
    """The value, with the number of each document in its place."""
    written = io.BytesIO()
    _Pickler(written, number_of).dump(value)
    return written.getvalue()


def unpickled_beside(data: bytes, document: Callable[[int], Document]) -> Any:
    """The value of `pickled_beside`; whoever wrote it must be believed."""
    return _Unpickler(io.BytesIO(data), document).load()


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, number_of: Callable[[Document], int]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._number_of = number_of

    def persistent_id(self, value: Any) -> int | None:
        return self._number_of(value) if type(value) is Document else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, document: Callable[[int], Document]) -> None:
        super().__init__(file)
        self._document = document

    def persistent_load(self, number: int) -> Document:
        return self._document(number)
