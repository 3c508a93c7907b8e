"""Whether there is a microphone and a loudspeaker, and what hears and speaks where the model is on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.devices.portaudio import portaudio
from realtime_scenarios.doctor.observation import Observation
from realtime_scenarios.voice.best import best_detector, best_listener, best_speaker

_MICROPHONE = {
    "linux": "connect one, and see whether `arecord -l` lists it",
    "darwin": "connect one, and allow the terminal to use it: System Settings, Privacy & Security, Microphone",
}
_LOUDSPEAKER = "connect one, or headphones: without them an agent hears itself"


def sound(library: Callable[[], Any] = portaudio) -> Iterator[Observation]:
    """What there is for `scenario run --voice`. Conversations in text need none of it, so that nothing here fails."""
    try:
        devices = library()
    except ScenarioError as problem:
        yield Observation("note", problem.message, problem.hint)
    else:
        yield _device(devices, "input", "microphone", _MICROPHONE.get(sys.platform, "connect one, and allow its use"))
        yield _device(devices, "output", "loudspeaker", _LOUDSPEAKER)
    for choice in (best_detector(), best_listener("", "en"), best_speaker("en")):
        yield Observation("note" if choice.part in _STOPGAPS else "ok", choice.says, choice.better)


_STOPGAPS = (None, "loudness", "tone")


def _device(devices: Any, kind: str, called: str, way_out: str) -> Observation:
    try:
        found: Mapping[str, Any] = devices.query_devices(kind=kind)
    except (ValueError, OSError, devices.PortAudioError):
        return Observation("note", f"no {called}", way_out)
    rate = f"{found['default_samplerate']:g} Hz"
    return Observation("ok", f"{called}: {found['name']}, {rate}")
