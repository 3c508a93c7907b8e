"""A worker: it plays the dialogues that it is given, one after the other, and sends each play as it ends.

Whatever an author's code prints goes to the output it was given, never to the channel. It ends with its channel.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn

from realtime_scenarios.core import ScenarioError, UsageError, reason_of
from realtime_scenarios.core.garbage import no_collections
from realtime_scenarios.document import Document
from realtime_scenarios.document.beside import unpickled_beside
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.played import packed
from realtime_scenarios.processes.wire import (
    Attach,
    Begin,
    Broke,
    Detach,
    Done,
    Forget,
    FromWorker,
    Load,
    Play,
    Ready,
    Refused,
    Surroundings,
    ToWorker,
    Vary,
    Wishes,
    decoded_environment,
    framed,
    to_worker,
)
from realtime_scenarios.project import load_plugins
from realtime_scenarios.project.code import brings_functions
from realtime_scenarios.project.variation import varied_scenario
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.voice.calling import Calling
from realtime_scenarios.workers.blemishes import Watch
from realtime_scenarios.workers.player import Manner, Player, player
from realtime_scenarios.workers.progress import Following, Progress, Whereabouts

_ENOUGH = 1 << 18


@dataclass(frozen=True, slots=True)
class _Loaded:
    """`lines` are what its callers may say, where they speak. `code`: an author's code runs in its dialogues."""

    scenario: Scenario
    lines: tuple[str, ...]
    code: bool


@dataclass(slots=True)
class Worker:
    """One process's side of a channel. It is left for good by `serve`."""

    channel: socket.socket
    progress: Progress
    watch: Watch
    _scenarios: dict[int, _Loaded] = field(default_factory=dict)
    _documents: dict[int, Document] = field(default_factory=dict)

    def serve(self) -> NoReturn:
        """Play what is asked for until nobody asks any more, or until a dialogue has left a blemish."""
        messages = self._messages()
        begin = next(messages, None)
        if not isinstance(begin, Begin):
            leave()
        live_in(begin.surroundings)
        try:
            load_plugins()
            provider = PROVIDERS[begin.wishes.provider]
        except ScenarioError as problem:
            self._send(Refused(problem.message, problem.hint, isinstance(problem, UsageError)))
            leave()
        self.watch.settle()
        with player(provider, request_of(begin.wishes)) as here:
            self._send(Ready(provider.scripted, provider.real_time))
            for message in messages:
                if not self._is_fit_after(message, here):
                    break
            leave()  # before the loop is closed, which might wait for an author's thread

    def _is_fit_after(self, message: ToWorker, here: Player) -> bool:
        """Do what is asked; whether more may be asked."""
        match message:
            case Load():
                self._scenarios[message.scenario] = _unpickled(message.pickled)
            case Attach():
                self._documents[message.document] = pickle.loads(message.pickled)
            case Detach():
                del self._documents[message.document]
            case Vary():
                self._scenarios[message.scenario] = _varied(self._scenarios[message.of], message.edits)
            case Forget():
                if (forgotten := self._scenarios.pop(message.scenario, None)) is not None:
                    here.forget(forgotten.scenario)
            case Play():
                answer = self._played(message, here)
                self._send(answer)
                return isinstance(answer, Done) and not answer.blemish
            case Begin():
                raise AssertionError("it has begun already")
        return True

    def _played(self, asked: Play, here: Player) -> Done | Broke:
        loaded = self._scenarios[asked.scenario]
        self.progress.write(Whereabouts())
        try:
            dialogue = unpickled_beside(asked.dialogue, self._documents.__getitem__)
            following = Following(self.progress)
            manner = Manner(asked.schedule, asked.caller_seed)
            played = packed(here.play(loaded.scenario, dialogue, loaded.lines, following, manner))
        except BaseException as problem:  # be it an author's, who may raise anything anywhere
            return Broke(asked.ticket, reason_of(problem))
        return Done(asked.ticket, played, self.watch.blemish(code=loaded.code, but=here.upkeep))

    def _messages(self) -> Iterator[ToWorker]:
        frames = to_worker()
        while data := self.channel.recv(_ENOUGH):
            yield from frames.feed(data)

    def _send(self, message: FromWorker) -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # an author's code may have put anything there
                stream.flush()
        self.channel.sendall(framed(message))


def request_of(wishes: Wishes) -> ProviderRequest:
    return ProviderRequest(
        environment=decoded_environment(wishes.environment),
        model=wishes.model,
        url=wishes.url,
        deployment=wishes.deployment,
        key_env=wishes.key_env,
        spoken=Calling.of(wishes.spoken) if wishes.spoken else None,
        on=date.fromisoformat(wishes.on) if wishes.on else None,
        event_log=Path(wishes.log_events) if wishes.log_events else None,
        max_dollars=float(wishes.max_dollars) if wishes.max_dollars else None,
    )


def live_in(surroundings: Surroundings) -> None:
    """Make this process what the command's is: its environment, its folder, and where modules are found."""
    os.environ.clear()
    os.environ.update(decoded_environment(surroundings.environment))
    with contextlib.suppress(OSError):  # a folder that is gone
        os.chdir(surroundings.folder)
    sys.path[:] = map(os.fsdecode, surroundings.path)


def print_to(output: int) -> None:
    """Let everything that is printed in this process go there."""
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = open(number, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def forget_signals() -> None:
    """The signals of a new process; Ctrl-C is for the command alone to hear."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _unpickled(data: bytes) -> _Loaded:
    with no_collections():
        scenario, lines = pickle.loads(data)
    return _Loaded(scenario, lines, brings_functions(scenario))


def _varied(loaded: _Loaded, edits: bytes) -> _Loaded:
    with no_collections():
        scenario = varied_scenario(loaded.scenario, pickle.loads(edits))
    return _Loaded(scenario, loaded.lines, brings_functions(scenario))


def leave() -> NoReturn:
    """End this process without an author's `atexit`, which might never return."""
    os._exit(0)
