"""What a user said aloud, to its words: for whoever answers, and for the client where it wants to know.

Until an utterance has been written down, who answers waits for it: a responder reads, and hears nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import sendable
from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import ClientError, Event, Events
from realtime_scenarios.realtime.items import audio_item, tokens_in
from realtime_scenarios.realtime.session import Session
from realtime_scenarios.voice import PartFailed, SpeechToText, Utterance, takes_time
from realtime_scenarios.voice.asking import words_heard

_MOST_TURNS = 256
_MOST_BYTES = 16 * 1024 * 1024
"""How many turns of a session, and of how much sound, wait to be written down: room for the longest append."""


@dataclass(frozen=True, slots=True)
class HeardItem:
    """What the user said as an item, for `listener` to write down. `is_told`: the client wants to know the words."""

    item_id: str
    utterance: Utterance
    listener: SpeechToText
    is_told: bool


class Transcription:
    """The words of one session's utterances. `listener` None: who asks for them is told that it failed."""

    def __init__(
        self, events: Events, session: Session, conversation: Conversation, listener: SpeechToText | None
    ) -> None:
        self._events = events
        self._session = session
        self._conversation = conversation
        self._listener = listener
        self._heard: list[HeardItem] = []
        self._unwritten: dict[str, int] = {}
        self._unwritten_bytes = 0

    def unwritten_in(self, items: Sequence[Mapping[str, Any]]) -> frozenset[str]:
        """Those of the items that are utterances which have not been written down yet. They stand near the end."""
        if not self._unwritten:
            return _NONE
        left = set(self._unwritten)
        found: set[str] = set()
        for item in reversed(items):
            if not left:
                break
            if item["id"] in left:
                left.remove(item["id"])
                found.add(item["id"])
        return frozenset(found)

    def has_written(self, item_ids: frozenset[str]) -> bool:
        """Whether all of these utterances have been written down, as far as they could."""
        return item_ids.isdisjoint(self._unwritten)

    def begin(self, item_id: str, audio: bytes) -> Iterable[Event]:
        """Have the audio of an item written down: at once, or by the carrier where that takes time.

        Where too much waits for the carrier already, it stays without words, and the client is told.
        """
        listener = self._listener
        if listener is None:
            if self._is_told:
                yield self._failed(item_id, _NO_LISTENER)
            return
        wanted = self._wanted or {}
        utterance = Utterance(audio, self._session.input_format, wanted.get("language"), wanted.get("prompt"))
        heard = HeardItem(item_id, utterance, listener, is_told=self._is_told)
        if not takes_time(listener):
            yield from self._written_down(heard, words_heard(listener, utterance))
        elif self._has_room_for(len(audio)):
            self._unwritten[item_id] = len(audio)
            self._unwritten_bytes += len(audio)
            self._heard.append(heard)
        elif heard.is_told:
            yield self._failed(item_id, _FULL)
        else:
            yield self._events.error(ClientError(_FULL.code, _FULL.message, kind="server_error"), None)

    def _has_room_for(self, size: int) -> bool:
        """Whether a turn of so many bytes may wait as well; one may in any case."""
        waiting = len(self._unwritten)
        return waiting == 0 or (waiting < _MOST_TURNS and self._unwritten_bytes + size <= _MOST_BYTES)

    def take_heard(self) -> list[HeardItem]:
        """What the carrier is to have written down, in this order."""
        heard, self._heard = self._heard, []
        return heard

    def end(self, heard: HeardItem, words: str | PartFailed | None) -> Iterable[Event]:
        """The words of what was heard, None where they could not be made out, or why there are none."""
        self._unwritten_bytes -= self._unwritten.pop(heard.item_id, 0)
        yield from self._written_down(heard, words)

    def _written_down(self, heard: HeardItem, words: str | PartFailed | None) -> Iterable[Event]:
        item_id, utterance = heard.item_id, heard.utterance
        if words is None or isinstance(words, PartFailed):
            if heard.is_told:
                yield self._failed(item_id, _UNINTELLIGIBLE if words is None else _reason(words))
            return
        words = sendable(words)
        if takes_time(heard.listener) or not heard.is_told:
            # for requests that were made before, and for those who are told otherwise
            self._conversation.note_words(item_id, words)
        if not heard.is_told:
            return
        transcribed = audio_item(item_id, words)
        audio, audio_format = utterance.audio, utterance.audio_format
        self._conversation.replace(transcribed, tokens_in(transcribed, (audio,), audio_format))
        yield from self._completed(item_id, words, audio_format.ms_of(len(audio)) / 1000)

    @property
    def _wanted(self) -> Mapping[str, Any] | None:
        """How the client wants to be told what was said; None: it does not."""
        wanted: Mapping[str, Any] | None = self._session.wire["audio"]["input"]["transcription"]
        return wanted

    @property
    def _is_told(self) -> bool:
        """Whether the client wants to know what was said: a session for transcription is there for nothing else."""
        return self._wanted is not None or self._session.kind == "transcription"

    def _completed(self, item_id: str, words: str, seconds: float) -> Iterable[Event]:
        kind = "conversation.item.input_audio_transcription"
        if words:
            yield self._events.make(f"{kind}.delta", item_id=item_id, content_index=0, delta=words)
        usage = {"type": "duration", "seconds": seconds}
        yield self._events.make(f"{kind}.completed", item_id=item_id, content_index=0, transcript=words, usage=usage)

    def _failed(self, item_id: str, why: _Unwritten) -> Event:
        error = {"type": "transcription_error", "code": why.code, "message": why.message, "param": None}
        kind = "conversation.item.input_audio_transcription.failed"
        return self._events.make(kind, item_id=item_id, content_index=0, error=error)


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """Why there are no words."""

    code: str
    message: str


_NONE: frozenset[str] = frozenset()
_NO_LISTENER = _Unwritten("transcription_unavailable", "This server has no speech-to-text model.")
_FULL = _Unwritten(
    "transcription_queue_full",
    "This turn stays without words: too many of those before it have not been written down yet.",
)
_UNINTELLIGIBLE = _Unwritten("audio_unintelligible", "The words could not be made out.")


def _reason(problem: PartFailed) -> _Unwritten:
    return _Unwritten("transcription_failed", sendable(str(problem)))
