"""Cases that are played by a cluster of dask, as results: judged here, in whatever order they come.

Theory of operation. Cases are put into batches, each of one scenario and of dialogues that follow one another. So many
batches are with the scheduler at a time as keep its workers busy. A worker that is lost is the scheduler's business:
it gives the batch to another one, as often as it is set up to (`allowed-failures`). A batch that it gives up is divided
into its dialogues, which are asked for one by one; one that is given up alone has a verdict, which says so. Nothing of
a batch is believed before all of it is there, so that nothing is told twice.

Nobody is waited for without a bound: dialogues have theirs where they are played, and if no batch comes back while the
longest of them could have been played from its beginning, the cluster is taken for dead.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import queue
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from distributed import Client, Future, KilledWorker, LocalCluster
from msgspec import DecodeError

from realtime_scenarios.cluster.address import Address
from realtime_scenarios.cluster.tasks import (
    Answer,
    Answers,
    Asked,
    Batch,
    Loss,
    Refusal,
    decoded_reply,
    digest_of,
    encoded,
    own_version,
)
from realtime_scenarios.cluster.there import end_there, played_there
from realtime_scenarios.core import ScenarioError, UsageError, WorkerError, reason_of
from realtime_scenarios.document import Document
from realtime_scenarios.document.beside import pickled_beside
from realtime_scenarios.played import unpacked
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.code import programs_of
from realtime_scenarios.suite import Finished
from realtime_scenarios.suite.bounds import wall_bound
from realtime_scenarios.suite.sent import told_where_unsendable
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts import DialogueResult, judged, unplayed

_CONNECTS_WITHIN = 10
_HAS_WORKERS_WITHIN = 30
_STARTS_WITHIN = 180.0
"""Seconds."""

_MOST_IN_A_BATCH = 16
"""Dialogues; one takes some ten milliseconds; a task of dask has its price, too."""

_BATCHES_OF_A_WORKER = 3
_PATIENCE = 5.0
"""Seconds for workers to hear that the run is over."""

_ANSWERS_WITHIN = 30.0
"""Seconds for the answer to a batch to come from the worker that has it."""

_LOST = ("lost", "pending")
"""What dask says of a batch that was finished, when the worker is gone that had the answer."""

_ALLOWED_LOSSES = 2
"""So often something is asked for anew, be it lost before it was played to its end or after; as of nurseries."""


class _AnswerLost(Exception):
    """A batch was played, and what came of it cannot be had."""


class Cluster:
    """A context manager: a scheduler that is there, or workers of one's own while it is entered."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._leaving = contextlib.ExitStack()
        self._client: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):  # whatever has become of the cluster, all has been told
            self._leaving.close()

    @property
    def shown(self) -> str:
        return self._address.shown

    def client(self) -> Client:
        """The connection, made when it is first asked for.

        Raises:
            ScenarioError: there is no scheduler, or it has no workers.
        """
        if self._client is None:
            for noisy in ("distributed", "tornado", "bokeh"):  # what matters is told by what follows from it
                logging.getLogger(noisy).setLevel(logging.CRITICAL)
            own = self._address.workers is not None
            self._client = self._own_client() if own else self._connected(self._address.contact)
        return self._client

    def _own_client(self) -> Client:
        import dask

        # another worker has the time that it needs to start, where dask gives a lost one up for good after 15 seconds
        bounds = {
            "scheduler.allowed-failures": _ALLOWED_LOSSES,
            "deploy.lost-worker-timeout": f"{_STARTS_WITHIN:.0f}s",
        }
        dask.config.set({f"distributed.{name}": bound for name, bound in bounds.items()})
        cluster = self._leaving.enter_context(
            LocalCluster(
                n_workers=self._address.workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        )
        return self._connected(cluster.scheduler_address)

    def _connected(self, contact: str) -> Client:
        shown = self._address.shown
        try:
            client = self._leaving.enter_context(Client(contact, timeout=_CONNECTS_WITHIN, set_as_default=False))
        except Exception as problem:  # dask raises what its comms raise: of the system, of time, of other protocols
            raise ScenarioError(
                f"no scheduler of dask answers at '{shown}': {reason_of(problem)}",
                hint="`dask scheduler` starts one and says its address; `dask worker HOST:PORT` adds workers to it",
            ) from problem
        try:
            client.wait_for_workers(1, timeout=_HAS_WORKERS_WITHIN)
        except TimeoutError as problem:
            hint = f"add some: dask worker {contact}"
            raise ScenarioError(f"the scheduler at '{shown}' has no workers", hint=hint) from problem
        return client


class ClusterRun:
    """Cases of one run on a cluster. `wall_timeout` in seconds, None: what `bounds` says."""

    def __init__(self, cluster: Cluster, wishes: Wishes, *, wall_timeout: float | None = None) -> None:
        self._cluster = cluster
        self._wishes = wishes
        self._wall_timeout = wall_timeout
        self._run = uuid.uuid4().hex
        self._heard: queue.SimpleQueue[Future | None] = queue.SimpleQueue()
        self._waiting: deque[tuple[int, ...]] = deque()
        self._asked: dict[str, tuple[Future, tuple[int, ...]]] = {}
        self._scenarios: dict[int, bytes] = {}
        self._digests: dict[Path, str] = {}
        self._lost_answers: Counter[tuple[int, ...]] = Counter()
        self._is_stopped = False

    def stop(self) -> None:
        """Let `finished` end with what is finished by then. May be called at any moment, by a signal's handler too."""
        self._is_stopped = True
        self._heard.put(None)

    def finished(self, cases: Sequence[Case]) -> Iterator[Finished]:
        """Each case when it is over, in whatever order that happens.

        Raises:
            ScenarioError: there is no cluster, or it is lost; or its workers cannot play.
        """
        to_play = []
        for index, case in enumerate(cases):
            result = unplayed(case, scripted=True)
            if result is not None:
                yield Finished(index, case, result)
            else:
                to_play.append(index)
        if not to_play:
            return
        client = self._cluster.client()
        workers = max(1, sum(client.nthreads().values()))
        self._waiting.extend(_batches(cases, to_play, workers))
        try:
            while (self._waiting or self._asked) and not self._is_stopped:
                while self._waiting and len(self._asked) < _BATCHES_OF_A_WORKER * workers + 2:
                    self._ask(client, cases, self._waiting.popleft())
                yield from self._next_finished(client, cases)
            while not self._heard.empty():  # what is finished is finished, whatever has come after it
                yield from self._taken(client, cases, self._heard.get())
        finally:
            if self._asked:
                self._abandon(client)
            _tell_all(client, self._run)

    def _next_finished(self, client: Client, cases: Sequence[Case]) -> Iterator[Finished]:
        """What one batch comes to, when one comes back.

        Raises:
            ScenarioError: none does.
        """
        bound = max(sum(self._bound(cases[index]) for index in indexes) for _, indexes in self._asked.values())
        deadline = time.monotonic() + _STARTS_WITHIN + bound
        while True:
            try:
                future = self._heard.get(timeout=1.0)
                break
            except queue.Empty:
                if client.status != "running":
                    raise self._lost_scheduler() from None
                if time.monotonic() > deadline:
                    message = f"no worker of '{self._cluster.shown}' has answered for {_STARTS_WITHIN + bound:.0f} s"
                    raise ScenarioError(message, hint="are its workers alive?") from None
        yield from self._taken(client, cases, future)

    def _taken(self, client: Client, cases: Sequence[Case], future: Future | None) -> Iterator[Finished]:
        if future is None or future.key not in self._asked:
            return
        _, indexes = self._asked.pop(future.key)
        try:
            if future.status == "error":
                raise future.exception()
            if future.status not in ("finished", *_LOST):
                self._waiting.appendleft(indexes)
                raise self._lost_scheduler()
            reply = decoded_reply(_answer_of(future))
        except _AnswerLost:  # nothing of it is told yet
            future.release()
            yield from self._asked_anew(cases, indexes)
            return
        except DecodeError as problem:
            raise ScenarioError(f"a worker of '{self._cluster.shown}' says what is no answer of ours") from problem
        except ScenarioError:
            raise
        except Exception as problem:
            yield from self._taken_error(cases, indexes, problem)
            return
        future.release()
        match reply:
            case Refusal():
                raise (UsageError if reply.is_usage else ScenarioError)(reply.message, hint=reply.hint)
            case Answers():
                answered = {answer.index: answer for answer in reply.answers if answer.index in indexes}
                for answer in answered.values():
                    yield _finished(cases[answer.index], answer)
                if left := tuple(index for index in indexes if index not in answered):
                    self._waiting.appendleft(left)

    def _taken_error(
        self, cases: Sequence[Case], indexes: tuple[int, ...], problem: BaseException
    ) -> Iterator[Finished]:
        """A batch that nobody has played to its end.

        Raises:
            ScenarioError: nobody there can play any.
        """
        if isinstance(problem, KilledWorker):
            yield from self._given_up(cases, indexes, "was at it", problem.allowed_failures + 1)
            return
        if isinstance(problem, ModuleNotFoundError):
            raise ScenarioError(
                f"a worker of '{self._cluster.shown}' cannot import '{problem.name}'",
                hint="install the same realtime-scenarios there and here, and start the workers anew",
            )
        raise ScenarioError(f"a worker of '{self._cluster.shown}' cannot play: {reason_of(problem)}")

    def _asked_anew(self, cases: Sequence[Case], indexes: tuple[int, ...]) -> Iterator[Finished]:
        """A batch that was played and whose answer is lost; not for ever, since a model may be paid for each time."""
        self._lost_answers[indexes] += 1
        times = self._lost_answers[indexes]
        if times <= _ALLOWED_LOSSES:
            self._waiting.appendleft(indexes)
            return
        yield from self._given_up(cases, indexes, "had its answer", times)

    def _given_up(self, cases: Sequence[Case], indexes: tuple[int, ...], what: str, times: int) -> Iterator[Finished]:
        """The dialogues of a batch are asked for one by one, and one alone has a verdict."""
        if len(indexes) > 1:
            self._waiting.extendleft((index,) for index in reversed(indexes))
            return
        loss = Loss(f"the worker of the cluster that {what} was lost, {times} times", None, 0)
        yield _finished(cases[indexes[0]], Answer(indexes[0], "", loss=loss))

    def _ask(self, client: Client, cases: Sequence[Case], indexes: tuple[int, ...]) -> None:
        data = encoded(self._batch(cases, indexes))
        future = client.submit(played_there, own_version(), data, key=f"scenario-{uuid.uuid4().hex}", pure=False)
        self._asked[future.key] = (future, indexes)
        future.add_done_callback(self._heard.put)

    def _batch(self, cases: Sequence[Case], indexes: tuple[int, ...]) -> Batch:
        documents: dict[int, Document] = {}

        def number_of(document: Document) -> int:
            documents[id(document)] = document
            return id(document)

        project = cases[indexes[0]].project
        with told_where_unsendable(project):
            if id(project) not in self._scenarios:
                self._scenarios[id(project)] = pickle.dumps(project.scenario, pickle.HIGHEST_PROTOCOL)
            asked = tuple(
                Asked(index, pickled_beside(cases[index].dialogue, number_of), cases[index].schedule)
                for index in indexes
            )
        return Batch(
            run=self._run,
            wishes=self._wishes,
            folder=os.fsencode(Path.cwd()),
            wall_timeout=self._wall_timeout,
            shown=project.shown,
            scenario=self._scenarios[id(project)],
            documents={number: pickle.dumps(each, pickle.HIGHEST_PROTOCOL) for number, each in documents.items()},
            files={str(path): self._digest(path) for path in _files_of(cases, indexes)},
            asked=asked,
        )

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = digest_of(path)
        return self._digests[path]

    def _bound(self, case: Case) -> float:
        """The longest that it may take, whatever the provider is."""
        own = wall_bound(case.project.scenario, case.dialogue, real_time=True)
        return own if self._wall_timeout is None else self._wall_timeout

    def _abandon(self, client: Client) -> None:
        with contextlib.suppress(Exception):
            client.cancel([future for future, _ in self._asked.values()], force=True)
        self._asked.clear()

    def _lost_scheduler(self) -> ScenarioError:
        return ScenarioError(f"the scheduler at '{self._cluster.shown}' is gone")


def _answer_of(future: Future) -> bytes:
    """
    Raises:
        _AnswerLost: the worker is gone that had it, or does not give it in time.
    """
    if future.status in _LOST:
        raise _AnswerLost
    try:
        answer: bytes = future.result(timeout=_ANSWERS_WITHIN)
    except TimeoutError as late:  # the batch itself has ended well
        raise _AnswerLost from late
    return answer


def _batches(cases: Sequence[Case], indexes: Sequence[int], workers: int) -> Iterator[tuple[int, ...]]:
    """Dialogues that follow one another in one scenario, few enough that all workers have some."""
    most = max(1, min(_MOST_IN_A_BATCH, len(indexes) // (_BATCHES_OF_A_WORKER * workers)))
    batch: list[int] = []
    for index in indexes:
        if batch and (len(batch) == most or cases[index].project is not cases[batch[0]].project):
            yield tuple(batch)
            batch = []
        batch.append(index)
    yield tuple(batch)


def _files_of(cases: Sequence[Case], indexes: Sequence[int]) -> Iterator[Path]:
    """What is read while these are played: programs of the scenario, pictures and recordings."""
    yield from programs_of(cases[indexes[0]].project.scenario)
    for index in indexes:
        for turn in cases[index].dialogue.turns:
            yield from (file for file in (turn.image, turn.audio) if file is not None)


def _finished(case: Case, answer: Answer) -> Finished:
    """
    Raises:
        ScenarioError: what a worker says is no play.
    """
    if answer.play is not None:
        try:
            result = judged(case.project.scenario, case.dialogue, unpacked(answer.play))
        except (DecodeError, ValueError) as cause:
            raise ScenarioError(f"a worker of the cluster says what is no play of '{case.name}'") from cause
        return Finished(answer.index, case, result, answer.printed, answer.play)
    if answer.loss is None:
        skipped = unplayed(case, scripted=False)
        if skipped is not None:
            return Finished(answer.index, case, skipped, answer.printed)
    loss = answer.loss or Loss("the worker of the cluster says nothing of it", None, 0)
    problem = WorkerError(loss.message, hint=loss.hint, turn=loss.turn)
    start = case.dialogue.agent or case.project.scenario.start
    return Finished(answer.index, case, DialogueResult(case.dialogue, (), Trace((), start), problem), answer.printed)


def _tell_all(client: Client, run: str) -> None:
    """Let the workers end what they have for the run, as far as they hear it in time."""

    def tell() -> None:
        with contextlib.suppress(Exception):  # those that are gone have nothing left
            client.run(end_there, run, on_error="ignore")

    telling = threading.Thread(target=tell, daemon=True)
    telling.start()
    telling.join(_PATIENCE)
