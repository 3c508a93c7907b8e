"""JavaScript clients over the websocket carrier.

They need node and a folder for their packages, which are installed there once: name one in REALTIME_JS_FOLDER. Without
it nothing is fetched and the test is left out.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.realtime import serve
from support.responders import Desk

SOURCES = Path(__file__).parent / "js"
FOLDER = os.environ.get("REALTIME_JS_FOLDER")


@pytest.fixture
def folder() -> Path:
    if not FOLDER or shutil.which("node") is None:
        pytest.skip("REALTIME_JS_FOLDER is not set, or there is no node")
    place = Path(FOLDER)
    place.mkdir(parents=True, exist_ok=True)
    for source in SOURCES.iterdir():
        shutil.copy(source, place / source.name)
    if not (place / "node_modules" / "@openai" / "agents-realtime").is_dir():
        install = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
        subprocess.run(install, cwd=place, check=True, timeout=120)
    return place


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
