"""Clients that speak, against a dialogue's model: who is heard, who cuts in, and who should have."""

from __future__ import annotations

import pytest

from realtime_scenarios.trace import AgentSaid, UserSaid
from support.client import LOUD, QUIET, Client, function, sound
from support.rehearsal import (
    FRONT,
    problems,
    served,
)


def test_a_spoken_caller_is_heard_as_the_dialogue_has_it() -> None:
    async def visit(client: Client) -> None:
        listening = {"input": {"transcription": {"model": "whisper-1"}}}
        await client.update(tools=[*FRONT, function("weigh")], output_modalities=["audio"], audio=listening)
        assert await client.speak() == ["One moment.", "Up to 22 inches."]
        assert await client.speak() == ["It weighs 20 pounds."]
        heard = [event for event in client.events if event["type"].endswith("input_audio_transcription.completed")]
        assert [event["transcript"] for event in heard] == ["How large may a bag be?", "Can you weigh mine?"]

    result = served("sizes", visit)
    assert result.passed
    assert next(event.text for event in result.trace if isinstance(event, UserSaid)) == "How large may a bag be?"


@pytest.mark.parametrize("modality", ["text", "audio"])
def test_a_caller_who_cuts_in_where_the_dialogue_says_so_passes(modality: str) -> None:
    async def visit(client: Client) -> None:
        await client.update(output_modalities=[modality])
        part = {"type": "input_text", "text": "Tell me."}
        await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": [part]})
        await client.send("response.create")
        for _ in range(4):
            await client.until("response.output_text.delta" if modality == "text" else "response.output_audio.delta")
        if modality == "text":
            await client.send("response.cancel")
        else:
            await client.send("input_audio_buffer.append", audio=sound(LOUD, 200))
        assert (await client.until("response.done"))["response"]["status"] == "cancelled"
        if modality == "text":
            assert await client.say("Enough.") == ["As you like."]
        else:
            await client.send("input_audio_buffer.append", audio=sound(QUIET, 1000))
            await client.until("response.done")

    result = served("cut-off", visit)
    assert problems(result) == []
    said = [event for event in result.trace if isinstance(event, AgentSaid)]
    assert [event.interrupted for event in said] == [True, False]
    assert said[0].text.split() == ["Bags", "come", "in", "all"]


def test_an_answer_that_was_sent_before_it_was_heard_is_cut_off_by_a_truncate() -> None:
    async def visit(client: Client) -> None:
        await client.update(output_modalities=["audio"])
        await client.say("Tell me.")
        item = client.events[-1]["response"]["output"][0]["id"]
        await client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=900)
        await client.say("Enough.")

    assert problems(served("cut-off", visit)) == []


def test_a_caller_who_hears_out_what_was_to_be_cut_off_is_told() -> None:
    async def visit(client: Client) -> None:
        await client.update()
        await client.say("Tell me.")
        await client.say("Enough.")

    (found,) = problems(served("cut-off", visit))
    assert found.endswith("the caller was to cut in, but the line was over before")
