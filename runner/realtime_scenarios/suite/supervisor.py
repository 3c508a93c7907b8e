"""Many dialogues as results, as they finish, played by workers that may die, hang or lie.

Theory of operation. The command reads, checks, judges and reports; workers play. They come from a nursery (a zygote
that forks them), live long, and are fed over a channel each: `Begin` once, `Load` for a scenario that a worker has not
met, `Play` for a dialogue. A worker has its next dialogue before it has finished the last (`assignments.AHEAD`), so
that it plays on while its play is judged here. What comes back is data, decoded into types; nothing is unpickled.

One loop waits for all of it: channels, what workers print, what the nursery reports, the nearest deadline. Nobody is
waited for without a bound:

- A dialogue may take so long by the wall clock (`bounds`); a worker that takes longer is killed.
- A worker that is gone costs the dialogue it was at its verdict. What it had not begun is played by another.
- A worker that says of itself that it is not as it was (`Done.blemish`) ends by itself, and another takes its place.
- A nursery that is gone takes its workers with it; another is started, a few times.

Death is what the nursery reports, not the end of a channel: an author's processes may hold that open, and an author's
code may close it. What a worker sent before its death is read first, so that nothing finished is lost.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

from msgspec import DecodeError

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.played import Played, unpacked
from realtime_scenarios.processes import Nursery, NurseryGone, Wishes, leave, taken_nursery
from realtime_scenarios.processes.parents import end_group
from realtime_scenarios.processes.wire import (
    Begin,
    Broke,
    Detach,
    Done,
    Ended,
    Forget,
    Forked,
    FromWorker,
    Play,
    Ready,
    Refused,
    Unintelligible,
    framed,
)
from realtime_scenarios.processes.worker_end import WorkerEnd, started_worker
from realtime_scenarios.project import Project
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.assignments import Assignments, OutOfOrder
from realtime_scenarios.suite.bounds import wall_bound
from realtime_scenarios.suite.finished import Finished
from realtime_scenarios.suite.loss import end_in_words, loss_by_death, loss_by_error, loss_by_fault, loss_by_time
from realtime_scenarios.suite.sent import MOST_DOCUMENTS, SentDocument, SentScenarios, surroundings
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts import DialogueResult, judged, unplayed

_LONGEST_START = 120.0
"""Seconds until a worker must be ready; the SDK is imported in two or three of them."""

_FAREWELL = 1.0
"""Seconds between the end of a worker's channel and its own."""

_SILENCE = 5.0
"""Seconds that a nursery may take to report the end of a worker that is to be killed."""

_MOST_NURSERIES = 3
_MOST_STARTS = 3
"""So many may end early; that they do so again and again has a reason."""

_KILLED = -9
"""The status of a worker of whose end nobody reports."""


@dataclass(slots=True)
class _Worker:
    """What the supervisor knows of a worker.

    `deadline` is the moment by which it must have said something; None: nothing is expected of it. `loaded` are the
    scenarios it has met, `documents` those it has of dialogues, the oldest first. `is_leaving`: it is given nothing
    more. `fault` is why it is killed; None: it is not. `overran` is the bound in seconds that was not kept.
    """

    end: WorkerEnd
    deadline: float | None
    process: int | None = None
    loaded: set[int] = field(default_factory=set)
    documents: deque[int] = field(default_factory=deque)
    is_ready: bool = False
    is_leaving: bool = False
    fault: str | None = None
    overran: float | None = None

    @property
    def number(self) -> int:
        return self.end.number

    def kill(self) -> None:
        """End it and all in its group, where no nursery is left to do it."""
        if self.process is not None:
            end_group(self.process)


class Supervisor:
    """Workers and the cases they play. A context manager; outside of it there are no workers.

    `wall_timeout` None: what `bounds` says. `folder` is where workers live; None: here. `clock` gives seconds.
    """

    def __init__(
        self,
        wishes: Wishes,
        *,
        workers: int = 1,
        wall_timeout: float | None = None,
        folder: bytes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._begin = framed(Begin(surroundings(folder), wishes))
        self._is_spoken = wishes.spoken is not None
        self._most_workers = workers
        self._wall_timeout = wall_timeout
        self._clock = clock
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, self._wake)
        self._nursery: Nursery | None = None
        self._nurseries_lost = 0
        self._stillborn = 0
        self._workers: dict[int, _Worker] = {}
        self._started = 0
        self._provider: Ready | None = None
        self._is_settled = False
        self._scenarios = SentScenarios(with_lines=self._is_spoken)
        self._cases: Sequence[Case] = ()
        self._assignments = Assignments(())
        self._finished: deque[Finished] = deque()
        self._is_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_all()
        self._selector.close()
        self._waker.close()
        self._woken.close()

    def stop(self) -> None:
        """Let `finished` end with what is finished by then. May be called at any moment, by a signal's handler too."""
        self._is_stopped = True
        with contextlib.suppress(OSError):
            self._waker.send(b"!")

    def finished(self, cases: Sequence[Case]) -> Iterator[Finished]:
        """Each case when it is over, in whatever order that happens. One such iteration at a time.

        Raises:
            ScenarioError: there is no such provider, or there can be no workers.
        """
        self._cases = cases
        self._assignments = Assignments(range(len(cases)))
        self._is_settled = False
        self._settle(scripted=None)  # what is wrong with a dialogue itself needs no worker
        try:
            while not (self._is_stopped or self._assignments.are_over):
                try:
                    self._take_a_step()
                finally:  # what is finished is finished, whatever has come after it
                    yield from self._taken_finished()
            yield from self._taken_finished()
        finally:
            if not self._assignments.are_over:
                self._end_all()

    def withdraw(self, positions: Collection[int]) -> None:
        """Play those no more, of the cases that are asked for, which no worker has begun or has beside it."""
        self._assignments.withdrawn(positions)

    def forget(self, project: Project) -> None:
        """Nothing more will be asked about a scenario, so that nobody need keep it."""
        sent = self._scenarios.forgotten(project)
        for worker in self._staying if sent is not None else ():
            if sent is not None and sent.number in worker.loaded:
                worker.loaded.discard(sent.number)
                self._send(worker, framed(Forget(sent.number)))

    def _take_a_step(self) -> None:
        self._staff()
        self._hand_out()
        for key, events in self._selector.select(self._until_deadline()):
            key.data(events)
        self._end_the_late()

    def _settle(self, *, scripted: bool | None) -> None:
        """Finish what need not be played with a provider that is `scripted` or not; None: nobody knows yet."""
        for index in self._assignments.open:
            result = unplayed(self._cases[index], scripted=scripted)
            if result is not None:
                self._assignments.settled(index)
                self._finished.append(Finished(index, self._cases[index], result))

    def _taken_finished(self) -> Iterator[Finished]:
        while self._finished:
            yield self._finished.popleft()

    # -- workers come and go

    def _staff(self) -> None:
        """As many workers as there is work for."""
        busy = sum(self._assignments.playing(number) is not None for number in self._workers)
        while len(self._staying) < min(self._most_workers, self._assignments.waiting + busy):
            self._start_worker()

    @property
    def _staying(self) -> list[_Worker]:
        return [worker for worker in self._workers.values() if not worker.is_leaving]

    def _start_worker(self) -> None:
        if self._nursery is None:
            self._nursery = taken_nursery()
            self._selector.register(self._nursery.channel, selectors.EVENT_READ, self._hear_nursery)
        self._started += 1
        worker = _Worker(started_worker(self._nursery, self._started), self._clock() + _LONGEST_START)
        self._workers[worker.number] = worker
        self._selector.register(worker.end.channel, selectors.EVENT_READ, partial(self._converse, worker))
        if worker.end.output is not None:
            self._selector.register(worker.end.output, selectors.EVENT_READ, partial(self._hear_output, worker))
        self._send(worker, self._begin)

    def _hear_nursery(self, events: int) -> None:
        assert self._nursery is not None
        try:
            reports = self._nursery.reports()
        except NurseryGone:
            self._lose_nursery(self._nursery)
            return
        for report in reports:
            worker = self._workers.get(report.number)
            match report:
                case Forked() if worker is not None:
                    worker.process = report.pid
                case Ended() if worker is not None:
                    self._bury_early(worker, report)
                case _:
                    pass

    def _lose_nursery(self, nursery: Nursery) -> None:
        """All its workers are lost with it, and what they were at.

        Raises:
            ScenarioError: there is no use in starting another.
        """
        self._selector.unregister(nursery.channel)
        self._nursery = None
        code = nursery.exit_code()
        self._nurseries_lost += 1
        for worker in list(self._workers.values()):
            worker.kill()
            self._bury(worker, Ended(worker.number, _KILLED))
        if not nursery.has_forked or self._nurseries_lost >= _MOST_NURSERIES:
            raise ScenarioError(f"the process that starts the workers {end_in_words(code)}")

    def _bury_early(self, worker: _Worker, ended: Ended) -> None:
        """Bury a worker whose nursery lives on.

        Raises:
            ScenarioError: it never got so far as to play anything, nor did others before it.
        """
        printed = self._bury(worker, ended)
        if not worker.is_ready:
            self._stillborn += 1
            if self._stillborn >= _MOST_STARTS:
                message = f"a worker {end_in_words(ended.status)} before it could play anything"
                raise ScenarioError(message, hint=printed.strip() or None)

    def _bury(self, worker: _Worker, ended: Ended) -> str:
        """Read what the worker has left to say, and find out what it was at; what it has printed since."""
        while self._hear(worker):
            pass
        lost = self._assignments.lost(worker.number)
        if lost is not None:
            self._finish(worker, lost, self._unplayed(lost, _loss(worker, ended)))
        printed = worker.end.take_printed()
        self._forget(worker)
        return printed

    def _forget(self, worker: _Worker) -> None:
        del self._workers[worker.number]
        for file in (worker.end.channel, worker.end.output):
            if file is not None:
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(file)
        worker.end.close()

    def _end_all(self) -> None:
        """End every worker, and leave the nursery to others where it keeps its word."""
        nursery, self._nursery = self._nursery, None
        if nursery is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(nursery.channel)
            if _are_ended(nursery, set(self._workers)):
                leave(nursery)
            else:
                nursery.close()
                for worker in self._workers.values():
                    worker.kill()
        for worker in list(self._workers.values()):
            self._forget(worker)

    # -- time

    def _until_deadline(self) -> float | None:
        """Seconds; None: nothing is expected by any moment."""
        if self._finished:
            return 0.0  # it is told first
        deadlines = [worker.deadline for worker in self._workers.values() if worker.deadline is not None]
        return max(0.0, min(deadlines) - self._clock()) if deadlines else None

    def _set_deadline(self, worker: _Worker) -> None:
        """From now on the worker has the time of the dialogue that it is at."""
        index = self._assignments.playing(worker.number)
        worker.deadline = None if index is None else self._clock() + self._bound(self._cases[index])

    def _bound(self, case: Case) -> float:
        if self._wall_timeout is not None:
            return self._wall_timeout
        real_time = self._provider is not None and self._provider.real_time
        return wall_bound(case.project.scenario, case.dialogue, real_time=real_time, spoken=self._is_spoken)

    def _end_the_late(self) -> None:
        now = self._clock()
        for worker in list(self._workers.values()):
            if worker.deadline is None or worker.deadline > now:
                continue
            index = self._assignments.playing(worker.number)
            if worker.fault is not None:  # it has been killed, and the nursery is silent about it
                self._bury_early(worker, Ended(worker.number, _KILLED))
            elif worker.end.is_ended:
                self._kill(worker, "its process has closed its own channel")
            elif index is not None:
                worker.overran = self._bound(self._cases[index])
                self._kill(worker, "it overran")
            else:
                self._kill(worker, "it was not ready in time")

    def _kill(self, worker: _Worker, fault: str) -> None:
        worker.fault, worker.is_leaving = fault, True
        worker.deadline = self._clock() + _SILENCE
        if self._nursery is not None:
            self._nursery.kill(worker.number)

    # -- what is said to workers, and what they say

    def _hand_out(self) -> None:
        if self._provider is not None and not self._is_settled:
            self._settle(scripted=self._provider.scripted)
            self._is_settled = True
        for worker in self._staying:
            while worker.is_ready:
                index = self._assignments.given(worker.number, workers=self._most_workers)
                if index is None:
                    break
                case = self._cases[index]
                sent = self._scenarios.of(case.project)
                for needed in (sent.base, sent):
                    if needed is not None and needed.number not in worker.loaded:
                        worker.loaded.add(needed.number)
                        self._send(worker, needed.load)
                dialogue = self._scenarios.dialogue(case)
                for document in dialogue.documents:
                    self._attach(worker, document)
                play = Play(index, sent.number, dialogue.pickled, case.schedule, case.caller_seed)
                self._send(worker, framed(play))
                if worker.deadline is None:
                    self._set_deadline(worker)

    def _attach(self, worker: _Worker, document: SentDocument) -> None:
        """Let the worker have a document, and none that is too old to be of use."""
        if document.number not in worker.documents:
            worker.documents.append(document.number)
            self._send(worker, document.attach)
        if len(worker.documents) > MOST_DOCUMENTS:
            self._send(worker, framed(Detach(worker.documents.popleft())))

    def _send(self, worker: _Worker, data: bytes) -> None:
        worker.end.send(data)
        self._watch(worker)

    def _watch(self, worker: _Worker) -> None:
        """Wait for what there is to wait for: words of the worker, and room for ours where some are unsent."""
        if worker.number in self._workers and not worker.end.is_ended:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if worker.end.unsent else 0)
            self._selector.modify(worker.end.channel, wanted, self._selector.get_key(worker.end.channel).data)

    def _converse(self, worker: _Worker, events: int) -> None:
        if worker.number not in self._workers:
            return  # it has been buried since the events were gathered
        if events & selectors.EVENT_READ:
            self._hear(worker)
        worker.end.send_on()
        self._watch(worker)

    def _hear(self, worker: _Worker) -> bool:
        """What a worker says; whether there was anything."""
        if worker.end.is_ended:
            return False
        try:
            heard = worker.end.heard()
            for message in heard or ():
                self._take(worker, message)
        except (Unintelligible, OutOfOrder):
            self._kill(worker, "something wrote into the channel of its process")
            return False
        if worker.end.is_ended:
            self._selector.unregister(worker.end.channel)
            worker.is_leaving, worker.deadline = True, self._clock() + _FAREWELL
        return heard is not None

    def _take(self, worker: _Worker, message: FromWorker) -> None:
        match message:
            case Ready():
                self._provider, self._stillborn = message, 0
                worker.is_ready, worker.deadline = True, None
            case Refused():
                raise (UsageError if message.is_usage else ScenarioError)(message.message, hint=message.hint)
            case Done():
                played = _unpacked(message.played)
                self._answered(worker, message.ticket, is_fit=not message.blemish)
                case = self._cases[message.ticket]
                result = judged(case.project.scenario, case.dialogue, played)
                self._finish(worker, message.ticket, result, message.played)
            case Broke():
                self._answered(worker, message.ticket, is_fit=False)
                self._finish(worker, message.ticket, self._unplayed(message.ticket, loss_by_error(message.problem)))

    def _answered(self, worker: _Worker, index: int, *, is_fit: bool) -> None:
        self._assignments.answered(worker.number, index)
        if is_fit:
            self._set_deadline(worker)
        else:
            worker.is_leaving, worker.deadline = True, self._clock() + _FAREWELL
            self._assignments.retired(worker.number)

    def _finish(self, worker: _Worker, index: int, result: DialogueResult, play: bytes | None = None) -> None:
        self._finished.append(Finished(index, self._cases[index], result, worker.end.take_printed(), play))

    def _unplayed(self, index: int, problem: ScenarioError) -> DialogueResult:
        case = self._cases[index]
        start = case.dialogue.agent or case.project.scenario.start
        return DialogueResult(case.dialogue, (), Trace((), start), problem)

    def _hear_output(self, worker: _Worker, events: int) -> None:
        if worker.number in self._workers and not worker.end.hear_output():
            self._selector.unregister(worker.end.output or 0)

    def _wake(self, events: int) -> None:
        self._woken.recv(4096)


def _loss(worker: _Worker, ended: Ended) -> ScenarioError:
    """Why the dialogue that the worker was at has no verdict."""
    if worker.overran is not None:
        return loss_by_time(worker.overran, ended)
    return loss_by_death(ended) if worker.fault is None else loss_by_fault(worker.fault, ended)


def _unpacked(data: bytes) -> Played:
    try:
        return unpacked(data)
    except (DecodeError, ValueError) as problem:
        raise Unintelligible(str(problem)) from problem


def _are_ended(nursery: Nursery, numbers: set[int]) -> bool:
    """Kill these workers; whether the nursery reports the end of all of them in time."""
    for number in numbers:
        nursery.kill(number)
    nursery.channel.settimeout(_FAREWELL)
    try:
        while numbers:
            numbers -= {report.number for report in nursery.reports() if isinstance(report, Ended)}
    except NurseryGone:
        return False
    finally:
        with contextlib.suppress(OSError):
            nursery.channel.settimeout(None)
    return True
