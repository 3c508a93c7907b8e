"""Timeouts, delays and silences cost nothing and happen at their second."""

from __future__ import annotations

import asyncio

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import VirtualTimeLoop, run_in_virtual_time
from realtime_scenarios.trace import ToolReturned
from support import Written
from support.conversations import kinds
from support.dialogues import played

PATIENT = """
    scenario: patient
    start: a
    agents: {a: {instructions: x, tools: [slow, pay]}}
    tools:
      slow: {description: x, delay: 5s, returns: "done at {{ now.minute }}:{{ now.second }}"}
      pay: {description: x, approval: {timeout: 60s}}
    dialogues:
      - id: a-long-wait
        now: 2026-03-01T09:00:00Z
        turns:
          - user: Pay
            agent: [{call: pay, approval: times_out}, {say: Nobody answered.}]
          - silence: 90s
            agent: []
          - user: Go on
            agent: [{call: slow}, {say: Done.}]
          - user: Once more
            agent: [{call: slow}, {say: Done.}]
"""


def test_minutes_of_waiting_take_no_time_and_stand_on_the_clock(written: Written) -> None:
    project = load(written(PATIENT))
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    assert result.passed, (result.error, [verdict.message for verdict in result.failures])
    assert "UserSilent" in kinds(result.trace)
    returned = [event.output for event in result.trace if isinstance(event, ToolReturned) and event.tool == "slow"]
    assert returned == ["done at 2:30", "done at 2:35"]


def test_timers_fire_in_their_order_and_time_jumps_to_each() -> None:
    async def story() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[str, float]] = []

        async def after(seconds: float, name: str) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, loop.time()))

        await asyncio.gather(after(3600, "hour"), after(1, "second"), after(60, "minute"))
        return seen

    assert run_in_virtual_time(story()) == [("second", 1.0), ("minute", 60.0), ("hour", 3600.0)]


def test_sockets_work_in_virtual_time() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def story() -> bytes:
        assert isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(b"hello\n")
            line = await asyncio.wait_for(reader.readline(), 5)
            writer.close()
            return line

    assert run_in_virtual_time(story()) == b"hello\n"
