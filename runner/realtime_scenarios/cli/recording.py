"""A conversation to a file of JSON lines, each written as its event happens: whoever is killed leaves it whole."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.writing import refuse_existing, write_whole
from realtime_scenarios.trace import Trace, TraceEvent, to_json_lines

if TYPE_CHECKING:
    from realtime_scenarios.session import Observer


class Recording:
    """The file while it grows. `problem` is why it has stopped to; None: it has not."""

    def __init__(self, path: Path) -> None:
        """Begin a new file.

        Raises:
            UsageError: there is one already.
            ScenarioError: it cannot be written.
        """
        self.problem: ScenarioError | None = None
        self._path = path
        refuse_existing([path], "choose another name for --record")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._opened(os.O_EXCL)
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def add(self, event: TraceEvent) -> None:
        """Write one event, with one call to the system: there is no moment at which half a line stands there."""
        if self.problem is None:
            line = to_json_lines([event]).encode()
            try:
                if os.write(self._file, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError as problem:
                self.problem = self._unwritable(problem)

    def become(self, trace: Trace) -> None:
        """Put the trace in place of all that was written: something in it has become secret since."""
        if self.problem is None:
            try:
                write_whole(self._path, to_json_lines(trace))
                os.close(self._file)
                self._file = self._opened(0)
            except OSError as problem:
                self.problem = self._unwritable(problem)

    def close(self) -> None:
        """End the file; one in which nothing stands is taken away."""
        is_empty = os.fstat(self._file).st_size == 0
        os.close(self._file)
        if is_empty:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _opened(self, flag: int) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | flag, 0o666)

    def _unwritable(self, problem: OSError) -> ScenarioError:
        return ScenarioError(f"'{self._path}' cannot be written: {problem.strerror}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """Who watches a conversation that is recorded."""

    observer: Observer
    recording: Recording

    def on_event(self, event: TraceEvent) -> None:
        self.recording.add(event)
        self.observer.on_event(event)

    def on_delta(self, agent: str, text: str) -> None:
        self.observer.on_delta(agent, text)
