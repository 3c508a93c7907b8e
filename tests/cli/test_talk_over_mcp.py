"""`scenario talk mcp` is a server that the official client of the Model Context Protocol talks to."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from mcp import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client

from realtime_scenarios.core import resource_folder

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk: {instructions: x, tools: [hours]}
tools:
  hours: {description: When we are open., examples: [When are you open?], returns: "We are open from nine to five."}
"""


def test_a_client_starts_says_and_stops(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SCENARIO)
    runner = str(resource_folder("schemas").parent / "runner")
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "realtime_scenarios", "talk", "mcp"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": runner},
    )

    async def talk() -> list[object]:
        async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as client:
            await client.initialize()
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert {"talk_start", "talk_say", "talk_approve", "talk_undo", "talk_stop"} <= set(names)
            lost = await client.call_tool("talk_say", {"text": "Hello?"})
            await client.call_tool("talk_start", {"file": "shop.yaml"})
            try:
                told = await client.call_tool("talk_say", {"text": "When are you open?"})
            finally:
                await client.call_tool("talk_stop", {})
            return [lost, told]

    lost, told = asyncio.run(talk())
    assert "no conversation is being held here" in str(lost)
    assert "We are open from nine to five." in str(told)
