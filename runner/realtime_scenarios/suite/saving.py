"""A conversation as a dialogue file on disk, beside its scenario where that is possible."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

from realtime_scenarios.core import ScenarioError, Secrets, UsageError
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.core.writing import refuse_existing, refuse_unwritable, write_file
from realtime_scenarios.project import Project, example
from realtime_scenarios.project.met import FOLDER, keep_texts
from realtime_scenarios.suite.record import SECRET_STAND_IN, StandIn, agents_in, dialogue_text, stand_ins_in
from realtime_scenarios.trace import Trace, UserSaid


class SavedDialogue(NamedTuple):
    """`stand_ins` are what the file gives in place of secrets."""

    path: Path
    stand_ins: tuple[StandIn, ...]

    def mask(self, secrets: Secrets) -> None:
        """Take what has become secret since then out of the file, which its author may have changed meanwhile.

        Raises:
            ScenarioError: the file cannot be written.
        """
        try:
            present = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return  # it was moved or made into something else
        masked = secrets.hidden(present).replace(MARK, SECRET_STAND_IN)
        if masked != present:
            write_file(self.path, masked)


def save_dialogue(trace: Trace, project: Project, name: str, *, provider: str | None = None) -> SavedDialogue:
    """Write the trace as a dialogue, and what its agents read beside it. `provider` is whose model it was, if known.

    Raises:
        UsageError: no name, or the file exists already.
        ScenarioError: nothing has been said yet, or the file cannot be written.
    """
    path = new_dialogue_path(name)
    if not any(isinstance(event, UserSaid) for event in trace):
        raise ScenarioError("there is nothing to save yet", hint="say something first")
    scenario = Path(os.path.relpath(project.path.resolve(), path.resolve().parent)).as_posix()
    packaged = example(project.path.stem)
    if scenario.startswith("../") and packaged is not None and packaged.samefile(project.path):
        scenario = project.path.stem
    text = dialogue_text(
        trace, project.scenario, name=_dialogue_id(path.stem), scenario_path=scenario, provider=provider
    )
    write_file(path, text)
    keep_agents_met(trace, project, path)
    return SavedDialogue(path, stand_ins_in(trace, project.scenario))


def new_dialogue_path(name: str) -> Path:
    """The file that a name means, where nothing is yet and a file can be.

    Raises:
        UsageError: no name, that of a device or a pipe, or the file exists already.
        ScenarioError: no file can be written there.
    """
    path = dialogue_path(name)
    refuse_existing([path], "choose another name")
    refuse_unwritable([path])
    return path


def path_beside(path: Path) -> Path:
    """The first name beside a file, with a number behind its own, under which nothing is yet."""
    number = 2
    while (beside := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return beside


def dialogue_path(name: str) -> Path:
    """The file that a name means: with the suffix of one.

    Raises:
        UsageError: there is no name, or it is that of a device or a pipe.
    """
    if not name:
        raise UsageError("save it where?", hint="/save dialogues/first.yaml")
    path = Path(name)
    if _is_no_place_for_a_file(path):
        raise UsageError(f"'{path}' is a device or a pipe", hint="name a file: dialogues/first.yaml")
    return path if path.suffix in (".yaml", ".yml") else path.with_name(f"{path.name}.yaml")


def _is_no_place_for_a_file(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False  # whatever there is to say is said where it is written
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def keep_agents_met(trace: Trace, project: Project, path: Path) -> None:
    """Keep what the agents of the trace read beside its dialogue file, so that a change can be shown later.

    Raises:
        ScenarioError: it cannot be written.
    """
    try:
        keep_texts(agents_in(trace), project.scenario, path)
    except OSError as problem:
        raise ScenarioError(f"'{path.parent / FOLDER}' cannot be written: {problem.strerror}") from problem


def _dialogue_id(text: str) -> str:
    slug = "".join(char if char.isalnum() else "-" for char in text.casefold()).strip("-")
    return slug if slug and slug[0].isalpha() else f"dialogue-{slug}".rstrip("-")
