"""Options that say where dialogues are played: by processes here, in this process, or by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from realtime_scenarios.cli.interruption import Interruption
from realtime_scenarios.cli.playing import Players, Playing, this_process, workers_of
from realtime_scenarios.core import UsageError
from realtime_scenarios.processes import Wishes

if TYPE_CHECKING:
    from realtime_scenarios.cluster.client import Cluster
    from realtime_scenarios.project.cases import Case

Engine = Callable[[str, Mapping[str, str | None]], Players]
"""Players with a provider of that name, and what is wished of it."""

engine_option = click.option(
    "--engine",
    metavar="ADDRESS",
    help="Play with a cluster of dask: dask://HOST:PORT of its scheduler, or dask://local?workers=N.",
)


def engine_of(*, workers: int, wall_timeout: float | None, in_process: bool, cluster: Cluster | None) -> Engine:
    """Where dialogues are played. `cluster` None: here."""
    if in_process:
        return this_process
    if cluster is not None:
        there = cluster
        return lambda provider, wishes: _cluster_of(there, wall_timeout, provider, wishes)
    return lambda provider, wishes: workers_of(workers, wall_timeout, provider, wishes)


def wanted_cluster(address: str | None) -> Cluster | None:
    """The cluster that is typed, until the command is over; None: none is. Nothing is connected yet.

    Raises:
        click.UsageError: that is no address.
        ScenarioError: dask is not installed.
    """
    if address is None:
        return None
    from realtime_scenarios.cluster.address import parsed_address, require_dask

    try:
        wanted = parsed_address(address)
    except UsageError as problem:
        raise click.BadParameter(f"{problem.message}; {problem.hint}", param_hint="--engine") from problem
    require_dask()
    from realtime_scenarios.cluster.client import Cluster

    return click.get_current_context().with_resource(Cluster(wanted))


def _cluster_of(
    cluster: Cluster, wall_timeout: float | None, provider: str, wishes: Mapping[str, str | None]
) -> Players:
    @contextmanager
    def play(cases: Sequence[Case]) -> Iterator[Playing]:
        from realtime_scenarios.cluster.client import ClusterRun

        run = ClusterRun(cluster, Wishes.of(provider, {}, **wishes), wall_timeout=wall_timeout)
        with Interruption(run.stop) as interruption:
            yield Playing(run.finished(cases), lambda: interruption.is_heard)

    return play
