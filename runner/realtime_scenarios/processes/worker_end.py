"""The command's end of one worker: messages both ways that never block, and what author's code prints."""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass, field

from realtime_scenarios.processes.nursery import Nursery
from realtime_scenarios.processes.wire import Frames, FromWorker, from_worker

_PIECE = 1 << 18
_MOST_PRINTED = 64_000
"""Bytes that are kept of what a dialogue prints."""


@dataclass(slots=True)
class WorkerEnd:
    """`output` is the reading end of what the worker prints, None where that goes somewhere else.

    `is_ended`: nothing more will be heard. `unsent` are bytes that the channel does not take yet.
    """

    number: int
    channel: socket.socket
    output: int | None
    is_ended: bool = False
    unsent: bytearray = field(default_factory=bytearray)
    _frames: Frames[FromWorker] = field(default_factory=from_worker)
    _printed: bytearray = field(default_factory=bytearray)

    def send(self, data: bytes) -> None:
        """Send these bytes, after those that are still unsent; as much as the channel takes now."""
        self.unsent += data
        self.send_on()

    def send_on(self) -> None:
        with contextlib.suppress(OSError):  # it is full, or its end is heard of otherwise
            while self.unsent:
                del self.unsent[: self.channel.send(self.unsent)]

    def heard(self) -> list[FromWorker] | None:
        """What has come in the meantime; None: nothing is there to be heard.

        Raises:
            Unintelligible: it is none of our messages.
        """
        try:
            data = self.channel.recv(_PIECE)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            self.is_ended = True
            return None
        return self._frames.feed(data)

    def hear_output(self) -> bool:
        """Take in what has been printed by now; whether more may come."""
        if self.output is None:
            return False
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.output, _PIECE):
                self._printed += data[: max(0, _MOST_PRINTED - len(self._printed))]
            return False
        return True

    def take_printed(self) -> str:
        """What has been printed since this was last asked."""
        self.hear_output()
        text = self._printed.decode(errors="replace")
        self._printed.clear()
        return text

    def close(self) -> None:
        self.channel.close()
        if self.output is not None:
            os.close(self.output)


def started_worker(nursery: Nursery, number: int) -> WorkerEnd:
    """The end of a worker that the nursery has been asked for."""
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe() if nursery.takes_output else (None, None)
    try:
        nursery.fork(number, theirs, writing)
    finally:
        theirs.close()
        if writing is not None:
            os.close(writing)
    ours.setblocking(False)
    if reading is not None:
        os.set_blocking(reading, False)
    return WorkerEnd(number, ours, reading)
