"""A question to a part that hears or speaks, and its answer: one that breaks or gives nonsense has failed, too.

A part may be a plug-in's. Whatever it does, a client that waits for its answer is told, and the conversation goes on.
What is wrong with it is told to whoever runs the server: a client may be anybody.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.speech import words_of
from realtime_scenarios.voice.activity import VoiceActivity
from realtime_scenarios.voice.formats import AudioFormat, Samples
from realtime_scenarios.voice.hearing import PartFailed, SpeechToText, Utterance
from realtime_scenarios.voice.speaking import Manner, Speech, Spoken, TextToSpeech, Unvoiced

_Part = TypeVar("_Part")
_LOG = logging.getLogger(__name__)


def words_heard(part: SpeechToText, utterance: Utterance) -> str | PartFailed | None:
    """The words of a turn, None where they could not be made out; or why there are none."""
    try:
        words = part.transcribe(utterance)
    except PartFailed as problem:
        return problem
    except (Exception, SystemExit) as problem:
        return _broken(part, problem)
    if words is None or isinstance(words, str):
        return words
    return _useless(part, f"gave {_kind(words)} for the words of a turn, not a text or None")


def sound_of(part: TextToSpeech, text: str, manner: Manner) -> Speech | PartFailed:
    """What a phrase sounds like, or why it cannot be said."""
    try:
        sound = part.speak(text, manner)
    except PartFailed as problem:
        return problem
    except (Exception, SystemExit) as problem:
        return _broken(part, problem)
    mistake = _mistake_in(sound, text, manner)
    return sound if mistake is None else _useless(part, mistake)


def _mistake_in(sound: Any, text: str, manner: Manner) -> str | None:
    """What is wrong with what is meant to be a sound; None: nothing."""
    if not isinstance(sound, Spoken | Unvoiced):
        return f"gave {_kind(sound)} for the sound of a phrase, not Spoken or Unvoiced"
    if not isinstance(sound.audio_format, AudioFormat):
        return f"gave {_kind(sound.audio_format)} for the format of a sound, not an AudioFormat"
    if sound.audio_format != manner.audio_format:
        return f"spoke as {sound.audio_format.name} where {manner.audio_format.name} was wanted"
    if isinstance(sound, Spoken) and not isinstance(sound.audio, bytes | bytearray | memoryview):
        return f"gave {_kind(sound.audio)} for the audio of a phrase, not bytes"
    if not isinstance(sound.word_ends, Sequence):
        return f"gave {_kind(sound.word_ends)} for where words end, not a sequence"
    words, ends = len(words_of(text)), sound.word_ends
    if len(ends) != words:
        return f"said of {len(ends)} words when they end, and the phrase has {words}"
    if not {*map(type, ends)} <= {int} or [0, *ends] != sorted((0, *ends)):
        return "said when words end in something else than whole milliseconds that go up"
    return None


def certainty_of(part: VoiceActivity, frame: Samples) -> float:
    """How surely somebody speaks in the next frame.

    Raises:
        PartFailed: the part cannot say.
    """
    try:
        certainty = part.certainty(frame)
    except PartFailed:
        raise
    except (Exception, SystemExit) as problem:
        raise _broken(part, problem) from problem
    if not isinstance(certainty, int | float):
        raise _useless(part, f"gave {_kind(certainty)} for how surely somebody speaks, not a number")
    return certainty


def made(make: Callable[[], _Part], name: str) -> _Part:
    """A part that is made; `name` is what it is called where it cannot be.

    Raises:
        ScenarioError: it cannot.
    """
    try:
        return make()
    except ScenarioError:
        raise
    except (Exception, SystemExit) as problem:
        raise ScenarioError(f"{name} cannot be made: {_in_one_line(problem)}") from problem


def _broken(part: object, problem: BaseException) -> PartFailed:
    return _useless(part, f"raised {_in_one_line(problem)}")


def _in_one_line(problem: BaseException) -> str:
    """What was raised, in one line, and where."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    reason = " ".join(f"{type(problem).__name__}: {problem}".split())
    return f"{reason} ({place.filename}, line {place.lineno})"


def _useless(part: object, reason: str) -> PartFailed:
    name = type(part).__name__
    _LOG.error("the part %s %s", name, reason)
    return PartFailed(f"the part {name} has broken")


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
