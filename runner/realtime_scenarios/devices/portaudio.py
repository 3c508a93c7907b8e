"""The microphone and the loudspeaker of this machine, by PortAudio through `sounddevice`; the extra `voice` brings it.

Theory of operation. PortAudio calls back in threads of its own. The loudspeaker's takes from what waits; the
microphone's hands what it heard to the loop, which makes frames of it: the microphone is the call's clock. A device
that does not do 24 kHz is opened at its own rate, and what it takes and gives is resampled.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import os
import sys
from array import array
from collections.abc import AsyncGenerator, Callable, Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.devices.playout import PlayoutBuffer, PlaysBuffered
from realtime_scenarios.devices.port import FRAME_BYTES, FRAME_MS, RATE, Frame
from realtime_scenarios.voice import PCM16, Resampler, decoded, encoded

_PORTAUDIO = {
    "linux": "apt install libportaudio2, or what your distribution calls it",
    "darwin": "brew install portaudio",
}
_WITHOUT_DEVICES = "without a sound card: --in question.wav --out answer.wav"
SILENT_SECONDS = 5.0
"""A microphone that gives nothing for so long is gone: PortAudio says nothing when one is pulled out."""

LEAD_MS = 80
"""What comes is kept back for so long after a silence: words of an answer come one by one, and some of them late."""

_LATENCY_SECONDS = 0.1
"""What the system may keep of either side: with less, words have gaps as soon as the machine is busy."""

_MOST_WAITING = 500
"""Frames of the microphone that may wait while the loop is busy; what comes then is lost, and memory is not."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One device that PortAudio knows: `inputs` and `outputs` are channels, 0 where it does not do that."""

    number: int
    name: str
    host: str
    inputs: int
    outputs: int
    rate: float
    is_default_input: bool
    is_default_output: bool


def portaudio() -> Any:
    """The module `sounddevice`, which loads PortAudio.

    Raises:
        ScenarioError: it is not installed, or PortAudio is not.
    """
    try:
        library = import_module("sounddevice")
        _hush_alsa()
        return library
    except ImportError as problem:
        hint = f"pip install 'realtime-scenarios[voice]'; {_WITHOUT_DEVICES}"
        raise ScenarioError("no microphone and no loudspeaker: sounddevice is not installed", hint=hint) from problem
    except OSError as problem:
        hint = f"{_PORTAUDIO.get(sys.platform, 'install PortAudio')}; {_WITHOUT_DEVICES}"
        raise ScenarioError(f"no microphone and no loudspeaker: {problem}", hint=hint) from problem


@functools.cache
def _hush_alsa() -> None:
    """Keep ALSA from writing to standard error whenever a machine is too busy, into what somebody reads or types.

    Its handler of errors (`snd_lib_error_set_handler`, alsa-lib) becomes a function that does nothing, and is C's own:
    one of Python's would be called in PortAudio's threads, also while Python ends.
    """
    if sys.platform != "linux" or (name := find_library("asound")) is None:
        return
    with contextlib.suppress(OSError, AttributeError):
        does_nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        ctypes.CDLL(name).snd_lib_error_set_handler(does_nothing)


def known_devices(library: Any) -> list[DeviceInfo]:
    """All devices, as `--list-devices` shows them."""
    hosts = [host["name"] for host in library.query_hostapis()]
    default_input, default_output = library.default.device
    return [
        DeviceInfo(
            number,
            str(found["name"]),
            hosts[found["hostapi"]],
            found["max_input_channels"],
            found["max_output_channels"],
            found["default_samplerate"],
            number == default_input,
            number == default_output,
        )
        for number, found in enumerate(library.query_devices())
    ]


class SoundCard(PlaysBuffered):
    """`microphone` and `loudspeaker` are a device's number, or a part of its name; None: the system's own choice."""

    is_through = False

    def __init__(self, microphone: str | None = None, loudspeaker: str | None = None) -> None:
        """Look for the devices.

        Raises:
            ScenarioError: there is no PortAudio, or no such device.
        """
        self._library = portaudio()
        self._input = _chosen(self._library, "input", microphone)
        self._output = _chosen(self._library, "output", loudspeaker)
        super().__init__(PlayoutBuffer(LEAD_MS))

    @property
    def names(self) -> tuple[str, str]:
        """What the microphone and the loudspeaker are called."""
        return self._input.name, self._output.name

    async def frames(self) -> AsyncGenerator[Frame, None]:
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)

        def arrive(audio: bytes) -> None:
            if not arrived.full():
                arrived.put_nowait(audio)

        def pass_on(audio: bytes) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(arrive, audio)

        with self._opened(self._input, pass_on), self._opened(self._output, self._playout.take) as loudspeaker:
            self._playout.set_latency(float(loudspeaker.latency))
            waiting = bytearray()
            while True:
                try:
                    async with asyncio.timeout(SILENT_SECONDS):  # `wait_for` of Python 3.11 may lose a cancel
                        waiting += await arrived.get()
                except TimeoutError:
                    hint = "is it still connected? --list-devices shows what there is"
                    message = f"the microphone '{self._input.name}' has given nothing for {SILENT_SECONDS:g} s"
                    raise ScenarioError(message, hint=hint) from None
                while len(waiting) >= FRAME_BYTES:
                    said = bytes(waiting[:FRAME_BYTES])
                    del waiting[:FRAME_BYTES]
                    heard, pieces = self._playout.heard(FRAME_BYTES)
                    yield Frame(said, heard, pieces)

    @contextlib.contextmanager
    def _opened(self, device: _Device, on_audio: Callable[[Any], Any]) -> Iterator[Any]:
        """The device's stream at 24 kHz, or else at its own rate; closed at the end."""
        stream, problem = None, None
        for rate in dict.fromkeys((RATE, round(device.rate))):
            try:
                with _muted():
                    stream = device.stream(self._library, rate, on_audio)
                    stream.start()
                break
            except (self._library.PortAudioError, ValueError) as found:
                problem = found
                if stream is not None:
                    stream.close()
                stream = None
        if stream is None:
            hint = f"another program may have it, or it is not allowed; --list-devices shows others; {_WITHOUT_DEVICES}"
            raise ScenarioError(
                f"the {device.called} '{device.name}' cannot be opened: {_reason(problem)}", hint=hint
            ) from problem
        try:
            yield stream
        finally:
            with _muted(), contextlib.suppress(self._library.PortAudioError):
                stream.close()


@dataclass(frozen=True, slots=True)
class _Device:
    number: int
    name: str
    rate: float
    kind: str

    @property
    def called(self) -> str:
        return "microphone" if self.kind == "input" else "loudspeaker"

    def stream(self, library: Any, rate: int, on_audio: Callable[[Any], Any]) -> Any:
        """A stream of it at that rate. `on_audio` is given what comes; of a loudspeaker, asked for so many bytes."""
        asked = {
            "samplerate": rate,
            "blocksize": rate * FRAME_MS // 1000,
            "device": self.number,
            "channels": 1,
            "dtype": "int16",
            "latency": _LATENCY_SECONDS,
        }
        if self.kind == "input":
            return library.RawInputStream(callback=_microphone(on_audio, rate), **asked)
        return library.RawOutputStream(callback=_loudspeaker(on_audio, rate), **asked)


def _microphone(on_audio: Callable[[bytes], None], rate: int) -> Callable[..., None]:
    resampler = None if rate == RATE else Resampler(rate, RATE)

    def callback(data: Any, frames: int, time: Any, status: Any) -> None:
        audio = _little_endian(bytes(data))
        on_audio(audio if resampler is None else encoded(resampler.feed(decoded(audio, PCM16)), PCM16))

    return callback


def _loudspeaker(take: Callable[[int], bytes], rate: int) -> Callable[..., None]:
    resampler = None if rate == RATE else Resampler(RATE, rate)
    waiting = array("h")

    def callback(data: Any, frames: int, time: Any, status: Any) -> None:
        if resampler is None:
            data[:] = _little_endian(take(2 * frames))
            return
        while len(waiting) < frames:
            waiting.extend(resampler.feed(decoded(take(FRAME_BYTES), PCM16)))
        data[:] = waiting[:frames].tobytes()
        del waiting[:frames]

    return callback


def _little_endian(audio: bytes) -> bytes:
    """PortAudio's samples are in the machine's order."""
    if sys.byteorder == "little":
        return audio
    swapped = array("h", audio)
    swapped.byteswap()
    return swapped.tobytes()


def _chosen(library: Any, kind: str, wanted: str | None) -> _Device:
    """The device that was asked for, or the default one.

    Raises:
        UsageError: what was asked for is not there, or is no such device.
        ScenarioError: there is none at all.
    """
    called = "microphone" if kind == "input" else "loudspeaker"
    try:
        device = int(wanted) if wanted is not None and wanted.isdecimal() else wanted
        found = library.query_devices(device, kind)
    except (ValueError, OverflowError, library.PortAudioError) as problem:  # a number may be longer than one of C's
        if wanted is None:
            raise ScenarioError(f"there is no {called}", hint=f"connect one; {_WITHOUT_DEVICES}") from problem
        reason = f"--{kind}-device '{wanted}': {_reason(problem)}"
        raise UsageError(reason, hint="--list-devices shows what there is; a number or a part of a name") from problem
    return _Device(int(found["index"]), str(found["name"]), float(found["default_samplerate"]), kind)


def _reason(problem: BaseException | None) -> str:
    """Why, on one line: PortAudio's own words, and sounddevice's lists of what else there is."""
    return " ".join(str(problem).split())[:200]


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    """ALSA and PortAudio write what they have tried to standard error, past Python; nobody can use it."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError, AttributeError):
        yield
        return
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
