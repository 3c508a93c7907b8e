"""Audio of answers as the server plays it to a caller: what was heard by when, and what is cut off.

Over WebRTC audio does not go to the client in events: the server keeps it, plays it in real time, and knows what was
heard. It says when that begins, ends or is cleared, and truncates by itself what nobody has heard (OpenAI Realtime API
reference, `output_audio_buffer` events and `conversation.item.truncated`).

Theory of operation. It stands behind the engine and sees each of its events (`follow`), in order and as soon as it is
made; the audio itself comes by another way (`add`), perhaps later and not all of it, since a line may lose something.
Whoever has a loudspeaker takes out so many samples at a time (`play`): that is the only clock here.
"""

from __future__ import annotations

import base64
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from realtime_scenarios.realtime.events import Event, Events
from realtime_scenarios.realtime.speech import PCM16, AudioFormat, format_of
from realtime_scenarios.voice import Samples, decoded, resampled

RATE = PCM16.rate
"""Samples a second that are played."""

_LEAD = RATE // 10
"""How much of an answer has to be there before it is played: the next piece of it may come a little late."""

_MOST_WAITING = 10 * 60 * RATE
"""Samples that wait to be played: ten minutes, 29 MB. What comes beyond is not heard."""

Truncate = Callable[[str, int], list[Event]]
"""Cuts an item off, of which so many milliseconds were heard; what the server says about that."""


@dataclass(slots=True)
class _Answer:
    """A response as it sounds. `generated` and `heard` are milliseconds of each of its items."""

    audio_format: AudioFormat
    is_in_conversation: bool
    has_begun: bool = False
    has_all_come: bool = False
    generated: dict[str, float] = field(default_factory=dict)
    heard: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Piece:
    response_id: str
    item_id: str
    samples: Samples


class Playback:
    """What is played to one caller. `events` makes the server's events about it."""

    def __init__(self, events: Events, truncate: Truncate) -> None:
        self._events = events
        self._truncate = truncate
        self._answers: dict[str, _Answer] = {}
        self._queue: deque[_Piece] = deque()
        self._waiting = 0
        self._lead_left = 0
        self._voice_interrupts = False

    def follow(self, event: Event) -> Iterator[Event]:
        """What the server says after this event of its own."""
        match event["type"]:
            case "session.created" | "session.updated":
                detection = event["session"]["audio"]["input"]["turn_detection"] or {}
                self._voice_interrupts = bool(detection.get("interrupt_response"))
            case "response.created":
                response = event["response"]
                audio_format = format_of(response["audio"]["output"]["format"])
                self._answers[response["id"]] = _Answer(audio_format, response["conversation_id"] is not None)
            case "response.content_part.added" if event["part"]["type"] == "audio":
                answer = self._answers.get(event["response_id"])
                if answer is not None and not answer.has_begun:
                    answer.has_begun = True
                    yield self._about(event["response_id"], "started")
            case "response.output_audio.delta" if (made := self._answers.get(event["response_id"])) is not None:
                ms = made.audio_format.ms_of(_size_of(event["delta"]))
                made.generated[event["item_id"]] = made.generated.get(event["item_id"], 0) + ms
            case "response.done":
                silent = self._answers.get(event["response"]["id"])
                if silent is not None and not silent.has_begun:
                    del self._answers[event["response"]["id"]]
            case "input_audio_buffer.speech_started" if self._voice_interrupts:
                for response_id in [found for found, answer in self._answers.items() if answer.has_begun]:
                    yield self._about(response_id, "cleared")
                yield from self._cut()
            case "output_audio_buffer.cleared":
                yield from self._cut()

    def add(self, event: Event) -> None:
        """Audio has come (`response.output_audio.delta`), to be played after all that came before."""
        answer = self._answers.get(event["response_id"])
        if answer is None or not answer.has_begun:
            return  # it was cleared meanwhile
        if self._waiting > _MOST_WAITING:
            return  # answers are asked for faster than anybody could hear them
        sound = decoded(base64.b64decode(event["delta"]), answer.audio_format)
        if not self._queue:
            self._lead_left = _LEAD
        samples = resampled(sound, answer.audio_format.rate, RATE)
        self._queue.append(_Piece(event["response_id"], event["item_id"], samples))
        self._waiting += len(samples)

    def end(self, response_id: str) -> list[Event]:
        """All audio of the response has come."""
        answer = self._answers.get(response_id)
        if answer is None:
            return []
        answer.has_all_come = True
        return self._stopped_if_over(response_id)

    def play(self, count: int) -> tuple[Samples, list[Event]]:
        """The next so many samples, silence where there is nothing, and what the server says once they are played."""
        played = array("h")
        events: list[Event] = []
        if self._queue and self._lead_left > 0 and not self._answers[self._queue[0].response_id].has_all_come:
            self._lead_left -= count
            return array("h", bytes(2 * count)), events
        while self._queue and len(played) < count:
            piece = self._queue[0]
            part = piece.samples[: count - len(played)]
            played += part
            self._waiting -= len(part)
            heard = self._answers[piece.response_id].heard
            heard[piece.item_id] = heard.get(piece.item_id, 0) + len(part) * 1000 / RATE
            piece.samples = piece.samples[len(part) :]
            if not piece.samples:
                self._queue.popleft()
                events += self._stopped_if_over(piece.response_id)
        return played + array("h", bytes(2 * (count - len(played)))), events

    def _stopped_if_over(self, response_id: str) -> list[Event]:
        if not self._answers[response_id].has_all_come or any(p.response_id == response_id for p in self._queue):
            return []
        del self._answers[response_id]
        return [self._about(response_id, "stopped")]

    def _cut(self) -> Iterator[Event]:
        """Nothing of what was said until now is played any more; who answers knows what was heard of it."""
        self._queue.clear()
        self._waiting = 0
        begun = [(found, answer) for found, answer in self._answers.items() if answer.has_begun]
        for response_id, answer in begun:
            del self._answers[response_id]
            if not answer.is_in_conversation:
                continue
            for item_id, ms in answer.generated.items():
                heard = answer.heard.get(item_id, 0.0)
                if heard < ms:
                    yield from self._truncate(item_id, int(heard))

    def _about(self, response_id: str, what: str) -> Event:
        return self._events.make(f"output_audio_buffer.{what}", response_id=response_id)


def _size_of(text: str) -> int:
    """How many bytes are in base64."""
    return len(text) * 3 // 4 - text.count("=", -2)
