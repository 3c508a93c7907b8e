"""A responder that answers piece by piece: what is said goes out as it comes, and is one message in the end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence

import pytest

from realtime_scenarios.realtime import MemoryConnection, Pace, connect_in_memory
from realtime_scenarios.realtime.responder import (
    Answer,
    CallFunction,
    CutShort,
    FailResponse,
    Output,
    ResponseRequest,
    SayMore,
    SayText,
)
from support.talk import Event, Talk, kinds, only, text_of

WORDS = ("Bags may ", "be 22 ", "by 14.")


class Pieces:
    """Talks to an engine whose responder is played by hand."""

    def __init__(self, *, pace: Pace | None = None, spoken: bool = False) -> None:
        self.talk = Talk(pace=pace)
        if not spoken:
            self.talk.text_only()
        self.talk.say()
        self.begun = self.talk.send("response.create")

    def come(self, *outputs: Output, is_all: bool = False) -> list[Event]:
        request = self.talk.requests[-1]
        engine = self.talk.engine
        return self.talk.read(engine.answer(request.response_id, outputs, self.talk.now_ms, is_all=is_all))

    @property
    def is_waited_for(self) -> bool:
        return self.talk.engine.is_waiting_for(self.talk.requests[-1].response_id)


def test_each_piece_goes_out_as_it_comes_and_they_are_one_message() -> None:
    pieces = Pieces()

    assert [text_of(pieces.come(SayMore(words))) for words in WORDS] == list(WORDS)
    assert pieces.is_waited_for
    end = pieces.come(is_all=True)

    item = only(end, "response.output_item.done")["item"]
    assert item["status"] == "completed"
    assert item["content"] == [{"type": "output_text", "text": "".join(WORDS)}]
    assert only(end, "response.done")["response"]["status"] == "completed"
    assert not pieces.is_waited_for


@pytest.mark.parametrize("spoken", [False, True])
def test_pieces_end_as_the_whole_text_does(spoken: bool) -> None:
    whole, pieces = Pieces(spoken=spoken), Pieces(spoken=spoken)

    at_once = whole.come(SayText("Bags may be 22 by 14."), is_all=True)
    as_it_comes = [event for words in WORDS for event in pieces.come(SayMore(words))] + pieces.come(is_all=True)

    assert without_deltas(as_it_comes) == without_deltas(at_once)
    in_pieces, in_one = (only(events, "response.done")["response"] for events in (as_it_comes, at_once))
    assert (in_pieces["output"], in_pieces["usage"]) == (in_one["output"], in_one["usage"])


def without_deltas(events: Sequence[Event]) -> list[str]:
    return [kind for kind in kinds(events) if not kind.endswith(".delta")]


def test_a_call_after_words_ends_their_message_and_other_words_begin_another() -> None:
    pieces = Pieces()
    pieces.come(SayMore("One "), SayMore("moment."))
    events = pieces.come(CallFunction("look_up", "{}"), SayMore("Here."), is_all=True)

    items = only(events, "response.done")["response"]["output"]
    assert [item["type"] for item in items] == ["message", "function_call", "message"]
    assert [item["status"] for item in items] == ["completed"] * 3


def test_a_failure_among_the_pieces_leaves_the_message_incomplete() -> None:
    pieces = Pieces()
    pieces.come(SayMore("One "))
    response = only(pieces.come(FailResponse("overloaded", "Too busy."), is_all=True), "response.done")["response"]

    assert response["status"] == "failed"
    assert response["status_details"]["error"]["code"] == "overloaded"
    assert response["output"][0]["status"] == "incomplete"
    assert response["output"][0]["content"][0]["text"] == "One "


@pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter"])
def test_a_response_that_is_cut_short_says_why(reason: str) -> None:
    pieces = Pieces()
    pieces.come(SayMore("One "))
    response = only(pieces.come(CutShort(reason), is_all=True), "response.done")["response"]  # type: ignore[arg-type]

    assert (response["status"], response["status_details"]["reason"]) == ("incomplete", reason)
    assert response["output"][0]["status"] == "incomplete"


def test_what_is_more_than_was_asked_for_is_not_said_and_nobody_waits_for_the_rest() -> None:
    talk = Talk()
    talk.text_only()
    talk.say()
    talk.send("response.create", response={"max_output_tokens": 4})
    assert talk.requests[-1].max_output_tokens == 4
    response_id = talk.requests[-1].response_id

    said = [text_of(talk.read(talk.engine.answer(response_id, [SayMore("Four ")], 0, is_all=False))) for _ in range(3)]
    assert said == ["Four "] * 3
    response = only(talk.read(talk.engine.answer(response_id, [SayMore("Four ")], 0, is_all=False)), "response.done")[
        "response"
    ]

    assert response["status_details"]["reason"] == "max_output_tokens"
    assert not talk.engine.is_waiting_for(response_id)


def test_a_cancel_in_the_middle_keeps_what_was_said_and_drops_what_comes() -> None:
    pieces = Pieces()
    pieces.come(SayMore("One "))
    response = only(pieces.talk.send("response.cancel"), "response.done")["response"]

    assert response["status"] == "cancelled"
    assert response["output"][0]["content"][0]["text"] == "One "
    assert pieces.come(SayMore("moment.")) == []


def test_what_comes_faster_than_it_is_said_waits_for_its_time() -> None:
    pieces = Pieces(pace=Pace(words_per_delta=1, ms_per_word=100))

    assert text_of(pieces.come(SayMore("One two "), SayMore("three"), is_all=True)) == "One "
    assert text_of(pieces.talk.later(100)) == "two "
    assert text_of(pieces.talk.later(100)) == "three"
    assert kinds(pieces.talk.later(100))[-2:] == ["response.done", "rate_limits.updated"]


class Streams:
    """Answers with what `pieces` yields, and says when it was closed."""

    def __init__(self, pieces: Callable[[], AsyncGenerator[Output, None]]) -> None:
        self.pieces = pieces
        self.is_closed = asyncio.Event()

    async def respond(self, request: ResponseRequest) -> Answer:
        return self._pieces()

    async def _pieces(self) -> AsyncGenerator[Output, None]:
        try:
            async for output in self.pieces():
                yield output
        finally:
            self.is_closed.set()


async def without_end() -> AsyncGenerator[Output, None]:
    while True:
        yield SayMore("on ")
        await asyncio.sleep(0)


async def breaking() -> AsyncGenerator[Output, None]:
    yield SayMore("One ")
    raise ZeroDivisionError("a mistake of ours")


async def asked(connection: MemoryConnection) -> None:
    session = {"type": "realtime", "output_modalities": ["text"]}
    await connection.send(json.dumps({"type": "session.update", "session": session}))
    await connection.send(json.dumps({"type": "response.create"}))


async def until(connection: MemoryConnection, kind: str) -> Sequence[Event]:
    events: list[Event] = []
    while not events or events[-1]["type"] != kind:
        events.append(json.loads(await connection.recv()))
    return events


def test_whoever_answers_is_stopped_when_the_client_cancels() -> None:
    async def cancelled() -> Sequence[Event]:
        responder = Streams(without_end)
        connection = connect_in_memory(responder)
        await asked(connection)
        await until(connection, "response.output_text.delta")
        await connection.send(json.dumps({"type": "response.cancel"}))
        events = await until(connection, "response.done")
        await asyncio.wait_for(responder.is_closed.wait(), 5)
        return events

    assert asyncio.run(cancelled())[-1]["response"]["status"] == "cancelled"


def test_whoever_answers_is_stopped_when_the_client_leaves() -> None:
    async def left() -> None:
        responder = Streams(without_end)
        connection = connect_in_memory(responder)
        await asked(connection)
        await until(connection, "response.output_text.delta")
        await connection.close()
        await asyncio.wait_for(responder.is_closed.wait(), 5)

    asyncio.run(left())


def test_a_responder_that_breaks_in_the_middle_fails_the_response() -> None:
    async def broken() -> Sequence[Event]:
        connection = connect_in_memory(Streams(breaking))
        await asked(connection)
        events = await until(connection, "rate_limits.updated")
        with pytest.raises(ZeroDivisionError):
            await connection.recv()
        return events

    response = only(asyncio.run(broken()), "response.done")["response"]
    assert response["status"] == "failed"
    assert response["output"][0]["status"] == "incomplete"
