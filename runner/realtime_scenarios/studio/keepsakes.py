"""What a conversation keeps in files, until nobody can look at it again: recordings, and pictures that were shown."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from realtime_scenarios.realtime.taps import Taps
from realtime_scenarios.studio.recording import Recording
from realtime_scenarios.studio.sound import PageSound
from realtime_scenarios.voice import PCM16, AudioFormat, encoded


class Keepsakes:
    """The files of one conversation, in a folder of their own that is made when something is kept.

    `name` is what recordings are called, with a number each. `recorded` are those that have ended and hold something.
    """

    def __init__(self, name: str) -> None:
        self.recorded: list[Path] = []
        self._name = name
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._pictures = 0
        self._recording: Recording | None = None
        self._listens_no_more: Callable[[], None] = lambda: None

    @property
    def is_recording(self) -> bool:
        return self._recording is not None

    def begin_recording(self, sound: PageSound) -> None:
        """Record both sides from now on.

        Raises:
            ScenarioError: the file cannot be written.
        """
        recording = self._recording = self._begun(sound.output, sound.input)
        sound.on_heard = recording.heard_agent
        self._listens_no_more = lambda: setattr(sound, "on_heard", None)

    def begin_recording_of_call(self, taps: Taps, call_id: str) -> None:
        """Record both sides of a call with the engine here from now on.

        Raises:
            ScenarioError: the file cannot be written.
        """
        recording = self._recording = self._begun(PCM16, PCM16)
        told = {"caller": recording.heard_caller, "agent": recording.heard_agent}
        taps.listen(call_id, lambda side, samples: told[side](encoded(samples, PCM16)))
        self._listens_no_more = lambda: taps.leave(call_id)

    def end_recording(self) -> None:
        """Record no more."""
        if self._recording is None:
            return
        recording, self._recording = self._recording, None
        self._listens_no_more()
        recording.end()
        if recording.path.exists():
            self.recorded.append(recording.path)

    def heard_caller(self, sound: bytes) -> None:
        """A piece of the caller as it was sent."""
        if self._recording is not None:
            self._recording.heard_caller(sound)

    def picture(self, data: bytes, suffix: str) -> Path:
        """A picture that the page shows, as a file."""
        self._pictures += 1
        path = self._place / f"picture-{self._pictures}{suffix}"
        path.write_bytes(data)
        return path

    def forget(self) -> None:
        """Take them away."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
            self.recorded.clear()

    def _begun(self, output: AudioFormat, said: AudioFormat) -> Recording:
        path = self._place / f"{self._name}-{len(self.recorded) + 1}.wav"
        return Recording(path, output, said, asyncio.get_running_loop().time)

    @property
    def _place(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="studio-", ignore_cleanup_errors=True)
        return Path(self._folder.name)
