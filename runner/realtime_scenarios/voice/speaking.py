"""Text to sound: what each text-to-speech part is, where its words end in the sound, and one that hums."""

from __future__ import annotations

import base64
import functools
import math
import re
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from realtime_scenarios.core.speech import MS_PER_WORD, spoken_ms, words_of
from realtime_scenarios.voice.formats import PCM16, AudioFormat, Samples, encoded
from realtime_scenarios.voice.resampling import resampled


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak: `voice` is a session's name of it, `speed` 1.0 plain speech, `audio_format` what is wanted."""

    voice: str
    speed: float = 1.0
    audio_format: AudioFormat = PCM16


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words as sound. `word_ends` says of each of `words_of` the text by which millisecond it has been said."""

    audio: bytes
    word_ends: Sequence[int]
    audio_format: AudioFormat

    def base64_between(self, begin_ms: int, end_ms: int) -> str:
        """That part of the sound as an audio delta carries it."""
        in_bytes = self.audio_format.bytes_of
        return base64.b64encode(self.audio[in_bytes(begin_ms) : in_bytes(end_ms)]).decode()


@dataclass(frozen=True, slots=True)
class Unvoiced:
    """Words as silence of the length that they take."""

    word_ends: Sequence[int]
    audio_format: AudioFormat

    def base64_between(self, begin_ms: int, end_ms: int) -> str:
        return _silence_base64(self.audio_format, end_ms - begin_ms)


@functools.lru_cache(maxsize=64)
def _silence_base64(audio_format: AudioFormat, ms: int) -> str:
    samples = audio_format.bytes_of(ms) // len(audio_format.silence)
    return base64.b64encode(audio_format.silence * samples).decode()


Speech = Spoken | Unvoiced
"""What a phrase sounds like."""


class TextToSpeech(Protocol):
    """Says a phrase. A part that takes its time says `takes_time = True`, and is then asked beside the loop."""

    def speak(self, text: str, manner: Manner) -> Speech:
        """The phrase, from its first sound to the pause behind it. The same phrase is the same sound each time.

        Raises:
            PartFailed: it cannot be said.
        """
        ...


class Phrasing:
    """Words as they come, to phrases that can be said one after the other: the first is heard before the last is made.

    A phrase ends with a sentence; where that is long already, with a comma; and somewhere in any case.
    """

    def __init__(self) -> None:
        self._begun: list[str] = []

    def whole_with(self, words: Sequence[str]) -> Iterator[Sequence[str]]:
        """The phrases that are whole when these words have come."""
        for word in words:
            self._begun.append(word)
            if self._ends_phrase(word):
                yield self.rest()

    def rest(self) -> Sequence[str]:
        """The phrase that has been begun, as the last one; nothing where none has."""
        phrase, self._begun = self._begun, []
        return phrase

    def _ends_phrase(self, word: str) -> bool:
        length = len(self._begun)
        is_end_of_clause = length >= _LONG_PHRASE and _ENDS_CLAUSE.search(word)
        return bool(_ENDS_SENTENCE.search(word) or is_end_of_clause or length >= _LONGEST_PHRASE)


def phrases_of(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words in phrases, all of them."""
    phrasing = Phrasing()
    yield from phrasing.whole_with(words)
    if rest := phrasing.rest():
        yield rest


_ENDS_SENTENCE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f][\"'\u2019\u201d)\]]*\s*$")
_ENDS_CLAUSE = re.compile(r"[,;:\u2014\u3001\uff0c][\"'\u2019\u201d)\]]*\s*$")
_LONG_PHRASE = 6
_LONGEST_PHRASE = 30


def spoken_from(samples: Samples, rate: int, text: str, audio_format: AudioFormat) -> Spoken:
    """Sound at any rate as it goes over the wire, in whole milliseconds, with an estimate of where its words end."""
    at_rate = resampled(samples, rate, audio_format.rate)
    audio = encoded(at_rate, audio_format)
    ms = -(-len(audio) // audio_format.bytes_per_ms)
    audio += audio_format.silence * ((audio_format.bytes_of(ms) - len(audio)) // len(audio_format.silence))
    return Spoken(audio, word_ends(words_of(text), at_rate, audio_format.rate, ms), audio_format)


def is_voiceless(text: str) -> bool:
    """Whether there is nothing in it that can be said, such as a dash alone."""
    return not any(map(str.isalnum, text))


def unvoiced(text: str, manner: Manner) -> Unvoiced:
    """The words as silence, for as long as they take in plain speech."""
    return Unvoiced(_plain_ends(len(words_of(text)), manner.speed), manner.audio_format)


@functools.lru_cache(maxsize=256)
def _plain_ends(words: int, speed: float) -> tuple[int, ...]:
    """When each of so many words has been said in plain speech."""
    return tuple(spoken_ms(count, speed) for count in range(1, words + 1))


def word_ends(words: Sequence[str], samples: Samples, rate: int, ms: int) -> tuple[int, ...]:
    """By when each word has been said: its share of the sound by its letters, without the silence at both ends.

    The last word ends with the whole sound.
    """
    begins, ends = sounding_ms(samples, rate)
    weights = [1 + sum(map(str.isalnum, word)) + _PAUSE * bool(_ENDS_CLAUSE.search(word)) for word in words]
    total = sum(weights)
    shares = [round(begins + (ends - begins) * weight / total) for weight in accumulate(weights)]
    return (*shares[:-1], ms) if words else ()


_PAUSE = 3
"""How many letters a comma is as long as."""
_FAINT = 300
_WINDOW_MS = 10


def sounding_ms(samples: Samples, rate: int) -> tuple[int, int]:
    """Where something can be heard first, and where last."""
    window = rate * _WINDOW_MS // 1000
    starts = range(0, len(samples), window)
    loud = [at for at in starts if max(map(abs, samples[at : at + window])) > _FAINT]
    if not loud:
        return 0, len(samples) * 1000 // rate
    return loud[0] * 1000 // rate, (loud[-1] + window) * 1000 // rate


class Silence:
    """Says nothing for as long as the words take in plain speech: what is said stands in the transcript."""

    def speak(self, text: str, manner: Manner) -> Unvoiced:
        return unvoiced(text, manner)


class Tone:
    """Hums each word on a note of its own, higher or lower by the voice: to hear that something is said, and how long.

    A word lasts as long as in plain speech (`core.speech`), so that the same words always take the same time.
    """

    def speak(self, text: str, manner: Manner) -> Spoken:
        ends = unvoiced(text, manner).word_ends
        starts = (0, *ends)
        hums = [
            _hum(manner.audio_format, _note(word, manner.voice), end - start)
            for word, start, end in zip(words_of(text), starts, ends, strict=False)
        ]
        return Spoken(b"".join(hums), ends, manner.audio_format)


def _note(word: str, voice: str) -> int:
    """A semitone above 110 Hz."""
    spelled = "".join(filter(str.isalnum, word)).casefold()
    return zlib.crc32(voice.encode()) % 12 + zlib.crc32(spelled.encode()) % 12


@functools.lru_cache(maxsize=512)
def _hum(audio_format: AudioFormat, note: int, ms: int) -> bytes:
    """A soft sine on that note, and a gap behind it."""
    rate, hertz = audio_format.rate, 110 * 2 ** (note / 12)
    sounding = rate * ms * _HUMMED // MS_PER_WORD // 1000
    waves = max(round(hertz * _WAVES_MS / 1000), 1)
    length = round(rate * waves / hertz)
    # others wait meanwhile: a sine costs more than all else here, so a few whole waves are put one behind the other
    wave = [_LOUDNESS * math.sin(2 * math.pi * waves * at / length) for at in range(length)]
    sound = (array("h", map(round, wave)) * (sounding // length + 1))[:sounding]
    fade = max(rate // 50, 1)
    for at in (*range(min(fade, sounding)), *range(max(sounding - fade, 0), sounding)):
        sound[at] = round(wave[at % length] * min(at, sounding - at, fade) / fade)
    return encoded(sound + array("h", bytes(2 * (rate * ms // 1000 - sounding))), audio_format)


_HUMMED = 320
_WAVES_MS = 40
"""So long, so that the note is at most a thirtieth of a semitone off, also at 8 kHz."""
_LOUDNESS = 6000
