"""Frames of a call to a WAV file that grows as they come: whoever is killed leaves one that can be played.

The two lengths in the header (RIFF, Microsoft's "Multimedia Programming Interface", 1991) follow each piece that was
written, after it: at no moment do they promise more than is there.
"""

from __future__ import annotations

import errno
import os
import struct
from array import array
from pathlib import Path

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.devices.port import RATE

_HEADER_BYTES = 44
_LONGEST = 0xFFFFFFFF - _HEADER_BYTES
"""Bytes of sound that a WAV file can tell the length of: 12 hours of two sides."""


class Tape:
    """A new WAV file of one side (mono), or of both: the caller on the left, the agent on the right.

    Only its owner may read it: it holds what people said. `problem` is why it has stopped growing; None: it has not.
    """

    def __init__(self, path: Path, *, sides: int, option: str) -> None:
        """Begin the file, which `option` of the command line has named.

        Raises:
            UsageError: there is one already.
            ScenarioError: it cannot be written.
        """
        self.problem: ScenarioError | None = None
        self._path = path
        self.sides = sides
        self._bytes = 0
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._file = os.open(path, flags, 0o600)
            self._write(self._header(), 0)
        except FileExistsError as problem:
            if not path.parent.is_dir():
                raise self._unwritable(problem) from problem
            raise UsageError(f"'{path}' exists already", hint=f"choose another name for {option}") from problem
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def add(self, *sides: bytes) -> None:
        """Go on with a piece of each side, which are as long as one another: PCM16 at 24 kHz."""
        if self.problem is not None or self._bytes + sum(map(len, sides)) > _LONGEST:
            return
        data = sides[0] if self.sides == 1 else _interleaved(*sides)
        try:
            self._write(data, _HEADER_BYTES + self._bytes)
            self._bytes += len(data)
            self._write(self._header(), 0)
        except OSError as problem:
            self.problem = self._unwritable(problem)

    def close(self) -> None:
        """End the file; where no sound has come, nothing was recorded, and none is left in the way of the next call."""
        os.close(self._file)
        if not self._bytes:
            self._path.unlink(missing_ok=True)

    def _write(self, data: bytes, at: int) -> None:
        os.lseek(self._file, at, os.SEEK_SET)
        if os.write(self._file, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _header(self) -> bytes:
        frame = 2 * self.sides
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, self.sides, RATE, RATE * frame, frame, 16)
        begin = struct.pack("<4sI4s", b"RIFF", _HEADER_BYTES - 8 + self._bytes, b"WAVE")
        return begin + form + struct.pack("<4sI", b"data", self._bytes)

    def _unwritable(self, problem: OSError) -> ScenarioError:
        return ScenarioError(f"'{self._path}' cannot be written: {problem.strerror}")


def _interleaved(left: bytes, right: bytes) -> bytes:
    both = array("h", bytes(len(left) + len(right)))
    both[::2] = array("h", left)
    both[1::2] = array("h", right)
    return both.tobytes()
