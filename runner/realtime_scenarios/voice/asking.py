"""A question to a part that hears or speaks, and its answer: one that breaks or gives nonsense has failed, too.

A part may be a plug-in's. Whatever it does, a client that waits for its answer is told, and the conversation goes on.
What is wrong with it is told to whoever runs the server: a client may be anybody.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from itertools import pairwise
from typing import TypeVar

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.speech import words_of
from realtime_scenarios.voice.activity import VoiceActivity
from realtime_scenarios.voice.formats import Samples
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
    if not isinstance(sound, Spoken | Unvoiced):
        return _useless(part, f"gave {_kind(sound)} for the sound of a phrase, not Spoken or Unvoiced")
    if sound.audio_format != manner.audio_format:
        return _useless(part, f"spoke as {sound.audio_format.name} where {manner.audio_format.name} was wanted")
    words, ends = len(words_of(text)), sound.word_ends
    if len(ends) != words:
        return _useless(part, f"said of {len(ends)} words when they end, and the phrase has {words}")
    if not all(isinstance(end, int) for end in ends) or any(end < begin for begin, end in pairwise((0, *ends))):
        return _useless(part, "said when words end in something else than whole milliseconds that go up")
    return sound


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
