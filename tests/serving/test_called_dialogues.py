"""A dialogue's model that is called over WebRTC: who does as the dialogue says passes, aloud and through a sideband."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from agents.realtime import RealtimeRunner

from realtime_scenarios.realtime import Parts, serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.trace import AgentSaid, UserSaid
from realtime_scenarios.voice import Tone
from support.bag_agents import SETTINGS, front_desk
from support.caller import Caller, calling
from support.rehearsal import CASES, DESK, problems
from support.sounds import hum, quiet

Visit = Callable[[Caller, str], Awaitable[None]]


def called(query: str, visit: Visit) -> Rehearsing:
    """What came of a call to the model of a dialogue."""
    told: list[Rehearsing] = []

    async def run() -> None:
        seconds = asyncio.get_running_loop().time
        stage = Stage([DESK], CASES, (), tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
        parts = {"parts_factory": lambda: Parts(speaker=Tone())}
        async with serve_visitors(stage.welcome, **parts) as server, calling(server.url, query=query) as caller:
            await asyncio.wait_for(visit(caller, server.url), 40)

    asyncio.run(run())
    (only,) = told
    return only


def test_a_caller_who_cuts_in_aloud_where_the_dialogue_says_so_passes() -> None:
    async def visit(caller: Caller, url: str) -> None:
        await caller.update(
            audio={"input": {"transcription": {"model": "any"}, "turn_detection": {"type": "server_vad"}}}
        )
        caller.microphone.say(quiet(300) + hum(300, 400))
        await caller.until("output_audio_buffer.started")
        await caller.hears_something()
        caller.microphone.say(quiet(800) + hum(300, 400))
        await caller.until("conversation.item.truncated")
        assert (await caller.until("response.done"))["response"]["status"] == "cancelled"
        await caller.until("output_audio_buffer.stopped")

    rehearsing = called("?dialogue=cut-off", visit)
    assert problems(rehearsing.rehearsed.result) == []
    trace = rehearsing.rehearsed.result.trace
    assert [event.text for event in trace if isinstance(event, UserSaid)] == ["Tell me all about bags.", "Enough."]
    assert [event.interrupted for event in trace if isinstance(event, AgentSaid)] == [True, False]


def test_sound_that_a_fault_loses_is_not_heard_and_the_call_goes_on() -> None:
    async def visit(caller: Caller, url: str) -> None:
        await caller.send("response.create")
        await caller.until("output_audio_buffer.stopped")
        assert max(caller.ear, default=0) < 50

    lost = "&fault=drop,event=response.output_audio.delta,times=99"
    rehearsing = called("?dialogue=opened" + lost, visit)
    assert [event.text for event in rehearsing.rehearsed.result.trace if isinstance(event, AgentSaid)] == [
        "The desk for bags, good morning."
    ]


def test_a_fault_hangs_up_on_a_caller_and_blames_nobody() -> None:
    async def visit(caller: Caller, url: str) -> None:
        await caller.send("response.create")
        await asyncio.wait_for(caller.is_over.wait(), 10)

    rehearsing = called("?dialogue=opened&fault=close,code=1011,turn=1", visit)
    assert problems(rehearsing.rehearsed.result) == [] and not rehearsing.rehearsed.result.passed


def test_openai_agents_answers_the_calls_of_a_call_over_its_sideband() -> None:
    async def visit(caller: Caller, url: str) -> None:
        address = f"{url}?call_id={caller.call_id}"
        config: Any = {"url": address, "call_id": caller.call_id, "headers": {}, "initial_model_settings": SETTINGS}
        async with await RealtimeRunner(front_desk()).run(model_config=config) as session:
            listening = asyncio.create_task(_listen(session))
            await caller.until("session.updated")
            for line, answer in (("How big?", "Up to 22 inches."), ("Weigh mine.", "It weighs 20 pounds.")):
                await caller.say(line)
                while _said(await caller.until("response.done")) != answer:
                    pass
            listening.cancel()

    assert problems(called("?dialogue=sizes", visit).rehearsed.result) == []


async def _listen(session: Any) -> None:
    async for _ in session:
        pass


def _said(done: dict[str, Any]) -> str | None:
    """The text of a response that is a message; None: it calls."""
    messages = [item for item in done["response"]["output"] if item["type"] == "message"]
    return messages[-1]["content"][0]["text"] if messages else None
