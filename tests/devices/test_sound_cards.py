"""What PortAudio has, or has not, comes to a call or to one line with the way out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.devices import FRAME_BYTES, FRAME_MS, Frame, HeardPiece
from realtime_scenarios.devices import portaudio as portaudio_module
from realtime_scenarios.devices.portaudio import LEAD_MS, SoundCard, known_devices

SAID = b"\x07\x00" * 480


class PortAudioError(Exception):
    pass


class Stream:
    """A stream of the library, which the test drives."""

    def __init__(self, kind: str, callback: Callable[..., None], asked: dict[str, Any]) -> None:
        self.kind, self.callback, self.asked = kind, callback, asked
        self.latency = 0.02 if kind == "output" else 0.0
        self.is_open = True

    def start(self) -> None:
        pass

    def close(self) -> None:
        self.is_open = False

    def give(self, audio: bytes) -> None:
        self.callback(audio, len(audio) // 2, None, None)

    def ask(self) -> bytes:
        data = bytearray(2 * self.asked["blocksize"])
        view = memoryview(data)
        self.callback(view, self.asked["blocksize"], None, None)
        return bytes(data)


class Library:
    """What is used of `sounddevice`. `rates` are those at which devices can be opened."""

    PortAudioError = PortAudioError

    def __init__(self, names: tuple[str, ...] = ("built-in", "headset"), rates: tuple[int, ...] = (24000,)) -> None:
        self.names, self.rates = names, rates
        self.streams: list[Stream] = []
        self.default = SimpleNamespace(device=(0, 1))

    def query_hostapis(self) -> list[dict[str, str]]:
        return [{"name": "ALSA"}]

    def query_devices(self, device: int | str | None = None, kind: str | None = None) -> Any:
        known = [self._info(number) for number in range(len(self.names))]
        if kind is None:
            return known
        if not known:
            raise PortAudioError(f"Error querying device {device}")
        if device is None:
            return known[0]
        if isinstance(device, int) and device > 0x7FFFFFFF:
            raise OverflowError(f"integer {device} does not fit 'int'")
        found = [info for info in known if info["index"] == device or str(device) in info["name"]]
        if len(found) != 1:
            raise ValueError(f"No {kind} device matching {device!r}")
        return found[0]

    def _info(self, number: int) -> dict[str, Any]:
        return {
            "index": number,
            "name": self.names[number],
            "hostapi": 0,
            "max_input_channels": 1,
            "max_output_channels": 2,
            "default_samplerate": 48000.0,
        }

    def RawInputStream(self, *, callback: Callable[..., None], **asked: Any) -> Stream:
        return self._stream("input", callback, asked)

    def RawOutputStream(self, *, callback: Callable[..., None], **asked: Any) -> Stream:
        return self._stream("output", callback, asked)

    def _stream(self, kind: str, callback: Callable[..., None], asked: dict[str, Any]) -> Stream:
        if asked["samplerate"] not in self.rates:
            raise PortAudioError("Error opening stream: Invalid sample rate [PaErrorCode -9997]")
        self.streams.append(Stream(kind, callback, asked))
        return self.streams[-1]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setattr(portaudio_module, "portaudio", lambda: library)
    return library


async def begun(device: SoundCard, library: Library) -> tuple[Any, asyncio.Task[Frame], Stream, Stream]:
    frames = device.frames()
    first = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    microphone, loudspeaker = library.streams
    return frames, first, microphone, loudspeaker


def test_a_call_takes_what_the_microphone_gives_and_plays_what_it_is_given(library: Library) -> None:
    async def call() -> None:
        device = SoundCard()
        frames, first, microphone, loudspeaker = await begun(device, library)
        device.play("item", SAID)
        for _ in range(LEAD_MS // FRAME_MS):
            assert loudspeaker.ask() == bytes(FRAME_BYTES)
        assert loudspeaker.ask() == SAID
        for _ in range(LEAD_MS // FRAME_MS):
            microphone.give(bytes(FRAME_BYTES))
            assert (await first).heard == bytes(FRAME_BYTES)
            first = asyncio.ensure_future(anext(frames))
        loudspeaker.ask()
        microphone.give(SAID[:480])
        microphone.give(SAID[:480])
        assert await first == Frame(SAID, SAID, [HeardPiece("item", 20.0)])
        await frames.aclose()
        assert not microphone.is_open and not loudspeaker.is_open

    asyncio.run(call())


def test_a_device_that_does_not_do_24_khz_is_opened_at_its_own_rate(library: Library) -> None:
    async def call() -> None:
        library.rates = (48000,)
        device = SoundCard()
        frames, first, microphone, loudspeaker = await begun(device, library)
        assert microphone.asked["samplerate"] == loudspeaker.asked["samplerate"] == 48000
        device.play("item", b"\x10\x27" * 4800)
        assert len(loudspeaker.ask()) == 2 * 960
        for _ in range(9 + LEAD_MS // FRAME_MS):
            played = loudspeaker.ask()
        assert played == b"\x10\x27" * 960
        for _ in range(3):
            microphone.give(b"\x10\x27" * 960)
        assert len((await first).said) == FRAME_BYTES
        await frames.aclose()

    asyncio.run(call())


def test_a_device_that_cannot_be_opened_is_one_line_and_nothing_stays_open(library: Library) -> None:
    async def call() -> None:
        library.rates = ()
        with pytest.raises(ScenarioError, match="microphone 'built-in' cannot be opened: Error opening") as refused:
            await anext(SoundCard().frames())
        assert refused.value.hint is not None and "--in question.wav" in refused.value.hint

    asyncio.run(call())


@pytest.mark.parametrize("steps", range(5))
def test_a_call_that_is_ended_ends_also_where_sound_comes_at_that_moment(library: Library, steps: int) -> None:
    async def call() -> None:
        _frames, first, microphone, _ = await begun(SoundCard(), library)
        microphone.give(SAID[:480])  # no whole frame
        for _ in range(steps):
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first], timeout=1)
        assert first.cancelled()
        assert not microphone.is_open

    asyncio.run(call())


def test_a_microphone_that_is_pulled_out_ends_the_call(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        monkeypatch.setattr(portaudio_module, "SILENT_SECONDS", 0.01)
        _frames, first, *_ = await begun(SoundCard(), library)
        with pytest.raises(ScenarioError, match="has given nothing for"):
            await first

    asyncio.run(call())


def test_devices_are_chosen_by_number_or_a_part_of_their_name(library: Library) -> None:
    assert SoundCard("1", "head").names == ("headset", "headset")


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("laser", "No input device matching"),
        ("7", "No input device matching"),
        ("99999999999", "integer 99999999999 does not fit"),
        ("9" * 5000, "Exceeds the limit"),
    ],
    ids=["name", "number", "long number", "longer number"],
)
def test_a_device_that_is_not_there_is_a_mistake_of_the_command_line(
    library: Library, wanted: str, reason: str
) -> None:
    with pytest.raises(UsageError, match=f"--input-device '{wanted}': {reason}") as refused:
        SoundCard(wanted)
    assert refused.value.hint is not None and "--list-devices" in refused.value.hint


def test_a_machine_without_a_device_is_told_how_to_go_on_with_files(library: Library) -> None:
    library.names = ()
    with pytest.raises(ScenarioError, match="there is no microphone") as refused:
        SoundCard()
    assert refused.value.hint is not None and "--in" in refused.value.hint


def test_devices_are_listed_with_what_is_taken_by_default(library: Library) -> None:
    first, second = known_devices(library)
    assert (first.name, first.host, first.is_default_input, first.is_default_output) == (
        "built-in",
        "ALSA",
        True,
        False,
    )
    assert second.is_default_output


def test_without_the_module_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(ScenarioError, match="sounddevice is not installed") as refused:
        portaudio_module.portaudio()
    assert refused.value.hint is not None and "[voice]" in refused.value.hint


def test_without_portaudio_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(portaudio_module, "import_module", broken)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ScenarioError, match="PortAudio library not found") as refused:
        portaudio_module.portaudio()
    assert refused.value.hint is not None and "libportaudio2" in refused.value.hint
