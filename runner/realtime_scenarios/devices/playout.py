"""Audio of an agent as it comes, to what a loudspeaker takes piece by piece, and what of it has been heard.

A model speaks faster than it is heard. What was handed to a loudspeaker is heard a while later, by its latency; how
much of an item was heard is what a truncation has to say (`conversation.item.truncate`, OpenAI Realtime API reference).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from realtime_scenarios.devices.port import RATE, HeardPiece

_BYTES_PER_MS = RATE * 2 // 1000
_SLACK_BYTES = 100 * _BYTES_PER_MS
"""So much more than it should may wait to be heard: two clocks are never quite the same."""

_Piece = tuple[str | None, bytes]
"""Audio, and the item that it belongs to; None: it is silence that filled a gap."""


class PlayoutBuffer:
    """What waits to be played. A loudspeaker may take from it in a thread of its own.

    `lead_ms` is how long what comes after a silence is kept back, so that what follows may come late and leave no gap.
    """

    def __init__(self, lead_ms: int = 0) -> None:
        self._lead = bytes(lead_ms * _BYTES_PER_MS)
        self._lock = threading.Lock()
        self._waiting: deque[_Piece] = deque()
        self._taken: deque[_Piece] = deque()
        self._taken_bytes = 0
        self._silenced: set[str] = set()
        self._latency_bytes = 0

    def set_latency(self, seconds: float) -> None:
        """How long after it was taken a sound is heard."""
        self._latency_bytes = round(seconds * 1000) * _BYTES_PER_MS

    def add(self, item_id: str, audio: bytes) -> None:
        with self._lock:
            if not audio or item_id in self._silenced:
                return
            if self._lead and not self._waiting:
                self._waiting.append((None, self._lead))
            self._waiting.append((item_id, audio))

    def flush(self) -> None:
        """Forget what waits; what still comes of these items is not played either."""
        with self._lock:
            self._silenced.update(item for item, _ in (*self._waiting, *self._taken) if item is not None)
            self._waiting.clear()

    @property
    def is_playing(self) -> bool:
        with self._lock:
            return any(item is not None for item, _ in (*self._waiting, *self._taken))

    def take(self, size: int) -> bytes:
        """The next so many bytes for a loudspeaker, with silence where nothing waits."""
        with self._lock:
            pieces = _taken_from(self._waiting, size)
            self._taken.extend(pieces)
            self._taken_bytes += size
        return b"".join(audio for _, audio in pieces)

    def heard(self, size: int) -> tuple[bytes, Sequence[HeardPiece]]:
        """The next so many bytes that have been heard, silence where a loudspeaker is late."""
        with self._lock:
            due = self._taken_bytes - self._latency_bytes
            if due > size + _SLACK_BYTES:  # the loudspeaker's clock is ahead: catch up at once, and not bit by bit
                self._forget(due - size)
                due = size
            ready = max(min(due, size), 0) // 2 * 2
            pieces = _taken_from(self._taken, ready)
            self._taken_bytes -= ready
        told = [HeardPiece(item, len(audio) / _BYTES_PER_MS) for item, audio in pieces if item is not None]
        return b"".join(audio for _, audio in pieces) + bytes(size - ready), told

    def _forget(self, size: int) -> None:
        """Drop silence from what was taken; where it is none, time is lost, and nothing that was said."""
        kept: deque[_Piece] = deque()
        while self._taken:
            item, audio = self._taken.popleft()
            if item is None and size > 0:
                cut = min(size, len(audio)) // 2 * 2
                size -= cut
                self._taken_bytes -= cut
                audio = audio[cut:]
            if audio:
                kept.append((item, audio))
        self._taken = kept


class PlaysBuffered:
    """The half of an `AudioDevice` that plays, for those whose loudspeaker takes from a `PlayoutBuffer`."""

    def __init__(self, playout: PlayoutBuffer) -> None:
        self._playout = playout

    def play(self, item_id: str, audio: bytes) -> None:
        self._playout.add(item_id, audio)

    def flush(self) -> None:
        self._playout.flush()

    @property
    def is_playing(self) -> bool:
        return self._playout.is_playing


def _taken_from(pieces: deque[_Piece], size: int) -> list[_Piece]:
    """So many bytes from the front, which they leave; what is missing is silence."""
    found: list[_Piece] = []
    while size and pieces:
        item, audio = pieces.popleft()
        if len(audio) > size:
            pieces.appendleft((item, audio[size:]))
            audio = audio[:size]
        found.append((item, audio))
        size -= len(audio)
    if size:
        found.append((None, bytes(size)))
    return found
