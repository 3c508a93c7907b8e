"""How surely somebody speaks, frame after frame, to where the turns of a conversation begin and end."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_scenarios.voice.activity import VoiceActivity
from realtime_scenarios.voice.asking import certainty_of
from realtime_scenarios.voice.formats import Samples

LONGEST_TURN_MS = 60_000
"""Who speaks on without a pause is answered after so long; what follows is a turn of its own."""

_MS_TO_BEGIN = 40
_HYSTERESIS = 0.15
"""Who speaks may get so much less certain (as Silero's own `VADIterator` has it)."""


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """When a turn begins (`threshold`, 0 to 1, of certainty), and for how long it has to be quiet until it is over."""

    threshold: float
    silence_ms: int
    longest_ms: int = LONGEST_TURN_MS


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """Somebody has been speaking for `voiced_ms`, up to the frame just heard."""

    voiced_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over with the frame just heard, the silence after it included."""


TurnChange = TurnBegan | TurnEnded


class TurnDetector:
    """Frames of one stream in, beginnings and ends of turns out; they alternate."""

    def __init__(self, activity: VoiceActivity) -> None:
        self.is_speaking = False
        self.frame_ms = activity.frame_ms
        self._activity = activity
        self._voiced_ms = 0
        self._since_voice_ms = 0
        self._silent_ms = 0
        self._turn_ms = 0

    def hear(self, frame: Samples, taking: TurnTaking) -> TurnChange | None:
        """What the next frame of `frame_ms` changes.

        Raises:
            PartFailed: the detector cannot say whether somebody speaks.
        """
        certainty = certainty_of(self._activity, frame)
        return self._heard_in_turn(certainty, taking) if self.is_speaking else self._heard_at_rest(certainty, taking)

    def reset(self) -> None:
        """Whatever turn there was is over; how the room sounds is still known."""
        self.is_speaking = False
        self._voiced_ms = self._since_voice_ms = self._silent_ms = self._turn_ms = 0

    def _heard_at_rest(self, certainty: float, taking: TurnTaking) -> TurnChange | None:
        # voice comes in bursts: a weak frame takes from what has been heard, and does not wipe it out
        if certainty >= taking.threshold:
            self._voiced_ms += self.frame_ms
        else:
            self._voiced_ms = max(self._voiced_ms - self.frame_ms, 0)
        self._since_voice_ms = self._since_voice_ms + self.frame_ms if self._voiced_ms else 0
        if self._voiced_ms < _MS_TO_BEGIN:
            return None
        begun = TurnBegan(self._since_voice_ms)
        self.reset()
        self.is_speaking = True
        self._turn_ms = begun.voiced_ms
        return begun

    def _heard_in_turn(self, certainty: float, taking: TurnTaking) -> TurnChange | None:
        self._turn_ms += self.frame_ms
        self._silent_ms = 0 if certainty >= taking.threshold - _HYSTERESIS else self._silent_ms + self.frame_ms
        if self._silent_ms < max(taking.silence_ms, self.frame_ms) and self._turn_ms < taking.longest_ms:
            return None
        self.reset()
        return TurnEnded()
