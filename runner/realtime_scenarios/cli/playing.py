"""Where the dialogues of a run are played: by workers, or in the process of the command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.interruption import Interruption
from realtime_scenarios.cli.options import request_of
from realtime_scenarios.processes import Wishes, be_alone, warm_up

if TYPE_CHECKING:
    from realtime_scenarios.project.cases import Case
    from realtime_scenarios.suite import Finished


@dataclass(frozen=True, slots=True)
class Playing:
    """A run that is going on. `finished` gives cases as they finish, and ends early when it is interrupted."""

    finished: Iterator[Finished]
    is_interrupted: Callable[[], bool]


Players = Callable[[Sequence["Case"]], AbstractContextManager[Playing]]
"""Who plays cases, while the context manager is entered."""


def get_workers_ready() -> None:
    """Have another process import the SDK, while this one reads and checks: before all else."""
    if click.get_current_context().obj:
        be_alone()
    warm_up()


def workers_of(count: int, wall_timeout: float | None, provider: str, wishes: Mapping[str, str | None]) -> Players:
    """So many processes; each dialogue is bound to `wall_timeout` seconds, None: as `suite.bounds` has it."""

    @contextmanager
    def play(cases: Sequence[Case]) -> Iterator[Playing]:
        from realtime_scenarios.suite import Supervisor

        wanted = Wishes.of(provider, os.environ, **wishes)
        with (
            Supervisor(wanted, workers=count, wall_timeout=wall_timeout) as supervisor,
            Interruption(supervisor.stop) as interruption,
        ):
            yield Playing(supervisor.finished(cases), lambda: interruption.is_heard)

    return play


def this_process(provider: str, wishes: Mapping[str, str | None]) -> Players:
    """The process of the command, where a debugger can look."""

    @contextmanager
    def play(cases: Sequence[Case]) -> Iterator[Playing]:
        from realtime_scenarios.providers import PROVIDERS
        from realtime_scenarios.workers.player import played_here

        is_interrupted = False

        def finished() -> Iterator[Finished]:
            nonlocal is_interrupted
            try:
                yield from played_here(cases, PROVIDERS[provider], request_of(wishes))
            except KeyboardInterrupt:
                is_interrupted = True

        yield Playing(finished(), lambda: is_interrupted)

    return play
