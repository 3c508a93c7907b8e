"""A conversation through a microphone and a loudspeaker: what is said in it, and how much of an answer was heard."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.devices import FRAME_MS, FileDevice, Frame
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime import Pace, Parts
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import Call, Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.session.call import SETTLED_MS
from realtime_scenarios.trace import AgentSaid, Interrupted, Trace, UserSaid
from realtime_scenarios.voice import PCM16, ScriptedWords, Tone, encoded
from support import Answers, Written
from support.conversations import kinds, of
from support.sounds import hum, joined, quiet

DESK = "scenario: desk\nstart: desk\nsession: {SESSION}\nagents: {desk: {instructions: You are a desk.}}\n"
SERVER_VAD = "turn_detection: {type: server_vad, silence_duration_ms: 400}"
AS_HEARD = Pace(words_per_delta=1, follows_speech=True)
AT_ONCE = Pace()
LONG = "one two three four five six seven eight nine ten"


class Held:
    """A call in virtual time, from a microphone that says `said`."""

    def __init__(
        self,
        path: Path,
        said: array[int],
        *answers: str,
        words: tuple[str, ...] = ("One", "Two"),
        pace: Pace = AS_HEARD,
        turns: Any = "detected",
        while_it_lasts: Callable[[Call, Conversation], Awaitable[None]] | None = None,
    ) -> None:
        self.frames: list[Frame] = []
        self.device = FileDevice(encoded(said, PCM16))
        self.answers = Answers([[SayText(answer)] for answer in answers])
        parts = Parts(listener=ScriptedWords(words), speaker=Tone())
        request = ProviderRequest(responder=self.answers, parts=parts, pace=pace)
        scenario = load(path).scenario

        async def conversation() -> Trace:
            opened = PROVIDERS["offline"].open(request)
            output = scenario.session.output_format
            call = Call(self.device, turns, output_format=output, watchers=[self.frames.append])
            talked = Conversation(compiled(scenario), opened, clock=LoopClock(), audio=call.audio)
            async with talked:
                beside = asyncio.create_task(_turns(talked))
                acting = asyncio.create_task(while_it_lasts(call, talked)) if while_it_lasts else None
                await call.carry(talked)
                for task in filter(None, (beside, acting)):
                    task.cancel()
                return talked.finished("over")

        self.trace = run_in_virtual_time(conversation())

    @property
    def heard_ms(self) -> int:
        return FRAME_MS * sum(any(frame.heard) for frame in self.frames)

    @property
    def lasted_ms(self) -> int:
        return FRAME_MS * len(self.frames)


async def _turns(conversation: Conversation) -> None:
    while True:
        await conversation.next_spoken_turn()


def desk(written: Written, session: str = SERVER_VAD) -> Path:
    return written(DESK.replace("SESSION", session))


def texts(trace: Trace) -> list[str]:
    return [event.text for event in trace if isinstance(event, (UserSaid, AgentSaid))]


@pytest.mark.parametrize("pace", [AS_HEARD, AT_ONCE])
def test_a_question_from_a_microphone_is_answered_and_the_call_ends_when_the_answer_was_heard(
    written: Written, pace: Pace
) -> None:
    held = Held(desk(written), joined([quiet(500), hum(300, 600)]), "Good morning to you.", pace=pace)

    assert texts(held.trace) == ["One", "Good morning to you."]
    assert 4 * 320 <= held.heard_ms <= 4 * 400  # each word hums for 320 of its 400 ms
    assert abs(held.lasted_ms - (500 + 600 + 400 + 4 * 400 + SETTLED_MS)) <= 200


def test_an_answer_that_comes_at_once_is_heard_in_its_time_and_cut_where_the_ear_stopped(written: Written) -> None:
    said = joined([quiet(500), hum(300, 600), quiet(1600), hum(300, 600)])
    held = Held(desk(written), said, LONG, "Second.", pace=AT_ONCE)

    assert kinds(held.trace)[:4] == ["UserSaid", "AgentSaid", "Interrupted", "UserSaid"]
    (cut,) = of(held.trace, Interrupted)
    assert cut.heard.split() == ["one", "two", "three"]  # 1.2 s of 400 ms a word
    kept = held.answers.requests[-1].items
    (answer,) = [item for item in kept if item.get("role") == "assistant"]
    assert answer["content"][0]["transcript"].split() == ["one", "two", "three"]


def test_a_voice_that_cuts_in_silences_the_loudspeaker_at_once(written: Written) -> None:
    said = joined([quiet(500), hum(300, 600), quiet(1600), hum(300, 2000)])
    held = Held(desk(written), said, LONG, "Second.")

    began = 500 + 600 + 1600
    after = held.frames[(began + 200) // FRAME_MS : (began + 2000) // FRAME_MS]
    assert not any(any(frame.heard) for frame in after)
    assert of(held.trace, AgentSaid)[0].interrupted


def test_who_closes_the_microphone_is_silent_to_the_agent_and_on_the_tape(written: Written) -> None:
    async def mute(call: Call, conversation: Conversation) -> None:
        call.is_open = False

    held = Held(desk(written), joined([quiet(500), hum(300, 600)]), while_it_lasts=mute)

    assert texts(held.trace) == []
    assert not any(any(frame.said) for frame in held.frames[2:])


def test_who_holds_the_key_is_heard_and_answered_when_they_let_it_go(written: Written) -> None:
    async def hold(call: Call, conversation: Conversation) -> None:
        await call.press(conversation)
        await asyncio.sleep(0.6)
        await call.release(conversation)

    held = Held(desk(written), hum(300, 1000), "Yes.", turns="pushed", while_it_lasts=hold)

    assert texts(held.trace) == ["One", "Yes."]
    assert of(held.trace, UserSaid)[0].audio_ms in (580, 600, 620)


def test_who_presses_the_key_cuts_in(written: Written) -> None:
    async def hold(call: Call, conversation: Conversation) -> None:
        await call.press(conversation)
        await asyncio.sleep(0.6)
        await call.release(conversation)
        await asyncio.sleep(1.25)
        await call.press(conversation)
        await asyncio.sleep(0.3)
        await call.release(conversation)

    held = Held(desk(written), hum(300, 3000), LONG, "Second.", turns="pushed", pace=AT_ONCE, while_it_lasts=hold)

    assert [cut.heard.split() for cut in of(held.trace, Interrupted)] == [["one", "two", "three"]]
    assert texts(held.trace) == ["One", LONG, "Two", "Second."]


def test_an_agent_on_the_telephone_is_heard_at_the_rate_of_the_device(written: Written) -> None:
    session = f"{SERVER_VAD}, output_format: g711_ulaw"
    held = Held(desk(written, session), joined([quiet(500), hum(300, 600)]), "Good morning to you.")

    assert 4 * 320 <= held.heard_ms <= 4 * 400
    assert kinds(held.trace) == ["UserSaid", "AgentSaid", "SessionEnded"]


def test_the_same_call_is_the_same_each_time(written: Written) -> None:
    said = joined([quiet(500), hum(300, 600), quiet(1600), hum(300, 600)])
    first, second = (Held(desk(written), said, LONG, "Second.") for _ in range(2))

    assert first.trace.events == second.trace.events
    assert first.frames == second.frames
