"""Names that have been heard before, as many as a server can keep in mind."""

from __future__ import annotations

from collections import deque

MOST = 1000


class Remembered:
    """The last thousand names. Where one comes again after as many others, it is new."""

    def __init__(self) -> None:
        self._names: deque[str] = deque(maxlen=MOST)

    def is_new(self, name: str) -> bool:
        """Whether it has not been heard before; from now on it has."""
        if name in self._names:
            return False
        self._names.append(name)
        return True

    def forget(self, name: str) -> bool:
        """Whether it has been heard before; from now on it has not."""
        if name not in self._names:
            return False
        self._names.remove(name)
        return True
