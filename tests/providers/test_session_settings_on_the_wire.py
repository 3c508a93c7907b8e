"""Every setting of a session reaches the server as it was written: at the start, and with every agent after a handoff."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import Conversation, LoopClock
from support import Answers, Written, recording_server

SCENARIO = """\
scenario: shop
start: main
session:
  model: gpt-realtime-2.1
{settings}
agents:
  main: {{instructions: Be brief., handoffs: [desk]}}
  desk: {{instructions: Be kind.}}
"""


async def sessions(written: Written, settings: str) -> list[dict[str, Any]]:
    """The session of each update that a server on a socket is sent: by the first agent, and by the second."""
    project = load(written(SCENARIO.format(settings=settings)))
    assert not project.errors, project.errors
    answers = Answers([[CallFunction("transfer_to_desk", "{}")], [SayText("Good evening.")]])
    async with recording_server(answers) as recording:
        opened = PROVIDERS["url"].open(ProviderRequest(url=recording.url).completed_by(project.scenario))
        async with Conversation(compiled(project.scenario), opened, clock=LoopClock()) as conversation:
            await conversation.user_says("The desk, please.")
    updates = [frame["session"] for frame in recording.of("session.update")]
    assert "Be brief." in updates[0]["instructions"] and "Be kind." in updates[-1]["instructions"]
    return updates


@pytest.mark.parametrize(
    ("settings", "path", "sent"),
    [
        ("  reasoning: {effort: xhigh}", "reasoning", {"effort": "xhigh"}),
        ("  parallel_tool_calls: false", "parallel_tool_calls", False),
        ("  truncation: auto", "truncation", "auto"),
        ("  truncation: disabled", "truncation", "disabled"),
        (
            "  truncation: {retention_ratio: 0.8}",
            "truncation",
            {"type": "retention_ratio", "retention_ratio": 0.8},
        ),
        (
            "  truncation: {type: retention_ratio, retention_ratio: 1, token_limits: {post_instructions: 8000}}",
            "truncation",
            {"type": "retention_ratio", "retention_ratio": 1, "token_limits": {"post_instructions": 8000}},
        ),
        ("  noise_reduction: near_field", "audio.input.noise_reduction", {"type": "near_field"}),
        (
            "  noise_reduction: {type: far_field, strength: 0.4}",
            "audio.input.noise_reduction",
            {"type": "far_field", "strength": 0.4},
        ),
        (
            "  transcription: {model: gpt-live-transcribe, languages: [en, de], keywords: [Ouigo, Renfe]}",
            "audio.input.transcription",
            {"model": "gpt-live-transcribe", "languages": ["en", "de"], "keywords": ["Ouigo", "Renfe"]},
        ),
        (
            "  turn_detection: off\n  transcription: {model: gpt-realtime-whisper, delay: low}",
            "audio.input.transcription",
            {"model": "gpt-realtime-whisper", "delay": "low"},
        ),
    ],
)
def test_a_setting_is_sent_at_the_start_and_after_a_handoff(
    written: Written, settings: str, path: str, sent: object
) -> None:
    for session in asyncio.run(sessions(written, settings)):
        for name in path.split("."):
            session = session[name]
        assert session == sent


def test_what_a_scenario_does_not_say_is_left_to_the_service(written: Written) -> None:
    for session in asyncio.run(sessions(written, "")):
        assert not session.keys() & {"reasoning", "parallel_tool_calls", "truncation"}
        assert "noise_reduction" not in session["audio"]["input"]
