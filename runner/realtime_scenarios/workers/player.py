"""Dialogues as plays, one after the other in this process.

A *player* is one event loop in which each scenario is compiled once. Dialogues share the loop and the compiled
scenario, which holds nothing of a conversation (modules of python guardrails are the author's); model, stubs, data and
clock are new for each.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from realtime_scenarios.compiler import CompiledScenario, compiled
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.played import Played
from realtime_scenarios.project.cases import Case
from realtime_scenarios.providers import Provider, ProviderRequest
from realtime_scenarios.session import Observer, VirtualTimeLoop, play, run_for
from realtime_scenarios.suite.finished import Finished
from realtime_scenarios.verdicts import judged, unplayed

_BETWEEN_COLLECTIONS = 50
"""Dialogues after which their garbage is collected; the collector does not look for it on its own meanwhile."""

_WORTH_FREEZING = 100


class Player(Protocol):
    def __call__(self, scenario: Scenario, dialogue: Dialogue, observer: Observer | None = None) -> Played:
        """The dialogue, played to its end."""
        ...


def played_here(cases: Sequence[Case], provider: Provider, request: ProviderRequest) -> Iterator[Finished]:
    """Each case, played and judged in this process, where a debugger can look: nothing bounds it."""
    with _rare_collections(len(cases)) as collect_sometimes, player(provider, request) as play_dialogue:
        for index, case in enumerate(cases):
            collect_sometimes()
            result = unplayed(case, scripted=provider.scripted)
            if result is None:
                scenario = case.project.scenario
                result = judged(scenario, case.dialogue, play_dialogue(scenario, case.dialogue))
            yield Finished(index, case, result)


@contextmanager
def player(provider: Provider, request: ProviderRequest) -> Iterator[Player]:
    """Plays dialogues in one event loop, compiling each scenario once."""
    scenarios: dict[int, CompiledScenario] = {}
    loop_factory = None if provider.real_time else VirtualTimeLoop
    with asyncio.Runner(loop_factory=loop_factory) as runner:

        def play_dialogue(scenario: Scenario, dialogue: Dialogue, observer: Observer | None = None) -> Played:
            key = id(scenario)  # which the compiled scenario keeps alive
            if key not in scenarios:
                scenarios[key] = compiled(scenario)
            playing = play(scenarios[key], dialogue, provider, request.completed_by(scenario), observer=observer)
            if scenario.mcp:  # servers are processes, and virtual time would jump past their answers
                return run_for(provider, playing, real_time=True)
            return runner.run(playing)  # Ctrl-C ends the dialogue in good order, a second one at once

        yield play_dialogue


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
