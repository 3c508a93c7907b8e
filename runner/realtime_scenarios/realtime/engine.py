"""The server side of the OpenAI Realtime protocol as a state machine: client events in, server events out.

No sockets, no clock, no randomness: a carrier brings texts and the time, takes out the response requests, and brings
what the responder wants to do. Facts about the protocol: OpenAI Realtime API reference and `openai.types.realtime`;
what clients rely on was measured with openai-agents 0.24.

Theory of operation. A session has its settings, one conversation, an input audio buffer (`hearing`) and responses in
progress (`responses`). Of these at most one writes to the conversation; out-of-band responses run beside it. A response
is

    asked for    `response.created` is out, and a request for the responder waits (`take_requests`)
    answered     its outputs are being handed out (`answer`), perhaps while more of them come; where it is paced,
                 `next_due` says when there is more
    over         `response.done` is out, it is forgotten here, and what it said is in the conversation

and a cancel ends it from anywhere, with what was handed out by then. An answer to a response that is over is dropped,
so a carrier need not know about cancels.

Every client event is answered by its own events, or ends in one `error` that names its `event_id`, and the session goes
on. Where it is no JSON, or too long to be read, there is no id to name. Its shape is checked before anything is done,
and handlers check what they change before they change it. Every server event takes its id from the same counter in the
order of being sent: the same texts at the same times give the same bytes. There are two clocks, and neither is the
wall's: `now_ms` for pacing what is said, and milliseconds of audio received for the turns that are heard, so that
speech which is sent faster than it was spoken is cut alike. A user who stays silent is noticed by either.

What hears and speaks (`realtime_scenarios.voice`) is asked where it is needed, or, where it takes its time, by the
carrier: `take_heard` and `take_phrases` are what to ask it, `transcribed` and `spoken` take its answers. Until an
utterance has been written down, who answers waits for it: a responder reads, and hears nothing. MCP servers on this
machine are asked by the carrier as well (`take_mcp_work`, `mcp_answered`); whoever answers sees functions in their
tools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime.appended import append_in
from realtime_scenarios.realtime.approvals import Approvals
from realtime_scenarios.realtime.client_events import client_event
from realtime_scenarios.realtime.client_items import ClientItems
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import ClientError, Event, Events, decoded, expired
from realtime_scenarios.realtime.hearing import Hearing
from realtime_scenarios.realtime.input_audio import InputAudio
from realtime_scenarios.realtime.long_events import LONG, outlined, taken
from realtime_scenarios.realtime.mcp_servers import (
    ListTools,
    McpAnswer,
    McpFailed,
    McpServers,
    McpWork,
    names_servers,
)
from realtime_scenarios.realtime.output import Phrase
from realtime_scenarios.realtime.responder import FailResponse, Output, ResponseRequest
from realtime_scenarios.realtime.responses import Responses
from realtime_scenarios.realtime.session import SESSION, Kind, Session
from realtime_scenarios.realtime.speech import Pace
from realtime_scenarios.realtime.transcription import HeardItem, Transcription
from realtime_scenarios.voice import (
    LoudnessGate,
    PartFailed,
    Silence,
    Speech,
    SpeechToText,
    TextToSpeech,
    VoiceActivity,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What hears and speaks in one session.

    `detector` is made anew for each rate of audio. `listener` None: where the client asks for transcription, it is told
    that it failed.
    """

    detector: Callable[[int], VoiceActivity] = LoudnessGate
    listener: SpeechToText | None = None
    speaker: TextToSpeech = field(default_factory=Silence)


_ANSWERED_AT_LENGTH = frozenset({"session.update", "conversation.item.create", "response.create"})
"""What is answered with all that is in it, or by many events. Each of them tells of what has been done by then."""


class Engine:
    """One session. Times are milliseconds on any clock that only goes forward.

    `model` None: the first `session.update` that names one decides. `expires_at` is a Unix time that is only shown.
    `settings` are those that the session begins with, in the form of a `session.update`.

    Raises:
        ClientError: the settings are none.
    """

    def __init__(
        self,
        ids: Ids | None = None,
        *,
        model: str | None = None,
        pace: Pace | None = None,
        parts: Parts | None = None,
        expires_at: int | None = None,
        kind: Kind = "realtime",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        ids, parts = ids or Ids(), parts or Parts()
        self._events = events = Events(ids)
        self._session = session = Session(ids.next("sess"), model=model, expires_at=expires_at, kind=kind)
        if settings is not None:
            session.update({"type": kind, **settings}, voice_is_fixed=False)
        self._conversation = conversation = Conversation(ids)
        self._audio = audio = InputAudio(parts.detector)
        audio.use(session.input_format)
        self._transcription = heard = Transcription(events, session, conversation, parts.listener)
        self._mcp_work: list[McpWork] = []
        self._servers = servers = McpServers(events, session, conversation, self._mcp_work.append)
        self._approvals = approvals = Approvals(events, conversation, self._mcp_work.append)
        self._responses = responses = Responses(
            ids, events, session, conversation, audio, heard, servers, approvals, parts.speaker, pace or Pace()
        )
        self._hearing = hearing = Hearing(events, session, conversation, audio, heard, responses)
        self._items = items = ClientItems(events, session, conversation, responses, approvals)
        self._doing: Iterator[Event | None] | None = None
        self._event_id: str | None = None
        self._handlers: dict[str, Callable[[dict[str, Any]], Iterable[Event | None]]] = {
            "session.update": self._on_session_update,
            "conversation.item.create": items.on_create,
            "conversation.item.retrieve": items.on_retrieve,
            "conversation.item.truncate": items.on_truncate,
            "conversation.item.delete": items.on_delete,
            "response.create": responses.on_create,
            "response.cancel": responses.on_cancel,
            "input_audio_buffer.append": hearing.on_append_event,
            "input_audio_buffer.commit": hearing.on_commit,
            "input_audio_buffer.clear": hearing.on_clear,
            "output_audio_buffer.clear": responses.on_output_clear,
        }

    def open(self) -> list[Event]:
        """What a client is greeted with."""
        created = self._events.make("session.created", session=self._session.wire)
        return [created, *self._servers.list_tools(self._session.wire.get("tools", ()))]

    def receive(self, text: str | bytes | bytearray, now_ms: float | None = None) -> list[Event]:
        """The answer to one message of the client, whatever it is. `now_ms` None: no time has passed."""
        answers = self.begin(text, now_ms)
        while self._doing is not None:
            answers += self.go_on()
        return answers

    def begin(self, text: str | bytes | bytearray, now_ms: float | None = None) -> list[Event]:
        """As `receive`, but of what takes long only the beginning: where it then `is_busy`, `go_on` does the next step.

        A step takes some milliseconds. The next message waits until all have been done; all else may come between.
        """
        assert self._doing is None, "what was begun is brought to its end first"
        if now_ms is not None:
            self._responses.at(now_ms)
        self._event_id = None
        if len(text) > LONG:
            self._doing = self._long_handled(text)
            return self.go_on()
        try:
            append = append_in(text)
            if append is not None:
                self._event_id = append.event_id
                self._doing = iter(self._hearing.on_append(append.audio))
            else:
                self._doing = iter(self._handled(_checked(self._noted(decoded(text)))))
        except ClientError as problem:
            return [self._events.error(problem, self._event_id)]
        return self.go_on()

    def _long_handled(self, text: str | bytes | bytearray) -> Iterator[Event | None]:
        """The same in steps. What is answered at length is so by an event in each of them.

        The events that anything else brings about stay together: what goes on meanwhile comes before or after them.
        """
        event = self._noted((yield from outlined(text)))
        yield None
        checked = _checked((yield from taken(event)))
        yield None
        for answer in self._handled(checked):
            yield answer
            if checked["type"] in _ANSWERED_AT_LENGTH:
                yield None

    def _handled(self, checked: dict[str, Any]) -> Iterable[Event | None]:
        return self._handlers[checked["type"]](checked)

    def _noted(self, event: Any) -> Any:
        """The event, whose id is named in an error from now on."""
        if isinstance(event, dict) and isinstance(event_id := event.get("event_id"), str):
            self._event_id = event_id
        return event

    def keep_audio(self, ms: int) -> None:
        """Of what was appended, and is part of no turn yet, keep the last so much: where nobody is asked to append."""
        self._audio.keep(ms)

    def truncate(self, item_id: str, heard_ms: int) -> list[Event]:
        """Cut an item off, of which so much was heard, as whoever plays it knows; where it has been deleted, nothing.

        It may come between the steps of a message.
        """
        where = {"item_id": item_id, "content_index": 0, "audio_end_ms": heard_ms}
        try:
            return list(self._items.on_truncate(where))
        except ClientError:
            return []

    @property
    def is_busy(self) -> bool:
        """Whether a message of the client has been begun and is not over."""
        return self._doing is not None

    def go_on(self) -> list[Event]:
        """The next step with the message that was begun."""
        doing, answers = self._doing, list[Event]()
        assert doing is not None, "something has been begun"
        try:
            for answer in doing:
                if answer is None:
                    return answers
                answers.append(answer)
        except ClientError as problem:
            answers.append(self._events.error(problem, self._event_id))
        self._doing = None
        self._responses.release_requests()
        return answers

    def expire(self, seconds: float) -> list[Event]:
        """That the session has lasted so long as it may."""
        return [self._events.error(expired(seconds), None)]

    def take_requests(self) -> list[ResponseRequest]:
        """The responses that were asked for since the last time: each wants one `answer`."""
        return self._responses.take_requests()

    def take_heard(self) -> list[HeardItem]:
        """What is to be written down by a part that takes its time; each wants one `transcribed`, in this order."""
        return self._transcription.take_heard()

    def transcribed(self, heard: HeardItem, words: str | PartFailed | None) -> list[Event]:
        """The words of what was heard, None where they could not be made out, or why there are none."""
        events = list(self._transcription.end(heard, words))
        self._responses.read_again(heard.item_id)
        return events

    def take_phrases(self) -> list[Phrase]:
        """What is to be said by a part that takes its time; each wants one `spoken`, in this order."""
        return self._responses.take_phrases()

    def is_to_be_spoken(self, phrase: Phrase) -> bool:
        """Whether the phrase would still be heard; it is not after a cancel."""
        return self._responses.is_to_be_spoken(phrase)

    def spoken(self, phrase: Phrase, sound: Speech | PartFailed, now_ms: float) -> list[Event]:
        """What the phrase sounds like; nothing happens where its response has been cancelled."""
        return self._responses.spoken(phrase, sound, now_ms)

    def take_mcp_work(self) -> list[McpWork]:
        """What MCP servers on this machine are to be asked; each wants one `mcp_answered`, in any order."""
        if not self._mcp_work:
            return []
        work = list(self._mcp_work)
        self._mcp_work.clear()
        return work

    def mcp_answered(self, work: McpWork, answer: McpAnswer, now_ms: float) -> list[Event]:
        """What an MCP server has answered; of a call that nobody waits for any more nothing is told."""
        if isinstance(work, ListTools):
            return list(self._servers.listed(work, None if isinstance(answer, str | McpFailed) else answer))
        assert isinstance(answer, str | McpFailed), "a call comes to a text or fails"
        return [*self._responses.called(work, answer, now_ms), *self._approvals.called(work, answer)]

    def is_waiting_for(self, response_id: str) -> bool:
        """Whether an answer would still be heard; it is not after a cancel."""
        return self._responses.is_waiting_for(response_id)

    def answer(self, response_id: str, outputs: Sequence[Output], now_ms: float, *, is_all: bool = True) -> list[Event]:
        """What the responder wants said and done; nothing happens where the response has been cancelled.

        `is_all` False: more of it is still to come, by another call.
        """
        return self._responses.answer(response_id, outputs, now_ms, is_all=is_all)

    def break_off(self, response_id: str, failure: FailResponse) -> list[Event]:
        """Whoever answers has broken: the response fails with what was handed out by now, unless it is over already."""
        return self._responses.break_off(response_id, failure)

    def next_due(self) -> float | None:
        """When to call `advance` next; None where nothing waits for time to pass."""
        # there may be a voice in what has not been listened to yet
        idle = None if self._doing is not None else self._hearing.due
        due = self._responses.due
        if due is None or idle is None:
            return idle if due is None else due
        return min(due, idle)

    def advance(self, now_ms: float) -> list[Event]:
        """The events that are due by now."""
        events = self._responses.advance(now_ms)
        if self._doing is None:
            events += self._hearing.advance(now_ms)
            self._responses.release_requests()
        return events

    def _on_session_update(self, event: dict[str, Any]) -> Iterable[Event]:
        # a partial merge: clients send several in a row before the first answer, and each wants one. The voice cannot
        # change once the session has spoken (API reference, session.update)
        if names_servers(event["session"]):
            self._conversation.refuse_if_full()
        self._session.merge(event["session"], voice_is_fixed=self._conversation.has_assistant_audio)
        self._audio.use(self._session.input_format)
        self._responses.settings_changed()
        yield self._events.make("session.updated", session=self._session.wire)
        if "tools" in event["session"]:
            yield from self._servers.list_tools(self._session.wire["tools"])


def _checked(event: Any) -> dict[str, Any]:
    """A client's event of the shape that it must have, whatever the session is like.

    Raises:
        ClientError: it has another.
    """
    if not isinstance(event, dict):
        raise ClientError("invalid_event", "The event must be a JSON object.")
    checked = client_event(event)
    if checked["type"] == "session.update":
        checked["session"] = SESSION(checked["session"], "session")
    return checked
