"""Visits of a client to the dialogues of one desk, over a socket in virtual time, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import Pace, serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.verdicts import DialogueResult
from support.client import Client, Function, function

DESK_FILE = Path(__file__).parent.parent / "serving" / "desk.yaml"
DESK = load(DESK_FILE)
CASES = cases_of([DESK])
LOOK_UP = function("look_up", what={"type": "string"})
FRONT = [LOOK_UP, function("transfer_to_front_desk"), function("transfer_to_bags")]
GOOD: Mapping[str, Function] = {
    "look_up": lambda arguments: f"a {arguments.get('what')}: up to 22 inches",
    "weigh": lambda arguments: "20 pounds",
    "transfer_to_bags": lambda arguments: '{"assistant": "Bags"}',
}

Visit = Callable[[Client], Awaitable[None]]


def served(
    dialogue: str, visit: Visit, functions: Mapping[str, Function] = GOOD, query: str = "", pace: Pace | None = None
) -> DialogueResult:
    """What came of a visit to the model of the dialogue."""
    (rehearsing,) = run_in_virtual_time(rehearsals(f"?dialogue={dialogue}{query}", visit, functions, pace))
    assert rehearsing.case.dialogue.id == dialogue
    return rehearsing.rehearsed.result


async def rehearsals(
    query: str, visit: Visit, functions: Mapping[str, Function] = GOOD, pace: Pace | None = None
) -> list[Rehearsing]:
    """All that came of a visit to whatever the query asks for."""
    told: list[Rehearsing] = []
    seconds = asyncio.get_running_loop().time
    stage = Stage([DESK], CASES, (), tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
    async with (
        serve_visitors(stage.welcome, ping_interval=None, pace=pace) as server,
        connect(server.url + query, ping_interval=None) as socket,
    ):
        await asyncio.wait_for(visit(Client(socket, functions)), 10_000)
    return told


def problems(result: DialogueResult) -> list[str]:
    """Each failed verdict as the line of the file where it stands, and its message."""
    lines = [f"{verdict.place.span.line}: {verdict.message}" for verdict in result.failures]
    return lines + ([result.error.message] if result.error else [])


def line_of(text: str) -> int:
    """The line of the scenario that holds the text."""
    lines = DESK_FILE.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


async def asks_for_sizes(client: Client) -> None:
    """A client with the scenario's agents, as it should be."""
    await client.update(tools=FRONT)
    assert await client.say("How big can a bag be?") == ["One moment.", "Up to 22 inches."]
    await client.update(tools=[*FRONT, function("weigh")])
    assert await client.say("Weigh mine.") == ["It weighs 20 pounds."]


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
