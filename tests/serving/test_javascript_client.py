"""@openai/agents-realtime in Node against a dialogue's model: its tools and handoffs, by text and by voice.

As in tests/realtime/test_javascript_clients.py, it needs node and a folder named in REALTIME_JS_FOLDER.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session.time import DEFAULT_NOW
from support import Written
from support.javascript import installed, needs_javascript

SOURCES = Path(__file__).parent.parent / "realtime" / "js"
TWO_DESKS = """
scenario: desks
start: first
agents:
  first: {name: first, instructions: Use look_up., tools: [look_up], handoffs: [second]}
  second: {name: second, handoff_description: The other desk., instructions: Help., handoffs: [first]}
tools:
  look_up: {description: Looks things up., parameters: {what: string}, returns: up to 22 inches}
dialogues:
  - id: desks
    turns:
      - {user: hello, agent: [{say: Good morning.}]}
      - user: look please
        agent:
          - {call: look_up, args: {what: bags}, returns: {contains: 22 inches}}
          - {say: Up to 22 inches.}
      - user: the other desk
        agent: [{handoff: second}, {say: The second desk.}]
        expect: [{agent: second}]
"""


@needs_javascript
@pytest.mark.parametrize("modality", ["text", "audio"])
def test_openai_agents_for_javascript_plays_a_dialogue(modality: str, written: Written) -> None:
    project = load(written(TWO_DESKS))
    cases = cases_of([project])
    told: list[Rehearsing] = []

    async def visit() -> dict[str, Any]:
        seconds = asyncio.get_running_loop().time
        stage = Stage([project], cases, cases, tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
        async with serve_visitors(stage.welcome, api_keys=["sk-1"]) as server:
            process = await asyncio.create_subprocess_exec(
                "node", "client.mjs", server.url, modality, "sk-1",
                cwd=installed(SOURCES), stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            printed, _ = await asyncio.wait_for(process.communicate(), 60)
        found: dict[str, Any] = json.loads(printed)
        return found

    found = asyncio.run(visit())
    assert found["agents"]["errors"] == []
    assert found["agents"]["said"] == ["Good morning.", "Up to 22 inches.", "The second desk."]
    only_looked_in, played = (rehearsing.rehearsed.result for rehearsing in told)
    assert only_looked_in.error is not None  # the connection in the style of a browser, which leaves at once
    assert [verdict.message for verdict in played.failures] == [] and played.passed
