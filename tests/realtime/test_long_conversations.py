"""What a turn costs the engine does not grow with the conversation: counted in steps of Python, not in time."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from realtime_scenarios.realtime import Parts
from realtime_scenarios.realtime.mcp_servers import ListTools, McpTool
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.voice import Utterance
from support.talk import Talk

SHORT, LONG = 10, 250
LOUD = base64.b64encode(b"\x00\x40\x00\xc0" * 24 * 300).decode()
QUIET = base64.b64encode(bytes(48 * 200)).decode()
WIKI = {"type": "mcp", "server_label": "wiki", "server_url": "http://127.0.0.1:9/mcp", "require_approval": "never"}


class Scribe:
    """Writes down the same each time: at once, or beside the loop."""

    def __init__(self, takes_time: bool) -> None:
        self.takes_time = takes_time

    def transcribe(self, utterance: Utterance) -> str:
        return "How big is a bag?"


class LongTalk(Talk):
    """A talk whose answers never run out. `again` is what each response does."""

    def __init__(self, again: list[Output], listener: Scribe | None = None) -> None:
        super().__init__(parts=Parts(listener=listener))
        self.again = again
        self.update(output_modalities=["text"], audio={"input": {"turn_detection": None}})

    def answered(self) -> list[dict[str, Any]]:
        requests = self.engine.take_requests()
        for request in requests:
            self.engine.answer(request.response_id, self.again, self.now_ms)
        for work in self.engine.take_mcp_work():
            tools = [McpTool("ask", "Asks the wiki.", {"type": "object"})]
            self.engine.mcp_answered(work, tools if isinstance(work, ListTools) else "22 inches.", self.now_ms)
        return []

    def read(self, events: Any) -> list[dict[str, Any]]:
        return list(events)

    def hears(self, turn: str) -> None:
        """One turn of the user, and what comes of it."""
        if turn == "voice":
            self.send("input_audio_buffer.append", audio=LOUD)
            self.send("input_audio_buffer.append", audio=QUIET)
            for heard in self.engine.take_heard():
                self.engine.transcribed(heard, heard.listener.transcribe(heard.utterance))
                self.answered()
        else:
            self.say("How big is a bag?")
            self.send("response.create")


def steps(work: Callable[[], None]) -> int:
    """How many instructions of Python the work takes."""
    count = 0

    def step(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def listening(takes_time: bool, *, is_told: bool) -> LongTalk:
    talk = LongTalk([SayText("Up to 22 inches.")], Scribe(takes_time))
    detection = {"type": "server_vad", "silence_duration_ms": 100}
    transcription = {"model": "whisper-1"} if is_told else None
    talk.update(audio={"input": {"turn_detection": detection, "transcription": transcription}})
    return talk


def with_wiki() -> LongTalk:
    talk = LongTalk([CallFunction("ask", "{}"), SayText("Up to 22 inches.")])
    talk.send("session.update", session={"type": "realtime", "tools": [WIKI]})
    return talk


TALKS: dict[str, tuple[str, Callable[[], LongTalk]]] = {
    "written": ("text", lambda: LongTalk([SayText("Up to 22 inches.")])),
    "calls": ("text", lambda: LongTalk([CallFunction("look_up", "{}")])),
    "calls of a server": ("text", with_wiki),
    "heard at once": ("voice", lambda: listening(False, is_told=False)),
    "heard beside the loop": ("voice", lambda: listening(True, is_told=False)),
    "heard and told": ("voice", lambda: listening(True, is_told=True)),
}


@pytest.mark.parametrize("name", TALKS)
def test_a_turn_costs_in_a_long_conversation_what_it_costs_in_a_short_one(name: str) -> None:
    turn, begun = TALKS[name]
    talk = begun()
    for _ in range(SHORT):
        talk.hears(turn)
    early = steps(lambda: talk.hears(turn))
    for _ in range(LONG):
        talk.hears(turn)
    late = steps(lambda: talk.hears(turn))
    assert late <= early + 300
