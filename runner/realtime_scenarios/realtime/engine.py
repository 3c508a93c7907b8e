"""The server side of the OpenAI Realtime protocol as a state machine: client events in, server events out.

No sockets, no clock, no randomness: a carrier brings texts and the time, takes out the response requests, and brings
what the responder wants to do. Facts about the protocol: OpenAI Realtime API reference and `openai.types.realtime`;
what clients rely on was measured with openai-agents 0.24.

Theory of operation. A session has its settings, one conversation, an input audio buffer and responses in progress. Of
these at most one writes to the conversation (`_active_response`); out-of-band responses run beside it. A response is

    asked for    `response.created` is out, and a request for the responder waits (`take_requests`)
    answered     its outputs are being handed out (`answer`), perhaps while more of them come; where it is paced,
                 `next_due` says when there is more
    over         `response.done` is out, it is forgotten here, and what it said is in the conversation

and a cancel ends it from anywhere, with what was handed out by then. An answer to a response that is over is dropped,
so a carrier need not know about cancels.

Every client event is answered by its own events, or ends in one `error` that names its `event_id`; the session goes on.
Its shape is checked before anything is done, and handlers check what they change before they change it. Every server
event takes its id from the same counter in the order of being sent: the same texts at the same times give the same
bytes. There are two clocks, and neither is the wall's: `now_ms` for pacing what is said, and milliseconds of audio
received for the turns that are heard, so that speech which is sent faster than it was spoken is cut alike. A user who
stays silent is noticed by either.

What hears and speaks (`realtime_scenarios.voice`) is asked where it is needed, or, where it takes its time, by the
carrier: `take_heard` and `take_phrases` are what to ask it, `transcribed` and `spoken` take its answers. Until an
utterance has been written down, who answers waits for it: a responder reads, and hears nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from realtime_scenarios.core import Ids, sendable
from realtime_scenarios.realtime.client_events import client_event
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import ClientError, Event, Events, decoded, encoded, expired
from realtime_scenarios.realtime.input_audio import (
    LONGEST_APPEND,
    Detection,
    Heard,
    InputAudio,
    SpeechStarted,
    SpeechStopped,
    StayedSilent,
)
from realtime_scenarios.realtime.items import (
    Given,
    Item,
    audio_item,
    given_item,
    listing_item,
    tokens_in,
    with_words,
)
from realtime_scenarios.realtime.output import Phrase
from realtime_scenarios.realtime.responder import FailResponse, Output, ResponseRequest
from realtime_scenarios.realtime.response import Cancelled, Plan, Response
from realtime_scenarios.realtime.session import Kind, Session, cannot_update_voice, refuse_unknown_choice
from realtime_scenarios.realtime.shape import base64_bytes, wrong_value
from realtime_scenarios.realtime.speech import AudioFormat, Pace, format_of
from realtime_scenarios.realtime.usage import Tokens, text_tokens
from realtime_scenarios.voice import (
    LoudnessGate,
    PartFailed,
    Silence,
    Speech,
    SpeechToText,
    TextToSpeech,
    Utterance,
    VoiceActivity,
    takes_time,
)


@dataclass(frozen=True, slots=True)
class HeardItem:
    """What the user said as an item, for `listener` to write down. `is_told`: the client wants to know the words."""

    item_id: str
    utterance: Utterance
    listener: SpeechToText
    is_told: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """What hears and speaks in one session.

    `detector` is made anew for each rate of audio. `listener` None: where the client asks for transcription, it is told
    that it failed.
    """

    detector: Callable[[int], VoiceActivity] = LoudnessGate
    listener: SpeechToText | None = None
    speaker: TextToSpeech = field(default_factory=Silence)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A response that was asked for. `items` None: the conversation as it was then, with so many items.

    `instructions` are those of the response alone; None: it has none.
    """

    response_id: str
    session: dict[str, Any]
    items: Sequence[Item] | None
    length: int
    instructions: str | None


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
        self._ids = ids or Ids()
        self._events = Events(self._ids)
        self._pace = pace or Pace()
        self._parts = parts or Parts()
        self._session = Session(self._ids.next("sess"), model=model, expires_at=expires_at, kind=kind)
        if settings is not None:
            self._session.update({"type": kind, **settings}, voice_is_fixed=False)
        self._conversation = Conversation(self._ids)
        self._audio = InputAudio(self._parts.detector)
        self._audio.use(self._input_format)
        self._announced_item: str | None = None
        self._mcp_servers: set[str] = set()
        self._responses: dict[str, Response] = {}
        self._asked: list[_Asked] = []
        self._requests: list[ResponseRequest] = []
        self._heard: list[HeardItem] = []
        self._unwritten: set[str] = set()
        self._words: dict[str, str] = {}
        self._now_ms = 0.0
        self._silent_since_ms: float | None = None
        self._prompt_tokens: int | None = None
        self._prompt_was_read = False
        self._last_spoken: str | None = None
        self._cut_short: str | None = None
        self._handlers: dict[str, Callable[[dict[str, Any]], Iterable[Event]]] = {
            "session.update": self._on_session_update,
            "conversation.item.create": self._on_item_create,
            "conversation.item.retrieve": self._on_item_retrieve,
            "conversation.item.truncate": self._on_item_truncate,
            "conversation.item.delete": self._on_item_delete,
            "response.create": self._on_response_create,
            "response.cancel": self._on_response_cancel,
            "input_audio_buffer.append": self._on_audio_append,
            "input_audio_buffer.commit": self._on_audio_commit,
            "input_audio_buffer.clear": self._on_audio_clear,
            "output_audio_buffer.clear": self._on_output_clear,
        }

    def open(self) -> list[Event]:
        """What a client is greeted with."""
        return [self._events.make("session.created", session=self._session.wire), *self._listing_events()]

    def receive(self, text: str | bytes, now_ms: float | None = None) -> list[Event]:
        """The answer to one message of the client, whatever it is. `now_ms` None: no time has passed."""
        if now_ms is not None:
            self._now_ms = now_ms
        try:
            event = decoded(text)
        except ClientError as problem:
            return [self._events.error(problem, None)]
        return self.receive_event(event)

    def receive_event(self, event: Any) -> list[Event]:
        """The answer to one message that has been parsed."""
        answers: list[Event] = []
        event_id = event.get("event_id") if isinstance(event, dict) else None
        try:
            if not isinstance(event, dict):
                raise ClientError("invalid_event", "The event must be a JSON object.")
            checked = client_event(event)
            for answer in self._handlers[checked["type"]](checked):
                answers.append(answer)
        except ClientError as problem:
            answers.append(self._events.error(problem, event_id if isinstance(event_id, str) else None))
        if self._asked:
            self._release_requests()
        return answers

    def expire(self, seconds: float) -> list[Event]:
        """That the session has lasted so long as it may."""
        return [self._events.error(expired(seconds), None)]

    def take_requests(self) -> list[ResponseRequest]:
        """The responses that were asked for since the last time: each wants one `answer`."""
        if self._unwritten:
            return self._requests_that_need_not_wait()
        requests, self._requests = self._requests, []
        return requests

    def take_heard(self) -> list[HeardItem]:
        """What is to be written down by a part that takes its time; each wants one `transcribed`, in this order."""
        heard, self._heard = self._heard, []
        return heard

    def transcribed(self, heard: HeardItem, words: str | PartFailed | None) -> list[Event]:
        """The words of what was heard, None where they could not be made out, or why there are none."""
        self._unwritten.discard(heard.item_id)
        events = list(self._written_down(heard, words))
        self._requests = [replace(request, items=self._as_read(request.items)) for request in self._requests]
        return events

    def take_phrases(self) -> list[Phrase]:
        """What is to be said by a part that takes its time; each wants one `spoken`, in this order."""
        return [phrase for response in self._responses.values() for phrase in response.take_phrases()]

    def is_to_be_spoken(self, phrase: Phrase) -> bool:
        """Whether the phrase would still be heard; it is not after a cancel."""
        return phrase.response_id in self._responses

    def spoken(self, phrase: Phrase, sound: Speech | PartFailed, now_ms: float) -> list[Event]:
        """What the phrase sounds like; nothing happens where its response has been cancelled."""
        response = self._responses.get(phrase.response_id)
        if response is None:
            return []
        response.spoke(phrase, sound)
        return self._due_events(response, now_ms)

    def is_waiting_for(self, response_id: str) -> bool:
        """Whether an answer would still be heard; it is not after a cancel."""
        response = self._responses.get(response_id)
        return response is not None and not response.is_answered

    def answer(self, response_id: str, outputs: Sequence[Output], now_ms: float, *, is_all: bool = True) -> list[Event]:
        """What the responder wants said and done; nothing happens where the response has been cancelled.

        `is_all` False: more of it is still to come, by another call.
        """
        if not self.is_waiting_for(response_id):
            return []
        response = self._responses[response_id]
        response.answer(outputs, is_all=is_all)
        return self._due_events(response, now_ms)

    def break_off(self, response_id: str, failure: FailResponse) -> list[Event]:
        """Whoever answers has broken: the response fails with what was handed out by now, unless it is over already."""
        response = self._responses.get(response_id)
        if response is None:
            return []
        events = response.fail(failure)
        self._close_if_over(response)
        return events

    def next_due(self) -> float | None:
        """When to call `advance` next; None where nothing waits for time to pass."""
        due = [response.due for response in self._responses.values() if response.due is not None]
        idle = self._idle_due
        return min(due if idle is None else [*due, idle], default=None)

    def advance(self, now_ms: float) -> list[Event]:
        """The events that are due by now."""
        events = [event for response in list(self._responses.values()) for event in self._due_events(response, now_ms)]
        idle = self._idle_due
        if idle is not None and idle <= now_ms and (stayed := self._audio.idle()) is not None:
            events += self._on_heard(stayed)
            self._release_requests()
        return events

    @property
    def _idle_due(self) -> float | None:
        """When a user who says nothing, and may send nothing either, has been silent for too long."""
        idle_ms = (self._session.turn_detection or {}).get("idle_timeout_ms")
        if idle_ms is None or self._audio.silent_since is None or self._silent_since_ms is None:
            return None
        return float(self._silent_since_ms + idle_ms)

    def _due_events(self, response: Response, now_ms: float) -> list[Event]:
        self._now_ms = now_ms
        events = response.advance(now_ms)
        if response.is_spoken and events:
            self._last_spoken = response.id
        self._close_if_over(response)
        return events

    # --- session and items ------------------------------------------------------------------------------------------

    def _on_session_update(self, event: dict[str, Any]) -> Iterable[Event]:
        # a partial merge: clients send several in a row before the first answer, and each wants one. The voice cannot
        # change once the session has spoken (API reference, session.update)
        self._session.update(event["session"], voice_is_fixed=self._conversation.has_assistant_audio)
        self._audio.use(self._input_format)
        self._prompt_tokens = None
        self._prompt_was_read = False
        self._conversation.read_before = 0
        yield self._events.make("session.updated", session=self._session.wire)
        yield from self._listing_events()

    def _listing_events(self) -> Iterable[Event]:
        """That the tools of each MCP server in the session are asked for, once, and cannot be had from here."""
        servers = [tool["server_label"] for tool in self._session.wire.get("tools", ()) if tool["type"] == "mcp"]
        for label in dict.fromkeys(servers):
            if label in self._mcp_servers:
                continue
            self._mcp_servers.add(label)
            item = listing_item(self._conversation.new_item_id(), label)
            previous = self._conversation.append(item)
            yield self._events.make("conversation.item.added", previous_item_id=previous, item=item)
            yield self._events.make("mcp_list_tools.in_progress", item_id=item["id"])
            yield self._events.make("mcp_list_tools.failed", item_id=item["id"])
            yield self._events.make("conversation.item.done", previous_item_id=previous, item=item)

    def _on_item_create(self, event: dict[str, Any]) -> Iterable[Event]:
        given = given_item(event["item"], "item")
        after = event.get("previous_item_id")
        item, previous = self._conversation.insert(given, after, heard_in=self._input_format)
        return self._item_added_and_done(item, previous)

    def _item_added_and_done(self, item: Item, previous: str | None) -> Iterable[Event]:
        # the two that took the place of the beta's `conversation.item.created`; a client's item comes complete
        yield self._events.make("conversation.item.added", previous_item_id=previous, item=item)
        yield self._events.make("conversation.item.done", previous_item_id=previous, item=item)

    def _on_item_retrieve(self, event: dict[str, Any]) -> Iterable[Event]:
        # openai-agents asks for an item after a truncate or a transcription, and its history takes over the answer
        kept = self._conversation.retrieve(event["item_id"])
        in_progress = (response.open_item(event["item_id"]) for response in self._responses.values())
        yield self._events.make("conversation.item.retrieved", item=next(filter(None, in_progress), kept))

    def _on_item_truncate(self, event: dict[str, Any]) -> Iterable[Event]:
        """Who truncates an answer that is being given cuts in, and `interrupt_response` ends it, as a voice would.

        openai-agents then sends no cancel of its own (`OpenAIRealtimeWebSocketModel._send_interrupt` in 0.24); for
        those that send one all the same, the answer that was cut short is no mistake to name.
        """
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self._conversation.truncate(**where)
        yield self._events.make("conversation.item.truncated", **where)
        active = self._active_response
        if active is not None and active.says(event["item_id"]) and self._voice_interrupts:
            self._cut_short = active.id
            yield from self._cancel_events(active, "client_cancelled")

    def _on_item_delete(self, event: dict[str, Any]) -> Iterable[Event]:
        self._conversation.delete(event["item_id"])
        yield self._events.make("conversation.item.deleted", item_id=event["item_id"])

    # --- responses --------------------------------------------------------------------------------------------------

    def _on_response_create(self, event: dict[str, Any]) -> Iterable[Event]:
        wanted = event.get("response") or {}
        return self._begin_response({name: value for name, value in wanted.items() if value is not None})

    def _begin_response(self, wanted: dict[str, Any]) -> Iterable[Event]:
        if self._session.kind == "transcription":
            raise ClientError("invalid_event", "A transcription session has no responses.")
        out_of_band = wanted.get("conversation") == "none"
        # one at a time: clients know this code and wait for `response.done` before they ask again
        if not out_of_band and (active := self._active_response) is not None:
            message = (
                f"Conversation already has an active response in progress: {active.id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise ClientError("conversation_already_has_active_response", message)
        session = {**self._session.wire, **wanted}
        items, read, seen_before = self._input_of(wanted, session)
        chosen_in = "response" if "tool_choice" in wanted else "session"
        refuse_unknown_choice(session["tool_choice"], session["tools"], f"{chosen_in}.tool_choice")
        plan = self._plan(session, wanted, read, seen_before, out_of_band)
        response = Response(self._ids.next("resp"), plan, self._conversation, self._events, self._pace)
        self._responses[response.id] = response
        self._note_reading(wanted)
        if not out_of_band:
            self._cut_short = None
            self._audio.silent_since = None
        self._asked.append(_Asked(response.id, session, items, len(self._conversation), wanted.get("instructions")))
        yield response.created()

    def _plan(
        self, session: dict[str, Any], wanted: dict[str, Any], read: Tokens, seen_before: int, out_of_band: bool
    ) -> Plan:
        output = self._session.wire["audio"]["output"]
        asked = (wanted.get("audio") or {}).get("output") or {}
        voice = asked.get("voice") or output["voice"]
        if self._conversation.has_assistant_audio and voice != output["voice"] and not out_of_band:
            raise cannot_update_voice("response.audio.output.voice")
        return Plan(
            modalities=session["output_modalities"],
            audio_format=asked.get("format") or output["format"],
            voice=voice,
            speed=output["speed"],
            speaker=self._parts.speaker,
            max_output_tokens=session["max_output_tokens"],
            metadata=wanted.get("metadata"),
            conversation=None if out_of_band else self._conversation,
            read=read,
            seen_before=seen_before,
        )

    def _input_of(self, wanted: dict[str, Any], session: dict[str, Any]) -> tuple[Sequence[Item] | None, Tokens, int]:
        """The response's own input, None for the conversation; what it reads; how much text of that is not new."""
        if _has_own_prompt(wanted):
            prompt, is_known = _prompt_tokens(session), False
        else:
            if self._prompt_tokens is None:
                self._prompt_tokens = _prompt_tokens(session)
            prompt, is_known = self._prompt_tokens, self._prompt_was_read
        if "input" not in wanted:
            seen_before = prompt + self._conversation.read_before if is_known else 0
            return None, Tokens(prompt) + self._conversation.tokens, seen_before
        items: list[Item] = []
        read = Tokens(prompt)
        for index, given in enumerate(wanted["input"]):
            if isinstance(given, Given):
                item = {**given.item, "id": given.item["id"] or self._conversation.new_item_id()}
                tokens = tokens_in(item, given.audio, self._input_format)
            elif given in self._conversation:
                item, tokens = self._conversation.item(given)
            else:
                raise wrong_value(f"response.input[{index}].id", f"the item with id '{given[:80]}' does not exist")
            items.append(item)
            read += tokens
        return items, read, prompt if is_known else 0

    def _note_reading(self, wanted: dict[str, Any]) -> None:
        """Keep what a later response will not read for the first time."""
        if not _has_own_prompt(wanted):
            self._prompt_was_read = True
            if "input" not in wanted:
                self._conversation.read_before = self._conversation.tokens.text

    def _release_requests(self) -> None:
        """Give those who asked for a response the items to look at.

        That waits for the end of the client's event: one with many turns of speech in it cancels all answers but one.
        """
        everything = self._conversation.items
        for asked in self._asked:
            items = self._as_read(everything[: asked.length] if asked.items is None else tuple(asked.items))
            wire = asked.session
            most, choice = wire["max_output_tokens"], wire["tool_choice"]
            if isinstance(choice, dict) and choice["type"] == "mcp":
                choice = "auto"
            request = ResponseRequest(
                asked.response_id,
                wire["instructions"],
                [tool for tool in wire["tools"] if tool["type"] == "function"],
                choice,
                items,
                asked.instructions,
                parallel_tool_calls=wire.get("parallel_tool_calls"),
                max_output_tokens=None if most == "inf" else most,
            )
            self._requests.append(request)
        self._asked = []

    def _requests_that_need_not_wait(self) -> list[ResponseRequest]:
        waiting = [request for request in self._requests if any(map(self._is_unwritten, request.items))]
        requests = [request for request in self._requests if request not in waiting]
        self._requests = waiting
        return requests

    def _is_unwritten(self, item: Mapping[str, Any]) -> bool:
        return item["id"] in self._unwritten

    def _as_read(self, items: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """The items with the words of what was heard, whether or not the client wants to know them."""
        if not self._words:
            return items
        return tuple(with_words(item, self._words[item["id"]]) if item["id"] in self._words else item for item in items)

    def _on_response_cancel(self, event: dict[str, Any]) -> Iterable[Event]:
        wanted = event.get("response_id")
        response = self._active_response if wanted is None else self._responses.get(wanted)
        if response is not None:
            return self._cancel_events(response, "client_cancelled")
        if self._cut_short is not None and wanted in (None, self._cut_short):
            return ()  # see `_on_item_truncate`
        raise ClientError("response_cancel_not_active", "Cancellation failed: no active response found")

    def _cancel_events(self, response: Response, reason: Cancelled) -> Iterable[Event]:
        events = response.cancel(reason)
        self._asked = [asked for asked in self._asked if asked.response_id != response.id]
        self._requests = [request for request in self._requests if request.response_id != response.id]
        self._close_if_over(response)
        return events

    def _close_if_over(self, response: Response) -> None:
        if response.is_over and self._responses.pop(response.id, None) is not None and not response.is_out_of_band:
            # idle time counts from `response.done` and the end of what still plays (API reference, server_vad)
            still_playing = max(0, response.spoken_ms - response.waited_ms)
            self._audio.silent_since = self._audio.received_ms + still_playing
            self._silent_since_ms = self._now_ms + still_playing

    def _on_output_clear(self, event: dict[str, Any]) -> Iterable[Event]:
        """Meant for WebRTC and SIP, where the server holds the audio; here it ends a spoken answer all the same."""
        if self._last_spoken is None:
            raise ClientError("invalid_event", "There is no output audio to clear.")
        response = self._responses.get(self._last_spoken)
        if response is not None:
            yield from self._cancel_events(response, "client_cancelled")
        yield self._events.make("output_audio_buffer.cleared", response_id=self._last_spoken)

    @property
    def _voice_interrupts(self) -> bool:
        """Whether an answer ends by itself when the user cuts in: openai-agents then sends no cancel of its own."""
        detected = self._session.turn_detection
        return detected is not None and bool(detected["interrupt_response"])

    @property
    def _active_response(self) -> Response | None:
        """The response that is writing to the conversation; there is never more than one."""
        return next((response for response in self._responses.values() if not response.is_out_of_band), None)

    # --- input audio ------------------------------------------------------------------------------------------------

    def _on_audio_append(self, event: dict[str, Any]) -> Iterable[Event]:
        if len(event["audio"]) > LONGEST_APPEND * 4 // 3 + 4:  # base64: four characters for three bytes
            raise wrong_value("audio", f"expected at most {LONGEST_APPEND} bytes of audio")
        detected = self._session.turn_detection
        for heard in self._audio.append(
            base64_bytes(event["audio"], "audio"), None if detected is None else Detection.of(detected)
        ):
            yield from self._on_heard(heard)

    def _on_heard(self, heard: Heard) -> Iterable[Event]:
        settings = self._session.turn_detection or {}
        match heard:
            case SpeechStarted(at_ms):
                # the item is named now and comes at the commit (API reference, speech_started)
                item_id = self._announced_item = self._conversation.announced_item_id()
                yield self._events.make("input_audio_buffer.speech_started", audio_start_ms=at_ms, item_id=item_id)
                active = self._active_response
                if active is not None and self._voice_interrupts:
                    yield from self._cancel_events(active, "turn_detected")
            case SpeechStopped(at_ms):
                item_id = self._announced_item or self._conversation.new_item_id()
                yield self._events.make("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=item_id)
                yield from self._commit_events(item_id, self._audio.turn())
                if settings["create_response"] and self._session.kind == "realtime":
                    yield from self._response_by_voice()
            case StayedSilent(from_ms, to_ms):
                # the silence itself becomes the user's turn, and is answered (API reference, idle_timeout_ms)
                item_id = self._conversation.new_item_id()
                times = {"audio_start_ms": from_ms, "audio_end_ms": to_ms}
                yield self._events.make("input_audio_buffer.timeout_triggered", **times, item_id=item_id)
                yield from self._commit_events(item_id, self._audio.turn())
                if self._session.kind == "realtime":
                    yield from self._response_by_voice()

    def _response_by_voice(self) -> Iterable[Event]:
        """A response that nobody asked for in words; where one is still running, the client is told."""
        try:
            yield from self._begin_response({})
        except ClientError as problem:
            yield self._events.error(problem, None)

    def _on_audio_commit(self, event: dict[str, Any]) -> Iterable[Event]:
        audio = self._audio.commit()
        return self._commit_events(self._announced_item or self._conversation.new_item_id(), audio)

    def _commit_events(self, item_id: str, audio: bytes) -> Iterable[Event]:
        self._announced_item = None
        # committed, then the item, then any response, and the words last: a transcript may come at any time after
        previous = self._conversation.last_id
        yield self._events.make("input_audio_buffer.committed", previous_item_id=previous, item_id=item_id)
        item = audio_item(item_id, None)
        self._conversation.append(item, audio=(audio,), heard_in=self._input_format)
        yield from self._item_added_and_done(item, previous)
        listener = self._parts.listener
        if listener is None:
            if self._tells_words:
                yield self._transcription_failed(item_id, _NO_LISTENER)
            return
        wanted = self._transcription or {}
        utterance = Utterance(audio, self._input_format, wanted.get("language"), wanted.get("prompt"))
        heard = HeardItem(item_id, utterance, listener, is_told=self._tells_words)
        if takes_time(listener):
            self._unwritten.add(item_id)
            self._heard.append(heard)
        else:
            yield from self._written_down(heard, listener.transcribe(utterance))

    def _written_down(self, heard: HeardItem, words: str | PartFailed | None) -> Iterable[Event]:
        """What was heard, in words: for whoever answers, and for the client where it wants to know."""
        item_id, utterance = heard.item_id, heard.utterance
        if words is None or isinstance(words, PartFailed):
            if heard.is_told:
                yield self._transcription_failed(item_id, _UNINTELLIGIBLE if words is None else _failed(words))
            return
        words = sendable(words)
        if takes_time(heard.listener) or not heard.is_told:
            self._words[item_id] = words  # for requests that were made before, and for those who are told otherwise
        if not heard.is_told:
            return
        transcribed = audio_item(item_id, words)
        audio, audio_format = utterance.audio, utterance.audio_format
        self._conversation.replace(transcribed, tokens_in(transcribed, (audio,), audio_format))
        yield from self._transcription_completed(item_id, words, audio_format.ms_of(len(audio)) / 1000)

    @property
    def _transcription(self) -> Mapping[str, Any] | None:
        """How the client wants to be told what was said; None: it does not."""
        wanted: Mapping[str, Any] | None = self._session.wire["audio"]["input"]["transcription"]
        return wanted

    @property
    def _tells_words(self) -> bool:
        """Whether the client wants to know what was said: a session for transcription is there for nothing else."""
        return self._transcription is not None or self._session.kind == "transcription"

    def _transcription_completed(self, item_id: str, words: str, seconds: float) -> Iterable[Event]:
        kind = "conversation.item.input_audio_transcription"
        if words:
            yield self._events.make(f"{kind}.delta", item_id=item_id, content_index=0, delta=words)
        usage = {"type": "duration", "seconds": seconds}
        yield self._events.make(f"{kind}.completed", item_id=item_id, content_index=0, transcript=words, usage=usage)

    def _transcription_failed(self, item_id: str, why: _Unwritten) -> Event:
        error = {"type": "transcription_error", "code": why.code, "message": why.message, "param": None}
        kind = "conversation.item.input_audio_transcription.failed"
        return self._events.make(kind, item_id=item_id, content_index=0, error=error)

    def _on_audio_clear(self, event: dict[str, Any]) -> Iterable[Event]:
        self._audio.clear()
        self._announced_item = None
        yield self._events.make("input_audio_buffer.cleared")

    @property
    def _input_format(self) -> AudioFormat:
        return format_of(self._session.wire["audio"]["input"]["format"])


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """Why there are no words."""

    code: str
    message: str


_NO_LISTENER = _Unwritten("transcription_unavailable", "This server has no speech-to-text model.")
_UNINTELLIGIBLE = _Unwritten("audio_unintelligible", "The words could not be made out.")


def _failed(problem: PartFailed) -> _Unwritten:
    return _Unwritten("transcription_failed", sendable(str(problem)))


def _has_own_prompt(wanted: dict[str, Any]) -> bool:
    """Whether a response reads other instructions or tools than the session's."""
    return "instructions" in wanted or "tools" in wanted


def _prompt_tokens(session: dict[str, Any]) -> int:
    return text_tokens(session["instructions"]) + text_tokens(encoded({"tools": session["tools"]}))
