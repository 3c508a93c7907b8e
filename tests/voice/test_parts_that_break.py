"""Parts of somebody else that raise what they like or give nonsense: the client is told, and the conversation goes on."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from realtime_scenarios.cli.voices import AskedPart, AskedVoices, parts_factory
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.realtime import Parts, serve
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.voice import (
    PCM16,
    VOICE_DETECTORS,
    LoudnessGate,
    Manner,
    Samples,
    Spoken,
    Tone,
    Unvoiced,
    Utterance,
    encoded,
)
from realtime_scenarios.voice.formats import MU_LAW
from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS
from support.responders import Says
from support.sounds import hum, joined, quiet
from support.talk import Event, Talk, only

TRANSCRIPTION = "conversation.item.input_audio_transcription."
TOLD = "the part Broken has broken"
TWO_WORDS = "Good morning."


def raises(problem: BaseException) -> Callable[..., Any]:
    def part(*given: object) -> Any:
        raise problem

    return part


def gives(value: object) -> Callable[..., Any]:
    return lambda *given: value


def updated() -> str:
    heard = {"turn_detection": {"type": "server_vad"}, "transcription": {"model": "any"}}
    return json.dumps({"type": "session.update", "session": {"type": "realtime", "audio": {"input": heard}}})


def appended() -> str:
    audio = encoded(joined([quiet(300), hum(300, 400), quiet(800)]), PCM16)
    return json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(audio).decode()})


MISTAKES: list[BaseException] = [
    ZeroDivisionError("a key: sk-secret"),
    KeyError("voice"),
    OSError(5, "no"),
    SystemExit(1),
]
NO_SOUNDS = [
    None,
    b"\x00\x00",
    Unvoiced((400,), PCM16),
    Unvoiced((400, 800, 1200), PCM16),
    Unvoiced((800, 400), PCM16),
    Unvoiced((0.4, 0.8), PCM16),  # type: ignore[arg-type]
    Unvoiced(None, PCM16),  # type: ignore[arg-type]
    Unvoiced((400, 800), "audio/pcm"),  # type: ignore[arg-type]
    Spoken("sound", (400, 800), PCM16),  # type: ignore[arg-type]
    Spoken(bytes(6400), (400, 800), MU_LAW),
]


class Broken:
    """A part that does what it is made with, beside the loop or at once."""

    frame_ms = 20

    def __init__(self, does: Callable[..., Any], *, takes_time: bool = False) -> None:
        self._does = does
        self.takes_time = takes_time

    def speak(self, text: str, manner: Manner) -> Any:
        return self._does(text, manner)

    def transcribe(self, utterance: Utterance) -> Any:
        return self._does(utterance)

    def certainty(self, frame: Samples) -> Any:
        return self._does(frame)


def of_one_session(parts: Parts, *sent: str, until: str, times: int = 1) -> list[Event]:
    """What a client is sent over a websocket until such an event has come so many times."""

    async def visit() -> list[Event]:
        responder = Says(SayText(TWO_WORDS))
        async with serve(lambda: responder, parts_factory=lambda: parts) as server, connect(server.url) as client:
            for text in sent:
                await client.send(text)
            events: list[Event] = []
            while [event["type"] for event in events].count(until) < times:
                events.append(json.loads(await asyncio.wait_for(client.recv(), 30)))
            return events

    return asyncio.run(visit())


@pytest.mark.parametrize("takes_time", [True, False])
@pytest.mark.parametrize(
    "does",
    [*map(raises, MISTAKES), *map(gives, NO_SOUNDS)],
    ids=map(repr, [*MISTAKES, *NO_SOUNDS]),
)
def test_a_speaker_that_breaks_fails_its_response_and_the_next_one_is_asked_for(
    does: Callable[..., Any], takes_time: bool, caplog: pytest.LogCaptureFixture
) -> None:
    parts = Parts(speaker=Broken(does, takes_time=takes_time))
    sent = json.dumps({"type": "response.create"})
    events = of_one_session(parts, sent, until="response.done")
    details = only(events, "response.done")["response"]["status_details"]
    assert (details["error"]["code"], details["error"]["message"]) == ("speech_failed", TOLD)
    (logged,) = {record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR}
    assert logged.startswith("the part Broken ") and "\n" not in logged


def test_a_speaker_that_has_broken_may_speak_the_next_time() -> None:
    broken: list[str] = []

    def at_first(text: str, manner: Manner) -> Spoken:
        if not broken:
            broken.append(text)
            raise ZeroDivisionError
        return Tone().speak(text, manner)

    talk = Talk([SayText(TWO_WORDS)], [SayText(TWO_WORDS)], parts=Parts(speaker=Broken(at_first)))
    first, second = (only(talk.send("response.create"), "response.done")["response"]["status"] for _ in range(2))
    assert (first, second) == ("failed", "completed")


@pytest.mark.parametrize("takes_time", [True, False])
@pytest.mark.parametrize("does", [*map(raises, MISTAKES), gives(b"words")], ids=map(repr, [*MISTAKES, b"words"]))
def test_a_listener_that_breaks_is_told_as_words_that_cannot_be_had(does: Callable[..., Any], takes_time: bool) -> None:
    parts = Parts(listener=Broken(does, takes_time=takes_time))
    events = of_one_session(parts, updated(), appended(), until="response.done")
    error = only(events, TRANSCRIPTION + "failed")["error"]
    assert (error["code"], error["message"]) == ("transcription_failed", TOLD)
    assert only(events, "response.done")["response"]["status"] == "completed"


@pytest.mark.parametrize("does", [*map(raises, MISTAKES), gives(None)], ids=map(repr, [*MISTAKES, None]))
def test_a_detector_that_breaks_is_told_for_what_was_appended(does: Callable[..., Any]) -> None:
    parts = Parts(detector=lambda rate: Broken(does))
    events = of_one_session(parts, updated(), appended(), '{"type": "response.create"}', until="response.done")
    error = only(events, "error")["error"]
    assert (error["type"], error["code"], error["message"]) == ("server_error", "turn_detection_failed", TOLD)
    assert only(events, "response.done")["response"]["status"] == "completed"


def asked_for(*, detector: str = "loudness", listener: str | None = None, speaker: str = "tone") -> Parts:
    heard = None if listener is None else AskedPart(listener)
    return parts_factory(AskedVoices(detector, heard, AskedPart(speaker), "fast", 0))()


def quick_to_break(rate: int) -> LoudnessGate:
    if rate < 24000:
        raise ValueError("24 kHz alone\nis known")
    return LoudnessGate(rate)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"detector": "clumsy"}, "the detector 'clumsy' cannot be made: ValueError: 24 kHz alone is known ("),
        ({"listener": "clumsy"}, "the part 'clumsy' that hears cannot be made: KeyError: 'model' ("),
        ({"listener": "late"}, "the part 'late' that hears cannot be made: KeyError: 'model' ("),
        ({"speaker": "clumsy"}, "the part 'clumsy' that speaks cannot be made: KeyError: 'model' ("),
    ],
)
def test_a_part_that_cannot_be_made_is_one_line_before_anybody_is_served(
    asked: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks = raises(KeyError("model"))
    monkeypatch.setitem(VOICE_DETECTORS._items, "clumsy", quick_to_break)
    monkeypatch.setitem(LISTENERS._items, "clumsy", breaks)
    monkeypatch.setitem(LISTENERS._items, "late", lambda options: breaks)
    monkeypatch.setitem(SPEAKERS._items, "clumsy", breaks)
    with pytest.raises(ScenarioError) as raised:
        asked_for(**asked)
    assert raised.value.message.startswith(told) and "\n" not in raised.value.message


def test_a_client_whose_parts_cannot_be_made_is_not_let_in_and_the_server_says_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def visit() -> Sequence[int]:
        broken = raises(ScenarioError("there is no key"))
        async with serve(lambda: Says(), parts_factory=broken) as server:
            with pytest.raises(InvalidStatus) as refused:
                await connect(server.url)
            return [refused.value.response.status_code]

    assert asyncio.run(visit()) == [500]
    assert "nobody can be let in: there is no key" in caplog.text
