"""Scenarios and surroundings as workers are sent them."""

from __future__ import annotations

import itertools
import os
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.processes.wire import Load, Surroundings, Vary, encoded_environment, framed
from realtime_scenarios.project import Project
from realtime_scenarios.project.variation import Variation


class SentScenario(Struct, frozen=True):
    """A scenario as workers know it: its number, and the message that tells them.

    `dialogues` are the positions of its dialogues there, by `key_of` each: it may be shown by another name. `base` is
    the scenario that it is made of, which they must know before; None: it stands for itself.
    """

    number: int
    load: bytes
    dialogues: Mapping[tuple[int, int], int]
    project: Project
    base: SentScenario | None = None


class SentScenarios:
    """What is sent of each scenario, made once and only where a dialogue of it is played."""

    def __init__(self) -> None:
        self._sent: dict[int, SentScenario] = {}
        self._numbers = itertools.count()

    def of(self, project: Project) -> SentScenario:
        """What workers know of a scenario.

        Raises:
            ScenarioError: a plug-in's kind cannot be sent to another process.
        """
        key = id(project)  # kept alive by what is sent
        if key not in self._sent:
            self._sent[key] = self._made(project)
        return self._sent[key]

    def forgotten(self, project: Project) -> SentScenario | None:
        """What was sent of a scenario, and will not be again; None: nothing was."""
        return self._sent.pop(id(project), None)

    def _made(self, project: Project) -> SentScenario:
        if not isinstance(project, Variation):
            return _sent_scenario(next(self._numbers), project)
        base = self.of(project.base)
        number = next(self._numbers)
        load = framed(Vary(number, base.number, pickle.dumps(project.edits, pickle.HIGHEST_PROTOCOL)))
        return SentScenario(number, load, base.dialogues, project, base)


def _sent_scenario(number: int, project: Project) -> SentScenario:
    try:
        pickled = pickle.dumps((project.scenario, project.dialogues), pickle.HIGHEST_PROTOCOL)
    except Exception as problem:  # a plug-in's kind may be anything
        message = f"'{project.shown}' cannot be sent to a worker: {problem}"
        raise ScenarioError(message, hint="play it with --in-process") from problem
    positions = {key_of(dialogue): position for position, dialogue in enumerate(project.dialogues)}
    return SentScenario(number, framed(Load(number, pickled)), positions, project)


def surroundings() -> Surroundings:
    """Those of this process, as they are now."""
    try:
        folder = str(Path.cwd())
    except OSError:  # it is gone
        folder = ""
    path = tuple(os.fsencode(entry) for entry in sys.path)
    return Surroundings(encoded_environment(os.environ), os.fsencode(folder), path)


def key_of(dialogue: Dialogue) -> tuple[int, int]:
    """What tells a dialogue from all others of its project: where it stands, and the values it is played for."""
    return id(dialogue.place), id(dialogue.values)
