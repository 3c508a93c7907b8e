"""The last line of a terminal while somebody speaks: how loud both sides are, and whether the microphone is open."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Literal

from realtime_scenarios.core.snippets import columns_of
from realtime_scenarios.core.wrapping import cropped

if TYPE_CHECKING:
    from realtime_scenarios.devices import Frame

Microphone = Literal["open", "muted", "waiting", "held"]
"""Open until it is muted; or, where a key is held to talk, waiting for that or held by it."""

Segment = tuple[str, str]
"""A tone of `cli.style` ("" is plain) and a text in it."""

_CELLS = 10
_FAINTEST_DB = -50.0
_TOO_LOUD_DB = -3.0
_FALL = 0.8
_NARROW = 60
_SAYS: dict[Microphone, Segment] = {
    "open": ("good", "● open"),
    "muted": ("bad", "○ muted"),
    "waiting": ("quiet", "○ space talks"),
    "held": ("good", "● talking"),
}
_HELPS: dict[Microphone, str] = {
    "open": "m mutes · type to write · /help",
    "muted": "m opens · type to write · /help",
    "waiting": "hold it, or press it twice · /help",
    "held": "let go, or press space, for an answer",
}


class Levels:
    """Peaks of both sides, which rise at once and fall slowly; in dB below full scale."""

    def __init__(self) -> None:
        self._said = self._heard = 0.0

    def watch(self, frame: Frame) -> None:
        """Go on with the next frame of the call."""
        self._said = max(_peak(frame.said), self._said * _FALL)
        self._heard = max(_peak(frame.heard), self._heard * _FALL)

    def status(self, microphone: Microphone, columns: int) -> list[Segment]:
        """The line, which is no longer than so many columns."""
        line: list[Segment] = [
            ("", " you "),
            *_bar(self._said),
            ("", "  agent "),
            *_bar(self._heard),
            ("", "  "),
            _SAYS[microphone],
        ]
        left = columns - sum(columns_of(text) for _, text in line) - 3
        if columns >= _NARROW and left > 0:
            line.append(("quiet", f" · {cropped(_HELPS[microphone], left)}"))
        return line


def _peak(audio: bytes) -> float:
    """The loudest sample, of full scale."""
    samples = array("h", audio)
    return max(max(samples), -min(samples)) / 32768


def _bar(level: float) -> list[Segment]:
    db = 20 * math.log10(max(level, 1e-6))
    cells = min(max(round(_CELLS * (1 - db / _FAINTEST_DB)), 0), _CELLS)
    return [("bad" if db > _TOO_LOUD_DB else "good", "█" * cells), ("quiet", "·" * (_CELLS - cells))]
