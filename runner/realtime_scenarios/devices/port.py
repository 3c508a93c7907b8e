"""What a microphone with a loudspeaker is to a conversation: moments of both sides, in time with one another."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

RATE = 24000
"""Samples a second, of 16 bits, mono, little-endian: what a Realtime session takes and gives unless it is told else."""

FRAME_MS = 20
FRAME_BYTES = RATE * FRAME_MS // 1000 * 2


@dataclass(frozen=True, slots=True)
class HeardPiece:
    """So many milliseconds of an item of the conversation have been heard by whoever listens."""

    item_id: str
    ms: float


@dataclass(frozen=True, slots=True)
class Frame:
    """`FRAME_MS` of a call: what the microphone took in, and what was heard from the loudspeaker meanwhile.

    `pieces` says of which items that was; what is silence belongs to none.
    """

    said: bytes
    heard: bytes
    pieces: Sequence[HeardPiece] = ()


class AudioDevice(Protocol):
    """One call's microphone and loudspeaker. Everything but `frames` may be called at any time, inside the loop."""

    def frames(self) -> AsyncGenerator[Frame, None]:
        """The call, a frame after the other as its time passes; ended by whoever listens.

        Raises:
            ScenarioError: the device cannot be opened, or is gone; the hint says what to do.
        """
        ...

    def play(self, item_id: str, audio: bytes) -> None:
        """Play this after what waits to be played. What was flushed of an item silences what comes of it later."""
        ...

    def flush(self) -> None:
        """Play nothing of what waits: somebody speaks."""
        ...

    @property
    def is_playing(self) -> bool:
        """Whether something waits to be heard."""
        ...

    @property
    def is_through(self) -> bool:
        """Whether nobody will say anything more; a microphone never knows."""
        ...
