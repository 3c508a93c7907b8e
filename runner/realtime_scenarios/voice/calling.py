"""How callers sound where they are heard: who says their lines, in which room, and over which line."""

from __future__ import annotations

import zlib
from array import array
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

import msgspec

from realtime_scenarios.voice.formats import PCM16, AudioFormat, Samples, decoded, encoded
from realtime_scenarios.voice.hearing import Utterance
from realtime_scenarios.voice.resampling import resampled
from realtime_scenarios.voice.rooms import Noise, at_level, decibels, quiet
from realtime_scenarios.voice.speaking import Manner, Spoken, TextToSpeech, sounding_ms

LEVEL = -26.0
"""How loud a synthetic voice is, in dBFS: what ITU-T P.56 has speech at in tests of telephones."""

LEAD_MS = 500
"""So long the room is heard before the first word, and detectors learn how loud it is."""

TAIL_MS = 6000
"""So long it is heard behind the last one, at most; whoever has not been heard out by then never will be."""


class Calling(msgspec.Struct, frozen=True):
    """What is asked for. `noise` None: a silent room. `seed` is of the noise."""

    tts: str = "auto"
    stt: str = "auto"
    vad: str = "loudness"
    noise: str | None = None
    telephone: bool = False
    seed: int = 0

    @property
    def written(self) -> str:
        """As it is told to workers, and kept in a journal."""
        return msgspec.json.encode(self).decode()

    @property
    def options(self) -> tuple[str, ...]:
        """What differs from the usual, as it is typed; of an address, which may hold a password, nothing."""
        usual = msgspec.to_builtins(Calling())
        given = {name: value for name, value in msgspec.to_builtins(self).items() if value != usual[name]}
        words: list[str] = []
        for name, value in given.items():
            words.append(f"--{name}")
            if value is not True:
                words.append("URL" if "://" in f"{value}" else f"{value}")
        return tuple(words)

    @classmethod
    def of(cls, written: str) -> Calling:
        return msgspec.json.decode(written, type=cls)


@dataclass(frozen=True, slots=True)
class ArrivingLine:
    """A line as it arrives, with the room before and behind it; somebody speaks until `ends_ms`."""

    audio: bytes
    audio_format: AudioFormat
    ends_ms: float

    @property
    def spoken(self) -> Utterance:
        """The line with little around it, for a recogniser on its own."""
        end = self.audio_format.bytes_of(int(self.ends_ms) + 300)
        return Utterance(self.audio[:end], self.audio_format)


class CallersVoice:
    """Says lines, the same each time: as `speaker` does, in `noise`, and in the format in which they are sent."""

    def __init__(
        self, speaker: TextToSpeech, audio_format: AudioFormat, *, noise: Noise | None = None, seed: int = 0
    ) -> None:
        self.audio_format = audio_format
        self._speaker = speaker
        self._noise = noise
        self._seed = seed
        self._said = lru_cache(128)(self._say)

    def said(self, line: str) -> ArrivingLine | None:
        """The line by a synthetic voice; None where there is nothing in it that can be said.

        Raises:
            PartFailed: it cannot be said.
        """
        return self._said(line)

    def recorded(self, samples: Samples, rate: int) -> ArrivingLine:
        """A line that somebody has recorded, as loud as it is."""
        return self._arriving(resampled(samples, rate, PCM16.rate), zlib.crc32(samples.tobytes()))

    def _say(self, line: str) -> ArrivingLine | None:
        spoken = self._speaker.speak(line, Manner("cedar"))
        if not isinstance(spoken, Spoken):
            return None
        samples = decoded(spoken.audio, PCM16)
        begin, end = (ms * PCM16.rate // 1000 for ms in sounding_ms(samples, PCM16.rate))
        return self._arriving(at_level(samples[begin:end], LEVEL), zlib.crc32(line.encode()))

    def _arriving(self, speech: Samples, number: int) -> ArrivingLine:
        whole = array("h", quiet(LEAD_MS) + speech + quiet(TAIL_MS))
        if self._noise is not None:
            whole = self._noise.around(whole, decibels(speech), number ^ self._seed)
        at_rate = resampled(whole, PCM16.rate, self.audio_format.rate)
        ends_ms = LEAD_MS + len(speech) * 1000 / PCM16.rate
        return ArrivingLine(encoded(at_rate, self.audio_format), self.audio_format, ends_ms)


class KnownWords:
    """Knows what is being said: `line` is heard once, exactly; then nothing is, until there is another one."""

    def __init__(self) -> None:
        self.line = ""

    def transcribe(self, utterance: Utterance) -> str:
        line, self.line = self.line, ""
        return line


def speaker_named(tts: str, language: str) -> str:
    """The part that says lines in that language (ISO 639-1): `auto` is flite for English, and espeak-ng for others."""
    if tts != "auto":
        return tts
    return "flite" if language == "en" else f"espeak-ng:{language}"


def listener_named(stt: str, language: str) -> str:
    """The part that writes them down: `auto` is pocketsphinx for English where it is installed, else `script`."""
    if stt != "auto":
        return stt
    return "pocketsphinx" if language == "en" and find_spec("pocketsphinx") is not None else SCRIPT


SCRIPT = "script"
"""What is said is known beforehand, and taken for what is heard."""
