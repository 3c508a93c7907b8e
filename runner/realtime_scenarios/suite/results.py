"""The results of a run, in memory that does not grow with what was said: plays lie on disk until somebody asks.

A result is what its play comes to, and judging that once more takes no time beside playing it. So only what has no play
of its own is kept whole: what was never played, what ended early, and what several plays came to.
"""

from __future__ import annotations

import contextlib
import tempfile
import weakref
from collections.abc import Sequence
from typing import IO, NamedTuple, overload

from realtime_scenarios.core import ProviderError
from realtime_scenarios.played import unpacked
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.finished import Finished
from realtime_scenarios.suite.not_run import NotRun
from realtime_scenarios.suite.report import Tally, TallySoFar
from realtime_scenarios.verdicts import DialogueResult, judged


class _OnDisk(NamedTuple):
    start: int
    length: int


class Results(Sequence[tuple[Case, DialogueResult]]):
    """Cases with what came of them, in the order in which they were added; each is judged anew when it is asked for.

    `fails_the_run`: a dialogue does. `is_out_of_reach`: some do, all of them for a model that could not be reached.
    `left` is what was not run.
    """

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self._kept: list[DialogueResult | _OnDisk | bytes] = []
        self._file: IO[bytes] | None = None
        self._end = 0
        self._tally = TallySoFar()
        self._failing = self._unreachable = 0
        self.not_run = NotRun()

    def add(self, finished: Finished) -> None:
        self.cases.append(finished.case)
        self._kept.append(finished.result if finished.play is None else self._put_away(finished.play))
        self._tally.add(finished.result)
        if finished.result.fails_the_run:
            self._failing += 1
            self._unreachable += isinstance(finished.result.error, ProviderError)

    @property
    def fails_the_run(self) -> bool:
        return self._failing > 0

    @property
    def is_out_of_reach(self) -> bool:
        return 0 < self._failing == self._unreachable

    def tally(self, total: int) -> Tally:
        """What it comes to, of so many dialogues."""
        return self._tally.of(total)

    def __len__(self) -> int:
        return len(self.cases)

    @overload
    def __getitem__(self, index: int) -> tuple[Case, DialogueResult]: ...

    @overload
    def __getitem__(self, index: slice) -> list[tuple[Case, DialogueResult]]: ...

    def __getitem__(self, index: int | slice) -> tuple[Case, DialogueResult] | list[tuple[Case, DialogueResult]]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        case, kept = self.cases[index], self._kept[index]
        if isinstance(kept, DialogueResult):
            return case, kept
        return case, judged(case.project.scenario, case.dialogue, unpacked(self._got(kept)))

    def _put_away(self, play: bytes) -> _OnDisk | bytes:
        """Where it lies; the play itself where there is no room on the disk."""
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="scenario-")  # noqa: SIM115 - as long as this
                weakref.finalize(self, self._file.close)
            self._file.seek(self._end)
            self._file.write(play)
            self._file.flush()
            kept = _OnDisk(self._end, len(play))
            self._end += len(play)
            return kept
        return play

    def _got(self, kept: _OnDisk | bytes) -> bytes:
        if isinstance(kept, bytes):
            return kept
        assert self._file is not None
        self._file.seek(kept.start)
        return self._file.read(kept.length)


def not_run_of(results: Sequence[tuple[Case, DialogueResult]]) -> NotRun:
    """What of the run was not run; nothing where the results are just a list."""
    return results.not_run if isinstance(results, Results) else NotRun()
