"""Many dialogues as results, one after the other or on several forked workers, always in the order they were given.

Theory of operation. A *player* is one event loop in which each scenario is compiled once; it plays one dialogue at a
time, to its end. Dialogues share the loop and the compiled scenario, which holds nothing of a conversation (modules of
python guardrails are the author's); model, stubs, data and clock are new for each. Without workers there is one player
here; with workers, one in each process for as long as that lives.

Workers are forked, not spawned: importing the SDK takes seconds, and a frozen scenario is inherited for nothing. So
cases never cross a process border; positions go in, and what was played comes out as bytes (`Played`). It is judged
here, where the documents are that verdicts point into.

Results come chunk by chunk in the order of the cases, so that a slow chunk holds back what is shown, not what is done.
Workers ignore Ctrl-C, which a terminal sends to all: the parent alone decides. It drops what is not begun, lets each
finish what it is at for `_PATIENCE` seconds, then ends it: an author's function may never return.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager

from realtime_scenarios.compiler import CompiledScenario, compiled
from realtime_scenarios.played import Played, packed, unpacked
from realtime_scenarios.project.cases import Case
from realtime_scenarios.providers import Provider, ProviderRequest
from realtime_scenarios.session import VirtualTimeLoop, play, run_for
from realtime_scenarios.verdicts import DialogueResult, judged, unplayed

_BETWEEN_COLLECTIONS = 50
"""Dialogues after which their garbage is collected; the collector does not look for it on its own meanwhile."""

_WORTH_FREEZING = 100

_PATIENCE = 2.0
"""Seconds that a worker may take to finish the dialogues it has begun when the run is given up."""

Play = Callable[[Case], DialogueResult]


def replayed(
    cases: Sequence[Case], provider: Provider, request: ProviderRequest, *, workers: int = 1
) -> Iterator[tuple[Case, DialogueResult]]:
    """Each case with its result, as soon as it and all before it are done.

    `workers` above 1 forks that many processes, after everything is imported.
    """
    known = [unplayed(case, scripted=provider.scripted) for case in cases]
    left = [case for case, result in zip(cases, known, strict=True) if result is None]
    with closing(_replayed_where_needed(left, provider, request, workers)) as results:
        for case, result in zip(cases, known, strict=True):
            yield case, result or next(results)


def _replayed_where_needed(
    cases: Sequence[Case], provider: Provider, request: ProviderRequest, workers: int
) -> Generator[DialogueResult, None, None]:
    if workers > 1 and len(cases) > 1:
        yield from _replayed_on_workers(cases, provider, request, workers)
    elif cases:
        with player(provider, request, len(cases)) as play_case:
            yield from map(play_case, cases)


@contextmanager
def player(provider: Provider, request: ProviderRequest, count: int) -> Iterator[Play]:
    """Plays about `count` cases in one event loop, and judges them; each scenario is compiled once."""
    with _played_in_one_loop(provider, request, count) as play_case:
        yield lambda case: unplayed(case, scripted=provider.scripted) or _judged(case, play_case(case))


@contextmanager
def _played_in_one_loop(provider: Provider, request: ProviderRequest, count: int) -> Iterator[Callable[[Case], Played]]:
    scenarios: dict[str, CompiledScenario] = {}
    loop_factory = None if provider.real_time else VirtualTimeLoop
    with asyncio.Runner(loop_factory=loop_factory) as runner, _rare_collections(count) as collect_sometimes:

        def play_case(case: Case) -> Played:
            collect_sometimes()
            key = str(case.project.path)
            if key not in scenarios:
                scenarios[key] = compiled(case.project.scenario)
            wanted = request.completed_by(case.project.scenario)
            playing = play(scenarios[key], case.dialogue, provider, wanted)
            if case.project.scenario.mcp:  # servers are processes, and virtual time would jump past their answers
                return run_for(provider, playing, real_time=True)
            return runner.run(playing)  # Ctrl-C ends the dialogue in good order, a second one at once

        yield play_case


@contextmanager
def _rare_collections(count: int) -> Iterator[Callable[[], None]]:
    """Keeps the collector from looking at the SDK's million objects again and again, where there is much to do.

    What it gives is called before each dialogue, and collects the garbage of the last ones now and then.
    """
    if count < _WORTH_FREEZING:
        yield lambda: None
        return
    calls = itertools.count(1)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:

        def collect_sometimes() -> None:
            if next(calls) % _BETWEEN_COLLECTIONS == 0:
                gc.collect()

        yield collect_sometimes
    finally:
        gc.enable()
        gc.unfreeze()


def _replayed_on_workers(
    cases: Sequence[Case], provider: Provider, request: ProviderRequest, workers: int
) -> Iterator[DialogueResult]:
    """Workers inherit the cases by forking; only positions and results are sent."""
    chunk = max(1, min(25, len(cases) // (workers * 4)))
    starts = range(0, len(cases), chunk)
    fork = multiprocessing.get_context("fork")
    share = len(cases) // workers
    with ProcessPoolExecutor(workers, fork, _start_worker, (tuple(cases), provider, request, share)) as pool:
        try:
            for start, sent in zip(starts, pool.map(_played_chunk, ((start, chunk) for start in starts)), strict=True):
                for case, data in zip(cases[start : start + chunk], sent, strict=True):
                    yield _judged(case, unpacked(data))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in multiprocessing.active_children():
                worker.join(_PATIENCE)
                worker.terminate()  # it may be in an author's endless loop
            raise


# A process pool hands its workers nothing but arguments: what a worker keeps from chunk to chunk is global to it.
_worker_cases: Sequence[Case] = ()
_worker_player: AbstractContextManager[Callable[[Case], Played]]
_worker_plays: Callable[[Case], Played]


def _start_worker(cases: Sequence[Case], provider: Provider, request: ProviderRequest, share: int) -> None:
    """A worker keeps one player until it ends, for about `share` dialogues."""
    global _worker_cases, _worker_player, _worker_plays
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _worker_cases, _worker_player = cases, _played_in_one_loop(provider, request, share)
    _worker_plays = _worker_player.__enter__()


def _played_chunk(chunk: tuple[int, int]) -> list[bytes]:
    start, length = chunk
    return [packed(_worker_plays(case)) for case in _worker_cases[start : start + length]]


def _judged(case: Case, played: Played) -> DialogueResult:
    return judged(case.project.scenario, case.dialogue, played)
