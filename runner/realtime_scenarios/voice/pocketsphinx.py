"""Speech to text without a network and without waiting: pocketsphinx, taught what the callers of one scenario say.

It knows English. All conversations share one process; the same utterance is heard alike each time.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.voice.formats import PCM16, encoded
from realtime_scenarios.voice.hearing import PartFailed, Utterance
from realtime_scenarios.voice.parts import NewListener, PartOptions, refuse_services_options
from realtime_scenarios.voice.written import Writing

_RATE = 16000
_SECONDS = 60
"""How long it may take to start, and beyond the length of an utterance to hear it: all conversations wait meanwhile."""


def recogniser(options: PartOptions) -> NewListener:
    """`pocketsphinx:airline` hears what the callers of that scenario may say."""
    refuse_services_options("pocketsphinx", options)
    if find_spec("pocketsphinx") is None:
        raise ScenarioError("pocketsphinx is not installed", hint="pip install 'realtime-scenarios[voice]'")
    if not options.argument or options.callers_lines is None:
        hint = "name the scenario whose callers it hears: pocketsphinx:airline.yaml"
        raise ScenarioError("pocketsphinx knows no words", hint=hint)
    heard = Pocketsphinx(tuple(options.callers_lines(options.argument)))
    return lambda: heard


class Pocketsphinx:
    """Hears only words of these lines, and what callers say everywhere.

    Whoever says one of the lines word for word is written down as that is written, with its capitals, figures and
    punctuation, as a service would have it; all else in small letters, with the figures that the lines have.
    """

    takes_time = True

    def __init__(self, lines: tuple[str, ...]) -> None:
        self._lines = lines
        self._writing = Writing(lines)
        self._process: subprocess.Popen[bytes] | None = None
        self._in_turn = threading.Lock()

    def transcribe(self, utterance: Utterance) -> str | None:
        if utterance.language is not None and not utterance.language.casefold().startswith("en"):
            raise PartFailed(f"pocketsphinx knows English, and the session speaks '{utterance.language}'")
        audio = encoded(utterance.samples(_RATE), PCM16)
        with self._in_turn:
            process = self._running()
            try:
                assert process.stdin is not None and process.stdout is not None, "both are pipes"
                process.stdin.write(len(audio).to_bytes(4, "little") + audio)
                process.stdin.flush()
                with _ended_after(process, _SECONDS + len(audio) // (2 * _RATE)):
                    words: str | None = json.loads(process.stdout.readline())
            except (OSError, ValueError) as problem:
                self._process = None
                process.kill()
                process.wait()
                raise PartFailed("pocketsphinx has died of what it heard") from problem
        return None if words is None else self._writing.of(words)

    def close(self) -> None:
        """End its process; the next utterance begins another."""
        with self._in_turn:
            if self._process is not None:
                self._process.kill()
                self._process.communicate()
                self._process = None

    @property
    def pid(self) -> int | None:
        """The id of its process; None while it has none."""
        return None if self._process is None else self._process.pid

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None:
            return self._process
        command = [sys.executable, "-m", "realtime_scenarios.voice.recogniser"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdin is not None and process.stdout is not None, "both are pipes"
        try:
            process.stdin.write(json.dumps(self._lines).encode() + b"\n")
            process.stdin.flush()
            with _ended_after(process, _SECONDS):
                is_ready = process.stdout.readline() == b"ready\n"
        except OSError:
            is_ready = False
        if not is_ready:
            process.kill()
            process.wait()
            raise PartFailed("pocketsphinx could not be started")
        self._process = process
        return process


@contextlib.contextmanager
def _ended_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Whoever reads from the process inside finds the end of its output when that takes too long."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
