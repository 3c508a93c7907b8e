"""A microphone and a loudspeaker as one port: by PortAudio, or from files. Knows no protocol and no scenario."""

from realtime_scenarios.devices.files import FileDevice, sound_in
from realtime_scenarios.devices.playout import PlayoutBuffer
from realtime_scenarios.devices.port import FRAME_BYTES, FRAME_MS, RATE, AudioDevice, Frame, HeardPiece
from realtime_scenarios.devices.tape import Tape

__all__ = [
    "FRAME_BYTES",
    "FRAME_MS",
    "RATE",
    "AudioDevice",
    "FileDevice",
    "Frame",
    "HeardPiece",
    "PlayoutBuffer",
    "Tape",
    "sound_in",
]
