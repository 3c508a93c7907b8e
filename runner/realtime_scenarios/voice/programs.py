"""Speech of programs that are installed on this machine, flite and espeak-ng, each phrase by a process of its own.

Both say the same phrase with the same bytes each time. As processes they are no part of ours: espeak-ng is GPL-3.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.core.words import did_you_mean
from realtime_scenarios.voice.hearing import PartFailed
from realtime_scenarios.voice.parts import PartOptions, refuse_services_options
from realtime_scenarios.voice.speaking import Manner, Speech, is_voiceless, spoken_from, unvoiced
from realtime_scenarios.voice.waves import wave_in

_SECONDS = 20
_PHRASES_KEPT = 512
_HIGH_VOICES = frozenset({"alloy", "coral", "marin", "nova", "sage", "shimmer"})
"""Names of the service's voices that are said by a woman's voice here; all others by a man's."""


class Flite:
    """English. `flite:rms` speaks as rms whatever voice is asked for; see `flite -lv`. A `.flitevox` file is one, too.

    Raises:
        ScenarioError: flite is not installed.
        UsageError: it has no such voice, for which it would speak with another one.
    """

    takes_time = True

    def __init__(self, options: PartOptions) -> None:
        _refuse_missing("flite")
        refuse_services_options("flite", options)
        self._voice = options.argument
        if self._voice and not Path(self._voice).is_file():
            _refuse_unknown("flite voice", self._voice, _told_by("flite", "-lv").partition(":")[2].split())
        self._said = functools.lru_cache(_PHRASES_KEPT)(self._say)

    def speak(self, text: str, manner: Manner) -> Speech:
        return self._said(text, manner)

    def _say(self, text: str, manner: Manner) -> Speech:
        voice = self._voice or ("slt" if manner.voice in _HIGH_VOICES else "rms")
        stretch = f"duration_stretch={1 / manner.speed:.3f}"
        return _said_by(["flite", "-voice", voice, "--setf", stretch, "-f"], "-o", text, manner)


class EspeakNg:
    """Many languages. `espeak-ng:fr` speaks French, and `fr+croak` croaks it; see `espeak-ng --voices[=variant]`.

    Raises:
        ScenarioError: espeak-ng is not installed.
        UsageError: it has no such language, or no such variant, which it would leave out.
    """

    takes_time = True

    def __init__(self, options: PartOptions) -> None:
        _refuse_missing("espeak-ng")
        refuse_services_options("espeak-ng", options)
        _refuse_unknown_language(options.argument)
        self._language = options.argument or "en-us"
        self._said = functools.lru_cache(_PHRASES_KEPT)(self._say)

    def speak(self, text: str, manner: Manner) -> Speech:
        return self._said(text, manner)

    def _say(self, text: str, manner: Manner) -> Speech:
        voice = self._language
        if "+" not in voice:
            voice += "+f3" if manner.voice in _HIGH_VOICES else "+m3"
        pace = str(min(max(round(_WORDS_A_MINUTE * manner.speed), 80), 450))
        return _said_by(["espeak-ng", "-b", "1", "-v", voice, "-s", pace, "-f"], "-w", text, manner)


_WORDS_A_MINUTE = 150


def _refuse_missing(program: str) -> None:
    if shutil.which(program) is None:
        hint = f"install it (Debian, Ubuntu: apt install {program}), or take --tts tone"
        raise ScenarioError(f"{program} is not installed", hint=hint)


def _refuse_unknown_language(asked: str) -> None:
    language, _, variant = asked.partition("+")
    if variant and not variant.isdecimal():
        known = _VARIANT.findall(_told_by("espeak-ng", "--voices=variant"))
        _refuse_unknown("espeak-ng variant", variant, known)
    # it knows more names than it lists, such as "fr-ca" and "German"
    if language and _run(["espeak-ng", "-q", "-v", language, "a"]).returncode != 0:
        lines = _told_by("espeak-ng", "--voices").splitlines()[1:]
        _refuse_unknown("espeak-ng language", language, [line.split()[1] for line in lines])


_VARIANT = re.compile(r"!v/(.*\S)")


def _refuse_unknown(kind: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise UsageError(f"unknown {kind} '{name}'", hint=did_you_mean(name, known) if known else None)


def _told_by(*command: str) -> str:
    return _run(command).stdout.decode(errors="replace")


def _said_by(command: Sequence[str], into: str, text: str, manner: Manner) -> Speech:
    """What a program says of a file with the text, into a file."""
    if is_voiceless(text):
        return unvoiced(text, manner)
    with tempfile.TemporaryDirectory() as folder:
        words, sound = Path(folder, "words.txt"), Path(folder, "sound.wav")
        # without the newline flite leaves out a last sentence of one word
        words.write_text(f"{text}\n", encoding="utf-8")
        done = _run([*command, str(words), into, str(sound)])
        if done.returncode != 0 or not sound.exists():
            reason = done.stderr.decode(errors="replace").strip().partition("\n")[0]
            raise PartFailed(f"{command[0]} did not speak: {reason or f'exit code {done.returncode}'}")
        spoken = wave_in(sound.read_bytes(), command[0])
    return spoken_from(spoken.samples, spoken.rate, text, manner.audio_format)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """What has become of a program.

    Raises:
        PartFailed: it cannot be run, or does not come to an end.
    """
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as problem:
        raise PartFailed(f"{command[0]} did not speak within {_SECONDS} seconds") from problem
    except OSError as problem:
        raise PartFailed(f"{command[0]} did not speak: {problem.strerror}") from problem
