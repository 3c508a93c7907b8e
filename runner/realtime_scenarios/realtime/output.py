"""What a responder wants said or called, to the events of one output item and its state while it is produced.

Order of events: OpenAI Realtime API reference, in the order that eight real clients accept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from realtime_scenarios.core.speech import spoken_ms, words_of
from realtime_scenarios.realtime.conversation import Conversation, Speech
from realtime_scenarios.realtime.events import Event, Events
from realtime_scenarios.realtime.items import Item
from realtime_scenarios.realtime.mcp_servers import McpFailed
from realtime_scenarios.realtime.responder import Phase
from realtime_scenarios.realtime.speech import Pace, deltas_of
from realtime_scenarios.realtime.usage import Tokens, spoken_tokens, text_tokens
from realtime_scenarios.voice import Manner, PartFailed, Phrasing, TextToSpeech, takes_time
from realtime_scenarios.voice import Speech as Sound
from realtime_scenarios.voice.asking import sound_of

_LONG = 2_000
"""Characters of a message that are spoken at once by a part that takes no time for it."""

AUDIO_DELTA = "response.output_audio.delta"

Ended = Literal["completed", "incomplete"]


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks the words, and how."""

    part: TextToSpeech
    manner: Manner


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of an item that a part is asked to say; `number` counts those of the item."""

    response_id: str
    item_id: str
    number: int
    text: str
    voice: Voice

    def spoken(self) -> Sound | PartFailed:
        """What it sounds like, or why it cannot be said."""
        return sound_of(self.voice.part, self.text, self.voice.manner)


@dataclass(frozen=True, slots=True)
class Wait:
    """So many milliseconds pass before the next event."""

    ms: int


@dataclass(frozen=True, slots=True)
class WaitForAnswer:
    """Nothing can follow before the carrier has brought what it was asked for, which is sent in.

    That is the sound of the item's phrase of that number, or what came of the call whose item that is.
    """

    asked: int | str


@dataclass(frozen=True, slots=True)
class WaitForMore:
    """Nothing can follow before the responder has gone on."""


Step = Event | Wait | WaitForAnswer | WaitForMore
Steps = Generator[Step, Sound | str | McpFailed | None, None]
"""What becomes of an item, in order."""


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

    def bare_event(self, kind: str) -> Event:
        """An event about the item that does not say to which response it belongs."""
        return self.events.make(kind, item_id=self.item_id, output_index=self.output_index)

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
        yield from self.ended_as_output(item)

    def ended_as_output(self, item: Item) -> Iterator[Event]:
        """The response is done with the item, and the conversation is not yet."""
        yield self._item_event("response.output_item.done", item)

    def _item_event(self, kind: str, item: Item) -> Event:
        return self.events.make(kind, response_id=self.response_id, output_index=self.output_index, item=item)


class Message:
    """A message of the assistant, written (`voice` None) or spoken. `phase` None: the item does not say.

    One that `grows` is gone on with, by `add`, until its `end`. It goes out in portions: as it comes where it is
    written, and a phrase at a time, as soon as that is whole, where it is spoken. What is whole from the beginning is
    one portion for a speaker who takes no time.
    """

    def __init__(
        self,
        place: Place,
        text: str,
        voice: Voice | None,
        budget: int | None,
        phase: Phase | None = None,
        *,
        grows: bool = False,
    ) -> None:
        self._place = place
        self._phase = {} if phase is None else {"phase": phase}
        self._voice = voice
        self._budget = budget
        in_phrases = voice is not None and (grows or takes_time(voice.part) or len(text) > _LONG)
        self._phrasing = Phrasing() if in_phrases else None
        self._words: list[str] = []
        self._portions: list[Sequence[str]] = []
        self._asked_for = 0
        self._is_whole = False
        self._said: list[str] = []
        self._word_ends: list[int] = []
        self._speech = Speech(self._said, self._word_ends)
        self.add(text)
        if not grows:
            self.end()
        self.item: Item = self._item_with("in_progress")

    def add(self, text: str) -> None:
        """There is more of it; deltas go on with it."""
        begun = len(self._words)
        self._words += words_of(text)
        self.is_cut = self._cut_to_budget()
        more = self._words[begun:]
        if self._phrasing is not None:
            self._portions += map(_as_one, self._phrasing.whole_with(more))
        elif more:
            self._portions.append(more)

    def end(self) -> None:
        """There is no more of it; a phrase that was begun ends here."""
        self._is_whole = True
        if self._phrasing is not None and (rest := self._phrasing.rest()):
            self._portions.append(_as_one(rest))

    def opening(self) -> Iterator[Event]:
        yield from self._place.began(self.item)
        yield self._part_event("response.content_part.added", part=self._content_part(""))

    def take_phrases(self) -> Sequence[Phrase]:
        """What has to be spoken of what has come since the last time."""
        if self._voice is None:
            return ()
        place, voice, begun = self._place, self._voice, self._asked_for
        self._asked_for = len(self._portions)
        texts = map("".join, self._portions[begun:])
        return [
            Phrase(place.response_id, place.item_id, number, text, voice) for number, text in enumerate(texts, begun)
        ]

    def deltas(self, pace: Pace) -> Steps:
        for number in count():
            while number == len(self._portions):
                if self._is_whole:
                    return
                yield WaitForMore()
            if self._voice is None:
                yield from self._written_deltas(self._portions[number], pace)
            else:
                sound = yield WaitForAnswer(number)
                assert isinstance(sound, Sound), "whoever goes on has been told what the phrase sounds like"
                yield from self._spoken_deltas(self._portions[number], sound, pace)

    def _written_deltas(self, words: Sequence[str], pace: Pace) -> Steps:
        for piece, length in deltas_of(words, pace.words_per_delta):
            self._said += self._words[len(self._said) : len(self._said) + length]
            yield self._part_event("response.output_text.delta", delta=piece)
            if ms := pace.wait_ms(length, 0):
                yield Wait(ms)

    def _spoken_deltas(self, words: Sequence[str], spoken: Sound, pace: Pace) -> Steps:
        """A phrase that follows what has been said: each delta ends where its last word does."""
        conversation, begun = self._place.conversation, self.spoken_ms
        said = sent_ms = 0
        for piece, length in deltas_of(words, pace.words_per_delta):
            ends = spoken.word_ends[said : said + length]
            self._said += words[said : said + length]
            self._word_ends += [begun + end for end in ends]
            said += length
            if conversation is not None:
                conversation.spoke(self._place.item_id, self._speech)
            audio = spoken.base64_between(sent_ms, ends[-1])
            yield self._part_event("response.output_audio_transcript.delta", delta=piece)
            yield self._part_event(AUDIO_DELTA, delta=audio)
            if ms := pace.wait_ms(length, ends[-1] - sent_ms):
                yield Wait(ms)
            sent_ms = ends[-1]

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
        return Tokens(text_tokens("".join(self._said)), spoken_tokens(self.spoken_ms))

    @property
    def spoken_ms(self) -> int:
        return self._word_ends[-1] if self._word_ends else 0

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
        return kept or self._speech

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
        """What the first so many words cost when they are spoken plainly."""
        sound = 0 if self._voice is None else spoken_tokens(spoken_ms(count, self._voice.manner.speed))
        return Tokens(text_tokens("".join(self._words[:count])), sound)


def _as_one(words: Sequence[str]) -> Sequence[str]:
    """The words of a phrase as its speaker counts them: pieces that came one after the other may be one word."""
    return words_of("".join(words))
