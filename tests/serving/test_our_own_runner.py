"""Our own runner as the client: a dialogue passes at both ends of the wire, for what each of them can see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.project import projects_at
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.providers import Opened, ProviderRequest
from realtime_scenarios.providers.text import OfflineText
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session import play, run_in_virtual_time
from realtime_scenarios.session.time import DEFAULT_NOW

CASES = {
    name: [
        case
        for case in cases_of(projects_at([str(resource_folder("scenarios") / name)], resource_folder("scenarios")))
        if case.dialogue.caller is None  # without a script there is no model of it
    ]
    for name in ("airline", "airline_seats", "simple_handoff", "front_desk", "phone_support")
}


HEARD_BY_A_CLASSIFIER = {"insult-in-other-words"}
"""Dialogues whose guardrail goes by what a model makes of a line: offline, our runner's goes by phrases."""


@dataclass(frozen=True)
class Served:
    """A provider whose model is at the other end of a loopback socket, in the same virtual time."""

    url: str
    name: str = "served"
    summary: str = ""
    scripted: bool = False
    real_time: bool = False
    needs: tuple[str, ...] = ()

    def open(self, request: ProviderRequest) -> Opened:
        return Opened(WireModel(), {"url": self.url, "headers": {}}, text=OfflineText())


async def rehearsed(cases: Sequence[Case]) -> list[Rehearsing]:
    """What came of the dialogues, each played by our runner against its served model."""
    told: list[Rehearsing] = []
    loop = asyncio.get_running_loop()
    stage = Stage([cases[0].project], cases, cases, tell=told.append, seconds=loop.time, now=lambda: DEFAULT_NOW)
    agents = compiled(cases[0].project.scenario)
    async with serve_visitors(stage.welcome, ping_interval=None) as server:
        for case in cases:
            await play(agents, case.dialogue, Served(server.url), ProviderRequest())
    return told


@pytest.mark.parametrize("scenario", CASES)
def test_every_dialogue_that_our_runner_plays_passes_at_the_models_end(scenario: str) -> None:
    cases = CASES[scenario]
    told = run_in_virtual_time(asyncio.wait_for(rehearsed(cases), 1_000_000))
    assert [rehearsing.case.name for rehearsing in told] == [case.name for case in cases]
    failed = {
        rehearsing.case.dialogue.script: [str(result.error), *(verdict.message for verdict in result.failures)]
        for rehearsing in told
        if not (result := rehearsing.rehearsed.result).passed
    }
    assert failed.keys() == HEARD_BY_A_CLASSIFIER & {case.dialogue.script for case in cases}, failed
    sessions = [rehearsing.rehearsed.session for rehearsing in told]
    assert len(set(sessions)) == len(sessions)
