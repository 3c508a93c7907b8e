"""Calls to those who listen to their sound on this side: a studio that records both voices as they are heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from realtime_scenarios.voice import Samples

Ear = Callable[[Literal["caller", "agent"], Samples], None]
"""Is told what one of the two has just said, or been heard to say, at the rate of `playback`."""


class Taps:
    """One ear for each call, by the call's id."""

    def __init__(self) -> None:
        self._ears: dict[str, Ear] = {}

    def listen(self, call_id: str, ear: Ear) -> None:
        self._ears[call_id] = ear

    def leave(self, call_id: str) -> None:
        self._ears.pop(call_id, None)

    def hear(self, call_id: str, side: Literal["caller", "agent"], samples: Samples) -> None:
        """A call tells a piece of its sound."""
        if (ear := self._ears.get(call_id)) is not None:
            ear(side, samples)
