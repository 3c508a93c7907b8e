"""A caller who speaks the lines of a dialogue aloud, a frame at a time and as long as it takes to say them.

The sound goes where a microphone's would: through detector of voices, codec and transcription to whoever answers.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.model.dialogue import Dialogue, Turn
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.realtime import Parts
from realtime_scenarios.session.conversation import Conversation
from realtime_scenarios.session.cut_in import CutIns
from realtime_scenarios.session.sound import Audio, format_named
from realtime_scenarios.session.spoken_turns import SpokenTurns
from realtime_scenarios.voice import VOICE_DETECTORS, Silence, SpeechToText, TextToSpeech
from realtime_scenarios.voice.calling import ArrivingLine, CallersVoice, Calling, KnownWords
from realtime_scenarios.voice.rooms import Noise
from realtime_scenarios.voice.waves import wave_in

FRAME_MS = 40


@dataclass(frozen=True, slots=True)
class Speaking:
    """How the lines of dialogues are spoken. `speaker` None: only those that have been recorded are.

    `listener` writes down what is said; None: it is known beforehand.
    """

    calling: Calling
    speaker: TextToSpeech | None = None
    listener: SpeechToText | None = None


RECORDED_LINES = Speaking(Calling(stt="script"))
"""How a dialogue is played that has recorded lines, where nobody asks for more."""


def is_spoken(dialogue: Dialogue) -> bool:
    """Whether it has lines that somebody has recorded."""
    return any(turn.audio is not None for turn in dialogue.turns)


class Caller:
    """The caller in one dialogue. `parts` are what our own engine hears with; a service hears as it does."""

    def __init__(self, scenario: Scenario, speaking: Speaking) -> None:
        calling = speaking.calling
        wanted = "g711_ulaw" if calling.telephone else None
        self._pushes = scenario.session.turn_detection == "off"
        self.audio = Audio("pushed" if self._pushes else "detected", input_format=wanted)
        self._known = KnownWords() if speaking.listener is None else None
        listener: SpeechToText | None = speaking.listener if self._known is None else self._known
        self.parts = Parts(VOICE_DETECTORS[calling.vad], listener, Silence())
        self._speaks = speaking.speaker is not None
        self._voice = CallersVoice(
            speaking.speaker or Silence(),
            format_named(wanted or scenario.session.input_format),
            noise=Noise.of(calling.noise) if calling.noise else None,
            seed=calling.seed,
        )

    async def says(self, conversation: Conversation, turn: Turn, interrupts: CutIns) -> None:
        """Take a turn in which the caller says something: aloud, where there is something that can be heard.

        Raises:
            ScenarioError: the line cannot be spoken, or as for `Conversation.user_says`.
        """
        assert turn.user is not None, "the caller says something in it"
        line = self._line(turn)
        if line is None:
            await conversation.user_says(turn.user, interrupts=interrupts)
            return
        if self._known is not None:
            self._known.line = turn.user
        speak = functools.partial(self._speak, conversation, line)
        await conversation.user_speaks(speak, turn.user, interrupts=interrupts)

    def _line(self, turn: Turn) -> ArrivingLine | None:
        """How the line of the turn sounds; None where it is typed."""
        if turn.audio is not None:
            sound = wave_in(content_of(turn.audio), f"'{turn.audio.name}'")
            return self._voice.recorded(sound.samples, sound.rate)
        return self._voice.said(turn.user or "") if self._speaks else None

    async def _speak(self, conversation: Conversation, line: ArrivingLine, turns: SpokenTurns) -> None:
        """Send the line, and of the silence behind it as much as it takes to be heard out."""
        clock, size = conversation.state.clock, line.audio_format.bytes_of(FRAME_MS)
        is_silent = False
        for start in range(0, len(line.audio), size):
            await clock.sleep(FRAME_MS / 1000)
            frame = line.audio[start : start + size]
            ago_ms = line.audio_format.ms_of(start + len(frame)) - line.ends_ms
            if ago_ms >= 0 and not is_silent:
                is_silent = True
                conversation.falls_silent(ago_ms)
            await conversation.send_audio(frame)
            if self._pushes and is_silent:
                await conversation.end_of_speech(ago_ms)
                return
            if is_silent and turns.heard and not turns.is_speaking:
                return
        await conversation.unheard()


def content_of(recorded: Path) -> bytes:
    """What is in the file of a recorded line.

    Raises:
        ScenarioError: it can no longer be read.
    """
    try:
        return recorded.read_bytes()
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise ScenarioError(f"'{recorded.name}' cannot be read: {reason}") from problem
