"""What hears and what speaks: sound to turns and words, and words to sound. Knows no protocol and no scenario."""

from realtime_scenarios.voice.activity import VOICE_DETECTORS, LoudnessGate, VoiceActivity
from realtime_scenarios.voice.formats import FORMATS, PCM16, AudioFormat, Samples, decoded, encoded
from realtime_scenarios.voice.hearing import PartFailed, ScriptedWords, SpeechToText, Utterance, takes_time
from realtime_scenarios.voice.resampling import Resampler, resampled
from realtime_scenarios.voice.speaking import (
    Manner,
    Phrasing,
    Silence,
    Speech,
    Spoken,
    TextToSpeech,
    Tone,
    Unvoiced,
    phrases_of,
    unvoiced,
)
from realtime_scenarios.voice.turns import TurnBegan, TurnChange, TurnDetector, TurnEnded, TurnTaking

__all__ = [
    "FORMATS",
    "PCM16",
    "VOICE_DETECTORS",
    "AudioFormat",
    "LoudnessGate",
    "Manner",
    "PartFailed",
    "Phrasing",
    "Resampler",
    "Samples",
    "ScriptedWords",
    "Silence",
    "Speech",
    "SpeechToText",
    "Spoken",
    "TextToSpeech",
    "Tone",
    "TurnBegan",
    "TurnChange",
    "TurnDetector",
    "TurnEnded",
    "TurnTaking",
    "Unvoiced",
    "Utterance",
    "VoiceActivity",
    "decoded",
    "encoded",
    "phrases_of",
    "resampled",
    "takes_time",
    "unvoiced",
]
