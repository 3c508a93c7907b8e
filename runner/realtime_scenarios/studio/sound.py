"""Sound between a page and a conversation: binary frames both ways, and how much of what is said has been heard.

A frame is a header of 12 bytes, little-endian, and samples: u8 kind (1 the microphone, 2 the agent), u8 codec (0 PCM16,
1 mu-law, 2 A-law), u16 rate/100, u32 number of the item (0 for the microphone), u32 first sample.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from realtime_scenarios.devices import HeardPiece
from realtime_scenarios.session.call import Ear
from realtime_scenarios.session.sound import Audio, CallersTurns, Input, format_named
from realtime_scenarios.studio.stream import About, Stream
from realtime_scenarios.voice import FORMATS, AudioFormat, Resampler, decoded, encoded

MICROPHONE, AGENT = 1, 2
_HEADER = struct.Struct("<BBHII")
_CODECS = ("audio/pcm", "audio/pcmu", "audio/pcma")

SHORTEST_TURN_MS = 100.0
"""`input_audio_buffer.commit` of less is an error (OpenAI Realtime API)."""

MOST_FRAME_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SoundFrame:
    """`first` is the number of its first sample."""

    kind: int
    codec: int
    rate: int
    item: int
    first: int
    samples: bytes

    @classmethod
    def read(cls, data: bytes) -> SoundFrame | None:
        """The frame; None: it is none."""
        if len(data) < _HEADER.size or len(data) > MOST_FRAME_BYTES:
            return None
        kind, codec, rate, item, first = _HEADER.unpack_from(data)
        if kind != MICROPHONE or codec >= len(_CODECS) or not 80 <= rate <= 480:
            return None
        return cls(kind, codec, rate * 100, item, first, data[_HEADER.size :])

    def written(self) -> bytes:
        return _HEADER.pack(self.kind, self.codec, self.rate // 100, self.item, self.first) + self.samples


def codec_of(audio_format: AudioFormat) -> int:
    """The number of a format in a frame."""
    return next(index for index, name in enumerate(_CODECS) if FORMATS[name] is audio_format)


class PageSound:
    """The page as a loudspeaker and a microphone.

    `send` gives a frame to the page, and `on_heard` is given what of the agent's sound was heard; None: nobody wants
    it. `shown` is what an item is called in the picture. What the agent says is told as
    frames; how much of it was heard is what the page says (`played`), and what the SDK truncates by.
    """

    def __init__(
        self,
        stream: Stream,
        send: Callable[[bytes], None],
        shown: Callable[[str], str],
        *,
        turns: CallersTurns,
        output_format: str | None,
        input_format: Input,
    ) -> None:
        self.output = format_named(output_format)
        self.input = format_named(input_format)
        self._ear = Ear()
        self.audio = Audio(turns=turns, listener=self, playback=self._ear, input_format=input_format)
        self.is_pushed = turns == "pushed"
        self.is_open = turns == "detected"
        self.on_heard: Callable[[bytes], None] | None = None
        self._speech_ms = 0.0
        self._unplayed: dict[str, bytearray] = {}
        self._stream = stream
        self._send = send
        self._shown = shown
        self._numbers: dict[str, int] = {}
        self._ids: dict[str, str] = {}
        self._came: dict[str, int] = {}
        self._played: dict[str, int] = {}
        self._cut: set[str] = set()
        self._speaking: str | None = None
        self._resampler: tuple[int, Resampler] | None = None

    # --- what the agent says ----------------------------------------------------------------------------------------

    def on_audio(self, item_id: str, audio: bytes) -> None:
        """The next piece of a message."""
        item = self._shown(item_id)
        if item in self._cut:
            return
        if item not in self._numbers:
            self._numbers[item] = len(self._numbers) + 1
            self._ids[item] = item_id
            self._stream.add("studio", "Sound", {"item": item, "index": self._numbers[item]}, About(item))
        if self._speaking is None:
            self._stream.add("studio", "Speech", {"who": "agent", "speaking": True}, About(item))
        self._speaking = item
        first = self._came.get(item, 0)
        self._came[item] = first + self._samples(len(audio))
        self._unplayed.setdefault(item, bytearray()).extend(audio)
        self._ear.came(item_id, self.output.ms_of(len(audio)))
        frame = SoundFrame(AGENT, codec_of(self.output), self.output.rate, self._numbers[item], first, audio)
        self._send(frame.written())

    def on_cut(self, item_id: str) -> None:
        """Nothing more of a message is to be heard."""
        self._cut.add(self._shown(item_id))
        self.cut()

    def cut(self) -> None:
        """Nothing of what has come is to be heard any more."""
        playing = [item for item, came in self._came.items() if self._played.get(item, 0) < came]
        self._cut.update(playing)
        for item in playing:
            self._unplayed.pop(item, None)
        if self._speaking is not None:
            self._stream.add("studio", "Flush", {"items": playing}, About(self._speaking))
        self._falls_silent()

    def played(self, item: str, samples: int) -> None:
        """The page has played so many samples of an item in all; never more than came, and never less than before."""
        before = self._played.get(item, 0)
        now = min(samples, self._came.get(item, 0))
        if now <= before or item in self._cut:
            return
        self._played[item] = now
        heard = bytes(self._unplayed[item][: (now - before) * len(self.output.silence)])
        del self._unplayed[item][: len(heard)]
        if self.on_heard is not None:
            self.on_heard(heard)
        self._ear.heard([HeardPiece(self._ids[item], (now - before) * 1000 / self.output.rate)])
        if item == self._speaking and now >= self._came[item]:
            self._falls_silent()

    @property
    def is_playing(self) -> bool:
        """Whether something that has come is still to be heard."""
        return any(self._played.get(item, 0) < came for item, came in self._came.items() if item not in self._cut)

    def of_ms(self, item: str) -> int:
        """How much of an item has come, in milliseconds."""
        return round(self._came.get(item, 0) * 1000 / self.output.rate)

    def _falls_silent(self) -> None:
        if self._speaking is not None:
            self._stream.add("studio", "Speech", {"who": "agent", "speaking": False}, About(self._speaking))
        self._speaking = None

    def _samples(self, size: int) -> int:
        return size // len(self.output.silence)

    # --- what the caller says ---------------------------------------------------------------------------------------

    def begin_speech(self) -> None:
        """The caller holds the button from now on."""
        self._speech_ms = 0.0

    @property
    def has_speech(self) -> bool:
        """Whether so much came since then that it can be a turn: the service refuses less than 100 ms."""
        return self._speech_ms >= SHORTEST_TURN_MS

    def silence(self, ms: int) -> bytes:
        """So much silence as the session takes it."""
        return self.input.silence * (self.input.rate * ms // 1000)

    def from_microphone(self, frame: SoundFrame) -> bytes:
        """A frame of the page as the session takes it."""
        self._speech_ms += len(frame.samples) / (2 if frame.codec == 0 else 1) * 1000 / frame.rate
        given = FORMATS[_CODECS[frame.codec]]
        samples = frame.samples[: len(frame.samples) // 2 * 2] if frame.codec == 0 else frame.samples
        if given is self.input and frame.rate == self.input.rate:
            return samples
        if self._resampler is None or self._resampler[0] != frame.rate:
            self._resampler = (frame.rate, Resampler(frame.rate, self.input.rate))
        return encoded(self._resampler[1].feed(decoded(samples, given)), self.input)
