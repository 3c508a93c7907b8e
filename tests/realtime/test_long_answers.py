"""Answers of thousands of words: spoken and handed out a piece at a time, while others have their turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from realtime_scenarios.realtime import Engine, MemoryConnection, Parts, connect_in_memory
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.responder import ResponseRequest, SayText
from realtime_scenarios.serving.standin import ExemplifiedStandIn
from realtime_scenarios.voice import Manner, Speech, Tone
from support.counting import calls_in
from support.responders import Says
from support.talk import only, text_of

MOST_EVENTS = 256
MOST_SOUND = 4 << 20
MOST_CALLS = 150_000
"""Of functions in one step: they take 20 ms or less."""


class CountingTone(Tone):
    def __init__(self) -> None:
        self.said: list[str] = []

    def speak(self, text: str, manner: Manner) -> Speech:
        self.said.append(text)
        return super().speak(text, manner)


def steps_of(engine: Engine, text: str) -> list[list[dict[str, Any]]]:
    """An answer of that text, as it is handed out."""
    engine.receive('{"type": "response.create"}')
    (request,) = engine.take_requests()
    steps = [engine.answer(request.response_id, [SayText(text)], 0.0)]
    while (due := engine.next_due()) is not None:
        steps.append(engine.advance(due))
    return steps


def test_a_long_answer_is_handed_out_in_pieces() -> None:
    engine, text = Engine(settings={"output_modalities": ["text"]}), "word " * 20_000
    steps = steps_of(engine, text)
    assert max(map(len, steps)) <= MOST_EVENTS
    assert text_of([event for step in steps for event in step]) == text


def is_answered_in_part(engine: Engine, words: int) -> list[dict[str, Any]]:
    """An answer of so many pieces of text, as far as it comes in its first step."""
    engine.receive('{"type": "response.create"}')
    (request,) = engine.take_requests()
    return engine.answer(request.response_id, [SayText("word " * 8 * words)], 0.0)


@pytest.mark.parametrize("words", range(220, 260))
def test_an_answer_of_any_length_comes_to_its_end(words: int) -> None:
    engine = Engine(settings={"output_modalities": ["text"]})
    events = is_answered_in_part(engine, words)
    while (due := engine.next_due()) is not None:
        events += engine.advance(due)
    assert [event["type"] for event in events[-2:]] == ["response.done", "rate_limits.updated"]


@pytest.mark.parametrize("words", range(220, 260))
def test_an_answer_of_any_length_that_is_cancelled_after_its_first_step_has_an_end(words: int) -> None:
    engine = Engine(settings={"output_modalities": ["text"]})
    events = is_answered_in_part(engine, words)
    goes_on = engine.next_due() is not None
    if goes_on:
        events += engine.receive('{"type": "response.cancel"}')
    (item,) = only(events, "response.done")["response"]["output"]
    said = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    assert item["status"] == ("incomplete" if goes_on else "completed")
    assert item["content"][0]["text"] == said
    assert only(events, "conversation.item.done")["item"]["id"] == item["id"]


def test_a_long_answer_is_spoken_in_pieces_and_each_as_late_as_possible() -> None:
    tone = CountingTone()
    engine, text = Engine(parts=Parts(speaker=tone)), "One two three four five six seven. " * 100
    engine.receive('{"type": "response.create"}')
    (request,) = engine.take_requests()
    steps, spoken = [engine.answer(request.response_id, [SayText(text)], 0.0)], [len(tone.said)]
    while (due := engine.next_due()) is not None:
        steps.append(engine.advance(due))
        spoken.append(len(tone.said))
    deltas = [[len(event["delta"]) for event in step if event["type"].endswith("output_audio.delta")] for step in steps]
    assert max(sum(step) - step[-1] for step in deltas if step) <= MOST_SOUND
    assert len(steps) > 4 and spoken[0] <= 100 // 4
    assert "".join(tone.said) == text
    events = [event for step in steps for event in step]
    assert only(events, "response.output_audio_transcript.done")["transcript"] == text


def test_what_has_been_said_is_kept_as_it_grows_and_not_copied_at_each_word(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    spoke = Conversation.spoke

    def noted(conversation: Conversation, item_id: str, speech: Any) -> None:
        kept.append((speech.words, speech.word_ends))
        spoke(conversation, item_id, speech)

    monkeypatch.setattr(Conversation, "spoke", noted)
    steps_of(Engine(), "word " * 1_000)
    assert len(kept) > 100
    assert all(words is kept[0][0] and ends is kept[0][1] for words, ends in kept)


def test_another_client_is_answered_while_a_long_answer_is_handed_out() -> None:
    async def visit() -> list[str]:
        client, other = connect_in_memory(Says(SayText("word " * 20_000))), connect_in_memory(Says())
        came: list[str] = []

        async def read(connection: MemoryConnection, kind: str) -> None:
            while kind not in (await connection.recv())[:60]:
                pass
            came.append(kind)

        reading = asyncio.create_task(read(client, "response.done"))
        await client.send('{"type": "response.create"}')
        await asyncio.sleep(0)
        await other.send('{"type": "conversation.item.delete", "item_id": "none"}')
        await read(other, "error")
        await reading
        await asyncio.gather(client.close(), other.close())
        return came

    assert asyncio.run(visit()) == ["error", "response.done"]


LINE = "You are a desk. If the caller asks about bags, say that a bag may have 23 kg. "
MESSAGE = {"id": "m", "type": "message", "role": "user", "content": [{"type": "input_text", "text": "How many bags?"}]}
TOOL = {"type": "function", "name": "look", "description": LINE * 12_000, "parameters": {"type": "object"}}
OUTPUT = [
    {"id": "c", "type": "function_call", "name": "look", "arguments": "{}", "call_id": "c1"},
    {"id": "o", "type": "function_call_output", "call_id": "c1", "output": "a bag and more. " * 60_000},
]


@pytest.mark.parametrize(
    "request_",
    [
        ResponseRequest("r", LINE * 12_000, (), "auto", [MESSAGE]),
        ResponseRequest("r", "", (TOOL,), "auto", [MESSAGE]),
        ResponseRequest("r", "", (TOOL | {"description": "Looks."},), "auto", [MESSAGE, *OUTPUT]),
    ],
    ids=["prompt", "description", "output"],
)
def test_the_stand_in_reads_so_much_of_a_text_as_others_can_wait_for(request_: ResponseRequest) -> None:
    calls, answer = calls_in(lambda: asyncio.run(ExemplifiedStandIn({}).respond(request_)))
    assert answer and calls <= MOST_CALLS
