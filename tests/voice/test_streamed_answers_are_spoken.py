"""An answer that comes piece by piece and is spoken: a phrase is made when its words are there, and heard in its turn."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from websockets.asyncio.client import connect

from realtime_scenarios.realtime import Engine, Pace, Parts, serve
from realtime_scenarios.realtime.exchange import Exchange
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
from realtime_scenarios.session.time import run_in_virtual_time
from realtime_scenarios.voice import Manner, PartFailed, Speech, Tone
from support.strict import Strict
from support.talk import Event, Talk, only

MS_TO_MAKE = 300
"""How long it takes to make a phrase; a word of it then sounds for 400 ms."""
SOUNDING = Pace(words_per_delta=1, follows_speech=True)


@dataclass(frozen=True)
class Piece:
    """What comes of an answer, and at which millisecond of it."""

    at_ms: int
    output: Output


@dataclass(frozen=True)
class Words:
    """Words that were asked for or heard, and when."""

    at_ms: int
    text: str


@dataclass(frozen=True)
class Heard:
    """An event, and when it came."""

    at_ms: int
    event: Event


class PiecesInTime:
    """Answers piece by piece. `closed_at_ms` None: it has not been closed yet."""

    def __init__(self, *pieces: Piece, whole_at_ms: int = 0, breaks: bool = False) -> None:
        self.pieces = pieces
        self.whole_at_ms = whole_at_ms
        self.breaks = breaks
        self.closed_at_ms: int | None = None

    async def respond(self, request: ResponseRequest) -> Answer:
        return self._answer()

    async def _answer(self) -> AsyncGenerator[Output, None]:
        begun_ms = now_ms()
        try:
            for piece in self.pieces:
                await until(begun_ms + piece.at_ms)
                yield piece.output
            await until(begun_ms + self.whole_at_ms)
            if self.breaks:
                raise ZeroDivisionError("a mistake of ours")
        finally:
            self.closed_at_ms = now_ms()


class SlowSpeaker:
    """Hums each word for 400 ms; cannot say "unspeakable"."""

    takes_time: ClassVar[bool] = True

    def speak(self, text: str, manner: Manner) -> Speech:
        if "unspeakable" in text:
            raise PartFailed("there is no sound for that")
        return Tone().speak(text, manner)


class WatchedSpeaker(SlowSpeaker):
    """Notes what it was asked to say."""

    def __init__(self) -> None:
        self.made: list[Words] = []

    def speak(self, text: str, manner: Manner) -> Speech:
        self.made.append(Words(now_ms(), text))
        return super().speak(text, manner)


class QuickSpeaker:
    """Hums at once what it is asked to say, and keeps that."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def speak(self, text: str, manner: Manner) -> Speech:
        self.said.append(text)
        if "unspeakable" in text:
            raise PartFailed("there is no sound for that")
        return Tone().speak(text, manner)


@dataclass
class Line:
    """A client in virtual time, and what it hears: phrases take `MS_TO_MAKE` to be made."""

    responder: PiecesInTime
    pace: Pace = SOUNDING
    heard: list[Heard] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._speaker = WatchedSpeaker()
        engine = Engine(parts=Parts(speaker=self._speaker), pace=self.pace)
        self._strict = Strict()
        self._exchange = Exchange(engine, self.responder, self._take, self.failures.append, self._beside)
        self._exchange.open()

    async def send(self, kind: str, **fields: Any) -> None:
        await self._exchange.receive(json.dumps({"type": kind, **fields}))

    def close(self) -> None:
        self._exchange.close()

    def events(self, kind: str) -> list[Event]:
        return [heard.event for heard in self.heard if heard.event["type"] == kind]

    @property
    def done(self) -> Event:
        found: Event = only([heard.event for heard in self.heard], "response.done")["response"]
        return found

    @property
    def made(self) -> list[Words]:
        return self._speaker.made

    @property
    def words(self) -> list[Words]:
        """Each word that was heard, and when it began to be."""
        kind = "response.output_audio_transcript.delta"
        return [Words(heard.at_ms, heard.event["delta"]) for heard in self.heard if heard.event["type"] == kind]

    @property
    def item_id(self) -> str:
        found: str = self.events("response.output_item.added")[0]["item"]["id"]
        return found

    def _take(self, text: str) -> None:
        self.heard.append(Heard(now_ms(), self._strict.read(text)))

    async def _beside(self, work: Callable[[], Any]) -> Any:
        done = work()
        await asyncio.sleep(MS_TO_MAKE / 1000)
        return done


def now_ms() -> int:
    return round(asyncio.get_running_loop().time() * 1000)


async def until(at_ms: int) -> None:
    await asyncio.sleep((at_ms - now_ms()) / 1000)


def held(
    responder: PiecesInTime,
    *sent: tuple[int, str, dict[str, Any]],
    session: dict[str, Any] | None = None,
    pace: Pace = SOUNDING,
) -> Line:
    """A response from its beginning to when all is quiet; `sent` are events of the client, and when it sends them."""

    async def talk() -> Line:
        line = Line(responder, pace)
        await line.send("session.update", session={"type": "realtime", **(session or {})})
        await line.send("response.create")
        for at_ms, kind, fields in sent:
            await until(at_ms)
            named = {name: line.item_id if value == "THE ITEM" else value for name, value in fields.items()}
            await line.send(kind, **named)
        await until(60_000)
        line.close()
        return line

    return run_in_virtual_time(talk())


def two_sentences() -> PiecesInTime:
    return PiecesInTime(
        Piece(0, SayMore("One two ")),
        Piece(100, SayMore("three. ")),
        Piece(500, SayMore("Four ")),
        Piece(900, SayMore("five six")),
        whole_at_ms=1200,
    )


def test_a_phrase_is_made_when_its_words_are_there_and_the_last_one_when_no_more_come() -> None:
    line = held(two_sentences())
    assert line.made == [Words(100, "One two three. "), Words(1200, "Four five six")]
    assert line.done["status"] == "completed"
    assert line.done["output"][0]["content"][0]["transcript"] == "One two three. Four five six"


def test_one_phrase_is_made_while_the_one_before_it_is_heard() -> None:
    words = held(two_sentences()).words
    assert [word.at_ms for word in words] == [400, 800, 1200, 1600, 2000, 2400]
    assert [word.text for word in words] == ["One ", "two ", "three. ", "Four ", "five ", "six"]


def test_words_that_come_late_are_waited_for() -> None:
    line = held(PiecesInTime(Piece(0, SayMore("One. ")), Piece(5000, SayMore("Two.")), whole_at_ms=5000))
    assert line.made == [Words(0, "One. "), Words(5000, "Two.")]
    assert [word.at_ms for word in line.words] == [300, 5300]


def test_written_pieces_go_out_as_they_come() -> None:
    line = held(two_sentences(), session={"output_modalities": ["text"]})
    kind = "response.output_text.delta"
    deltas = [Words(heard.at_ms, heard.event["delta"]) for heard in line.heard if heard.event["type"] == kind]
    assert deltas == [
        Words(0, "One "),
        Words(0, "two "),
        Words(100, "three. "),
        Words(500, "Four "),
        Words(900, "five "),
        Words(900, "six"),
    ]
    assert line.made == []


@pytest.mark.parametrize(
    ("end", "status", "reason"),
    [
        (CutShort("max_output_tokens"), "incomplete", "max_output_tokens"),
        (CutShort("content_filter"), "incomplete", "content_filter"),
        (FailResponse("overloaded", "Too busy."), "failed", None),
    ],
)
def test_an_answer_that_ends_before_its_time_is_spoken_as_far_as_it_came(
    end: Output, status: str, reason: str | None
) -> None:
    line = held(PiecesInTime(Piece(0, SayMore("One two. ")), Piece(100, SayMore("Three ")), Piece(200, end)))
    assert line.made == [Words(0, "One two. "), Words(300, "Three ")]
    assert (line.done["status"], line.done["status_details"].get("reason")) == (status, reason)
    item = line.done["output"][0]
    assert (item["status"], item["content"][0]["transcript"]) == ("incomplete", "One two. Three ")


def test_what_is_more_than_was_asked_for_is_not_spoken_and_nobody_waits_for_the_rest() -> None:
    responder = PiecesInTime(
        Piece(0, SayMore("One ")), Piece(100, SayMore("two three ")), Piece(9000, SayMore("four.")), whole_at_ms=9000
    )
    line = held(responder, session={"max_output_tokens": 10})
    assert (line.done["status"], line.done["status_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert line.made == [Words(100, line.done["output"][0]["content"][0]["transcript"])]
    assert responder.closed_at_ms == 100


def test_a_call_ends_the_words_before_it() -> None:
    line = held(PiecesInTime(Piece(0, SayMore("One moment")), Piece(100, CallFunction("look_up", "{}"))))
    assert line.made == [Words(100, "One moment")]
    said, called = line.done["output"]
    assert (said["status"], said["content"][0]["transcript"]) == ("completed", "One moment")
    assert (called["type"], called["status"]) == ("function_call", "completed")


def test_a_cancel_keeps_the_words_that_were_heard_and_makes_no_more_of_them() -> None:
    responder = two_sentences()
    line = held(responder, (1100, "response.cancel", {}))
    assert line.done["status"] == "cancelled"
    assert line.done["output"][0]["content"][0]["transcript"] == "One two "
    assert line.made == [Words(100, "One two three. ")]
    assert responder.closed_at_ms == 1100
    assert line.heard[-1].at_ms == 1100


def test_a_cancel_while_a_phrase_is_made_is_the_end_of_that_phrase() -> None:
    line = held(two_sentences(), (200, "response.cancel", {}))
    assert line.made == [Words(100, "One two three. ")]
    assert (line.done["status"], line.words) == ("cancelled", [])


def test_who_cuts_in_ends_the_answer_where_the_ear_stopped() -> None:
    responder = two_sentences()
    heard = {"item_id": "THE ITEM", "content_index": 0, "audio_end_ms": 700}
    line = held(responder, (1000, "conversation.item.truncate", heard))
    assert line.done["status"] == "cancelled"
    item = line.done["output"][0]
    assert (item["status"], item["content"][0]["transcript"]) == ("incomplete", "One")
    assert line.made == [Words(100, "One two three. ")]
    assert responder.closed_at_ms == 1000


def test_a_truncated_answer_that_goes_on_keeps_what_was_heard_of_it() -> None:
    heard = {"item_id": "THE ITEM", "content_index": 0, "audio_end_ms": 700}
    retrieved = (9000, "conversation.item.retrieve", {"item_id": "THE ITEM"})
    line = held(
        two_sentences(),
        (1000, "conversation.item.truncate", heard),
        retrieved,
        session={"audio": {"input": {"turn_detection": None}}},
    )
    assert line.done["status"] == "completed"
    assert "".join(word.text for word in line.words) == "One two three. Four five six"
    (kept,) = line.events("conversation.item.retrieved")
    assert kept["item"]["content"][0]["transcript"] == "One"


def test_a_phrase_behind_the_first_is_truncated_at_its_own_words() -> None:
    heard = {"item_id": "THE ITEM", "content_index": 0, "audio_end_ms": 1700}
    line = held(two_sentences(), (2450, "conversation.item.truncate", heard))
    assert line.done["output"][0]["content"][0]["transcript"] == "One two three. Four"


def test_what_cannot_be_spoken_ends_its_response() -> None:
    responder = PiecesInTime(
        Piece(0, SayMore("This is fine. ")), Piece(100, SayMore("This is unspeakable. ")), Piece(200, SayMore("Never."))
    )
    line = held(responder)
    assert (line.done["status"], line.done["status_details"]["error"]["code"]) == ("failed", "speech_failed")
    assert line.done["output"][0]["content"][0]["transcript"] == "This is fine. "
    assert line.failures == []


@pytest.mark.parametrize("pace", [Pace(), Pace(1, follows_speech=True), Pace(1, ms_per_word=100)])
def test_silence_counts_from_when_the_last_word_has_been_heard_however_the_words_came(pace: Pace) -> None:
    """Six words sound for 2400 ms; the second three come when the first have long been heard."""
    answer = PiecesInTime(Piece(0, SayMore("One two three. ")), Piece(6000, SayMore("Four five six.")))
    answer.whole_at_ms = 6000
    detection = {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}
    line = held(answer, session={"audio": {"input": detection}}, pace=pace)
    (first, *_) = [heard for heard in line.heard if heard.event["type"] == "input_audio_buffer.timeout_triggered"]
    assert first.at_ms == 6000 + MS_TO_MAKE + 1200 + 5000


def test_the_same_answer_is_the_same_each_time() -> None:
    assert held(two_sentences()).heard == held(two_sentences()).heard


def test_who_breaks_while_a_phrase_is_made_has_failed_before_the_line_ends() -> None:
    line = held(PiecesInTime(Piece(0, SayMore("One. ")), Piece(0, SayMore("Two. ")), whole_at_ms=500, breaks=True))
    assert (line.done["status"], line.done["status_details"]["error"]["code"]) == ("failed", "server_error")
    assert line.done["output"][0]["content"][0]["transcript"] == "One. "
    assert [type(problem) for problem in line.failures] == [ZeroDivisionError]


@pytest.mark.parametrize("reply", [(SayText("One two. Three"),), (SayMore("One "), SayMore("two. "), SayMore("Three"))])
def test_who_speaks_at_once_is_given_a_whole_text_or_its_phrases(reply: Sequence[Output]) -> None:
    speaker = QuickSpeaker()
    done = only(Talk(reply, parts=Parts(speaker=speaker)).send("response.create"), "response.done")["response"]
    assert done["output"][0]["content"][0]["transcript"] == "One two. Three"
    assert speaker.said == (["One two. Three"] if len(reply) == 1 else ["One two. ", "Three"])


@pytest.mark.parametrize("pieces", [("東", "京", "都"), ("wo", "rd and", " more")])
def test_words_that_come_in_pieces_are_spoken_as_one(pieces: Sequence[str]) -> None:
    """Han goes by two characters a word, which may come one by one."""
    talk = Talk([SayMore(piece) for piece in pieces], pace=Pace(1), parts=Parts(speaker=QuickSpeaker()))
    done = only(talk.send("response.create"), "response.done")["response"]
    assert done["status"] == "completed"
    assert done["output"][0]["content"][0]["transcript"] == "".join(pieces)


@pytest.mark.parametrize("say", [SayText, SayMore])
def test_who_speaks_at_once_and_cannot_ends_the_response(say: Callable[[str], Output]) -> None:
    talk = Talk([say("Unspeakable? No, unspeakable.")], [SayText("Fine.")], parts=Parts(speaker=QuickSpeaker()))
    first, second = (only(talk.send("response.create"), "response.done")["response"] for _ in range(2))
    assert (first["status"], first["status_details"]["error"]["code"]) == ("failed", "speech_failed")
    assert second["status"] == "completed"


def test_an_answer_that_streams_is_spoken_in_threads_over_a_websocket() -> None:
    async def visit() -> list[Event]:
        responder = PiecesInTime(*(Piece(0, SayMore(text)) for text in ("One two. ", "Three ", "four.")))
        async with (
            serve(lambda: responder, parts_factory=lambda: Parts(speaker=SlowSpeaker())) as server,
            connect(server.url) as client,
        ):
            await client.send('{"type": "response.create"}')
            events: list[Event] = []
            while not events or events[-1]["type"] != "response.done":
                events.append(json.loads(await asyncio.wait_for(client.recv(), 30)))
            return events

    events = asyncio.run(visit())
    assert only(events, "response.output_audio_transcript.done")["transcript"] == "One two. Three four."
    sound = b"".join(base64.b64decode(e["delta"]) for e in events if e["type"] == "response.output_audio.delta")
    assert len(sound) == 4 * 400 * 48
