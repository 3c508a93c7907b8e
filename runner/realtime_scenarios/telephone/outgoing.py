"""What an agent says, as sound, to frames for the caller's ear; and how much of it that ear has heard.

Theory of operation. A service makes an answer faster than it is heard, and all of it is sent at once: the carrier keeps
it, and plays it in time. Behind each piece goes a mark, which comes back when the piece has been played. So what has
been heard is known to a piece, and is told the SDK's `RealtimePlaybackTracker`: from it the SDK knows where to truncate
what a caller cuts into. The SDK's tracker knows one item, so it is told of an item when that begins to be heard, and
not when it is sent: while one answer is heard the next may wait behind it.

Marks are numbered, and one says that all before it has been played, too: one that gets lost is no loss. A `clear`
throws away what waits, and its marks come back all the same (Twilio: "causes any mark messages to be sent back"); by
then nothing waits for them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from realtime_scenarios.telephone.frames import clear_frame, mark_frame, media_frame
from realtime_scenarios.telephone.incoming import BYTES_PER_MS

PIECE_MS = 50
"""How exactly it is known what was heard: to half a syllable. Each piece costs a mark there and back."""

_MOST_DIGITS = 12


class Ear(Protocol):
    """Is told what was heard: the SDK's `RealtimePlaybackTracker`."""

    def on_play_ms(self, item_id: str, content_index: int, ms: float, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Cut:
    """What a caller who cuts in leads to: `frames` for the carrier, and the items of which nothing has been heard."""

    frames: Sequence[str]
    unheard: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Piece:
    """So much of an item, behind which the mark of that number goes."""

    number: int
    item: str
    ms: float


class OutgoingSound:
    """One call's. `heard_ms` is how much of all has been played."""

    def __init__(self, stream: str, ear: Ear) -> None:
        self.heard_ms = 0.0
        self._stream = stream
        self._ear = ear
        self._numbers = 0
        self._unheard: deque[_Piece] = deque()
        self._last: str | None = None
        self._told: str | None = None
        self._cut: set[str] = set()

    @property
    def is_heard(self) -> bool:
        """Whether there is nothing that has been sent and not heard."""
        return not self._unheard

    def say(self, item: str, audio: bytes) -> Sequence[str]:
        """Frames for what an item goes on to say; none for one that was cut off."""
        if item in self._cut:
            return ()
        self._last = item
        size = PIECE_MS * BYTES_PER_MS
        return [frame for at in range(0, len(audio), size) for frame in self._sent(item, audio[at : at + size])]

    def played(self, mark: str) -> None:
        """A mark has come back."""
        if not mark.isdecimal() or len(mark) > _MOST_DIGITS:
            return
        while self._unheard and self._unheard[0].number <= int(mark):
            piece = self._unheard.popleft()
            self.heard_ms += piece.ms
            self._ear.on_play_ms(piece.item, 0, piece.ms)
            if self._unheard:
                self._tell_that_it_begins(self._unheard[0].item)

    def cut(self) -> Cut:
        """The caller has cut in: what has not been heard never will be."""
        waiting = list(dict.fromkeys(piece.item for piece in self._unheard))
        self._cut.update(waiting if self._last is None else [*waiting, self._last])
        cut = Cut((clear_frame(self._stream),) if waiting else (), [item for item in waiting if item != self._told])
        self._unheard.clear()
        self._last = self._told = None
        return cut

    def _sent(self, item: str, audio: bytes) -> Iterator[str]:
        self._numbers += 1
        if not self._unheard:
            self._tell_that_it_begins(item)
        self._unheard.append(_Piece(self._numbers, item, len(audio) / BYTES_PER_MS))
        yield media_frame(self._stream, audio)
        yield mark_frame(self._stream, str(self._numbers))

    def _tell_that_it_begins(self, item: str) -> None:
        """So that an item which is cut off before its first mark is truncated at nothing, and not left whole."""
        if self._told != item:
            self._told = item
            self._ear.on_play_ms(item, 0, 0)
