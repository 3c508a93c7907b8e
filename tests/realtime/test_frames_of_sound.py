"""What a frame of sound costs the engine, of which a caller sends 25 a second: counted in calls of Python, not in time."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import sys
from types import FrameType
from typing import Any

import pytest

from realtime_scenarios.realtime import Engine, connect_in_memory, events
from support.responders import Says

FRAME_MS = 40
ROOM = random.Random(1)
FRAMES = [
    json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(sound).decode()})
    for sound in (
        b"".join(ROOM.randrange(-30, 30).to_bytes(2, "little", signed=True) for _ in range(24 * FRAME_MS))
        for _ in range(8)
    )
]
MOST_CALLS = 50


def calls_of(engine: Engine, text: str) -> int:
    """How many functions of Python are called for that text, which nothing comes of."""
    calls = 0

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        assert engine.receive(text) == []
    finally:
        sys.setprofile(None)
    return calls


def test_a_frame_costs_the_same_at_any_time_and_little() -> None:
    engine = Engine()
    calls = [calls_of(engine, FRAMES[number % 8]) for number in range(800)]
    assert max(calls[-8:]) == max(calls[200:208]) <= MOST_CALLS


def test_a_frame_is_neither_read_as_any_other_event_nor_makes_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise AssertionError("a frame is read twice")

    async def visit() -> None:
        loop, timers = asyncio.get_running_loop(), list[float]()
        monkeypatch.setattr(loop, "call_at", lambda when, *_: timers.append(when))
        connection = connect_in_memory(Says())
        monkeypatch.setattr(events, "parsed_json", refuse)
        for text in FRAMES:
            await connection.send(text)
        assert timers == []

    asyncio.run(visit())
