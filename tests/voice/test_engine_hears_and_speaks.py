"""The engine with parts that hear and speak: sound goes in, words are read, and what is said can be heard."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import threading
from array import array
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, ClassVar

import pytest
from websockets.asyncio.client import connect

from realtime_scenarios.realtime import Pace, Parts, connect_in_memory, serve
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
from realtime_scenarios.session.time import run_in_virtual_time
from realtime_scenarios.voice import (
    FORMATS,
    PCM16,
    Manner,
    PartFailed,
    ScriptedWords,
    Speech,
    Tone,
    Unvoiced,
    Utterance,
    decoded,
    encoded,
    unvoiced,
)
from support.responders import Says
from support.sounds import decibels, hum, joined, quiet
from support.strict import Strict
from support.talk import Event, Talk, kinds, only

TRANSCRIPTION = "conversation.item.input_audio_transcription."
ASKED = {"type": "server_vad", "silence_duration_ms": 200}


def spoken_line(ms: int = 400) -> str:
    sound = joined([quiet(300), hum(300, ms), quiet(400)])
    return base64.b64encode(encoded(sound, PCM16)).decode()


def appended() -> str:
    return json.dumps({"type": "input_audio_buffer.append", "audio": spoken_line()})


def updated(**audio: Any) -> str:
    detection = {"turn_detection": ASKED, "transcription": {"model": "any", "language": "en"}}
    session = {"type": "realtime", "audio": {"input": detection, **audio}}
    return json.dumps({"type": "session.update", "session": session})


class Repeats:
    """Says what it was told."""

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        return [SayText(f"You said {request.items[-1]['content'][0]['transcript']}")]


class SlowWords:
    """Writes down beside the loop what it knows before; fails at what is no text."""

    takes_time: ClassVar[bool] = True

    def __init__(self, *turns: str | PartFailed) -> None:
        self.turns = list(turns)
        self.languages: list[str | None] = []
        self.threads: set[int] = set()

    def transcribe(self, utterance: Utterance) -> str | None:
        self.threads.add(threading.get_ident())
        self.languages.append(utterance.language)
        words = self.turns.pop(0)
        if isinstance(words, PartFailed):
            raise words
        return words


class SlowTone:
    """The tone, made beside the loop; cannot say "unspeakable"."""

    takes_time: ClassVar[bool] = True

    def __init__(self) -> None:
        self.said: list[str] = []

    def speak(self, text: str, manner: Manner) -> Speech:
        self.said.append(text)
        if "unspeakable" in text:
            raise PartFailed("there is no sound for that")
        return Tone().speak(text, manner)


async def received_until(client: Any, kind: str) -> list[Event]:
    """The events up to the first one of that kind."""
    events: list[Event] = []
    while not events or events[-1]["type"] != kind:
        events.append(json.loads(await asyncio.wait_for(client.recv(), 30)))
    return events


def sound_of(events: Sequence[Event], kind: str = "audio/pcm") -> array[int]:
    deltas = [event["delta"] for event in events if event["type"] == "response.output_audio.delta"]
    return decoded(b"".join(map(base64.b64decode, deltas)), FORMATS[kind])


def test_a_spoken_line_is_answered_in_sound_over_a_websocket() -> None:
    async def visit() -> list[Event]:
        parts = lambda: Parts(listener=ScriptedWords(["What flight am I on?"]), speaker=Tone())  # noqa: E731
        async with serve(Repeats, parts_factory=parts) as server, connect(server.url) as client:
            await client.send(updated())
            await client.send(appended())
            return await received_until(client, "response.done")

    events = asyncio.run(visit())
    strict = Strict()
    for event in events:
        strict.read(json.dumps(event))
    assert only(events, TRANSCRIPTION + "completed")["transcript"] == "What flight am I on?"
    said = only(events, "response.output_audio_transcript.done")["transcript"]
    assert said == "You said What flight am I on?"
    sound = sound_of(events)
    assert decibels(sound) > -30
    assert len(sound) == 24 * 400 * len(said.split())


def slow_session(listener: SlowWords | None, speaker: SlowTone | None, responder: Any, *sent: str) -> list[Event]:
    """What comes in virtual time, where what takes time is done at once."""

    async def talk() -> list[Event]:
        parts = Parts(listener=listener, **({} if speaker is None else {"speaker": speaker}))
        connection = connect_in_memory(responder, parts=parts, pace=Pace(1, follows_speech=True))
        await connection.send(updated())
        for text in sent:
            await connection.send(text)
        events = await received_until(connection, "response.done")
        await connection.close()
        return events

    return run_in_virtual_time(talk())


def test_who_answers_waits_for_words_that_take_their_time() -> None:
    listener = SlowWords("Hello there.")
    events = slow_session(listener, None, Repeats(), appended())
    assert kinds(events).index("response.created") < kinds(events).index(TRANSCRIPTION + "completed")
    assert only(events, "response.output_audio_transcript.done")["transcript"] == "You said Hello there."
    assert listener.languages == ["en"]


def test_words_that_cannot_be_had_are_told_and_the_conversation_goes_on() -> None:
    listener = SlowWords(PartFailed("the server at localhost answered 500"))
    events = slow_session(listener, None, Says(SayText("Pardon?")), appended())
    error = only(events, TRANSCRIPTION + "failed")["error"]
    assert (error["code"], error["message"]) == ("transcription_failed", "the server at localhost answered 500")
    assert only(events, "response.output_audio_transcript.done")["transcript"] == "Pardon?"


def test_a_long_answer_is_heard_before_its_end_has_been_made() -> None:
    speaker = SlowTone()
    answer = "One two three. Four five six! Seven eight nine?"
    events = slow_session(None, speaker, Says(SayText(answer)), '{"type": "response.create"}')
    assert speaker.said == ["One two three. ", "Four five six! ", "Seven eight nine?"]
    assert only(events, "response.output_audio_transcript.done")["transcript"] == answer
    assert len(sound_of(events)) == 24 * 400 * 9
    assert only(events, "response.done")["response"]["usage"]["output_token_details"]["audio_tokens"] == 72


def test_what_cannot_be_spoken_fails_its_response_and_no_other() -> None:
    speaker = SlowTone()
    answer = "This is fine. This is unspeakable. This is never said."
    events = slow_session(None, speaker, Says(SayText(answer)), '{"type": "response.create"}')
    response = only(events, "response.done")["response"]
    assert (response["status"], response["status_details"]["error"]["code"]) == ("failed", "speech_failed")
    assert response["output"][0]["content"][0]["transcript"] == "This is fine. "


def test_the_same_conversation_in_virtual_time_is_the_same_byte_for_byte() -> None:
    def conversation() -> list[Event]:
        return slow_session(SlowWords("Hello there."), SlowTone(), Repeats(), appended())

    assert conversation() == conversation()


def test_one_client_that_is_written_down_keeps_no_other_waiting() -> None:
    listener = SlowWords("Hello there.")

    async def visit() -> None:
        release = threading.Event()

        class Waits(SlowWords):
            def transcribe(self, utterance: Utterance) -> str | None:
                assert release.wait(30)
                return listener.transcribe(utterance)

        async with (
            serve(Repeats, parts_factory=lambda: Parts(listener=Waits())) as server,
            connect(server.url) as slow,
            connect(server.url) as other,
        ):
            await slow.send(updated())
            await slow.send(appended())
            await received_until(slow, "response.created")
            await other.send(updated())
            await received_until(other, "session.updated")
            release.set()
            await received_until(slow, "response.done")

    asyncio.run(visit())
    assert listener.threads and threading.get_ident() not in listener.threads


def test_a_service_that_hangs_for_many_keeps_no_other_waiting() -> None:
    asyncios_own = min(32, (os.cpu_count() or 1) + 4)
    release = threading.Event()

    class Waits(SlowWords):
        def transcribe(self, utterance: Utterance) -> str | None:
            assert release.wait(120)
            return "At last."

    listeners = iter([*(Waits() for _ in range(asyncios_own)), SlowWords("Hello there.")])

    async def visit() -> None:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(
                serve(Repeats, parts_factory=lambda: Parts(listener=next(listeners)))
            )
            clients = [await stack.enter_async_context(connect(server.url)) for _ in range(asyncios_own + 1)]
            stack.callback(release.set)
            for client in clients:
                await client.send(updated())
                await client.send(appended())
                await received_until(client, "response.created")
            done = (await received_until(clients[-1], "response.done"))[-1]
            assert done["response"]["output"][0]["content"][0]["transcript"] == "You said Hello there."

    asyncio.run(visit())


@pytest.mark.parametrize("kind", ["audio/pcm", "audio/pcmu", "audio/pcma"])
def test_a_truncated_answer_ends_with_the_last_word_that_was_heard(kind: str) -> None:
    class Uneven:
        def speak(self, text: str, manner: Manner) -> Speech:
            return Unvoiced((1000, 1100, 1200, 3000), manner.audio_format)

    talk = Talk([SayText("Well, no or yes.")], parts=Parts(speaker=Uneven()))
    wire = {"type": kind, "rate": 24000} if kind == "audio/pcm" else {"type": kind}
    talk.update(audio={"output": {"format": wire}})
    events = talk.send("response.create")
    assert len(sound_of(events, kind)) == FORMATS[kind].rate * 3
    item = only(events, "response.output_item.done")["item"]["id"]
    for heard_ms, words in ((2999, "Well, no or"), (1100, "Well, no"), (999, "")):
        talk.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=heard_ms)
        (retrieved,) = talk.send("conversation.item.retrieve", item_id=item)
        assert retrieved["item"]["content"][0]["transcript"] == words


def test_spoken_answers_take_as_long_as_they_sound_and_a_voice_cuts_in_there() -> None:
    talk = Talk([SayText("one two three four five")], parts=Parts(speaker=Tone()), pace=Pace(1, follows_speech=True))
    talk.update(audio={"input": {"turn_detection": ASKED}, "output": {"speed": 0.8}})
    talk.send("response.create")
    talk.later(1100)
    started, *events = talk.send("input_audio_buffer.append", audio=spoken_line())
    assert started["type"] == "input_audio_buffer.speech_started"
    done = only(events, "response.done")["response"]
    assert done["output"][0]["content"][0]["transcript"] == "one two three "


def test_a_user_who_sends_nothing_is_silent_by_the_clock() -> None:
    talk = Talk([SayText("one two three four five")], [SayText("Are you there?")])
    talk.update(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}})
    talk.send("response.create")
    assert talk.later(6900) == []
    timeout, *events = talk.later(200)
    assert timeout["type"] == "input_audio_buffer.timeout_triggered"
    assert timeout["audio_start_ms"] == timeout["audio_end_ms"] == 2000
    assert "response.created" in kinds(events)


def test_who_speaks_is_not_idle_by_the_clock() -> None:
    talk = Talk([SayText("one two three four five")])
    talk.update(audio={"input": {"turn_detection": {**ASKED, "idle_timeout_ms": 5000}}})
    talk.send("response.create")
    speaking = base64.b64encode(encoded(joined([quiet(200), hum(300, 500)]), PCM16)).decode()
    assert kinds(talk.send("input_audio_buffer.append", audio=speaking)) == ["input_audio_buffer.speech_started"]
    assert talk.later(60_000) == []


@pytest.mark.parametrize("interrupts", [True, False])
def test_who_speaks_is_not_idle_when_the_answer_ends_meanwhile(interrupts: bool) -> None:
    talk = Talk([SayText("one two three four five")], pace=Pace(1, ms_per_word=1000))
    asked = {**ASKED, "idle_timeout_ms": 5000, "interrupt_response": interrupts}
    talk.update(audio={"input": {"turn_detection": asked}})
    talk.send("response.create")
    talk.later(1500)
    speaking = base64.b64encode(encoded(joined([quiet(200), hum(300, 500)]), PCM16)).decode()
    heard = talk.send("input_audio_buffer.append", audio=speaking)
    assert kinds(heard)[0] == "input_audio_buffer.speech_started"
    events = heard + talk.later(60_000)
    assert "response.done" in kinds(events)
    assert "input_audio_buffer.timeout_triggered" not in kinds(events)


def test_silence_takes_as_long_as_plain_speech() -> None:
    assert unvoiced("one two three", Manner("marin", 2.0)).word_ends == (200, 400, 600)
