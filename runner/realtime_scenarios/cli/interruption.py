"""Ctrl-C and SIGTERM while dialogues are played: they end the playing, and what is finished is still reported."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_HEARD = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """A context manager. Until it is left, no such signal ends this process; only a second Ctrl-C does.

    `on_heard` is called at the first signal, in the middle of whatever is being done.
    """

    def __init__(self, on_heard: Callable[[], None]) -> None:
        self._on_heard = on_heard
        self._before: dict[signal.Signals, Any] = {}
        self.is_heard = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._hear) for number in _HEARD}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.is_heard and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.is_heard = True
        self._on_heard()
