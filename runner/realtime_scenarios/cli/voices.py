"""The options for voices to the parts that hear and speak; what they are made of is imported when it is asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime_scenarios.project import Project
    from realtime_scenarios.realtime import Pace, Parts
    from realtime_scenarios.voice.best import Choice
    from realtime_scenarios.voice.parts import PartOptions


@dataclass(frozen=True, slots=True)
class AskedPart:
    """A part by what was typed: its name, and what it is made with where it is a service."""

    part: str
    model: str | None = None
    key: str | None = None
    voice: str | None = None
    rate: int = 24000

    @property
    def name(self) -> str:
        from realtime_scenarios.voice.parts import NamedPart

        return NamedPart.of(self.part).name

    @property
    def options(self) -> PartOptions:
        from realtime_scenarios.voice.parts import NamedPart, PartOptions

        argument = NamedPart.of(self.part).argument
        return PartOptions(argument, self.model, self.key, self.voice, self.rate, _callers_lines)


@dataclass(frozen=True, slots=True)
class AskedVoices:
    """What hears and speaks, as it was typed, and when answers come.

    `listener` None: nothing is written down, but what a dialogue knows. `ms_per_word` 0: as `pace` says, "real" or
    "fast".
    """

    detector: str
    listener: AskedPart | None
    speaker: AskedPart
    pace: str
    ms_per_word: int


def pace_of(asked: AskedVoices) -> Pace:
    """When the words of an answer come."""
    from realtime_scenarios.realtime import Pace

    if asked.ms_per_word:
        return Pace(words_per_delta=1, ms_per_word=asked.ms_per_word)
    return Pace(words_per_delta=1, follows_speech=True) if asked.pace == "real" else Pace()


@dataclass(frozen=True, slots=True)
class ChosenVoices:
    """What hears and speaks, all of it named; `choices` are those that were made because nobody said which."""

    voices: AskedVoices
    choices: tuple[Choice, ...]


def best_voices(asked: AskedVoices, project: Project) -> ChosenVoices:
    """The voices that were asked for, and the best that this machine has for the scenario in place of the others."""
    from realtime_scenarios.voice.best import best_detector, best_listener, best_speaker

    scenario = project.scenario
    language = str((scenario.session.transcription or {}).get("language") or scenario.locale)
    choices = []
    if asked.detector == "auto":
        choices.append(best_detector())
        asked = replace(asked, detector=str(choices[-1].part))
    if asked.listener is None:
        choices.append(best_listener(str(project.path), language))
        asked = replace(asked, listener=None if (part := choices[-1].part) is None else AskedPart(part))
    if asked.speaker.part == "auto":
        choices.append(best_speaker(language))
        asked = replace(asked, speaker=replace(asked.speaker, part=str(choices[-1].part)))
    return ChosenVoices(asked, tuple(choices))


def parts_factory(asked: AskedVoices) -> Callable[[], Parts]:
    """Makes the parts of one conversation.

    Raises:
        UsageError: there is no part of such a name.
        ScenarioError: one of them cannot be had on this machine.
    """
    from realtime_scenarios.project import load_plugins
    from realtime_scenarios.realtime import Parts
    from realtime_scenarios.voice import VOICE_DETECTORS
    from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS

    load_plugins()
    detector = VOICE_DETECTORS[asked.detector]
    speaker = SPEAKERS[asked.speaker.name](asked.speaker.options)
    if asked.listener is None:
        return functools.partial(Parts, detector=detector, speaker=speaker)
    new_listener = LISTENERS[asked.listener.name](asked.listener.options)
    return lambda: Parts(detector=detector, listener=new_listener(), speaker=speaker)


def _callers_lines(path: str) -> Sequence[str]:
    """What the callers of a scenario may say, by its name or path."""
    from realtime_scenarios.project import find_scenario, load
    from realtime_scenarios.project.callers_lines import callers_lines

    project = load(find_scenario(path, Path()))
    return callers_lines(project.scenario, project.dialogues)
