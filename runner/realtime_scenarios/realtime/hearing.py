"""The input audio of a session: what a client appends, commits and clears, to turns of the user and their answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import ClientError, Event, Events
from realtime_scenarios.realtime.input_audio import (
    LONGEST_APPEND,
    Detection,
    Heard,
    InputAudio,
    SpeechStarted,
    SpeechStopped,
    StayedSilent,
)
from realtime_scenarios.realtime.items import audio_item
from realtime_scenarios.realtime.long_events import LongText
from realtime_scenarios.realtime.responses import Responses
from realtime_scenarios.realtime.session import Session
from realtime_scenarios.realtime.shape import wrong_value
from realtime_scenarios.realtime.transcription import Transcription


class Hearing:
    """Answers the events `input_audio_buffer.*` of a client, and notices a user who stays silent."""

    def __init__(
        self,
        events: Events,
        session: Session,
        conversation: Conversation,
        audio: InputAudio,
        transcription: Transcription,
        responses: Responses,
    ) -> None:
        self._events = events
        self._session = session
        self._conversation = conversation
        self._audio = audio
        self._transcription = transcription
        self._responses = responses
        self._announced_item: str | None = None
        self._wanted: Mapping[str, Any] | None = None
        self._detected_as: Detection | None = None

    def on_append(self, audio: bytes | LongText) -> Iterable[Event | None]:
        """What is heard in the audio; None where something else may be done before there is more."""
        if isinstance(audio, bytes):
            pieces = [audio]
        else:
            pieces, left = [], LONGEST_APPEND
            for piece in audio.pieces():
                left -= len(piece)
                if left < 0:
                    raise wrong_value("audio", f"expected at most {LONGEST_APPEND} bytes of audio")
                pieces.append(piece)
                yield None
        self._audio.make_room(sum(map(len, pieces)))
        detection = self._detection()
        for place, piece in enumerate(pieces):
            if place:
                yield None
            for heard in self._audio.append(piece, detection):
                if heard is None:
                    yield None
                else:
                    yield from self._on_heard(heard)

    def on_append_event(self, event: dict[str, Any]) -> Iterable[Event | None]:
        """What is heard in the audio of an event that is long, or of another form than clients send."""
        audio = event["audio"]
        if isinstance(audio, str):
            text = audio.encode(errors="replace")
            audio = LongText(text, 0, len(text))
        return self.on_append(audio)

    def _detection(self) -> Detection | None:
        wanted = self._session.turn_detection
        if wanted is not self._wanted:  # settings are never changed once they hold
            self._wanted, self._detected_as = wanted, None if wanted is None else Detection.of(wanted)
        return self._detected_as

    def on_commit(self, event: dict[str, Any]) -> Iterable[Event]:
        self._conversation.refuse_if_full()
        audio = self._audio.commit()
        return self._commit_events(self._announced_item or self._conversation.new_item_id(), audio)

    def on_clear(self, event: dict[str, Any]) -> Iterable[Event]:
        self._audio.clear()
        self._announced_item = None
        yield self._events.make("input_audio_buffer.cleared")

    @property
    def due(self) -> float | None:
        """When a user who says nothing, and may send nothing either, has been silent for too long; None: never."""
        idle_ms = (self._session.turn_detection or {}).get("idle_timeout_ms")
        return None if idle_ms is None else self._audio.idle_due(idle_ms)

    def advance(self, now_ms: float) -> list[Event]:
        """The events that are due by now."""
        due = self.due
        if due is None or due > now_ms:
            return []
        return list(self._on_heard(self._audio.idle()))

    def _on_heard(self, heard: Heard) -> Iterable[Event]:
        match heard:
            case SpeechStarted(at_ms):
                # the item is named now and comes at the commit (API reference, speech_started)
                item_id = self._announced_item = self._conversation.announced_item_id()
                yield self._events.make("input_audio_buffer.speech_started", audio_start_ms=at_ms, item_id=item_id)
                yield from self._responses.interrupt()
            case SpeechStopped(at_ms, audio):
                item_id = self._announced_item or self._conversation.new_item_id()
                yield self._events.make("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=item_id)
                is_answered = (self._session.turn_detection or {})["create_response"]
                yield from self._turn(item_id, audio, is_answered=is_answered)
            case StayedSilent(from_ms, to_ms, audio):
                # the silence itself becomes the user's turn, and is answered (API reference, idle_timeout_ms)
                item_id = self._conversation.new_item_id()
                times = {"audio_start_ms": from_ms, "audio_end_ms": to_ms}
                yield self._events.make("input_audio_buffer.timeout_triggered", **times, item_id=item_id)
                yield from self._turn(item_id, audio, is_answered=True)

    def _turn(self, item_id: str, audio: bytes, *, is_answered: bool) -> Iterable[Event]:
        """A turn that nobody has committed; where the conversation is full, the client is told, and it is no item."""
        try:
            self._conversation.refuse_if_full()
        except ClientError as problem:
            self._announced_item = None
            yield self._events.error(problem, None)
            return
        yield from self._commit_events(item_id, audio)
        if is_answered:
            yield from self._response_by_voice()

    def _response_by_voice(self) -> Iterable[Event]:
        """A response that nobody asked for in words; where one is still running, the client is told."""
        if self._session.kind != "realtime":
            return
        try:
            yield from self._responses.begin({})
        except ClientError as problem:
            yield self._events.error(problem, None)

    def _commit_events(self, item_id: str, audio: bytes) -> Iterable[Event]:
        self._announced_item = None
        item = audio_item(item_id, None)
        previous = self._conversation.append(item, audio=(audio,), heard_in=self._session.input_format)
        # committed, then the item, then any response, and the words last: a transcript may come at any time after
        yield self._events.make("input_audio_buffer.committed", previous_item_id=previous, item_id=item_id)
        yield from self._events.item_added_and_done(item, previous)
        yield from self._transcription.begin(item_id, audio)
