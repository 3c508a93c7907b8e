"""The sound of one conversation: what the agent says as it comes, how much of it was heard, and how it is counted.

The SDK truncates an answer that is cut into where its playback tracker says that the ear is (`RealtimePlaybackTracker`,
openai-agents 0.24); without one it goes by the clock of the wall, which is not ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, Protocol

from agents.realtime import RealtimePlaybackTracker
from agents.realtime.model import RealtimePlaybackState

from realtime_scenarios.core.speech import words_of
from realtime_scenarios.voice import FORMATS, AudioFormat

CallersTurns = Literal["typed", "detected", "pushed"]
"""How the server knows what the caller says: as text; as sound, whose turns it finds as the session's `turn_detection`
has it; or as sound of which we say ourselves where a turn ends."""

Input = Literal["pcm16", "g711_ulaw", "g711_alaw"]

_FORMATS = {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}


def format_named(name: str | None) -> AudioFormat:
    """The format that a session calls so; None: the one it has where nothing is said."""
    return FORMATS[_FORMATS[name or "pcm16"]]


class AudioListener(Protocol):
    """Plays what the agent says, in the session's output format."""

    def on_audio(self, item_id: str, audio: bytes) -> None:
        """The next piece of a message; it mostly comes faster than it can be heard."""
        ...

    def on_cut(self, item_id: str) -> None:
        """The caller cut in: nothing more of that message is to be heard."""
        ...


@dataclass(frozen=True, slots=True)
class Audio:
    """That the agent's answers are spoken, and how the caller's turns come.

    `listener` None: nobody listens to the agent. `playback` says how far the ear is; None: as far as a speaker would be
    that plays everything as it comes. `input_format` is that of the caller's sound, None: the scenario's.
    """

    turns: CallersTurns = "typed"
    listener: AudioListener | None = None
    playback: RealtimePlaybackTracker | None = None
    input_format: Input | None = None


class Playback(RealtimePlaybackTracker):
    """A speaker that plays one message after the other, each as it comes, by a clock in seconds.

    `now` None: what has come has been heard, as where a server says every word in its time.
    """

    def __init__(self, now: Callable[[], float] | None) -> None:
        super().__init__()
        self._now = now
        self._messages: list[tuple[tuple[str, int], float]] = []
        self._silent_at = 0.0

    def came(self, item_id: str, content_index: int, ms: float) -> None:
        """So much more of the message is to be played."""
        key, before = (item_id, content_index), 0.0
        if self._messages and self._messages[-1][0] == key:
            before = self._messages.pop()[1]
        self._messages.append((key, before + ms))
        if self._now is not None:
            self._silent_at = max(self._silent_at, self._now()) + ms / 1000

    def on_interrupted(self) -> None:
        super().on_interrupted()
        self._messages.clear()
        self._silent_at = 0.0

    def get_state(self) -> RealtimePlaybackState:
        left_ms = 0.0 if self._now is None else max(self._silent_at - self._now(), 0.0) * 1000
        for (item_id, index), ms in reversed(self._messages):
            if left_ms < ms:
                return {
                    "current_item_id": item_id,
                    "current_item_content_index": index,
                    "elapsed_ms": ms - left_ms,
                }
            left_ms -= ms
        return {"current_item_id": None, "current_item_content_index": None, "elapsed_ms": None}


@dataclass(slots=True)
class _Message:
    """What has come of a message; `text` as far as it has been said."""

    size: int = 0
    text: str = ""


class Sound:
    """What the agent says in one conversation, as sound. `now` is its clock, in seconds.

    `as_it_comes`: the server says every word in its time, so that what has come has been heard.
    """

    def __init__(self, audio: Audio, output: AudioFormat, now: Callable[[], float], *, as_it_comes: bool) -> None:
        self.turns = audio.turns
        self._own = Playback(None if as_it_comes else now)
        self.playback: RealtimePlaybackTracker = audio.playback or self._own
        self._listener = audio.listener
        self._format = output
        self._now = now
        self._messages: dict[str, _Message] = {}
        self._last: str | None = None
        self._silent_since: float | None = None
        self._latency_ms: int | None = None

    # --- what the caller does ---------------------------------------------------------------------------------------

    def types(self) -> None:
        """A turn begins that is not spoken."""
        self._silent_since = self._latency_ms = None

    def falls_silent(self, ago_ms: float = 0.0) -> None:
        """The caller came to the end of what they say so long ago."""
        self._silent_since, self._latency_ms = self._now() - ago_ms / 1000, None

    # --- what the agent says ----------------------------------------------------------------------------------------

    def came(self, item_id: str, content_index: int, audio: bytes, *, muted: bool) -> None:
        """A piece of a message came. `muted`: nobody is to hear it."""
        message = self._messages.setdefault(item_id, _Message())
        message.size += len(audio)
        self._last = item_id
        if self._silent_since is not None and self._latency_ms is None:
            self._latency_ms = round((self._now() - self._silent_since) * 1000)
        if not muted:
            self._own.came(item_id, content_index, self._format.ms_of(len(audio)))
            if self._listener is not None:
                self._listener.on_audio(item_id, audio)

    def cut(self, item_id: str) -> None:
        """Nothing more of the message is to be heard."""
        if self._listener is not None:
            self._listener.on_cut(item_id)

    def counted(self, text: str) -> dict[str, int | None]:
        """What an event says of the sound of the message that has just ended with this text; nothing where none came.

        The first message after the caller has spoken says also how long that was ago when it began.
        """
        message = self._messages.get(self._last or "")
        if message is None or message.text:
            return {}
        message.text = text
        latency_ms, self._silent_since, self._latency_ms = self._latency_ms, None, None
        ms = round(self._format.ms_of(message.size))
        return {"audio_bytes": message.size, "audio_ms": ms, "latency_ms": latency_ms}

    # --- what was heard of it ---------------------------------------------------------------------------------------

    @property
    def is_playing(self) -> bool:
        """Whether something of what has come is still to be heard."""
        state = self.playback.get_state()
        message = self._messages.get(state["current_item_id"] or "")
        return message is not None and (state["elapsed_ms"] or 0.0) < int(self._format.ms_of(message.size))

    def heard_of(self, text: str) -> str:
        """What the caller has heard of a message that is at `text`; of an earlier one that still plays, its part."""
        state = self.playback.get_state()
        item_id = state["current_item_id"]
        message = self._messages.get(item_id or "")
        if message is None:
            return text
        said = text if item_id == self._last and not message.text else message.text
        return spoken_part(said, (state["elapsed_ms"] or 0.0) / max(self._format.ms_of(message.size), 1.0))


def spoken_part(text: str, share: float) -> str:
    """The words that have been said when so much of their sound has, by their letters."""
    if share >= 1:
        return text
    words = words_of(text)
    ends = list(accumulate(1 + len(word.strip()) for word in words))
    return "".join(word for word, end in zip(words, ends, strict=True) if end <= share * ends[-1])
