"""Clients that were not written for this server: openai-python and openai-agents, over the websocket carrier."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, realtime_handoff
from openai import AsyncOpenAI

from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Pace, connect_in_memory, serve
from support.responders import Desk
from support.strict import Strict


def test_openai_python_holds_a_conversation() -> None:
    async def talk() -> list[Any]:
        events = []
        async with serve(Desk, api_keys=["sk-1"]) as server:
            client = AsyncOpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key="sk-1")
            async with client.realtime.connect(model="gpt-realtime-mini") as connection:
                await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
                message: Any = {
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "hello"}],
                }
                await connection.conversation.item.create(item=message)
                await connection.response.create()
                async for event in connection:
                    events.append(event)
                    if event.type == "rate_limits.updated":
                        break
            await client.close()
        return events

    events = asyncio.run(talk())
    strict = Strict()
    for event in events:
        strict.read(event.to_dict())
    assert strict.events[0]["session"]["model"] == "gpt-realtime-mini"
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "You said hello"
    assert events[-2].response.status == "completed" and events[-2].response.usage.total_tokens > 0


@function_tool
async def look_up(what: str) -> str:
    """Looks things up."""
    return f"{what} up to 22 inches"


async def session_events(
    *lines: str,
    settings: dict[str, Any],
    pace: Pace | None = None,
    interrupt_after: int | None = None,
    in_memory: bool = False,
) -> tuple[list[Any], list[str]]:
    """What the SDK's session tells its user, and the names of the events on the wire."""
    second = RealtimeAgent(name="second", instructions="The second desk.")
    first = RealtimeAgent(name="first", tools=[look_up], handoffs=[realtime_handoff(second)])
    seen: list[Any] = []
    wire: list[str] = []
    strict = Strict()

    async def connected() -> Any:
        return connect_in_memory(Desk(), pace=pace)

    async with serve(Desk, pace=pace) as server:
        model = WireModel(connected) if in_memory else None
        config: Any = {
            "url": f"{server.url}?model=m",
            "headers": {},
            "initial_model_settings": settings,
        }
        session = await RealtimeRunner(first, model=model, config={"tracing_disabled": True}).run(model_config=config)
        async with session:
            waiting = list(lines)
            await session.send_message(waiting.pop(0))
            deltas = 0
            async for event in session:
                seen.append(event)
                if event.type != "raw_model_event" or event.data.type != "raw_server_event":
                    continue
                kind = event.data.data["type"]
                if not in_memory:  # there, events that the SDK makes no use of do not reach its user
                    strict.read(event.data.data)
                wire.append(kind)
                deltas += kind.endswith("transcript.delta")
                if interrupt_after is not None and deltas == interrupt_after and kind.endswith("audio.delta"):
                    await session.interrupt()
                    interrupt_after = None
                done = event.data.data.get("response", {}) if kind == "response.done" else {}
                if done and all(item["type"] == "message" for item in done["output"]):
                    if not waiting:
                        break
                    await session.send_message(waiting.pop(0))
    return seen, wire


def test_openai_agents_uses_tools_and_hands_over() -> None:
    settings = {"output_modalities": ["text"], "audio": {"input": {"turn_detection": None}}}
    seen, wire = asyncio.run(session_events("hello", "look please", "the other desk", settings=settings))
    kinds = [event.type for event in seen]
    assert "error" not in kinds and "error" not in wire
    assert [event.output for event in seen if event.type == "tool_end"] == ["bags up to 22 inches"]
    assert [event.to_agent.name for event in seen if event.type == "handoff"] == ["second"]
    assert wire.count("session.updated") >= 2
    history = [event for event in seen if event.type == "history_updated"][-1].history
    said = [item.content[0].text for item in history if item.type == "message" and item.role == "assistant"]
    assert "I found: bags up to 22 inches" in said


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("settings", [{"audio": {"input": {"turn_detection": None}}}, {}])
def test_openai_agents_hears_speech_and_interrupts_it(settings: dict[str, Any], in_memory: bool) -> None:
    """Without turn detection it sends a truncate and a cancel; with its own default the truncate has to do."""
    line = "one two three four five six seven eight nine ten " * 20
    seen, wire = asyncio.run(
        session_events(line, settings=settings, pace=Pace(1, 5), interrupt_after=3, in_memory=in_memory)
    )
    assert [event.type for event in seen].count("audio") >= 3
    assert wire.count("response.output_audio.delta") < 150
    raw = [event.data for event in seen if event.type == "raw_model_event"]
    done = [event.data for event in raw if event.type == "raw_server_event" and event.data["type"] == "response.done"]
    assert done[-1]["response"]["status"] == "cancelled"
    assert "audio_interrupted" in [event.type for event in seen]
    assert "conversation.item.truncated" in wire
    assert "conversation.item.retrieved" in wire or wire[-1] == "response.done"
    assert "error" not in wire


def test_openai_python_is_told_when_its_key_is_wrong() -> None:
    async def talk() -> None:
        async with serve(Desk, api_keys=["sk-1"]) as server:
            client = AsyncOpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key="sk-wrong")
            with pytest.raises(Exception, match="401"):
                async with client.realtime.connect(model="m"):
                    pass
            await client.close()

    asyncio.run(talk())
