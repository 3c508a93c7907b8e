"""The sound of what was heard in a conversation, for who retrieves an item: that of the newest, and so much at most."""

from __future__ import annotations

from collections.abc import Sequence

MOST_KEPT = 8 * 1024 * 1024
"""Bytes, of all items together: three minutes of speech at 24 kHz, seventeen in G.711."""

LONGEST_KEPT = 15 * 1024 * 1024
"""Bytes of one item: longer ones could not be shown in a moment."""


class HeardAudio:
    """The sound of each part of an item, by the item's id.

    The newest item keeps its own, unless it is longer than any append: clients retrieve what has just been said
    (openai-agents does once it has been transcribed). Who retrieves an older one than there is room for gets it without
    its sound.
    """

    def __init__(self) -> None:
        self._sounds: dict[str, Sequence[bytes]] = {}
        self._size = 0

    def of(self, item_id: str) -> Sequence[bytes]:
        """None at all where it has none, or none any more."""
        return self._sounds.get(item_id, ())

    def keep(self, item_id: str, sounds: Sequence[bytes]) -> None:
        """Keep those of a new item."""
        if _size_of(sounds) > LONGEST_KEPT:
            return
        self._sounds[item_id] = sounds
        self._size += _size_of(sounds)
        while self._size > MOST_KEPT and len(self._sounds) > 1:
            self.forget(next(iter(self._sounds)))

    def forget(self, item_id: str) -> None:
        self._size -= _size_of(self._sounds.pop(item_id, ()))


def _size_of(sounds: Sequence[bytes]) -> int:
    return sum(map(len, sounds))
