"""Dice that are heard: each word rattles for a tenth of a second, and whoever hears it writes down a throw."""

from __future__ import annotations

from array import array

from realtime_scenarios.core.speech import words_of
from realtime_scenarios.voice import Manner, SpeechToText, Spoken, TextToSpeech, Utterance, encoded
from realtime_scenarios.voice.parts import NewListener, PartOptions


class Rattle:
    def speak(self, text: str, manner: Manner) -> Spoken:
        words = len(words_of(text))
        sound = array("h", [9000, -9000] * (manner.audio_format.rate // 20 * words))
        ends = range(100, 100 * words + 1, 100)
        return Spoken(encoded(sound, manner.audio_format), ends, manner.audio_format)


class Throws:
    def transcribe(self, utterance: Utterance) -> str | None:
        return "six"


def rattle(options: PartOptions) -> TextToSpeech:
    return Rattle()


def throws(options: PartOptions) -> NewListener:
    def new_listener() -> SpeechToText:
        return Throws()

    return new_listener
