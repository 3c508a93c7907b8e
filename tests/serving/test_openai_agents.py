"""The SDK's own agents as the client of a dialogue's model."""

from __future__ import annotations

import asyncio
from typing import Any

from agents.realtime import RealtimeRunner

from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session.time import DEFAULT_NOW
from support.bag_agents import SETTINGS, front_desk
from support.rehearsal import (
    CASES,
    DESK,
    problems,
)


def test_openai_agents_plays_a_dialogue_with_tools_and_a_handoff() -> None:
    told: list[Rehearsing] = []

    async def visit() -> None:
        seconds = asyncio.get_running_loop().time
        stage = Stage([DESK], CASES, CASES[:1], tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
        async with serve_visitors(stage.welcome) as server:
            config: Any = {"url": server.url, "headers": {}, "initial_model_settings": SETTINGS}
            session = await RealtimeRunner(front_desk()).run(model_config=config)
            async with session:
                waiting = ["How big?", "Weigh mine."]
                await session.send_message(waiting.pop(0))
                async for event in session:
                    raw = event.data if event.type == "raw_model_event" else None
                    if raw is None or raw.type != "raw_server_event" or raw.data["type"] != "response.done":
                        continue
                    if any(item["type"] == "function_call" for item in raw.data["response"]["output"]):
                        continue
                    if not waiting:
                        break
                    await session.send_message(waiting.pop(0))

    asyncio.run(asyncio.wait_for(visit(), 60))
    (rehearsing,) = told
    assert problems(rehearsing.rehearsed.result) == []
