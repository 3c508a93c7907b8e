"""The responses of a session: asked for, handed to whoever answers, gone on with, cancelled and forgotten.

Of those in progress at most one writes to the conversation; out-of-band responses run beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime.approvals import Approvals
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import ClientError, Event, Events
from realtime_scenarios.realtime.input_audio import InputAudio
from realtime_scenarios.realtime.items import Item
from realtime_scenarios.realtime.mcp_servers import CallTool, McpFailed, McpServers, Offer
from realtime_scenarios.realtime.output import Phrase
from realtime_scenarios.realtime.reading import Input, Reading
from realtime_scenarios.realtime.responder import FailResponse, Output, ResponseRequest
from realtime_scenarios.realtime.response import Cancelled, Plan, Response
from realtime_scenarios.realtime.session import Session, cannot_update_voice
from realtime_scenarios.realtime.speech import Pace
from realtime_scenarios.realtime.tools import refuse_unknown_choice
from realtime_scenarios.realtime.transcription import Transcription
from realtime_scenarios.voice import PartFailed, Speech, TextToSpeech

_MOST_AT_ONCE = 64
"""How many responses of a session may be in progress, nearly all of them out of band."""


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
    offer: Offer


@dataclass(frozen=True, slots=True)
class _Pending:
    """A request for whoever answers, which waits until these utterances of its items have been written down."""

    request: ResponseRequest
    unwritten: frozenset[str]


class Responses:
    """Answers the events `response.*` and `output_audio_buffer.clear` of a client, and keeps what is in progress."""

    def __init__(
        self,
        ids: Ids,
        events: Events,
        session: Session,
        conversation: Conversation,
        audio: InputAudio,
        transcription: Transcription,
        servers: McpServers,
        approvals: Approvals,
        speaker: TextToSpeech,
        pace: Pace,
    ) -> None:
        self._ids = ids
        self._events = events
        self._session = session
        self._conversation = conversation
        self._audio = audio
        self._transcription = transcription
        self._servers = servers
        self._approvals = approvals
        self._speaker = speaker
        self._pace = pace
        self._reading = Reading(session, conversation)
        self._in_progress: dict[str, Response] = {}
        self._asked: list[_Asked] = []
        self._requests: list[_Pending] = []
        self._now_ms = 0.0
        self._last_spoken: str | None = None
        self._cut_short: str | None = None

    # --- what a client asks for -------------------------------------------------------------------------------------

    def on_create(self, event: dict[str, Any]) -> Iterable[Event]:
        wanted = event.get("response") or {}
        return self.begin({name: value for name, value in wanted.items() if value is not None})

    def begin(self, wanted: dict[str, Any]) -> Iterable[Event]:
        """A response with these fields of its own.

        Raises:
            ClientError: there is one already, or it cannot be as it is wanted.
        """
        if self._session.kind == "transcription":
            raise ClientError("invalid_event", "A transcription session has no responses.")
        out_of_band = wanted.get("conversation") == "none"
        # one at a time: clients know this code and wait for `response.done` before they ask again
        if not out_of_band and (active := self._active) is not None:
            message = (
                f"Conversation already has an active response in progress: {active.id}. "
                "Wait until the response is finished before creating a new one."
            )
            raise ClientError("conversation_already_has_active_response", message)
        if len(self._in_progress) >= _MOST_AT_ONCE:
            message = f"{_MOST_AT_ONCE} responses are in progress: wait until one of them is finished."
            raise ClientError("rate_limit_exceeded", message)
        if not out_of_band:
            self._conversation.refuse_if_full()
        session = {**self._session.wire, **wanted}
        own = wanted.get("tools")
        tools = self._session.whole_tools(own, "response.tools") if own else own
        read = self._reading.input_of(wanted, session)
        chosen_in = "response" if "tool_choice" in wanted else "session"
        refuse_unknown_choice(session["tool_choice"], session["tools"], f"{chosen_in}.tool_choice")
        if tools:
            self._session.know(tools)
        offer = self._servers.offer(session["tools"] if tools is None else tools, may_ask=not out_of_band)
        plan = self._plan(session, wanted, read, offer, out_of_band)
        response_id = self._ids.next("resp")
        response = Response(response_id, plan, self._conversation, self._events, self._pace, self._approvals)
        self._in_progress[response.id] = response
        self._reading.note(wanted)
        if not out_of_band:
            self._cut_short = None
            self._audio.stop_counting_silence()
        length, instructions = len(self._conversation), wanted.get("instructions")
        self._asked.append(_Asked(response.id, session, read.items, length, instructions, offer))
        yield response.created()
        if tools:
            yield from self._servers.list_tools(tools)

    def _plan(
        self, session: dict[str, Any], wanted: dict[str, Any], read: Input, offer: Offer, out_of_band: bool
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
            speaker=self._speaker,
            max_output_tokens=session["max_output_tokens"],
            offer=offer,
            metadata=wanted.get("metadata"),
            conversation=None if out_of_band else self._conversation,
            read=read.tokens,
            seen_before=read.seen_before,
        )

    def on_cancel(self, event: dict[str, Any]) -> Iterable[Event]:
        wanted = event.get("response_id")
        response = self._active if wanted is None else self._in_progress.get(wanted)
        if response is not None:
            return self._cancel_events(response, "client_cancelled")
        if self._cut_short is not None and wanted in (None, self._cut_short):
            return ()  # see `cut_short`
        raise ClientError("response_cancel_not_active", "Cancellation failed: no active response found")

    def on_output_clear(self, event: dict[str, Any]) -> Iterable[Event]:
        """Meant for WebRTC and SIP, where the server holds the audio; here it ends a spoken answer all the same."""
        if self._last_spoken is None:
            raise ClientError("invalid_event", "There is no output audio to clear.")
        response = self._in_progress.get(self._last_spoken)
        if response is not None:
            yield from self._cancel_events(response, "client_cancelled")
        yield self._events.make("output_audio_buffer.cleared", response_id=self._last_spoken)

    def cut_short(self, item_id: str) -> Iterable[Event]:
        """The client has truncated an item: the answer that it belongs to ends, where the session has it so.

        For those who send a cancel all the same, the answer that was cut short is no mistake to name.
        """
        active = self._active
        if active is not None and active.says(item_id) and self._voice_interrupts:
            self._cut_short = active.id
            yield from self._cancel_events(active, "client_cancelled")

    def interrupt(self) -> Iterable[Event]:
        """The user has begun to speak: the answer ends, where the session has it so."""
        active = self._active
        if active is not None and self._voice_interrupts:
            yield from self._cancel_events(active, "turn_detected")

    def settings_changed(self) -> None:
        """Instructions and tools may be others."""
        self._reading.begin_anew()

    def open_item(self, item_id: str) -> Item | None:
        """The item that is being produced as it stands; None where it is not."""
        return next(filter(None, (response.open_item(item_id) for response in self._in_progress.values())), None)

    # --- whoever answers --------------------------------------------------------------------------------------------

    def release_requests(self) -> None:
        """Give those who asked for a response the items to look at.

        That waits for the end of the client's event: one with many turns of speech in it cancels all answers but one.
        """
        if not self._asked:
            return
        conversation = self._conversation
        for asked in self._asked:
            if asked.items is None:
                items = conversation.first_read(asked.length)
            else:
                items = tuple(chain.from_iterable(map(conversation.as_read, asked.items)))
            wire = asked.session
            most = wire["max_output_tokens"]
            functions, choice = asked.offer.chosen(wire["tool_choice"])
            request = ResponseRequest(
                asked.response_id,
                wire["instructions"],
                functions,
                choice,
                items,
                asked.instructions,
                parallel_tool_calls=wire.get("parallel_tool_calls"),
                max_output_tokens=None if most == "inf" else most,
            )
            self._requests.append(_Pending(request, self._transcription.unwritten_in(items)))
        self._asked = []

    def take_requests(self) -> list[ResponseRequest]:
        """The requests that wait for nothing any more."""
        if not self._requests:
            return []
        has_written = self._transcription.has_written
        ready = [pending.request for pending in self._requests if has_written(pending.unwritten)]
        if ready:
            self._requests = [pending for pending in self._requests if not has_written(pending.unwritten)]
        return ready

    def read_again(self, item_id: str) -> None:
        """There may be words for what was heard, also for those who have asked already."""
        for at, pending in enumerate(self._requests):
            if item_id in pending.unwritten:
                items = self._with_words(pending.request.items, item_id)
                self._requests[at] = replace(pending, request=replace(pending.request, items=items))

    def _with_words(self, items: Sequence[Mapping[str, Any]], item_id: str) -> Sequence[Mapping[str, Any]]:
        place = next(place for place in reversed(range(len(items))) if items[place]["id"] == item_id)
        return (*items[:place], *self._conversation.as_read(dict(items[place])), *items[place + 1 :])

    def is_waiting_for(self, response_id: str) -> bool:
        """Whether an answer would still be heard."""
        response = self._in_progress.get(response_id)
        return response is not None and not response.is_answered

    def answer(self, response_id: str, outputs: Sequence[Output], now_ms: float, *, is_all: bool) -> list[Event]:
        """What the responder wants said and done; nothing happens where nobody waits for it."""
        if not self.is_waiting_for(response_id):
            return []
        response = self._in_progress[response_id]
        response.answer(outputs, is_all=is_all)
        return self._due_events(response, now_ms)

    def break_off(self, response_id: str, failure: FailResponse) -> list[Event]:
        """The response fails, unless it is over already."""
        response = self._in_progress.get(response_id)
        if response is None:
            return []
        events = response.fail(failure)
        self._close_if_over(response)
        return events

    # --- servers, voices and time -------------------------------------------------------------------------------------

    def called(self, work: CallTool, answer: str | McpFailed, now_ms: float) -> list[Event]:
        """What came of a call; nothing happens where nobody waits for it any more."""
        calling = (response for response in self._in_progress.values() if response.is_calling(work.item_id))
        response = next(calling, None)
        if response is None:
            return []
        response.called(work.item_id, answer)
        return self._due_events(response, now_ms)

    def take_phrases(self) -> list[Phrase]:
        if not self._in_progress:
            return []
        return [phrase for response in self._in_progress.values() for phrase in response.take_phrases()]

    def is_to_be_spoken(self, phrase: Phrase) -> bool:
        return phrase.response_id in self._in_progress

    def spoken(self, phrase: Phrase, sound: Speech | PartFailed, now_ms: float) -> list[Event]:
        response = self._in_progress.get(phrase.response_id)
        if response is None:
            return []
        response.spoke(phrase, sound)
        return self._due_events(response, now_ms)

    @property
    def due(self) -> float | None:
        """When there is more of any; None where nothing waits for time to pass."""
        if not self._in_progress:
            return None
        return min((response.due for response in self._in_progress.values() if response.due is not None), default=None)

    def at(self, now_ms: float) -> None:
        """So late it is."""
        self._now_ms = now_ms

    def advance(self, now_ms: float) -> list[Event]:
        """The events that are due by now."""
        in_progress = list(self._in_progress.values())
        return [event for response in in_progress for event in self._due_events(response, now_ms)]

    def _due_events(self, response: Response, now_ms: float) -> list[Event]:
        self._now_ms = now_ms
        events = response.advance(now_ms)
        if response.is_spoken and events:
            self._last_spoken = response.id
        self._close_if_over(response)
        return events

    def _cancel_events(self, response: Response, reason: Cancelled) -> Iterable[Event]:
        events = response.cancel(reason)
        self._asked = [asked for asked in self._asked if asked.response_id != response.id]
        self._requests = [pending for pending in self._requests if pending.request.response_id != response.id]
        self._close_if_over(response)
        return events

    def _close_if_over(self, response: Response) -> None:
        if response.is_over and self._in_progress.pop(response.id, None) is not None and not response.is_out_of_band:
            # idle time counts from `response.done` and the end of what still plays (API reference, server_vad)
            self._audio.count_silence(after_ms=response.still_playing_ms(self._now_ms), now_ms=self._now_ms)

    @property
    def _voice_interrupts(self) -> bool:
        """Whether an answer ends by itself when the user cuts in: openai-agents then sends no cancel of its own."""
        detected = self._session.turn_detection
        return detected is not None and bool(detected["interrupt_response"])

    @property
    def _active(self) -> Response | None:
        """The response that is writing to the conversation; there is never more than one."""
        return next((response for response in self._in_progress.values() if not response.is_out_of_band), None)
