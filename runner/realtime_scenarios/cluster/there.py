"""What a worker of the cluster does: it supervises processes of its own, in which dialogues are played.

So no author's code runs in a worker of the cluster, and what dies, hangs or prints is told as it is by a command that
has its dialogues played on its own machine: by the same `Supervisor`. Processes live from one batch to the next, and
end with the run, or where nobody has asked for anything for a while.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import threading
from collections import defaultdict
from pathlib import Path

from msgspec import structs

from realtime_scenarios.cluster.tasks import (
    Answer,
    Answers,
    Batch,
    Loss,
    Refusal,
    decoded_batch,
    digest_of,
    encoded,
    own_version,
)
from realtime_scenarios.core import ScenarioError, UsageError, WorkerError
from realtime_scenarios.core.garbage import no_collections
from realtime_scenarios.document.beside import unpickled_beside
from realtime_scenarios.processes import cool_down
from realtime_scenarios.processes.wire import encoded_environment
from realtime_scenarios.project import Project, project_sent
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite import Finished, Supervisor

_MOST_PROJECTS = 8
"""Scenarios that are kept, of which more dialogues may come."""

_FAREWELL = 4.0
"""Seconds that those have to end which are at work when their run does."""

_IDLE = 60.0
"""Seconds after which processes end that nobody asks for anything, since the command may be gone."""


def played_there(version: str, data: bytes) -> bytes:
    """A batch, to what came of it. `version` is that of the command."""
    if version != own_version():
        return encoded(
            Refusal(
                f"a worker of the cluster ({socket.gethostname()}) has another version of realtime-scenarios",
                "install the same one there and here, and start the workers anew",
            )
        )
    batch = decoded_batch(data)
    if (missing := _file_otherwise(batch)) is not None:
        return encoded(
            Refusal(
                f"'{missing}' is not there as it is here, for a worker of the cluster ({socket.gethostname()})",
                "workers read the code, pictures and recordings of a scenario where they stand here: share the folder",
            )
        )
    try:
        return encoded(_HOUSE.played(batch))
    except ScenarioError as problem:
        return encoded(Refusal(problem.message, problem.hint, isinstance(problem, UsageError)))


def end_there(run: str) -> None:
    """Stop what is played for a run, and end its processes."""
    _HOUSE.end(run)


class _House:
    """Supervisors of one worker of the cluster: those that are at work, and those that wait for more of their run."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._at_work: dict[str, list[Supervisor]] = defaultdict(list)
        self._waiting: dict[str, list[Supervisor]] = defaultdict(list)
        self._projects: dict[bytes, Project] = {}
        self._ended: set[str] = set()
        self._sweep: threading.Timer | None = None

    def played(self, batch: Batch) -> Answers:
        supervisor = self._taken(batch)
        is_well = False
        try:
            cases = self._cases(batch)
            answers = tuple(
                _answer(batch.asked[finished.index].index, finished) for finished in supervisor.finished(cases)
            )
            is_well = True
        finally:
            self._left(batch.run, supervisor, is_well=is_well)
        return Answers(answers)

    def end(self, run: str) -> None:
        with self._lock:
            self._ended.add(run)
            for supervisor in self._at_work.get(run, ()):
                supervisor.stop()
            self._lock.wait_for(lambda: not self._at_work.get(run), timeout=_FAREWELL)
            waiting = self._waiting.pop(run, [])
        _close(waiting)
        self._cool_down_if_idle()

    def _cool_down_if_idle(self) -> None:
        """End what is kept warm for others, where there are none."""
        with self._lock:
            if not any(self._at_work.values()) and not any(self._waiting.values()):
                cool_down()

    def _taken(self, batch: Batch) -> Supervisor:
        with self._lock:
            if self._sweep is not None:
                self._sweep.cancel()
            others = [each for run in list(self._waiting) if run != batch.run for each in self._waiting.pop(run)]
            own = self._waiting[batch.run]
            supervisor = own.pop() if own else _supervisor(batch)
            self._at_work[batch.run].append(supervisor)
            if batch.run in self._ended:
                supervisor.stop()
        _close(others)
        return supervisor

    def _left(self, run: str, supervisor: Supervisor, *, is_well: bool) -> None:
        stays = is_well and run not in self._ended
        if not stays:
            _close([supervisor])
        with self._lock:
            self._at_work[run].remove(supervisor)
            self._lock.notify_all()
            if stays:
                self._waiting[run].append(supervisor)
                if self._sweep is not None:
                    self._sweep.cancel()
                self._sweep = threading.Timer(_IDLE, self._sweep_out)
                self._sweep.daemon = True
                self._sweep.start()

    def _sweep_out(self) -> None:
        with self._lock:
            idle = [each for waiting in self._waiting.values() for each in waiting]
            self._waiting.clear()
        _close(idle)
        self._cool_down_if_idle()

    def _cases(self, batch: Batch) -> list[Case]:
        """The cases of a batch, as the command has them."""
        with no_collections():
            project = self._project(batch)
            documents = {number: pickle.loads(pickled) for number, pickled in batch.documents.items()}
            return [
                Case("", project, unpickled_beside(asked.dialogue, documents.__getitem__), schedule=asked.schedule)
                for asked in batch.asked
            ]

    def _project(self, batch: Batch) -> Project:
        with self._lock:
            project = self._projects.pop(batch.scenario, None)
            if project is None:
                project = project_sent(pickle.loads(batch.scenario), batch.shown)
            self._projects[batch.scenario] = project
            if len(self._projects) > _MOST_PROJECTS:
                del self._projects[next(iter(self._projects))]
        return project


def _close(supervisors: list[Supervisor]) -> None:
    for supervisor in supervisors:
        with contextlib.suppress(OSError):
            supervisor.__exit__(None, None, None)


def _answer(index: int, finished: Finished) -> Answer:
    if finished.play is not None:
        return Answer(index, finished.printed, play=finished.play)
    error = finished.result.error
    if error is None:
        return Answer(index, finished.printed)
    turn = error.turn if isinstance(error, WorkerError) else 0
    return Answer(index, finished.printed, loss=Loss(error.message, error.hint, turn))


def _file_otherwise(batch: Batch) -> str | None:
    """A file that is needed and holds something else here than there; None: all are alike."""
    return next((path for path, digest in batch.files.items() if digest_of(Path(path)) != digest), None)


def _supervisor(batch: Batch) -> Supervisor:
    """One whose processes live in the folder of the command. Keys are looked up here, for none travels."""
    wishes = structs.replace(batch.wishes, environment=encoded_environment(os.environ))
    return Supervisor(wishes, wall_timeout=batch.wall_timeout, folder=batch.folder)


_HOUSE = _House()
"""Processes are global; so is who has them."""
