"""One response from `response.created` to `response.done`: a responder's outputs as server events, step by step."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never

from realtime_scenarios.core import sendable
from realtime_scenarios.realtime.approvals import Approvals
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import Event, Events
from realtime_scenarios.realtime.items import Item
from realtime_scenarios.realtime.mcp_servers import McpFailed, Offer
from realtime_scenarios.realtime.output import (
    AUDIO_DELTA,
    Message,
    Phrase,
    Place,
    Steps,
    Voice,
    Wait,
    WaitForAnswer,
    WaitForMore,
)
from realtime_scenarios.realtime.responder import CallFunction, CutShort, FailResponse, Output, Phase, SayMore, SayText
from realtime_scenarios.realtime.speech import Pace, format_of
from realtime_scenarios.realtime.tool_calls import FunctionCall, McpCall
from realtime_scenarios.realtime.usage import Tokens, usage_of
from realtime_scenarios.voice import Manner, PartFailed, Speech, TextToSpeech, takes_time

Cancelled = Literal["client_cancelled", "turn_detected"]
"""`status_details.reason`: the client said so, or the user's voice cut in."""

OutputItem = Message | FunctionCall | McpCall

_TOKENS_PER_MINUTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a response was asked to be: the session's settings with the overrides of its `response.create`.

    `speaker` says what is to be spoken. `offer` is what can be called. `conversation` None: out of band. `metadata` is
    echoed. `read` is what the model reads, in tokens; `seen_before` of its text are at the beginning and were read by
    an earlier response.
    """

    modalities: Sequence[str]
    audio_format: Mapping[str, Any]
    voice: str
    speed: float
    speaker: TextToSpeech
    max_output_tokens: int | Literal["inf"]
    offer: Offer
    metadata: Mapping[str, str] | None = None
    conversation: Conversation | None = None
    read: Tokens = field(default_factory=Tokens)
    seen_before: int = 0


_MOST_AT_ONCE = 240
_MOST_SOUND_AT_ONCE = 4 * 1024 * 1024
"""After so many events, or characters of sound, of a response others have their turn, behind a piece of an item.

The end of an item and that of the response are handed out whole: what is cancelled in between would have no end.
"""


class Response:
    """A response in progress. `advance` yields what is due; `due` is when there will be more.

    `due` None: nothing to wait for, because the responder has not answered or gone on yet, because a phrase has not
    been spoken yet, or because it is over.
    """

    def __init__(
        self,
        response_id: str,
        plan: Plan,
        namer: Conversation,
        events: Events,
        pace: Pace,
        approvals: Approvals,
    ) -> None:
        self.id = response_id
        self.due: float | None = None
        self.is_over = False
        self._spoken_ms = 0
        self._sent_ms = 0
        self._plays_until_ms = 0.0
        self._plan = plan
        self._namer = namer
        self._events = events
        self._pace = pace
        self._approvals = approvals
        self._output: list[Item] = []
        self._open: OutputItem | None = None
        self._written = Tokens()
        self._arrived: deque[Output] = deque()
        self._growing: Message | None = None
        self._steps = self._all_steps()
        self._wanted: list[Phrase] = []
        self._came: dict[int | str, Speech | PartFailed | str | McpFailed] = {}
        self._unspoken: dict[int | str, Phrase] = {}
        self._awaited: int | str | None = None
        self.is_answered = False

    @property
    def is_out_of_band(self) -> bool:
        return self._plan.conversation is None

    @property
    def is_spoken(self) -> bool:
        return self._plan.modalities[0] == "audio"

    def created(self) -> Event:
        return self._events.make("response.created", response=self._wire_form("in_progress", None, None))

    def answer(self, outputs: Sequence[Output], *, is_all: bool) -> None:
        """Hand these outputs out, after those that came before. `is_all`: none come after them."""
        self._arrived += outputs
        self.is_answered = is_all
        self._let_grow()

    def take_phrases(self) -> list[Phrase]:
        """What is to be spoken beside the loop, and has not been asked for yet."""
        phrases, self._wanted = self._wanted, []
        return phrases

    def spoke(self, phrase: Phrase, spoken: Speech | PartFailed) -> None:
        """What the phrase sounds like; `advance` goes on if it was waited for. What cannot be said ends it there."""
        if self.says(phrase.item_id):
            self._came[phrase.number] = spoken

    def is_calling(self, item_id: str) -> bool:
        """Whether it waits for what comes of the call whose item that is."""
        return self._awaited == item_id

    def called(self, item_id: str, answer: str | McpFailed) -> None:
        """What came of a call; `advance` goes on."""
        self._came[item_id] = answer

    def advance(self, now_ms: float) -> list[Event]:
        """What is due by now, or the first of it where that is much: `due` is then over already."""
        due: list[Event] = []
        size = 0
        if self.is_over or (self.due is not None and self.due > now_ms):
            return due
        begun = now_ms if self.due is None else self.due
        self.due = None
        while True:
            answer: Speech | str | McpFailed | None = None
            if self._awaited is not None:
                came = self._came.pop(self._awaited, None)
                if came is None and (phrase := self._unspoken.pop(self._awaited, None)) is not None:
                    came = phrase.spoken()
                if came is None:
                    break
                self._awaited = None
                if isinstance(came, PartFailed):
                    return due + self._ended_early("failed", _failure("speech_failed", str(came)))
                answer = came
            try:
                step = self._steps.send(answer)
                while isinstance(step, dict):  # an event, as most steps are
                    due.append(step)
                    if step["type"] == AUDIO_DELTA:
                        self._note_sound(begun)
                        size += len(step["delta"])
                    is_much = len(due) >= _MOST_AT_ONCE or size > _MOST_SOUND_AT_ONCE
                    if is_much and "delta" in step:
                        self.due = begun
                        return due
                    step = next(self._steps)
            except StopIteration:
                break
            match step:
                case WaitForMore():
                    break
                case WaitForAnswer(asked):
                    self._awaited = asked
                case Wait(ms):
                    begun += ms
                    if begun > now_ms:
                        self.due = begun
                        break
                case _:
                    assert_never(step)
        return due

    def still_playing_ms(self, now_ms: float) -> float:
        """For how long a client that plays all of it will still be heard, 0 where it is not."""
        return max(0.0, self._plays_until_ms - now_ms)

    def _note_sound(self, now_ms: float) -> None:
        """Sound that came just now is heard after what came before it, or at once where all of that has been heard."""
        sounding = self._spoken_ms + (0 if self._open is None else self._open.spoken_ms)
        if sounding > self._sent_ms:
            self._plays_until_ms = max(self._plays_until_ms, now_ms) + sounding - self._sent_ms
            self._sent_ms = sounding

    def cancel(self, reason: Cancelled) -> list[Event]:
        """End it here: what was not sent is never sent, and the open item stays incomplete."""
        return self._ended_early("cancelled", {"type": "cancelled", "reason": reason})

    def fail(self, failure: FailResponse) -> list[Event]:
        """End it here like a cancel, because no more of it can come."""
        return self._ended_early("failed", _failure(failure.code, failure.message))

    def _ended_early(self, status: str, details: Mapping[str, Any]) -> list[Event]:
        closing: list[Event] = []
        if self._open is not None:
            closing += self._closing_events(self._open, "incomplete")
        self._growing = None
        self._wanted = []
        closing += self._done_events(status, details)
        return closing

    def says(self, item_id: str) -> bool:
        """Whether the item is one that it has put out or is putting out."""
        items = self._output if self._open is None else [*self._output, self._open.item]
        return any(item["id"] == item_id for item in items)

    def open_item(self, item_id: str) -> Item | None:
        """The item that is being produced as it stands, where that is the one."""
        return self._open.now() if self._open is not None and self._open.item["id"] == item_id else None

    def _all_steps(self) -> Steps:
        """The events in order; between them, what to wait for."""
        for output in self._outputs():
            match output:
                case None:
                    yield WaitForMore()
                    continue
                case SayText():
                    item: OutputItem = self._message(output.text, output.phase)
                case SayMore():
                    item = self._growing = self._message(output.text, grows=True)
                case CallFunction():
                    item = self._call(sendable(output.name), sendable(output.arguments))
                case FailResponse():
                    yield from self._done_events("failed", _failure(output.code, output.message))
                    return
                case CutShort():
                    yield from self._done_events("incomplete", {"type": "incomplete", "reason": output.reason})
                    return
                case _:
                    assert_never(output)
            self._open, self._came, self._unspoken = item, {}, {}
            if self._growing is None:
                self._ask_for_speech(item)
            else:
                self._let_grow()
            yield from item.opening()
            yield from item.deltas(self._pace)
            ends_early = item.is_cut or (isinstance(output, SayMore) and self._fails_next)
            yield from self._closing_events(item, "incomplete" if ends_early else "completed")
            if item.is_cut:
                yield from self._done_events("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
                return
        yield from self._done_events("completed", None)

    def _outputs(self) -> Iterator[Output | None]:
        """What the responder wants, in order; None where it has not said yet what comes next."""
        while self._arrived or not self.is_answered:
            yield self._arrived.popleft() if self._arrived else None

    def _message(self, text: str, phase: Phase | None = None, *, grows: bool = False) -> Message:
        place, budget = self._next_place(), self._tokens_left()
        return Message(place, sendable(text), self._voice(), budget, phase, grows=grows)

    def _call(self, name: str, arguments: str) -> FunctionCall | McpCall:
        """The call of a tool of a server, where that is what the name means here, else of a function of the client."""
        budget, remote = self._tokens_left(), self._plan.offer.remote.get(name)
        if remote is None:
            call_id = self._namer.new_call_id()
            return FunctionCall(self._next_place(), call_id, name, arguments, budget)
        return McpCall(self._next_place(), remote, arguments, budget, self._approvals)

    def _voice(self) -> Voice | None:
        """How its messages are spoken; None: they are written."""
        plan = self._plan
        manner = Manner(plan.voice, plan.speed, format_of(plan.audio_format))
        return Voice(plan.speaker, manner) if self.is_spoken else None

    @property
    def _fails_next(self) -> bool:
        """Whether what came ends before its time: a message that was growing then has no end."""
        return bool(self._arrived) and isinstance(self._arrived[0], FailResponse | CutShort)

    def _let_grow(self) -> None:
        """Give the message that is being said what has come of it.

        That does not wait until it has been said so far, so that a phrase is made while the one before it is heard.
        """
        message = self._growing
        if message is None:
            return
        while not message.is_cut and self._arrived and isinstance(more := self._arrived[0], SayMore):
            self._arrived.popleft()
            message.add(sendable(more.text))
        if message.is_cut:
            self.is_answered = True  # whatever else comes is too much
        if self._arrived or self.is_answered:
            message.end()
            self._growing = None
        self._ask_for_speech(message)

    def _ask_for_speech(self, item: OutputItem) -> None:
        """Have its new phrases spoken: by the carrier where that takes time, else when they are due."""
        for phrase in item.take_phrases():
            if takes_time(phrase.voice.part):
                self._wanted.append(phrase)
            else:
                self._unspoken[phrase.number] = phrase

    def _closing_events(self, item: OutputItem, status: Literal["completed", "incomplete"]) -> Iterator[Event]:
        self._open = None
        yield from item.closing(status)
        self._output.append(item.item)
        self._written += item.tokens
        self._spoken_ms += item.spoken_ms

    def _next_place(self) -> Place:
        plan = self._plan
        return Place(self._events, self.id, self._namer.new_item_id(), len(self._output), plan.conversation)

    def _tokens_left(self) -> int | None:
        """How many tokens may still be written; None: as many as it likes."""
        most = self._plan.max_output_tokens
        return None if most == "inf" else max(0, most - self._written.total)

    def _done_events(self, status: str, details: Mapping[str, Any] | None) -> Iterator[Event]:
        # one way or another it must come: openai-agents holds the next `response.create` back until it does
        self.is_over = True
        usage = usage_of(self._plan.read, self._written, self._plan.seen_before)
        yield self._events.make("response.done", response=self._wire_form(status, details, usage))
        remaining = max(0, _TOKENS_PER_MINUTE - usage["total_tokens"])
        limit = {"name": "tokens", "limit": _TOKENS_PER_MINUTE, "remaining": remaining, "reset_seconds": 0.0}
        yield self._events.make("rate_limits.updated", rate_limits=[limit])

    def _wire_form(
        self, status: str, details: Mapping[str, Any] | None, usage: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        plan = self._plan
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details,
            "output": list(self._output),
            "conversation_id": plan.conversation.id if plan.conversation is not None else None,
            "output_modalities": plan.modalities,
            "max_output_tokens": plan.max_output_tokens,
            "audio": {"output": {"format": plan.audio_format, "voice": plan.voice}},
            "usage": usage,
            "metadata": plan.metadata,
        }


def _failure(code: str, message: str) -> dict[str, Any]:
    """The `status_details` of a response that failed."""
    error = {"type": "server_error", "code": code, "message": sendable(message)}
    return {"type": "failed", "error": error}
