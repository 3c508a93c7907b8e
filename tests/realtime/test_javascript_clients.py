"""JavaScript clients over the websocket carrier.

They need node and a folder for their packages, which are installed there once: name one in REALTIME_JS_FOLDER. Without
it nothing is fetched and the test is left out.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.realtime import serve
from realtime_scenarios.realtime.responder import CallFunction
from support.javascript import installed, needs_javascript
from support.mcp_server import Wiki, served
from support.responders import CallsOnce, Desk

SOURCES = Path(__file__).parent / "js"


@pytest.fixture
def folder() -> Path:
    return installed(SOURCES)


@needs_javascript
def test_openai_agents_for_javascript_uses_tools_hears_speech_and_hands_over(folder: Path) -> None:
    async def visit(modality: str) -> dict[str, Any]:
        async with serve(Desk, api_keys=["sk-1"]) as server:
            process = await asyncio.create_subprocess_exec(
                "node", "client.mjs", server.url, modality, "sk-1", cwd=folder, stdout=asyncio.subprocess.PIPE
            )
            told, _ = await asyncio.wait_for(process.communicate(), 60)
        found: dict[str, Any] = json.loads(told)
        return found

    for modality in ("text", "audio"):
        found = asyncio.run(visit(modality))
        assert found["browser"] == {"protocol": "realtime", "first": "session.created"}
        assert found["agents"]["errors"] == []
        assert found["agents"]["tools"] == ["bags up to 22 inches"]
        assert found["agents"]["handoffs"] == ["second"]
        assert found["agents"]["said"][:2] == ["You said hello", "I found: bags up to 22 inches"]
        assert (found["agents"]["audio"] > 0) == (modality == "audio")


@needs_javascript
@pytest.mark.parametrize(
    ("decision", "output", "said"),
    [
        ("approve", "The wiki says: How big?", "The wiki says: How big?"),
        ("reject", None, "Failed: The call was not approved."),
    ],
)
def test_openai_agents_for_javascript_decides_about_the_call_of_an_mcp_tool(
    decision: str, output: str | None, said: str, folder: Path
) -> None:
    async def visit() -> dict[str, Any]:
        asks = CallFunction("ask", '{"question": "How big?"}')
        async with served(Wiki().app()) as url, serve(lambda: CallsOnce(asks), api_keys=["sk-1"]) as server:
            process = await asyncio.create_subprocess_exec(
                "node", "mcp.mjs", server.url, url, decision, cwd=folder, stdout=asyncio.subprocess.PIPE
            )
            told, _ = await asyncio.wait_for(process.communicate(), 60)
        found: dict[str, Any] = json.loads(told)
        return found

    assert asyncio.run(visit()) == {"errors": [], "listed": ["ask", "write"], "completed": [output], "said": [said]}
