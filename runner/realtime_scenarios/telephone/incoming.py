"""The caller's sound as frames of it come, in whatever order, to one sound without holes.

A stream over TCP comes in order and whole; what happens to it before it gets there is another matter, and other
carriers speak the same frames. So frames are put in the order of their numbers, what comes again or too late is left
out, and silence stands for what never comes: whoever listens tells time by the sound (`realtime/input_audio.py`), and a
hole would make one turn of two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime_scenarios.telephone.frames import Sound

SILENCE = b"\xff"
BYTES_PER_MS = 8
_LONGEST_HOLE_MS = 5000
"""What is longer is no loss but a clock that jumped; no turn lasts through so much silence anyway."""

_ROUNDING_MS = 40
"""Times are rounded, and say when a frame was made: a hole of less than two frames is none."""


@dataclass(frozen=True, slots=True)
class Buffering:
    """How much of a caller's sound is gathered before it goes on.

    `chunk_ms`: sound goes on in pieces of so much. Twilio sends 20 ms a frame; 50 ms, as the SDK's own example has it,
    are two fifths of the events, and a delay that nobody hears. `startup_chunks`: so many pieces are gathered before
    the first one goes on, because the first frames of a call come in a burst and out of step. `held_frames`: a frame
    that has not come when so many later ones have is lost. `stalled_ms`: when nothing has come for so long, silence
    goes on in its place, since a turn ends by silence that is heard; the SDK for JavaScript waits as long.
    """

    chunk_ms: int = 50
    startup_chunks: int = 3
    held_frames: int = 5
    stalled_ms: int = 750


@dataclass(slots=True)
class IncomingSound:
    """One call's. `lost` counts frames that never came, `late` those that came again, or too late.

    `position_ms` is how much sound there has been, with the silence in it.
    """

    buffering: Buffering = field(default_factory=Buffering)
    lost: int = 0
    late: int = 0
    position_ms: float = 0.0
    _began_at_ms: float | None = None
    _next: int = 1
    _held: dict[int, Sound] = field(default_factory=dict)
    _waiting: bytearray = field(default_factory=bytearray)
    _has_begun: bool = False

    def take(self, sound: Sound) -> bytes:
        """Take a frame in; what goes on now, perhaps nothing."""
        if sound.chunk is None:
            self._append(sound, is_after_loss=False)
        elif sound.chunk < self._next or sound.chunk in self._held:
            self.late += 1
        else:
            self._held[sound.chunk] = sound
            self._release(self.buffering.held_frames)
        return self._due()

    def stalled(self, ms: int) -> bytes:
        """Nothing has come for so long: what there was, and silence for the time."""
        self._release(1)
        self._add(SILENCE * (ms * BYTES_PER_MS))
        return self._everything()

    def end(self) -> bytes:
        """Nothing more will come; what has not gone on yet."""
        self._release(1)
        return self._everything()

    def _release(self, enough: int) -> None:
        """Put what is held behind what there is; what is missing is given up when `enough` frames wait for it."""
        while self._held:
            is_after_loss = self._next not in self._held
            if is_after_loss:
                if len(self._held) < enough:
                    return
                following = min(self._held)
                self.lost += following - self._next
                self._next = following
            self._append(self._held.pop(self._next), is_after_loss)
            self._next += 1

    def _append(self, sound: Sound, is_after_loss: bool) -> None:
        if sound.at_ms is not None:
            if self._began_at_ms is None:
                self._began_at_ms = sound.at_ms - self.position_ms
            hole = sound.at_ms - self._began_at_ms - self.position_ms
            if hole >= _ROUNDING_MS or (hole > 0 and is_after_loss):
                self._add(SILENCE * int(min(hole, _LONGEST_HOLE_MS) * BYTES_PER_MS))
            if hole < 0 or hole > _LONGEST_HOLE_MS:  # it was stalled and is not lost, or the clock has jumped
                self._began_at_ms = sound.at_ms - self.position_ms
        self._add(sound.audio)

    def _add(self, audio: bytes) -> None:
        self._waiting += audio
        self.position_ms += len(audio) / BYTES_PER_MS

    def _due(self) -> bytes:
        chunk = self.buffering.chunk_ms * BYTES_PER_MS
        if not self._has_begun and len(self._waiting) < chunk * self.buffering.startup_chunks:
            return b""
        self._has_begun = True
        return self._first(len(self._waiting) // chunk * chunk)

    def _everything(self) -> bytes:
        self._has_begun = True
        return self._first(len(self._waiting))

    def _first(self, size: int) -> bytes:
        first = bytes(self._waiting[:size])
        del self._waiting[:size]
        return first
