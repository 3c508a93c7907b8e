"""A client that asks and asks while nothing is answered: how much of it waits, and what it is told of the rest."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from realtime_scenarios.realtime import Parts, connect_in_memory
from realtime_scenarios.realtime.output import Phrase
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.voice import Manner, Speech, Tone, Utterance
from support.responders import Says
from support.strict import Strict
from support.talk import Talk, error_of, kinds

TRANSCRIPTION = "conversation.item.input_audio_transcription."
MOST_TURNS = 256
MOST_BYTES = 16 * 1024 * 1024
MOST_RESPONSES = 64
MOST_ASKED = 32
MOST_KEPT = 128 << 20
MOST_ITEMS = 5_000


class Hangs:
    """Where parts are asked: nothing comes back until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def __call__(self, work: Callable[[], Any]) -> Any:
        await self.go.wait()
        return work()


class Words:
    takes_time: ClassVar[bool] = True

    def transcribe(self, utterance: Utterance) -> str:
        return "Hello."


class Voice:
    takes_time: ClassVar[bool] = True

    def speak(self, text: str, manner: Manner) -> Speech:
        return Tone().speak(text, manner)


def update(**heard: Any) -> str:
    audio = {"input": {"turn_detection": None, **heard}}
    return json.dumps({"type": "session.update", "session": {"type": "realtime", "audio": audio}})


def appended(size: int) -> str:
    return json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(size)).decode()})


COMMIT = '{"type": "input_audio_buffer.commit"}'


@pytest.mark.parametrize(("size", "taken"), [(4_800, MOST_TURNS), (1 << 20, 16)])
def test_turns_that_wait_for_speech_to_text_are_bounded_and_the_rest_is_told_to_have_failed(
    size: int, taken: int
) -> None:
    assert taken * size <= MOST_BYTES

    async def visit() -> None:
        beside, strict = Hangs(), Strict()
        client = connect_in_memory(Says(), parts=Parts(listener=Words()), beside=beside)

        async def told(count: int, kind: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            while len(found) < count:
                event = strict.read(await asyncio.wait_for(client.recv(), 30))
                found += [event] if event["type"] == TRANSCRIPTION + kind else []
            return found

        await client.send(update(transcription={"model": "any"}))
        for _ in range(taken + 3):
            await client.send(appended(size))
            await client.send(COMMIT)
        errors = [event["error"] for event in await told(3, "failed")]
        assert {error["code"] for error in errors} == {"transcription_queue_full"}
        assert "have not been written down yet" in errors[0]["message"]
        beside.go.set()
        await told(taken, "completed")
        await client.send(appended(size))
        await client.send(COMMIT)
        await told(1, "completed")
        await client.close()

    asyncio.run(visit())


def test_who_does_not_ask_for_the_words_is_told_by_an_error_and_answered_without_them() -> None:
    talk = Talk(parts=Parts(listener=Words()))
    talk.update(audio={"input": {"turn_detection": None}})
    for _ in range(MOST_TURNS):
        talk.send_raw(appended(4_800))
        assert "error" not in kinds(talk.send_raw(COMMIT))
    talk.send_raw(appended(4_800))
    error = error_of([event for event in talk.send_raw(COMMIT) if event["type"] == "error"])
    assert (error["type"], error["code"]) == ("server_error", "transcription_queue_full")


def test_one_turn_is_taken_however_long_it_is() -> None:
    talk = Talk(parts=Parts(listener=Words()))
    talk.update(audio={"input": {"turn_detection": None}})
    for _ in range(2):
        talk.send_raw(appended(9 << 20))
    assert "error" not in kinds(talk.send_raw(COMMIT))
    talk.send_raw(appended(4_800))
    assert "error" in kinds(talk.send_raw(COMMIT))


def test_phrases_of_answers_that_were_cancelled_do_not_wait_to_be_spoken() -> None:
    async def visit() -> None:
        beside = Hangs()
        responder = Says(SayText("One two three four five six. " * 10))
        client = connect_in_memory(responder, parts=Parts(speaker=Voice()), beside=beside)
        for _ in range(100):
            await client.send('{"type": "response.create"}')
            await asyncio.sleep(0)
            await client.send('{"type": "response.cancel"}')
        await asyncio.sleep(0)
        gc.collect()
        assert sum(isinstance(found, Phrase) for found in gc.get_objects()) <= 40
        await client.send('{"type": "response.create"}')
        beside.go.set()
        while json.loads(await client.recv())["type"] != "response.output_audio.done":
            pass
        await client.close()

    asyncio.run(visit())


def test_so_many_responses_may_be_in_progress_at_once() -> None:
    talk = Talk()
    for _ in range(MOST_RESPONSES):
        assert kinds(talk.send("response.create", response={"conversation": "none"})) == ["response.created"]
    error = error_of(talk.send("response.create", response={"conversation": "none"}))
    assert (error["code"], error["param"]) == ("rate_limit_exceeded", None)
    talk.send("response.cancel", response_id=talk.requests[0].response_id)
    assert kinds(talk.send("response.create")) == ["response.created"]


def test_so_many_mcp_servers_are_asked_at_once_and_the_others_when_they_are_named_again() -> None:
    talk = Talk()
    tools = [
        {"type": "mcp", "server_label": f"wiki{at}", "server_url": f"http://127.0.0.1:9/{at}"}
        for at in range(MOST_ASKED + 3)
    ]
    events = talk.send("session.update", session={"type": "realtime", "tools": tools})
    assert kinds(events).count("mcp_list_tools.failed") == 3
    asked = talk.engine.take_mcp_work()
    assert len(asked) == MOST_ASKED
    for work in asked:
        talk.read(talk.engine.mcp_answered(work, [], 0.0))
    events = talk.send("session.update", session={"type": "realtime", "tools": tools})
    assert "mcp_list_tools.failed" not in kinds(events)
    assert [work.server.label for work in talk.engine.take_mcp_work()] == ["wiki32", "wiki33", "wiki34"]


def named(*labels: str, at: int = 0) -> dict[str, Any]:
    """What names these servers, each at an address of its own."""
    tools = [{"type": "mcp", "server_label": each, "server_url": f"http://127.0.0.1:9/{each}{at}"} for each in labels]
    return {"type": "realtime", "tools": tools}


def test_servers_that_had_to_be_left_out_are_not_asked_by_an_update_that_names_no_tools() -> None:
    talk = Talk()
    talk.send("session.update", session=named(*[f"wiki{at}" for at in range(MOST_ASKED + 3)]))
    assert kinds(talk.send("session.update", session={"type": "realtime", "instructions": "x"})) == ["session.updated"]


def test_a_server_that_is_named_again_after_another_of_its_name_was_left_out_is_asked_again() -> None:
    talk = Talk()
    talk.send("session.update", session=named("notes"))
    (first,) = talk.engine.take_mcp_work()
    talk.read(talk.engine.mcp_answered(first, [], 0.0))
    talk.send("session.update", session=named(*[f"wiki{at}" for at in range(MOST_ASKED)]))
    left_out = talk.send("session.update", session=named("notes", at=1))
    assert "mcp_list_tools.failed" in kinds(left_out)
    (*asked,) = talk.engine.take_mcp_work()
    talk.read(talk.engine.mcp_answered(asked[0], [], 0.0))
    talk.send("session.update", session=named("notes"))
    (again,) = talk.engine.take_mcp_work()
    assert again.server == first.server


def test_a_conversation_takes_so_many_texts_and_pictures_and_more_where_some_are_deleted() -> None:
    talk = Talk()
    picture = {"type": "input_image", "image_url": "x" * (13 << 20)}
    item = {"type": "message", "role": "user", "content": [picture]}
    taken = [talk.send("conversation.item.create", item=item)[0]["item"]["id"] for _ in range(MOST_KEPT // (13 << 20))]
    error = error_of(talk.send("conversation.item.create", item=item, event_id="e1"))
    assert (error["code"], error["event_id"]) == ("conversation_full", "e1")
    assert "delete items" in error["message"]
    talk.send("conversation.item.delete", item_id=taken[0])
    assert kinds(talk.send("conversation.item.create", item=item))[0] == "conversation.item.added"
    assert kinds(talk.send("conversation.item.create", item=item)) == ["error"]


def test_a_conversation_takes_so_many_items_from_a_client() -> None:
    talk = Talk()
    talk.update(audio={"input": {"turn_detection": None}})
    item = {"type": "message", "role": "user", "content": []}
    for _ in range(MOST_ITEMS):
        added = talk.engine.receive(json.dumps({"type": "conversation.item.create", "item": item}))[0]
    assert error_of(talk.send("conversation.item.create", item=item))["code"] == "conversation_full"
    talk.send_raw(appended(4_800))
    assert error_of(talk.send_raw(COMMIT))["code"] == "conversation_full"
    talk.engine.receive(json.dumps({"type": "conversation.item.delete", "item_id": added["item"]["id"]}))
    assert kinds(talk.engine.receive(COMMIT))[0] == "input_audio_buffer.committed"


def full() -> Talk:
    """A conversation with all the items that it takes."""
    talk = Talk([SayText("Yes.")])
    talk.update(audio={"input": {"turn_detection": None}})
    item = {"type": "message", "role": "user", "content": []}
    for _ in range(MOST_ITEMS):
        talk.engine.receive(json.dumps({"type": "conversation.item.create", "item": item}))
    return talk


def test_a_full_conversation_has_no_more_answers_but_those_out_of_band() -> None:
    talk = full()
    assert error_of(talk.send("response.create"))["code"] == "conversation_full"
    apart = talk.send("response.create", response={"conversation": "none"})
    assert kinds(apart)[0] == "response.created"


def test_a_full_conversation_asks_no_more_servers_for_their_tools() -> None:
    talk = full()
    assert error_of(talk.send("session.update", session=named("notes")))["code"] == "conversation_full"
    assert kinds(talk.send("session.update", session={"type": "realtime", "tools": []})) == ["session.updated"]
