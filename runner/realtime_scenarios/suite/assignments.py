"""Which case is where: waiting, with a worker, or answered. Numbers only; no process and no clock is known here."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

AHEAD = 2
"""Cases that a worker has at a time: one that it plays, and one that it finds when that is over."""


class OutOfOrder(Exception):
    """A worker answers what it was not asked."""


class Assignments:
    """Cases, by their numbers, are given to workers and come back answered or lost."""

    def __init__(self, cases: Iterable[int]) -> None:
        self._waiting = deque(cases)
        self._held: dict[int, deque[int]] = {}

    @property
    def are_over(self) -> bool:
        return not self._waiting and not any(self._held.values())

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def playing(self, worker: int) -> int | None:
        """The case that the worker is at; None: it is idle."""
        held = self._held.get(worker)
        return held[0] if held else None

    @property
    def open(self) -> list[int]:
        """The cases that wait."""
        return list(self._waiting)

    def settled(self, case: int) -> None:
        """The case that waited is over: nobody had to play it."""
        self._waiting.remove(case)

    def withdrawn(self, cases: Collection[int]) -> None:
        """Nobody need play these any more; those that are with a worker come back all the same."""
        self._waiting = deque(case for case in self._waiting if case not in cases)

    def given(self, worker: int, *, workers: int) -> int | None:
        """The next case for this one of so many workers; None: it has enough, or nothing waits.

        Near the end none gets a second case: another worker may be idle sooner.
        """
        held = self._held.setdefault(worker, deque())
        may_hold = AHEAD if len(self._waiting) > workers else 1
        if not self._waiting or len(held) >= may_hold:
            return None
        held.append(self._waiting.popleft())
        return held[-1]

    def answered(self, worker: int, case: int) -> None:
        """The worker has played the case.

        Raises:
            OutOfOrder: that is not the one it was at.
        """
        if self.playing(worker) != case:
            raise OutOfOrder(f"worker {worker} answers case {case}, but it is at {self.playing(worker)}")
        self._held[worker].popleft()

    def retired(self, worker: int) -> None:
        """The worker plays no more: what it had not begun waits for another one."""
        self._waiting.extendleft(reversed(self._held.pop(worker, ())))

    def lost(self, worker: int) -> int | None:
        """The case that the worker was at when it ended; None: it was idle. What it had not begun waits again."""
        held = self._held.pop(worker, deque())
        case = held.popleft() if held else None
        self._waiting.extendleft(reversed(held))
        return case
