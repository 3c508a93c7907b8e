"""Conversations whose answers are spoken: the same trace as in text, with the sound counted, passed on and cut."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.core.speech import MS_PER_WORD
from realtime_scenarios.model import Dialogue
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import find_scenario, load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime import Pace, Parts
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import Audio, Conversation, LoopClock, Playback, run_in_virtual_time
from realtime_scenarios.session.sound import spoken_part
from realtime_scenarios.trace import (
    OF_SOUND,
    AgentSaid,
    Interrupted,
    Trace,
    TraceEvent,
    UserSaid,
    from_json_lines,
    to_json_lines,
)
from realtime_scenarios.voice import PCM16, ScriptedWords, encoded
from support import Answers, Written
from support.conversations import kinds, of
from support.dialogues import played
from support.sounds import hum, joined, quiet

DESK = "scenario: desk\nstart: desk\nsession: {SESSION}\nagents: {desk: {instructions: You are a desk.}}\n"
FRAME = 40 * PCM16.bytes_per_ms


def speaking(scenario: Scenario) -> Scenario:
    return replace(scenario, session=replace(scenario.session, output="audio"))


def without_sound(events: tuple[TraceEvent, ...]) -> list[dict[str, Any]]:
    return [
        {"type": type(event).__name__, **{key: value for key, value in asdict(event).items() if key not in OF_SOUND}}
        for event in events
    ]


def both_ways(name: str, provider: str) -> list[tuple[Dialogue, Trace, Trace]]:
    project = load(find_scenario(name, resource_folder("scenarios")))
    assert project.scenario.session.output is None
    written, sounding = compiled(project.scenario), compiled(speaking(project.scenario))
    found = []
    for dialogue in project.dialogues:
        traces = [played(way, dialogue, PROVIDERS[provider], ProviderRequest()).trace for way in (written, sounding)]
        found.append((dialogue, traces[0], traces[1]))
    return found


@pytest.mark.parametrize("name", ["airline", "simple_handoff", "chat_supervisor"])
def test_a_dialogue_gives_the_same_trace_in_text_and_in_audio_but_for_the_sound(name: str) -> None:
    for dialogue, written, sounding in both_ways(name, "scripted"):
        assert without_sound(sounding.events) == without_sound(written.events), dialogue.id
        assert all(said.audio_bytes for said in of(sounding, AgentSaid)), dialogue.id
        assert not any(said.audio_bytes for said in of(written, AgentSaid)), dialogue.id


def test_the_stand_in_answers_alike_in_text_and_in_audio() -> None:
    for dialogue, written, sounding in both_ways("simple_handoff", "offline"):
        assert without_sound(sounding.events) == without_sound(written.events), dialogue.id


@dataclass
class Ear:
    heard: dict[str, int] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)

    def on_audio(self, item_id: str, audio: bytes) -> None:
        self.heard[item_id] = self.heard.get(item_id, 0) + len(audio)

    def on_cut(self, item_id: str) -> None:
        self.cut.append(item_id)


class Desk:
    """A conversation with answers that are prepared, in virtual time."""

    def __init__(self, path: Path, *answers: str, words: tuple[str, ...] = (), pace: Pace | None = None) -> None:
        self.scenario = load(path).scenario
        self.answers = Answers([[SayText(answer)] for answer in answers])
        self.request = ProviderRequest(responder=self.answers, parts=Parts(listener=ScriptedWords(words)), pace=pace)

    def held(self, talk: Any, audio: Audio | None = None) -> Trace:
        async def conversation() -> Trace:
            opened = PROVIDERS["offline"].open(self.request)
            async with Conversation(compiled(self.scenario), opened, clock=LoopClock(), audio=audio) as talked:
                await talk(talked)
                return talked.finished("over")

        return run_in_virtual_time(conversation())


async def send(conversation: Conversation, *sounds: array[int]) -> None:
    """The sound in frames, each when it has been made."""
    data = encoded(joined(sounds), PCM16)
    for start in range(0, len(data), FRAME):
        await conversation.state.clock.sleep(0.04)
        await conversation.send_audio(data[start : start + FRAME])


def desk(written: Written, session: str = "output: audio") -> Path:
    return written(DESK.replace("SESSION", session))


def test_what_the_agent_says_is_counted_and_passed_on_as_it_comes(written: Written) -> None:
    ear = Ear()

    async def talk(conversation: Conversation) -> None:
        await conversation.user_says("Hello")

    trace = Desk(desk(written), "Good morning to you.").held(talk, Audio(listener=ear))

    (said,) = of(trace, AgentSaid)
    assert (said.audio_ms, said.audio_bytes) == (4 * MS_PER_WORD, 4 * MS_PER_WORD * 48)
    assert list(ear.heard.values()) == [said.audio_bytes]
    assert said.latency_ms is None


def test_a_telephone_hears_an_eighth_of_the_bytes(written: Written) -> None:
    async def talk(conversation: Conversation) -> None:
        await conversation.user_says("Hello")

    path = desk(written, "output: audio, output_format: g711_ulaw")
    (said,) = of(Desk(path, "Good morning.").held(talk), AgentSaid)

    assert (said.audio_ms, said.audio_bytes) == (2 * MS_PER_WORD, 2 * MS_PER_WORD * 8)


def test_who_speaks_when_they_like_is_heard_out_and_answered_turn_by_turn(written: Written) -> None:
    async def talk(conversation: Conversation) -> None:
        speaking = asyncio.create_task(send(conversation, quiet(500), hum(300, 600), quiet(2000), hum(300, 600)))
        await conversation.next_spoken_turn()
        await speaking
        await send(conversation, quiet(1000))
        await conversation.next_spoken_turn()

    path = desk(written, "turn_detection: {type: server_vad, silence_duration_ms: 400}")
    trace = Desk(path, "First.", "Second.", words=("One", "Two")).held(talk, Audio(turns="detected"))

    assert [(event.turn, event.text) for event in trace if isinstance(event, (UserSaid, AgentSaid))] == [
        (1, "One"),
        (1, "First."),
        (2, "Two"),
        (2, "Second."),
    ]
    assert all(600 <= said.audio_ms <= 1500 for said in of(trace, UserSaid))
    assert [said.latency_ms for said in of(trace, AgentSaid)] == [0, 0]  # this server answers as soon as it has heard


def test_a_voice_that_cuts_in_ends_the_answer_and_the_trace_tells(written: Written) -> None:
    ear = Ear()

    async def talk(conversation: Conversation) -> None:
        speaking = asyncio.create_task(
            send(conversation, quiet(500), hum(300, 600), quiet(1600), hum(300, 600), quiet(1500))
        )
        await conversation.next_spoken_turn()
        await conversation.next_spoken_turn()
        await speaking

    path = desk(written, "turn_detection: {type: server_vad, silence_duration_ms: 400}")
    answers = ("one two three four five six seven eight", "Second.")
    held = Desk(path, *answers, words=("One", "Two"), pace=Pace(words_per_delta=1, follows_speech=True))
    trace = held.held(talk, Audio(turns="detected", listener=ear))

    assert kinds(trace) == ["UserSaid", "Interrupted", "AgentSaid", "UserSaid", "AgentSaid", "SessionEnded"]
    (cut,) = of(trace, Interrupted)
    first = of(trace, AgentSaid)[0]
    assert first.interrupted and first.text.split() == cut.heard.split()
    assert cut.heard.split() == answers[0].split()[: len(cut.heard.split())]
    assert 2 <= len(cut.heard.split()) <= 4  # the voice begins 1.2 s into an answer of 400 ms a word
    assert cut.turn == first.turn == 1
    assert len(ear.cut) == 1


def test_who_lets_the_button_go_is_answered(written: Written) -> None:
    async def talk(conversation: Conversation) -> None:
        await send(conversation, hum(300, 600))
        await conversation.end_of_speech()
        await conversation.next_spoken_turn()

    trace = Desk(desk(written, "turn_detection: 'off'"), "Yes.", words=("One",)).held(talk, Audio(turns="pushed"))

    assert [(event.turn, event.text) for event in trace if isinstance(event, (UserSaid, AgentSaid))] == [
        (1, "One"),
        (1, "Yes."),
    ]
    assert of(trace, UserSaid)[0].audio_ms == 600


def test_words_that_cannot_be_made_out_are_on_record_as_none(written: Written) -> None:
    async def talk(conversation: Conversation) -> None:
        await send(conversation, hum(300, 600))
        await conversation.end_of_speech()
        await conversation.next_spoken_turn()

    trace = Desk(desk(written, "turn_detection: 'off'"), "What?").held(talk, Audio(turns="pushed"))

    assert [said.text for said in of(trace, UserSaid)] == [""]


def test_of_an_answer_that_still_plays_the_caller_has_heard_its_part(written: Written) -> None:
    """A server sends faster than anybody hears: the answer is whole, and is cut where the ear is."""
    now = [10.0]
    playback = Playback(lambda: now[0])

    class Speaker(Ear):
        def on_audio(self, item_id: str, audio: bytes) -> None:
            playback.came(item_id, 0, PCM16.ms_of(len(audio)))

    async def talk(conversation: Conversation) -> None:
        await conversation.user_says("Hello")
        now[0] += 2.0
        await conversation.interrupt()

    trace = Desk(desk(written), "one1 two2 six6 ten0 one1 two2 six6 ten0 one1 two2").held(
        talk, Audio(listener=Speaker(), playback=playback)
    )

    assert [said.interrupted for said in of(trace, AgentSaid)] == [False]
    assert [cut.heard.split() for cut in of(trace, Interrupted)] == [["one1", "two2", "six6", "ten0", "one1"]]


def test_a_message_that_plays_on_is_where_the_ear_is() -> None:
    now = [0.0]
    playback = Playback(lambda: now[0])
    playback.came("first", 0, 1000)
    playback.came("second", 0, 1000)
    now[0] = 1.5
    assert playback.get_state() == {
        "current_item_id": "second",
        "current_item_content_index": 0,
        "elapsed_ms": 500.0,
    }
    now[0] = 0.25
    assert (playback.get_state()["current_item_id"], playback.get_state()["elapsed_ms"]) == ("first", 250.0)
    playback.on_interrupted()
    assert playback.get_state()["current_item_id"] is None


def test_words_are_heard_by_their_letters() -> None:
    assert spoken_part("a longer line", 1.0) == "a longer line"
    assert spoken_part("aaa bbb ccc", 0.7) == "aaa bbb "
    assert spoken_part("", 0.5) == ""


def test_events_of_sound_go_through_json_lines_and_written_ones_do_not_speak_of_it() -> None:
    events = [
        UserSaid(1, 1, "desk", "hello", said="Hello!", audio_ms=300),
        AgentSaid(2, 1, "desk", "Yes.", audio_bytes=4800, audio_ms=100, latency_ms=540),
    ]
    assert from_json_lines(to_json_lines(events)) == events
    assert "audio" not in to_json_lines([AgentSaid(1, 1, "desk", "Yes."), UserSaid(2, 1, "desk", "Hello")])
