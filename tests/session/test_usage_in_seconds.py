"""What is spoken and written down is billed by the second: the engine says so, and the SDK and the trace take it."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest
from agents.realtime import RealtimeModelEvent, RealtimeModelListener

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Parts, connect_in_memory
from realtime_scenarios.realtime import serve as serve_engine
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import Conversation, LoopClock
from realtime_scenarios.trace import AgentSaid, ModelError, Trace, from_json_lines, to_json_lines
from realtime_scenarios.voice import Utterance
from support import Answers, Written
from support.conversations import of

DESK = "scenario: desk\nstart: desk\nsession: {language: en}\nagents: {desk: {instructions: Help.}}\n"
ONE_AND_A_HALF_SECONDS = bytes(48 * 1500)
"""16-bit PCM at 24 kHz."""


class Secretary:
    def transcribe(self, utterance: Utterance) -> str:
        return "What flight am I on?"


class Hears(RealtimeModelListener):
    """Keeps the transcriptions as the wire and the SDK have them, and what the SDK could not read."""

    def __init__(self) -> None:
        self.billed: list[dict[str, Any]] = []
        self.words: list[str] = []
        self.failures: list[Any] = []

    async def on_event(self, event: RealtimeModelEvent) -> None:
        if event.type == "raw_server_event" and str(event.data.get("type")).endswith("transcription.completed"):
            self.billed.append(event.data["usage"])
        elif event.type == "input_audio_transcription_completed":
            self.words.append(event.transcript)
        elif event.type in ("error", "exception"):
            self.failures.append(event)


async def spoken_to(written: Written, opened: Opened, hears: Hears) -> tuple[Trace, list[str]]:
    """The trace of a conversation in which something is spoken, and the words that the SDK's history has for it."""
    opened.model.add_listener(hears)
    async with Conversation(compiled(load(written(DESK)).scenario), opened, clock=LoopClock()) as conversation:
        session = conversation._line.session
        await session.send_audio(ONE_AND_A_HALF_SECONDS, commit=True)
        await conversation.user_says("Did you hear me?")
        heard = [
            part.transcript
            for item in session._history
            if item.type == "message" and item.role == "user"
            for part in item.content
            if part.type == "input_audio"
        ]
        return conversation.finished("over"), heard


async def in_memory(written: Written, hears: Hears) -> tuple[Trace, list[str]]:
    async def connect() -> Any:
        return connect_in_memory(Answers([[SayText("I did.")]]), parts=Parts(listener=Secretary()))

    opened = Opened(WireModel(connect), {"api_key": "none"})
    return await spoken_to(written, opened, hears)


async def over_a_socket(written: Written, hears: Hears) -> tuple[Trace, list[str]]:
    parts = functools.partial(Parts, listener=Secretary())
    async with serve_engine(lambda: Answers([[SayText("I did.")]]), parts_factory=parts) as server:
        return await spoken_to(written, PROVIDERS["url"].open(ProviderRequest(url=server.url)), hears)


@pytest.mark.parametrize("conversation", [in_memory, over_a_socket])
def test_a_transcription_that_is_billed_by_the_second_is_taken_as_it_comes(written: Written, conversation: Any) -> None:
    hears = Hears()
    trace, heard = asyncio.run(conversation(written, hears))

    assert hears.billed == [{"type": "duration", "seconds": 1.5}]
    assert hears.words == heard == ["What flight am I on?"]
    assert not hears.failures and not of(trace, ModelError)
    assert [event.text for event in of(trace, AgentSaid)] == ["I did."]
    assert from_json_lines(to_json_lines(trace)) == list(trace)
