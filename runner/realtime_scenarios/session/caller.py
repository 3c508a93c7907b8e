"""A caller who speaks the lines of a dialogue aloud, a frame at a time and as long as it takes to say them.

The sound goes where a microphone's would: through detector of voices, codec and transcription to whoever answers.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.model.dialogue import Dialogue, Turn
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.realtime import Parts
from realtime_scenarios.session.conversation import Conversation
from realtime_scenarios.session.cut_in import CutIns
from realtime_scenarios.session.sound import Audio, Input, format_named
from realtime_scenarios.session.spoken_turns import SpokenTurns
from realtime_scenarios.voice import VOICE_DETECTORS, Silence, SpeechToText, TextToSpeech
from realtime_scenarios.voice.calling import LEAD_MS, ArrivingLine, CallersVoice, Calling, KnownWords
from realtime_scenarios.voice.rooms import Noise
from realtime_scenarios.voice.waves import wave_in

FRAME_MS = 40

_ONSET_MS = LEAD_MS - FRAME_MS
"""Who cuts in is heard at once: the room was there all the time."""


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


@dataclass(slots=True)
class _Begun:
    """A line that is being said: so many bytes of it have been `sent`; `is_taken`: its turn goes on with it."""

    sent: int = 0
    is_taken: bool = False


class Caller:
    """The caller in one dialogue. `parts` are what our own engine hears with; a service hears as it does."""

    def __init__(self, scenario: Scenario, speaking: Speaking) -> None:
        calling = speaking.calling
        wanted: Input | None = "g711_ulaw" if calling.telephone else None
        self._pushes = scenario.session.turn_detection == "off"
        self.audio = Audio("pushed" if self._pushes else "detected", input_format=wanted)
        self._begun: _Begun | None = None
        self._known = KnownWords()
        listener: SpeechToText = speaking.listener or self._known
        self.parts = Parts(VOICE_DETECTORS[calling.vad], listener, Silence())
        self._speaks = speaking.speaker is not None
        self._voice = CallersVoice(
            speaking.speaker or Silence(),
            format_named(wanted or scenario.session.input_format),
            noise=Noise.of(calling.noise) if calling.noise else None,
            seed=calling.seed,
        )

    async def says(self, conversation: Conversation, turn: Turn, following: Turn | None, interrupts: CutIns) -> None:
        """Take a turn in which the caller says something: aloud, where there is something that can be heard.

        Where they cut into an answer, they begin to say what they say in the `following` turn.

        Raises:
            ScenarioError: the line cannot be spoken, or as for `Conversation.user_says`.
        """
        assert turn.user is not None, "the caller says something in it"
        line = self._line(turn)
        interrupts = self._by_voice(conversation, following, interrupts)
        if line is None:
            await conversation.user_says(turn.user, interrupts=interrupts)
            return
        begun, self._begun = self._begun, None
        speak = functools.partial(self._speak, conversation, line, begun or _Begun())
        if begun is None:
            self._known.line = turn.user
        await conversation.user_speaks(speak, turn.user, interrupts=interrupts)

    def _by_voice(self, conversation: Conversation, following: Turn | None, interrupts: CutIns) -> CutIns:
        """The same, by voice: where the next thing that the caller does is to speak, and the server listens."""
        if self._pushes or following is None or following.image is not None or following.user is None:
            return interrupts
        line = self._line(following)
        if line is None:
            return interrupts
        return replace(interrupts, speak=functools.partial(self._begin_early, conversation, line, following.user))

    def _begin_early(self, conversation: Conversation, line: ArrivingLine, words: str) -> None:
        """Begin to say a line while something else is being said; the turn that it belongs to goes on with it."""
        if self._begun is not None:
            return
        self._known.line = words
        self._begun = begun = _Begun(line.audio_format.bytes_of(_ONSET_MS))
        conversation.own(self._send_until_heard(conversation, line, begun))

    async def _send_until_heard(self, conversation: Conversation, line: ArrivingLine, begun: _Begun) -> None:
        while begun.sent < len(line.audio) and not begun.is_taken:
            await self._send_frame(conversation, line, begun)

    def _line(self, turn: Turn) -> ArrivingLine | None:
        """How the line of the turn sounds; None where it is typed."""
        if turn.audio is not None:
            sound = wave_in(content_of(turn.audio), f"'{turn.audio.name}'")
            return self._voice.recorded(sound.samples, sound.rate)
        return self._voice.said(turn.user or "") if self._speaks else None

    async def _speak(self, conversation: Conversation, line: ArrivingLine, begun: _Begun, turns: SpokenTurns) -> None:
        """Send what is left of the line, and of the silence behind it as much as it takes to be heard out."""
        begun.is_taken = True
        is_silent = False
        while begun.sent < len(line.audio):
            ago_ms = line.audio_format.ms_of(begun.sent) - line.ends_ms
            if ago_ms >= 0 and not is_silent:
                is_silent = True
                conversation.falls_silent(ago_ms)
                if self._pushes:
                    await conversation.end_of_speech(ago_ms)
                    return
            if is_silent and turns.heard and not turns.is_speaking:
                return
            await self._send_frame(conversation, line, begun)
        await conversation.unheard()

    async def _send_frame(self, conversation: Conversation, line: ArrivingLine, begun: _Begun) -> None:
        """Send the next frame, when it has been spoken."""
        start, begun.sent = begun.sent, begun.sent + line.audio_format.bytes_of(FRAME_MS)
        await conversation.state.clock.sleep(FRAME_MS / 1000)
        await conversation.send_audio(line.audio[start : begun.sent])


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
