"""The options for voices to the parts that hear and speak; what they are made of is imported when it is asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime_scenarios.realtime import Parts
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


def parts_factory(*, vad: str, listener: AskedPart | None, speaker: AskedPart) -> Callable[[], Parts]:
    """Makes the parts of one conversation. `listener` None: nothing is written down.

    Raises:
        UsageError: there is no part of such a name.
        ScenarioError: one of them cannot be had on this machine.
    """
    from realtime_scenarios.project import load_plugins
    from realtime_scenarios.realtime import Parts
    from realtime_scenarios.voice import VOICE_DETECTORS
    from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS

    load_plugins()
    detector = VOICE_DETECTORS[vad]
    speaks = SPEAKERS[speaker.name](speaker.options)
    if listener is None:
        return functools.partial(Parts, detector=detector, speaker=speaks)
    new_listener = LISTENERS[listener.name](listener.options)
    return lambda: Parts(detector=detector, listener=new_listener(), speaker=speaks)


def _callers_lines(path: str) -> Sequence[str]:
    """What the callers of a scenario may say, by its name or path."""
    from realtime_scenarios.project import find_scenario, load
    from realtime_scenarios.project.callers_lines import callers_lines

    return callers_lines(load(find_scenario(path, Path())))
