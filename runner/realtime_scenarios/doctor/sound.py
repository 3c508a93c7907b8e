"""Whether there is a microphone and a loudspeaker, without which nobody is heard."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from realtime_scenarios.doctor.observation import Observation

_PORTAUDIO = {
    "linux": "apt install libportaudio2, or what your distribution calls it",
    "darwin": "brew install portaudio",
}
_MICROPHONE = {
    "linux": "connect one, and see whether `arecord -l` lists it",
    "darwin": "connect one, and allow the terminal to use it: System Settings, Privacy & Security, Microphone",
}


def _sounddevice() -> ModuleType:
    return import_module("sounddevice")  # late: it loads PortAudio, which many machines do not have


def sound(library: Callable[[], Any] = _sounddevice) -> Iterator[Observation]:
    """What PortAudio knows. Conversations in text need none of it, so that nothing here fails."""
    try:
        devices = library()
    except ImportError:
        yield Observation(
            "note", "no microphone and no loudspeaker: sounddevice is not installed", "pip install '.[voice]'"
        )
        return
    except OSError as problem:
        yield Observation("note", f"no sound: {problem}", _PORTAUDIO.get(sys.platform, "install PortAudio"))
        return
    yield _device(devices, "input", "microphone", _MICROPHONE.get(sys.platform, "connect one, and allow its use"))
    yield _device(devices, "output", "loudspeaker", "connect one, or headphones: without them an agent hears itself")


def _device(devices: Any, kind: str, called: str, way_out: str) -> Observation:
    try:
        found: Mapping[str, Any] = devices.query_devices(kind=kind)
    except (ValueError, OSError, devices.PortAudioError):
        return Observation("note", f"no {called}", way_out)
    rate = f"{found['default_samplerate']:g} Hz"
    return Observation("ok", f"{called}: {found['name']}, {rate}")
