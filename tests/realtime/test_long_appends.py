"""An append of many megabytes: worked off in steps, so that nobody else waits for it, and with the same outcome."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from typing import Any

import pytest

from realtime_scenarios.realtime import Engine, Parts, connect_in_memory, long_events
from realtime_scenarios.realtime.appended import append_in
from realtime_scenarios.realtime.long_events import LongText, read_at_once
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.voice import LoudnessGate, Samples
from support.counting import lengths_given
from support.responders import Says
from support.talk import Talk, error_of, kinds

SECOND = 48_000
STEP_FRAMES = 10
"""How many frames of 20 ms are listened to in one step."""


class Counting(LoudnessGate):
    """A gate that counts the frames which it hears."""

    frames = 0

    def certainty(self, frame: Samples) -> float:
        Counting.frames += 1
        return super().certainty(frame)


def speech(seconds: int) -> bytes:
    """Every third second is loud."""
    rng = random.Random(1)
    loud, quiet = rng.randbytes(SECOND), bytes(SECOND)
    return b"".join(loud if second % 3 == 0 else quiet for second in range(seconds))


def append(audio: bytes | str, **more: Any) -> str:
    text = audio if isinstance(audio, str) else base64.b64encode(audio).decode()
    return json.dumps({"type": "input_audio_buffer.append", "audio": text, **more})


def test_each_step_decodes_and_listens_to_little(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = lengths_given(monkeypatch, long_events, "base64_bytes")
    engine = Engine(parts=Parts(detector=Counting))
    engine.begin(append(speech(60)))
    steps = 0
    while engine.is_busy:
        before, pieces = Counting.frames, len(decoded)
        engine.go_on()
        assert Counting.frames - before <= STEP_FRAMES
        assert len(decoded) - pieces <= 1
        steps += 1
    assert steps > 60 * 1000 / 20 / STEP_FRAMES
    assert max(decoded) <= 256 * 1024


def test_what_is_heard_is_the_same_in_steps_and_at_once() -> None:
    whole, stepped = Engine(), Engine()
    text = append(speech(30))
    events = stepped.begin(text)
    while stepped.is_busy:
        events += stepped.go_on()
    assert events == whole.receive(text)
    assert kinds(events).count("input_audio_buffer.committed") == 10


def test_an_item_of_an_answer_that_goes_on_meanwhile_comes_before_or_after_a_turn_and_not_into_it() -> None:
    talk = Talk()
    manual = {"type": "server_vad", "create_response": False, "interrupt_response": False}
    talk.update(output_modalities=["text"], audio={"input": {"turn_detection": manual}})
    talk.send("response.create")
    engine, (asked,) = talk.engine, talk.requests
    told = engine.answer(asked.response_id, [SayText("Yes.")], 0, is_all=False)
    step = engine.begin(append(speech(30)))
    while engine.is_busy:
        if "input_audio_buffer.committed" in kinds(step):
            step += engine.answer(asked.response_id, [CallFunction("f", "{}")], 0, is_all=False)
        told += step
        step = engine.go_on()
    told += step
    items = [event for event in told if event["type"] == "conversation.item.added"]
    order = [None, *(event["item"]["id"] for event in items)]
    assert [event["previous_item_id"] for event in items] == order[:-1]
    places = dict(zip(order[1:], order, strict=False))
    committed = [event for event in told if event["type"] == "input_audio_buffer.committed"]
    assert len(committed) == 10
    assert all(event["previous_item_id"] == places[event["item_id"]] for event in committed)


def test_another_client_is_answered_meanwhile_and_the_same_client_afterwards() -> None:
    async def visit() -> None:
        sender, other = connect_in_memory(Says()), connect_in_memory(Says())
        sending = asyncio.create_task(sender.send(append(speech(60))))
        await asyncio.sleep(0)
        later = asyncio.create_task(sender.send('{"type": "input_audio_buffer.clear"}'))
        for _ in range(20):
            await other.send('{"type": "conversation.item.delete", "item_id": "none"}')
            await asyncio.sleep(0)
        assert not sending.done() and not later.done()
        await asyncio.gather(sending, later)
        await sender.close()
        told = [json.loads(text)["type"] async for text in sender]
        assert told.index("input_audio_buffer.cleared") > max(
            place for place, kind in enumerate(told) if kind == "input_audio_buffer.committed"
        )

    asyncio.run(visit())


def test_a_client_that_leaves_takes_the_rest_of_its_audio_with_it() -> None:
    async def visit() -> None:
        sender = connect_in_memory(Says(), parts=Parts(detector=Counting))
        Counting.frames = 0
        sending = asyncio.create_task(sender.send(append(speech(60))))
        for _ in range(40):
            await asyncio.sleep(0)
        heard = Counting.frames
        await sender.close()
        await sending
        assert 0 < heard <= Counting.frames <= heard + STEP_FRAMES

    asyncio.run(visit())


def test_what_a_client_sends_behind_a_long_append_is_left_out_when_the_line_ends_meanwhile() -> None:
    async def visit() -> None:
        sender = connect_in_memory(Says())
        sending = asyncio.create_task(sender.send(append(speech(60))))
        await asyncio.sleep(0)
        later = asyncio.create_task(sender.send('{"type": "input_audio_buffer.clear"}'))
        await asyncio.sleep(0)
        await sender.close()
        await asyncio.gather(sending, later)
        assert "input_audio_buffer.cleared" not in [json.loads(text)["type"] async for text in sender]

    asyncio.run(visit())


LONG = base64.b64encode(bytes(90_000)).decode()


@pytest.mark.parametrize(
    "text",
    [
        append(LONG),
        append(LONG, event_id="e1"),
        f'{{ "event_id" : null, "audio"\n:\t"{LONG}", "type":"input_audio_buffer.append" }}',
        append(LONG.replace("A", "\\u0041", 1)).replace("\\\\u", "\\u"),
        f'{{"audio": "x", "type": "input_audio_buffer.append", "audio": "{LONG}"}}',
        f'{{"audio": "{LONG}", "type": "input_audio_buffer.append", "audio": "x"}}',
        f'{{"type": "input_audio_buffer.append", "of": {{"audio": "{LONG}"}}}}',
        f'{{"type": "conversation.item.retrieve", "item_id": "x", "audio": "{LONG}"}}',
        f'{{"type": "input_audio_buffer.append", "event_id": "\\"audio\\": \\"{LONG}\\"", "audio": ""}}',
        json.dumps([append(LONG)]),
        append("AAAA"),
        append("AAAA", event_id="\u00e4\ud83d\ude00"),
        append("AAAA").replace("AAAA", "A\\u0041\\/A"),
        append("AAAA", event_id=1),
        append("AAAA", more=1),
        '{"audio": "AAAA"}',
        '{"audio": "x", "type": "input_audio_buffer.append", "audio": "AAAA"}',
        '{"type": "input_audio_buffer.append", "audio": "AAAA", "type": "input_audio_buffer.clear"}',
    ],
)
def test_an_append_means_what_it_means_to_any_reader_of_json(text: str) -> None:
    event = json.loads(text)
    if len(text) > long_events.LONG:
        read = read_at_once(text)
        if isinstance(read, dict) and isinstance(audio := read.get("audio"), LongText):
            read["audio"] = "".join(audio.written("audio"))
        assert read == event
    elif (append := append_in(text)) is not None:  # otherwise it is read as any other event
        found = {"audio": base64.b64encode(append.audio).decode(), "event_id": append.event_id}
        assert {"event_id": None, **event} == {"type": "input_audio_buffer.append", **found}


@pytest.mark.parametrize("more", [{}, {"event_id": "e1"}, {"event_id": None}])
def test_what_clients_send_is_read_without_a_dictionary(more: dict[str, Any]) -> None:
    assert append_in(append("AAAA", **more)) is not None


@pytest.mark.parametrize(
    "audio",
    [
        "A" * 70_001,
        "A" * 70_000 + "%A==",
        "A" * (256 * 1024 - 4) + "AAA=" + "A" * 8,
        "A" * (20 * 1024 * 1024 + 8),
    ],
)
def test_long_audio_that_is_wrong_is_refused_as_short_audio_is(audio: str) -> None:
    error = error_of(Talk().send_raw(append(audio, event_id="e1")))
    assert (error["code"], error["param"], error["event_id"]) == ("invalid_value", "audio", "e1")


@pytest.mark.parametrize("text", [append(LONG)[:-1], append(LONG)[:-20], '{"audio": "' + LONG])
def test_half_an_event_is_no_event(text: str) -> None:
    assert error_of(Talk().send_raw(text))["code"] == "invalid_event"
