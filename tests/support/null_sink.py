"""A sound card that nobody hears: PulseAudio of this user alone, under PortAudio, with what is said coming from a file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

_PLUGIN = Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")
needs_sound = pytest.mark.skipif(
    find_spec("sounddevice") is None or shutil.which("pulseaudio") is None or not any(_PLUGIN),
    reason="no sound without a card (apt install libportaudio2 pulseaudio libasound2-plugins)",
)

_SERVER = """\
load-module module-null-sink sink_name=ear rate=24000 channels=1
load-module module-null-sink sink_name=mouth rate=24000 channels=1
set-default-sink ear
set-default-source mouth.monitor
load-module module-native-protocol-unix socket={socket} auth-anonymous=1
"""
_ALSA = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"


@dataclass(frozen=True, slots=True)
class NullSink:
    """`environment` is that of a process whose microphone and loudspeaker these are."""

    environment: Mapping[str, str]

    def say(self, wave: Path) -> subprocess.Popen[bytes]:
        """The microphone begins to hear this WAV file."""
        return subprocess.Popen(["paplay", "--device=mouth", str(wave)], env=dict(self.environment))


@contextmanager
def null_sink(folder: Path) -> Iterator[NullSink]:
    """A sound server in that folder, which ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    socket, script, alsa = folder / "socket", folder / "server.pa", folder / "asound.conf"
    script.write_text(_SERVER.format(socket=socket), encoding="utf-8")
    alsa.write_text(_ALSA, encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "PULSE_RUNTIME_PATH": str(folder),
        "PULSE_SERVER": f"unix:{socket}",
        "ALSA_CONFIG_PATH": str(alsa),
    }
    # as a daemon it returns when it is ready, and its process is known by the file that it writes
    options = ["-n", "--daemonize=yes", "--exit-idle-time=-1", "--log-target=null", "-F", str(script)]
    subprocess.run(["pulseaudio", *options], env=environment, check=True, timeout=30, stderr=subprocess.DEVNULL)
    try:
        yield NullSink(environment)
    finally:
        os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
