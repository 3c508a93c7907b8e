"""Dialogues as plays, one after the other in this process.

A *player* is an event loop in which each scenario is compiled once. Dialogues share the loop and the compiled
scenario, which holds nothing of a conversation (modules of python guardrails are the author's), and servers of MCP that
say so of themselves; model, stubs, data and clock are new for each.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from realtime_scenarios.compiler import CompiledScenario, compiled
from realtime_scenarios.core.schedules import Schedule
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.played import Played, packed
from realtime_scenarios.project.callers_lines import callers_lines
from realtime_scenarios.project.cases import Case
from realtime_scenarios.providers import Provider, ProviderRequest
from realtime_scenarios.session import Observer, SharedServers, Upkeep, VirtualTimeLoop, play
from realtime_scenarios.suite.finished import Finished
from realtime_scenarios.verdicts import judged, unplayed
from realtime_scenarios.workers.callers import Callers

_BETWEEN_COLLECTIONS = 50
"""Dialogues after which their garbage is collected; the collector does not look for it on its own meanwhile."""

_WORTH_FREEZING = 100


def played_here(cases: Sequence[Case], provider: Provider, request: ProviderRequest) -> Iterator[Finished]:
    """Each case, played and judged in this process, where a debugger can look: nothing bounds it."""
    lines: dict[int, Sequence[str]] = {}
    with _rare_collections(len(cases)) as collect_sometimes, player(provider, request) as here:
        for index, case in enumerate(cases):
            collect_sometimes()
            result = unplayed(case, scripted=provider.scripted)
            if result is not None:
                yield Finished(index, case, result)
                continue
            scenario = case.project.scenario
            if request.spoken is not None and id(scenario) not in lines:
                lines[id(scenario)] = callers_lines(scenario, case.project.dialogues)
            manner = Manner(case.schedule, case.caller_seed)
            played = here.play(scenario, case.dialogue, lines.get(id(scenario), ()), manner=manner)
            yield Finished(index, case, judged(scenario, case.dialogue, played), play=packed(played))


@dataclass(frozen=True, slots=True)
class Manner:
    """How one play of a dialogue is told from another.

    `schedule` is by which one, None: everything comes as it usually does. `caller_seed` is by which a caller who is no
    script chooses their words.
    """

    schedule: str | None = None
    caller_seed: int = 0

    def of(self, request: ProviderRequest) -> ProviderRequest:
        schedule = None if self.schedule is None else Schedule.of(self.schedule)
        return replace(request, schedule=schedule, caller_seed=self.caller_seed)


@dataclass(slots=True)
class Player:
    """Plays dialogues, compiling each scenario once. `in_real_time` is the loop of those with servers of MCP."""

    provider: Provider
    request: ProviderRequest
    runner: asyncio.Runner
    in_real_time: asyncio.Runner
    callers: Callers
    shared_servers: SharedServers = field(default_factory=SharedServers)
    _scenarios: dict[int, CompiledScenario] = field(default_factory=dict)

    def play(
        self,
        scenario: Scenario,
        dialogue: Dialogue,
        lines: Sequence[str] = (),
        observer: Observer | None = None,
        manner: Manner | None = None,
    ) -> Played:
        """The dialogue, played to its end. Ctrl-C ends it in good order, a second one at once.

        `lines` are what callers of the scenario may say, for a recogniser that learns them. `manner` is how it is
        played; None: as it usually is.

        Raises:
            ScenarioError: something that speaks or hears is not there.
        """
        key = id(scenario)  # which the compiled scenario keeps alive
        if key not in self._scenarios:
            self._scenarios[key] = compiled(scenario)
        # servers are processes, and virtual time would jump past their answers
        runner = self.in_real_time if scenario.mcp else self.runner
        return runner.run(
            play(
                self._scenarios[key],
                dialogue,
                self.provider,
                (manner or Manner()).of(self.request.completed_by(scenario)),
                observer=observer,
                shared_servers=self.shared_servers,
                speaking=self.callers.of(scenario, lines),
            )
        )

    def forget(self, scenario: Scenario) -> None:
        """It will not be played again."""
        self._scenarios.pop(id(scenario), None)

    @property
    def upkeep(self) -> Upkeep:
        """What is no dialogue's, though it stays when a dialogue is over."""
        servers = self.shared_servers.upkeep
        return Upkeep(servers.processes | self.callers.processes, servers.threads)


@contextmanager
def player(provider: Provider, request: ProviderRequest) -> Iterator[Player]:
    """Its loops are closed when it is left, and with them the servers that dialogues have shared."""
    loop_factory = None if provider.real_time else VirtualTimeLoop
    with (
        asyncio.Runner(loop_factory=loop_factory) as runner,
        asyncio.Runner() as in_real_time,
        closing(Callers(request.spoken)) as callers,
    ):
        yield Player(provider, request, runner, in_real_time, callers)


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
