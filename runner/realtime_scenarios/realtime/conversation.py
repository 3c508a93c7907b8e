"""Changes to items, to the default conversation: all items in order, each by its id, and what they cost to read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice

from realtime_scenarios.core import Ids
from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.heard_audio import HeardAudio
from realtime_scenarios.realtime.items import Given, Item, as_functions, size_of, tokens_in, with_words
from realtime_scenarios.realtime.speech import PCM16, AudioFormat
from realtime_scenarios.realtime.usage import Tokens, spoken_tokens, text_tokens

_MOST_BROUGHT = 128 * 1024 * 1024
"""Characters of the items that clients have brought, pictures included; sound is bounded by itself."""

_MOST_ITEMS = 5_000
"""Whoever answers looks at all of them. An answer that has begun comes to its end beyond that."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How much of an assistant's audio message has gone out: its words, and by which millisecond each has been said.

    Both may still grow while it is being said. `heard_ms` is where the client has truncated it, and then they do not;
    None: nowhere.
    """

    words: Sequence[str]
    word_ends: Sequence[int]
    heard_ms: int | None = None

    @property
    def lasting_ms(self) -> int:
        said = self.word_ends[-1] if self.word_ends else 0
        return said if self.heard_ms is None else self.heard_ms

    @property
    def transcript(self) -> str:
        """The words; of a truncated message those that were over by then."""
        if self.heard_ms is None:
            return "".join(self.words)
        return "".join(self.words[: bisect_right(self.word_ends, self.heard_ms)]).rstrip()

    def heard_until(self, ms: int) -> Speech:
        """What is left of it where the client truncates it there."""
        return Speech(tuple(self.words), tuple(self.word_ends), ms)

    @property
    def tokens(self) -> Tokens:
        return Tokens(text_tokens(self.transcript), spoken_tokens(self.lasting_ms))


class Conversation:
    """Items, oldest first. Ids are unique among everything it holds and what `ids` makes for it.

    `tokens` is what all items cost to read; `read_before` is how many tokens of text at its beginning still stand as
    they did when it was read last, which whoever reads it notes there.

    What whoever answers reads of each item is kept beside it: who asks for all of that takes no more steps in a long
    conversation than in a short one.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.id = ids.next("conv")
        self._items: dict[str, Item] = {}
        self._read: dict[str, tuple[Item, ...]] = {}
        self._words: dict[str, str] = {}
        self._heard = HeardAudio()
        self._speech: dict[str, Speech] = {}
        self._tokens: dict[str, Tokens] = {}
        self._brought: dict[str, int] = {}
        self._brought_in_all = 0
        self._call_ids: set[str] = set()
        self._announced: set[str] = set()
        self.tokens = Tokens()
        self.read_before = 0
        self.has_assistant_audio = False

    def new_item_id(self) -> str:
        """An id that no item has."""
        while (found := self._ids.next("item")) in self._items:
            pass
        return found

    def announced_item_id(self) -> str:
        """An id that no client may take until its item comes."""
        found = self.new_item_id()
        self._announced.add(found)
        return found

    def new_call_id(self) -> str:
        """An id that no call has: openai-agents ends a session in which one comes twice for different calls."""
        while (found := self._ids.next("call")) in self._call_ids:
            pass
        return found

    def first_read(self, count: int) -> tuple[Item, ...]:
        """The first so many items as whoever answers reads them."""
        return tuple(chain.from_iterable(islice(self._read.values(), count)))

    def as_read(self, item: Item) -> tuple[Item, ...]:
        """An item as whoever answers reads it: with the words of what was heard, whether or not the client is told."""
        if item["id"] in self._words:
            item = with_words(item, self._words[item["id"]])
        return as_functions(item) if item["type"].startswith("mcp_") else (item,)

    def note_words(self, item_id: str, words: str) -> None:
        """Keep the words of what was heard for whoever answers."""
        self._words[item_id] = words
        if item_id in self._items:
            self._read[item_id] = self.as_read(self._items[item_id])

    @property
    def last_id(self) -> str | None:
        return next(reversed(self._items), None)

    def before(self, item_id: str) -> str | None:
        """The id of the item before this one, which must be there; None where it is the first."""
        newest_first = reversed(self._items)
        for found in newest_first:
            if found == item_id:
                break
        return next(newest_first, None)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._items

    def __len__(self) -> int:
        return len(self._items)

    def item(self, item_id: str) -> tuple[Item, Tokens]:
        """The item, which must be there, and what it costs to read."""
        return self._items[item_id], self._tokens[item_id]

    def append(self, item: Item, *, audio: Sequence[bytes] = (), heard_in: AudioFormat = PCM16) -> str | None:
        """Put the item at the end, with the sound of each of its parts; the id of the one before it."""
        previous = self.last_id
        item_id = item["id"]
        self._items[item_id] = item
        self._read[item_id] = self.as_read(item)
        self._announced.discard(item_id)
        if audio:
            self._heard.keep(item_id, audio)
        if item["type"] == "function_call":
            self._call_ids.add(item["call_id"])
        tokens = self._tokens[item_id] = tokens_in(item, audio, heard_in)
        self.tokens += tokens
        return previous

    def insert(self, given: Given, after: str | None, *, heard_in: AudioFormat = PCM16) -> tuple[Item, str | None]:
        """Put a client's item after another one, at the beginning ("root") or at the end (None).

        Returns it with its id, and the id of the one before it.

        Raises:
            ClientError: its id is taken, its place does not exist, it answers a call that was never made, or clients
                have brought so much already.
        """
        item = self._admitted_item(given.item, after)
        size = size_of(item)
        self.refuse_if_full(size)
        self._brought[item["id"]] = size
        self._brought_in_all += size
        if after is None or after == self.last_id:
            return item, self.append(item, audio=given.audio, heard_in=heard_in)
        order = list(self._items)
        place = 0 if after == "root" else order.index(after) + 1
        if place < len(order):
            self._note_change(order[place])
        self.append(item, audio=given.audio, heard_in=heard_in)
        order.insert(place, item["id"])
        self._items = {item_id: self._items[item_id] for item_id in order}
        self._read = {item_id: self._read[item_id] for item_id in order}
        return item, (order[place - 1] if place else None)

    def refuse_if_full(self, size: int = 0) -> None:
        """Take an item with so many characters in it, or what will have items, only where there is room for it.

        Raises:
            ClientError: there are as many items as it takes, or clients have brought so much already.
        """
        if self._brought_in_all + size > _MOST_BROUGHT or len(self._items) >= _MOST_ITEMS:
            takes = f"it takes {_MOST_ITEMS} items, and {_MOST_BROUGHT} characters of text and pictures"
            raise ClientError("conversation_full", f"The conversation is full ({takes}): delete items first.")

    def replace(self, item: Item, tokens: Tokens) -> None:
        """Give an item its next state; nothing happens where it has been deleted in the meantime."""
        item_id = item["id"]
        if item_id in self._items:
            self._note_change(item_id)
            self._items[item_id] = item
            self._read[item_id] = self.as_read(item)
            self.tokens += tokens - self._tokens[item_id]
            self._tokens[item_id] = tokens

    def retrieve(self, item_id: str) -> tuple[Item, Sequence[bytes]]:
        """The item, and the audio that was heard of its parts, if it is kept still.

        Raises:
            ClientError: there is none with this id.
        """
        return self._existing_item(item_id, "retrieve", "retrieving"), self._heard.of(item_id)

    def delete(self, item_id: str) -> None:
        """Take the item out.

        Raises:
            ClientError: there is none with this id.
        """
        self._existing_item(item_id, "delete", "deleting")
        self._note_change(item_id)
        del self._items[item_id], self._read[item_id]
        self._words.pop(item_id, None)
        self._heard.forget(item_id)
        self._speech.pop(item_id, None)
        self._brought_in_all -= self._brought.pop(item_id, 0)
        self.tokens -= self._tokens.pop(item_id)

    def spoke(self, item_id: str, speech: Speech) -> None:
        """Keep how much of an audio message has gone out; what comes after a truncate is not kept."""
        self.has_assistant_audio = True
        before = self._speech.get(item_id)
        if item_id in self._items and (before is None or before.heard_ms is None):
            self._speech[item_id] = speech

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Forget what of an audio message was not heard: the transcript ends with the last word that was over.

        Raises:
            ClientError: it is no audio message of the assistant, or not as long as that.
        """
        item = self._existing_item(item_id, "truncate", "truncating")
        speech = self._speech.get(item_id)
        if speech is None:
            message = "Only model output audio messages can be truncated"
            raise ClientError("invalid_value", message, "item_id")
        if content_index != 0:
            message = f"Content at index {content_index} does not exist: the message has one part"
            raise ClientError("invalid_value", message, "content_index")
        if audio_end_ms > speech.lasting_ms:
            message = f"Audio content of {speech.lasting_ms}ms is already shorter than {audio_end_ms}ms"
            raise ClientError("invalid_value", message, "audio_end_ms")
        heard = self._speech[item_id] = speech.heard_until(audio_end_ms)
        if item["status"] != "in_progress":
            content = [{"type": "output_audio", "transcript": heard.transcript}]
            self.replace({**item, "content": content}, heard.tokens)

    def speech(self, item_id: str) -> Speech | None:
        """How much of an audio message is in the conversation; None where it has no audio or is not here."""
        return self._speech.get(item_id)

    def _admitted_item(self, item: Item, after: str | None) -> Item:
        item_id = item["id"]
        if item_id is not None and (item_id in self._items or item_id in self._announced):
            message = f"Error adding item: an item with id '{item_id}' already exists."
            raise ClientError("item_create_duplicate_item_id", message, "item.id")
        if after not in (None, "root") and after not in self._items:
            message = f"Error adding item: the previous item with id '{str(after)[:80]}' does not exist."
            raise ClientError("item_create_invalid_previous_item_id", message, "previous_item_id")
        if item["type"] == "function_call_output" and not self._has_call(item["call_id"]):
            message = f"Tool call ID '{item['call_id'][:80]}' not found in conversation."
            raise ClientError("invalid_tool_call_id", message, "item.call_id")
        if item["type"] == "function_call" and not item["call_id"]:
            item = {**item, "call_id": self.new_call_id()}
        return item if item_id is not None else {**item, "id": self.new_item_id()}

    def _has_call(self, call_id: str) -> bool:
        if call_id not in self._call_ids:
            return False
        newest_first = reversed(self._items.values())
        return any(item["type"] == "function_call" and item["call_id"] == call_id for item in newest_first)

    def _existing_item(self, item_id: str, verb: str, doing: str) -> Item:
        item = self._items.get(item_id)
        if item is None:
            message = f"Error {doing} item: the item with id '{item_id[:80]}' does not exist."
            raise ClientError(f"item_{verb}_invalid_item_id", message, "item_id")
        return item

    def _note_change(self, item_id: str) -> None:
        """An item that changes has to be read again, and so has all that follows it."""
        if self.read_before == 0:
            return
        before = self.tokens.text
        for found in reversed(self._items):
            before -= self._tokens[found].text
            if found == item_id:
                break
        self.read_before = min(self.read_before, before)
