"""What a responder wants said or called, to the events of one output item and its state while it is produced.

Order of events: OpenAI Realtime API reference, in the order that eight real clients accept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from realtime_scenarios.core.speech import spoken_ms, words_of
from realtime_scenarios.realtime.conversation import Conversation, Speech
from realtime_scenarios.realtime.events import Event, Events
from realtime_scenarios.realtime.items import Item
from realtime_scenarios.realtime.responder import Phase
from realtime_scenarios.realtime.speech import AudioFormat, deltas_of, silence_base64
from realtime_scenarios.realtime.usage import Tokens, spoken_tokens, text_tokens

Ended = Literal["completed", "incomplete"]


@dataclass(frozen=True, slots=True)
class Voice:
    """How words are spoken: in which format, and how fast (1.0 is plain speech)."""

    audio_format: AudioFormat
    speed: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where an output item stands. `conversation` None: out of band, so it becomes part of none."""

    events: Events
    response_id: str
    item_id: str
    output_index: int
    conversation: Conversation | None

    def event(self, kind: str, **fields: Any) -> Event:
        """An event about the item itself."""
        return self.events.make(
            kind, response_id=self.response_id, item_id=self.item_id, output_index=self.output_index, **fields
        )

    def began(self, item: Item) -> Iterator[Event]:
        yield self._item_event("response.output_item.added", item)
        if self.conversation is not None:
            previous = self.conversation.append(item)
            yield self.events.make("conversation.item.added", previous_item_id=previous, item=item)

    def ended(self, item: Item, tokens: Tokens) -> Iterator[Event]:
        if self.conversation is not None and item["id"] in self.conversation:
            self.conversation.replace(item, tokens)
            previous = self.conversation.before(item["id"])
            yield self.events.make("conversation.item.done", previous_item_id=previous, item=item)
        yield self._item_event("response.output_item.done", item)

    def _item_event(self, kind: str, item: Item) -> Event:
        return self.events.make(kind, response_id=self.response_id, output_index=self.output_index, item=item)


class Message:
    """A message of the assistant, written (`voice` None) or spoken. `phase` None: the item does not say."""

    def __init__(
        self, place: Place, text: str, voice: Voice | None, budget: int | None, phase: Phase | None = None
    ) -> None:
        self._place = place
        self._phase = {} if phase is None else {"phase": phase}
        self._voice = voice
        self._budget = budget
        self._words = words_of(text)
        self.is_cut = self._cut_to_budget()
        self._said: list[str] = []
        self._ms = 0
        self.item: Item = self._item_with("in_progress")

    def add(self, text: str) -> None:
        """There is more of it; deltas go on with it."""
        self._words += words_of(text)
        self.is_cut = self._cut_to_budget()

    def opening(self) -> Iterator[Event]:
        yield from self._place.began(self.item)
        yield self._part_event("response.content_part.added", part=self._content_part(""))

    def deltas(self, words_per_delta: int) -> Iterator[tuple[list[Event], int]]:
        """The deltas of what was not said yet, each with the number of its words."""
        voice, conversation = self._voice, self._place.conversation
        for piece, count in deltas_of(self._words[len(self._said) :], words_per_delta):
            self._said += self._words[len(self._said) : len(self._said) + count]
            if voice is None:
                yield [self._part_event("response.output_text.delta", delta=piece)], count
                continue
            ms = spoken_ms(len(self._said), voice.speed) - self._ms
            self._ms += ms
            if conversation is not None:
                conversation.spoke(self._place.item_id, Speech(tuple(self._said), self._ms))
            audio = silence_base64(voice.audio_format, ms)
            yield (
                [
                    self._part_event("response.output_audio_transcript.delta", delta=piece),
                    self._part_event("response.output_audio.delta", delta=audio),
                ],
                count,
            )

    def closing(self, status: Ended) -> Iterator[Event]:
        text = "".join(self._said)
        if self._voice is None:
            yield self._part_event("response.output_text.done", text=text)
        else:
            yield self._part_event("response.output_audio.done")
            yield self._part_event("response.output_audio_transcript.done", transcript=text)
        yield self._part_event("response.content_part.done", part=self._content_part(text))
        heard = None if self._voice is None else self._kept_speech()
        self.item = self._item_with(status if heard is None or heard.heard_ms is None else "incomplete")
        yield from self._place.ended(self.item, Tokens(text_tokens(text)) if heard is None else heard.tokens)

    @property
    def tokens(self) -> Tokens:
        """What it has cost so far."""
        return self._cost_of(len(self._said))

    @property
    def spoken_ms(self) -> int:
        return self._ms

    def now(self) -> Item:
        """The item as it stands."""
        return self._item_with("in_progress")

    def _item_with(self, status: str) -> Item:
        content: list[dict[str, Any]] = []
        if status != "in_progress" or self._said:
            if self._voice is None:
                content = [{"type": "output_text", "text": "".join(self._said)}]
            else:
                content = [{"type": "output_audio", "transcript": self._kept_speech().transcript}]
        return {
            "id": self._place.item_id,
            "object": "realtime.item",
            "type": "message",
            "status": status,
            "role": "assistant",
            **self._phase,
            "content": content,
        }

    def _kept_speech(self) -> Speech:
        """What the conversation holds of it: less than was said where the client has truncated it in the meantime."""
        conversation = self._place.conversation
        kept = None if conversation is None else conversation.speech(self._place.item_id)
        return kept or Speech(tuple(self._said), self._ms)

    def _content_part(self, text: str) -> dict[str, str]:
        """`part.type` is "text" or "audio" where the item's content is "output_text" or "output_audio"."""
        return {"type": "text", "text": text} if self._voice is None else {"type": "audio", "transcript": text}

    def _part_event(self, kind: str, **fields: Any) -> Event:
        return self._place.event(kind, content_index=0, **fields)

    def _cut_to_budget(self) -> bool:
        if self._budget is None:
            return False
        counts = range(1, len(self._words) + 1)
        kept = bisect_right(counts, self._budget, key=lambda count: self._cost_of(count).total)
        self._words = self._words[:kept]
        return kept < len(counts)

    def _cost_of(self, count: int) -> Tokens:
        """What the first so many words cost."""
        sound = 0 if self._voice is None else spoken_tokens(spoken_ms(count, self._voice.speed))
        return Tokens(text_tokens("".join(self._words[:count])), sound)


class FunctionCall:
    """A call of a function; its arguments come in deltas, without waiting."""

    def __init__(self, place: Place, call_id: str, name: str, arguments: str, budget: int | None) -> None:
        self._place = place
        self._call_id = call_id
        self._name = name
        self.is_cut = budget is not None and text_tokens(name) + text_tokens(arguments) > budget
        if self.is_cut and budget is not None:
            arguments = arguments[: max(0, budget - text_tokens(name)) * 4]
        self._arguments = arguments
        self._sent = ""
        self.item: Item = self._item_with("in_progress")

    def opening(self) -> Iterator[Event]:
        yield from self._place.began(self.item)

    def deltas(self, words_per_delta: int) -> Iterator[tuple[list[Event], int]]:
        for piece, _ in deltas_of(words_of(self._arguments), words_per_delta):
            self._sent += piece
            delta = "response.function_call_arguments.delta"
            yield [self._place.event(delta, call_id=self._call_id, delta=piece)], 0

    def closing(self, status: Ended) -> Iterator[Event]:
        """The arguments with their function's `name`, which the type requires; then the item.

        openai-agents runs a call when its item is done and `completed` (`_handle_output_item` in 0.24), and no other.
        """
        done = "response.function_call_arguments.done"
        yield self._place.event(done, call_id=self._call_id, name=self._name, arguments=self._sent)
        self.item = self._item_with(status)
        yield from self._place.ended(self.item, self.tokens)

    @property
    def tokens(self) -> Tokens:
        return Tokens(text_tokens(self._name) + text_tokens(self._sent))

    @property
    def spoken_ms(self) -> int:
        return 0

    def now(self) -> Item:
        return self._item_with("in_progress")

    def _item_with(self, status: str) -> Item:
        return {
            "id": self._place.item_id,
            "object": "realtime.item",
            "type": "function_call",
            "status": status,
            "call_id": self._call_id,
            "name": self._name,
            "arguments": self._sent,
        }


OutputItem = Message | FunctionCall
