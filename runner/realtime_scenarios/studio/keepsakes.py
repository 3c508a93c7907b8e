"""What a conversation keeps in files, until nobody can look at it again: recordings, and pictures that were shown."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from realtime_scenarios.studio.recording import Recording
from realtime_scenarios.studio.sound import PageSound


class Keepsakes:
    """The files of one conversation, in a folder of their own that is made when something is kept.

    `name` is what recordings are called, with a number each. `recorded` are those that have ended and hold something.
    """

    def __init__(self, name: str) -> None:
        self.recorded: list[Path] = []
        self._name = name
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._pictures = 0
        self._recording: tuple[Recording, PageSound] | None = None

    @property
    def is_recording(self) -> bool:
        return self._recording is not None

    def begin_recording(self, sound: PageSound) -> None:
        """Record both sides from now on.

        Raises:
            ScenarioError: the file cannot be written.
        """
        path = self._place / f"{self._name}-{len(self.recorded) + 1}.wav"
        recording = Recording(path, sound.output, sound.input, asyncio.get_running_loop().time)
        sound.on_heard = recording.heard_agent
        self._recording = recording, sound

    def end_recording(self) -> None:
        """Record no more."""
        if self._recording is None:
            return
        recording, sound = self._recording
        self._recording = sound.on_heard = None
        recording.end()
        if recording.path.exists():
            self.recorded.append(recording.path)

    def heard_caller(self, sound: bytes) -> None:
        """A piece of the caller as it was sent."""
        if self._recording is not None:
            self._recording[0].heard_caller(sound)

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

    @property
    def _place(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="studio-", ignore_cleanup_errors=True)
        return Path(self._folder.name)
