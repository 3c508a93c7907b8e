"""Frames of sound to how surely somebody speaks in them: what each detector of voices is, and one that needs nothing.

A detector hears one stream, frame after frame, and says the same of the same sound each time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

from realtime_scenarios.core import Registry
from realtime_scenarios.voice.formats import FULL_SCALE, Samples


class VoiceActivity(Protocol):
    """Hears one stream, at the rate that it was made for, in frames of `frame_ms`."""

    @property
    def frame_ms(self) -> int: ...

    def certainty(self, frame: Samples) -> float:
        """How surely somebody speaks in the next frame, from 0 to 1: what a session's `threshold` is held against."""
        ...


class LoudnessGate:
    """Whoever is louder than the room is heard; how loud the room is, its quietest moments of late tell.

    Loudness is that of the sound less itself 0.9 ms before, which is mostly the band of speech: the hum of the mains
    goes down by 8 dB and more. 0.5 is 5 dB above the room and -55 dBFS, 0.35 is 3 dB. Both were chosen in noise
    (docs/decisions/0025).

    A stream may begin in noise or in the middle of a word. Until something quieter has been heard, only what no room
    is as loud as counts for a voice.
    """

    frame_ms = 20

    def __init__(self, rate: int) -> None:
        self._stride = rate // _RATE
        self._smooth: float | None = None
        self._frames = 0
        self._quietest: deque[tuple[int, float]] = deque([(_ROOM_FRAMES, _LOUDEST_ROOM)])

    def certainty(self, frame: Samples) -> float:
        power = _power_of_change(frame[:: self._stride])
        self._smooth = power if self._smooth is None else _KEPT * self._smooth + (1 - _KEPT) * power
        smooth = _decibels(self._smooth)
        # a click is over before its mean is, and so is the last word of a turn
        level = min(smooth, _decibels(power))
        above_room = _AT_MARGIN + (level - self._room(smooth) - _MARGIN) * _SURER_ABOVE_ROOM
        above_silence = _AT_MARGIN + (level - _FAINTEST) * _SURER_ABOVE_SILENCE
        return min(max(min(above_room, above_silence), 0.0), 1.0)

    def _room(self, level: float) -> float:
        """How loud the room is, in dBFS. The queue holds those moments that no later one was quieter than."""
        while self._quietest and self._quietest[-1][1] >= level:
            self._quietest.pop()
        self._quietest.append((self._frames + _ROOM_FRAMES, level))
        self._frames += 1
        while self._quietest[0][0] < self._frames:
            self._quietest.popleft()
        return max(self._quietest[0][1] + _QUIETEST_TO_USUAL, _STILLEST_ROOM)


_RATE = 8000  # samples in between are left out: what folds down from above is as loud as it was
_LAG = 7
_KEPT = 0.6
_ROOM_FRAMES = 150
_LOUDEST_ROOM = -31.0
_STILLEST_ROOM = -66.0
_QUIETEST_TO_USUAL = 1.0
_MARGIN = 5.0
_AT_MARGIN = 0.5
_SURER_ABOVE_ROOM = 0.075
_FAINTEST = -55.0
_SURER_ABOVE_SILENCE = 1 / 40


def _power_of_change(samples: Samples) -> float:
    """Half the mean square of what changes within the lag."""
    points = tuple(samples)  # as `dist` would make of whatever else it is given
    return math.dist(points[_LAG:], points[:-_LAG]) ** 2 / (2 * (len(points) - _LAG))


def _decibels(power: float) -> float:
    return 10 * math.log10(max(power, 1e-3) / FULL_SCALE**2)


VOICE_DETECTORS: Registry[Callable[[int], VoiceActivity]] = Registry("voice detector")
VOICE_DETECTORS.add("loudness", LoudnessGate)
VOICE_DETECTORS.add_at("silero", "realtime_scenarios.voice.silero:SileroVoice")
