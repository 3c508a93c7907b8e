"""What an agent says, as sound, to frames for the caller's ear; and how much of it that ear has heard.

Theory of operation. A service makes an answer faster than it is heard, and all of it is sent at once: the carrier keeps
it, and plays it in time. Behind each piece goes a mark, which comes back when the piece has been played. So what has
been heard is known to a piece, and is told the SDK's `RealtimePlaybackTracker`: from it the SDK knows where to truncate
what a caller cuts into. The SDK's tracker knows one item, so it is told of an item when that begins to be heard, and
not when it is sent: while one answer is heard the next may wait behind it.

A `clear` throws away what waits, and its marks come back all the same (Twilio: "causes any mark messages to be sent
back"). They mean nothing then: the names of marks begin with a number that counts the clears. A mark says that all
before it has been played, too, so one that gets lost is no loss.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from realtime_scenarios.telephone.frames import clear_frame, mark_frame, media_frame
from realtime_scenarios.telephone.incoming import BYTES_PER_MS

PIECE_MS = 50
"""How exactly it is known what was heard: about a syllable's half. Each piece costs a frame and a mark."""


class Ear(Protocol):
    """Is told what was heard: the SDK's `RealtimePlaybackTracker`."""

    def on_play_ms(self, item_id: str, item_content_index: int, ms: float) -> None: ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """So much of an item, behind which the mark of that number goes."""

    number: int
    item: str
    content_index: int
    ms: float


class OutgoingSound:
    """One call's. `heard_ms` is how much of all has been played."""

    def __init__(self, stream: str, ear: Ear, piece_ms: int = PIECE_MS) -> None:
        self.heard_ms = 0.0
        self._stream = stream
        self._ear = ear
        self._piece = piece_ms * BYTES_PER_MS
        self._clears = 0
        self._numbers = 0
        self._unheard: deque[_Piece] = deque()
        self._rest = bytearray()
        self._rest_of: tuple[str, int] | None = None
        self._told: tuple[str, int] | None = None
        self._cut: set[str] = set()

    @property
    def is_heard(self) -> bool:
        """Whether there is nothing that has been sent and not heard."""
        return not self._unheard

    def say(self, item: str, content_index: int, audio: bytes) -> Sequence[str]:
        """Frames for what an item goes on to say; none for one that was cut off."""
        if item in self._cut:
            return ()
        frames = list(self.finish()) if self._rest_of not in (None, (item, content_index)) else []
        self._rest_of = (item, content_index)
        self._rest += audio
        while len(self._rest) >= self._piece:
            frames += self._sent(self._piece)
        return frames

    def finish(self) -> Sequence[str]:
        """Frames for what is left of an item that says nothing more."""
        return self._sent(len(self._rest)) if self._rest else ()

    def played(self, mark: str) -> None:
        """A mark has come back."""
        clears, _, number = mark.partition(".")
        if clears != str(self._clears) or not number.isdecimal() or len(number) > 12:
            return
        while self._unheard and self._unheard[0].number <= int(number):
            piece = self._unheard.popleft()
            self.heard_ms += piece.ms
            self._ear.on_play_ms(piece.item, piece.content_index, piece.ms)
            if self._unheard:
                self._tell_that_it_begins(self._unheard[0])

    def cut(self) -> Cut:
        """The caller has cut in: what has not been heard never will be."""
        waiting = [(piece.item, piece.content_index) for piece in self._unheard]
        if self._rest_of is not None:
            self._cut.add(self._rest_of[0])
            waiting += [self._rest_of] if self._rest else []
        self._cut.update(item for item, _ in waiting)
        frames = (clear_frame(self._stream),) if self._unheard else ()
        unheard = tuple(part for part in dict.fromkeys(waiting) if part != self._told)
        self._unheard.clear()
        self._rest.clear()
        self._rest_of = self._told = None
        self._clears += 1
        return Cut(frames, unheard)

    def _sent(self, size: int) -> Iterable[str]:
        assert self._rest_of is not None
        audio = bytes(self._rest[:size])
        del self._rest[:size]
        self._numbers += 1
        piece = _Piece(self._numbers, *self._rest_of, size / BYTES_PER_MS)
        if not self._unheard:
            self._tell_that_it_begins(piece)
        self._unheard.append(piece)
        return media_frame(self._stream, audio), mark_frame(self._stream, f"{self._clears}.{piece.number}")

    def _tell_that_it_begins(self, piece: _Piece) -> None:
        """So that an item which is cut off before its first mark is truncated at nothing, and not left whole."""
        if self._told != (piece.item, piece.content_index):
            self._told = (piece.item, piece.content_index)
            self._ear.on_play_ms(*self._told, 0)


@dataclass(frozen=True, slots=True)
class Cut:
    """What a caller who cuts in leads to: `frames` for the carrier, and the items of which nothing was heard."""

    frames: Sequence[str]
    unheard: Sequence[tuple[str, int]]
