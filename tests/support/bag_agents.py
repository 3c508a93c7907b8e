"""The desk for bags as the SDK's own agents, for the dialogues of tests/serving/desk.yaml."""

from __future__ import annotations

from typing import Any

from agents import function_tool
from agents.realtime import RealtimeAgent, realtime_handoff

SETTINGS: Any = {"output_modalities": ["text"], "audio": {"input": {"turn_detection": None}}}
"""Of a session in which callers type."""


@function_tool
async def look_up(what: str) -> str:
    """Looks things up."""
    return f"a {what}: up to 22 inches"


@function_tool
async def weigh() -> str:
    """Weighs."""
    return "20 pounds"


def front_desk() -> RealtimeAgent[Any]:
    """The agent that begins, which can hand off to the desk for bags."""
    bags = RealtimeAgent[Any](name="Bags", tools=[weigh])
    return RealtimeAgent[Any](name="Front Desk", tools=[look_up], handoffs=[realtime_handoff(bags)])
