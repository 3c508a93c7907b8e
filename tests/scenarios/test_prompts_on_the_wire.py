"""What `scenario prompt render` prints of an agent, in each of its states, is what the model is sent, word for word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.project import Project, projects_at
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.session.play import DEFAULT_NOW
from support import Answers

PLACES = [
    pytest.param(project, agent.id, state, id="-".join(filter(None, (project.scenario.id, agent.id, state))))
    for project in projects_at([str(resource_folder("scenarios"))], Path.cwd())
    for agent in project.scenario.agents.values()
    if not project.scenario.mcp  # its tools are known only when the server runs
    for state in [None, *(agent.states.states if agent.states is not None and agent.states.is_enforced else ())]
]


@pytest.mark.parametrize(("project", "agent", "state"), PLACES)
def test_the_model_is_sent_what_is_rendered(project: Project, agent: str, state: str | None) -> None:
    model = Answers([[SayText("Yes.")]], repeat=True)

    async def conversation() -> None:
        opened = PROVIDERS["offline"].open(ProviderRequest(responder=model))
        talk = Conversation(compiled(project.scenario), opened, clock=LoopClock(DEFAULT_NOW), agent=agent, state=state)
        async with talk:
            await talk.user_says("Hello")

    run_in_virtual_time(conversation())
    wish = ["--state", state] if state else []
    result = CliRunner().invoke(
        cli, ["prompt", "render", str(project.path), agent, "--json", "--now", DEFAULT_NOW.isoformat(), *wish]
    )
    assert result.exit_code == 0, result.output
    rendered = json.loads(result.stdout)
    assert model.requests[0].instructions == rendered["instructions"]
    assert [tool["name"] for tool in model.requests[0].tools] == rendered["tools"]
