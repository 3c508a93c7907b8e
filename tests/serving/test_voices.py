"""A dialogue's model that is spoken to and speaks: by parts that take their time, and with faults on what is spoken."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.realtime import Pace, Parts, serve_visitors
from realtime_scenarios.serving import Stage
from realtime_scenarios.serving.stage import Rehearsing
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.trace import AgentSaid, TraceEvent, UserSaid
from realtime_scenarios.voice import PCM16, Manner, ScriptedWords, Spoken, Tone, decoded
from support import Written
from support.client import Client
from support.sounds import decibels

SHOP = """
scenario: shop
start: main
agents: {main: {instructions: Help callers.}}
dialogues:
  - id: greeting
    turns:
      - {user: Hello, agent: [{say: Good morning. How are you?}]}
      - {user: Bye, agent: [{say: Goodbye.}]}
  - id: hesitant
    turns:
      - {user: Hello, agent: [{say: Good morning.}]}
      - {silence: 10s, agent: []}
      - {user: Bye, agent: [{say: Goodbye.}]}
"""
GREETING = ["Good morning. How are you?"]
TOLD = {"input": {"transcription": {"model": "any"}}}

Visit = Callable[[Client], Awaitable[None]]


class SlowWords(ScriptedWords):
    takes_time = True


class SlowTone:
    """Hums beside the loop, a phrase at a time."""

    takes_time = True

    def __init__(self) -> None:
        self.phrases: list[str] = []

    def speak(self, text: str, manner: Manner) -> Spoken:
        self.phrases.append(text)
        return Tone().speak(text, manner)


def played(
    written: Written,
    visit: Visit,
    parts: Callable[[], Parts],
    *,
    query: str = "?dialogue=greeting",
    pace: Pace | None = None,
) -> Rehearsing:
    """What came of the one visit. Time is real: a thread that a part works in is no reason for virtual time to wait."""
    project = load(written(SHOP))
    told: list[Rehearsing] = []

    async def serving() -> None:
        seconds = asyncio.get_running_loop().time
        stage = Stage([project], cases_of([project]), (), tell=told.append, seconds=seconds, now=lambda: DEFAULT_NOW)
        async with (
            serve_visitors(stage.welcome, parts_factory=parts, pace=pace, ping_interval=None) as server,
            connect(server.url + query, ping_interval=None) as socket,
        ):
            await asyncio.wait_for(visit(Client(socket, {})), 60)

    asyncio.run(serving())
    (only,) = told
    return only


async def speaks_twice(client: Client) -> None:
    await client.update(output_modalities=["audio"], audio=TOLD)
    assert await client.speak() == GREETING
    assert await client.speak() == ["Goodbye."]


def texts(rehearsing: Rehearsing, kind: type[TraceEvent]) -> list[str]:
    return [event.text for event in rehearsing.rehearsed.result.trace if isinstance(event, kind)]  # type: ignore[attr-defined]


def sounds_of(client: Client) -> Sequence[bytes]:
    return [base64.b64decode(e["delta"]) for e in client.events if e["type"] == "response.output_audio.delta"]


def transcripts(client: Client) -> list[str]:
    kind = "conversation.item.input_audio_transcription.completed"
    return [event["transcript"] for event in client.events if event["type"] == kind]


def test_a_dialogue_is_spoken_phrase_by_phrase_and_its_callers_are_heard_as_it_has_them(written: Written) -> None:
    speaker = SlowTone()

    async def visit(client: Client) -> None:
        await speaks_twice(client)
        assert decibels(decoded(b"".join(sounds_of(client)), PCM16)) > -30
        assert transcripts(client) == ["Hello", "Bye"]

    rehearsing = played(written, visit, lambda: Parts(speaker=speaker))
    assert rehearsing.rehearsed.result.passed
    assert [phrase.strip() for phrase in speaker.phrases] == ["Good morning.", "How are you?", "Goodbye."]
    assert texts(rehearsing, UserSaid) == ["Hello", "Bye"]


@pytest.mark.parametrize("words", [ScriptedWords, SlowWords])
@pytest.mark.parametrize("audio", [TOLD, {}], ids=["told", "untold"])
def test_what_a_part_has_written_down_is_what_the_caller_said(
    written: Written, words: type[ScriptedWords], audio: dict[str, object]
) -> None:
    async def visit(client: Client) -> None:
        await client.update(output_modalities=["text"], audio=audio)
        assert await client.speak() == GREETING
        assert await client.speak() == ["Goodbye."]
        assert transcripts(client) == (["Hallo", "By"] if audio else [])

    rehearsing = played(written, visit, lambda: Parts(listener=words(["Hallo", "By"])))
    assert rehearsing.rehearsed.result.passed
    assert texts(rehearsing, UserSaid) == ["Hallo", "By"]


def test_a_caller_who_speaks_after_a_silence_is_heard_as_the_turn_behind_it_has_it(written: Written) -> None:
    async def visit(client: Client) -> None:
        await client.update(output_modalities=["text"], audio=TOLD)
        assert await client.speak() == ["Good morning."]
        assert await client.speak() == ["Goodbye."]
        assert transcripts(client) == ["Hello", "Bye"]

    rehearsing = played(written, visit, Parts, query="?dialogue=hesitant")
    assert rehearsing.rehearsed.result.passed
    assert texts(rehearsing, UserSaid) == ["Hello", "Bye"]


def test_sound_is_lost_on_the_way_where_a_fault_says_so(written: Written) -> None:
    async def visit(client: Client) -> None:
        await speaks_twice(client)
        assert sum(map(len, sounds_of(client))) == PCM16.bytes_of(400)  # one word of the second turn

    query = "?dialogue=greeting&fault=drop,event=response.output_audio.delta,turn=1,times=99"
    rehearsing = played(written, visit, lambda: Parts(speaker=SlowTone()), query=query)
    assert rehearsing.rehearsed.result.passed
    assert texts(rehearsing, AgentSaid) == [*GREETING, "Goodbye."]


def test_a_server_that_hangs_up_while_it_speaks_says_no_more_and_blames_nobody(written: Written) -> None:
    speaker = SlowTone()

    async def visit(client: Client) -> None:
        await client.update(output_modalities=["audio"])
        with pytest.raises(ConnectionClosed) as closed:
            await client.speak()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1011
        assert len(sounds_of(client)) == 1

    rehearsing = played(
        written,
        visit,
        lambda: Parts(speaker=speaker),
        query="?dialogue=greeting&fault=close,event=response.output_audio.delta",
        pace=Pace(words_per_delta=1, follows_speech=True),
    )
    assert rehearsing.rehearsed.result.error is None and not rehearsing.rehearsed.result.failures


def test_a_transcription_session_is_told_what_a_part_that_takes_its_time_has_heard(written: Written) -> None:
    async def visit(client: Client) -> None:
        await client.send("input_audio_buffer.append", audio=base64.b64encode(bytes(PCM16.bytes_of(400))).decode())
        await client.send("input_audio_buffer.commit")
        await client.until("conversation.item.input_audio_transcription.completed")
        assert transcripts(client) == ["Hallo"]

    played(
        written,
        visit,
        lambda: Parts(listener=SlowWords(["Hallo"])),
        query="?dialogue=greeting&intent=transcription",
    )
