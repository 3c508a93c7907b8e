"""What a client is offered that has no functions of its own: the same as our own runner sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.model import Scenario
from realtime_scenarios.project import projects_at
from realtime_scenarios.project.prompts import functions_of
from realtime_scenarios.providers import Opened
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import MemoryConnection, connect_in_memory
from realtime_scenarios.session import Conversation, run_in_virtual_time
from realtime_scenarios.session.time import DEFAULT_NOW, LoopClock
from support.responders import Says

SCENARIOS: dict[str, Scenario] = {
    project.path.stem: project.scenario
    for project in projects_at([str(resource_folder("scenarios"))], resource_folder("scenarios"))
}
WITHOUT_SERVERS = sorted(name for name, scenario in SCENARIOS.items() if not scenario.mcp)


async def sent_by_our_runner(scenario: Scenario, agent: str, state: str | None) -> list[dict[str, Any]]:
    """The function tools of the first session update."""
    connection: MemoryConnection = connect_in_memory(Says())
    updates: list[dict[str, Any]] = []
    send = connection.send

    async def kept(text: str | bytes) -> None:
        updates.append(json.loads(text))
        await send(text)

    connection.send = kept  # type: ignore[method-assign]

    async def connect() -> object:
        return connection

    opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}})
    clock = LoopClock(DEFAULT_NOW)
    async with Conversation(compiled(scenario), opened, clock=clock, agent=agent, state=state):
        pass
    found: list[dict[str, Any]] = next(event for event in updates if event["type"] == "session.update")["session"][
        "tools"
    ]
    return found


@pytest.mark.parametrize("name", WITHOUT_SERVERS)
def test_every_agent_is_offered_in_every_state_what_our_runner_sends(name: str) -> None:
    scenario = SCENARIOS[name]
    for agent in scenario.agents.values():
        for state in [None] if agent.states is None else list(agent.states.states):
            sent = run_in_virtual_time(sent_by_our_runner(scenario, agent.id, state))
            ours = functions_of(agent, scenario, state)
            assert sorted(ours, key=lambda tool: tool["name"]) == sorted(sent, key=lambda tool: tool["name"])
