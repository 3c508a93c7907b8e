"""Scenarios and surroundings as workers are sent them."""

from __future__ import annotations

import itertools
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.document import Document
from realtime_scenarios.document.beside import pickled_beside
from realtime_scenarios.document.place import Located
from realtime_scenarios.processes.wire import Attach, Load, Surroundings, Vary, encoded_environment, framed
from realtime_scenarios.project import Project
from realtime_scenarios.project.callers_lines import callers_lines
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.variation import Variation

MOST_DOCUMENTS = 8
"""Documents that a worker keeps of dialogues: files are played one after the other, and there may be thousands."""


class SentScenario(Struct, frozen=True):
    """A scenario as workers know it: its number, and the message that tells them.

    `base` is the scenario that it is made of, which they must know before; None: it stands for itself.
    """

    number: int
    load: bytes
    project: Project
    base: SentScenario | None = None


class SentDocument(Struct, frozen=True):
    """A document as workers know it: its number, and the message that tells them."""

    number: int
    attach: bytes
    document: Located


class SentDialogue(NamedTuple):
    """A dialogue as it is sent, and the documents that its places lead to."""

    pickled: bytes
    documents: list[SentDocument]


class SentScenarios:
    """What is sent of each scenario and each document, made once and only where a dialogue of it is played.

    `with_lines`: callers speak, and a recogniser learns what they may say.
    """

    def __init__(self, *, with_lines: bool = False) -> None:
        self._with_lines = with_lines
        self._sent: dict[int, SentScenario] = {}
        self._documents: dict[int, SentDocument] = {}
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

    def dialogue(self, case: Case) -> SentDialogue:
        """A dialogue without the files in which it stands, as often as it is played.

        Raises:
            ScenarioError: a plug-in's kind cannot be sent to another process.
        """
        documents: dict[int, SentDocument] = {}

        def number_of(document: Document) -> int:
            sent = documents.setdefault(id(document), self._document(document))
            return sent.number

        with told_where_unsendable(case.project):
            pickled = pickled_beside(case.dialogue, number_of)
        return SentDialogue(pickled, list(documents.values()))

    def forgotten(self, project: Project) -> SentScenario | None:
        """What was sent of a scenario, and will not be again; None: nothing was."""
        return self._sent.pop(id(project), None)

    def _document(self, document: Document) -> SentDocument:
        """The latest come last, and the oldest are dropped."""
        sent = self._documents.pop(id(document), None)
        if sent is None:
            number = next(self._numbers)
            attach = framed(Attach(number, pickle.dumps(document, pickle.HIGHEST_PROTOCOL)))
            sent = SentDocument(number, attach, document)
        self._documents[id(document)] = sent
        if len(self._documents) > MOST_DOCUMENTS:
            del self._documents[next(iter(self._documents))]
        return sent

    def _made(self, project: Project) -> SentScenario:
        if isinstance(project, Variation):
            base = self.of(project.base)
            number = next(self._numbers)
            load = framed(Vary(number, base.number, pickle.dumps(project.edits, pickle.HIGHEST_PROTOCOL)))
            return SentScenario(number, load, project, base)
        number = next(self._numbers)
        lines = tuple(callers_lines(project.scenario, project.dialogues)) if self._with_lines else ()
        with told_where_unsendable(project):
            pickled = pickle.dumps((project.scenario, lines), pickle.HIGHEST_PROTOCOL)
        return SentScenario(number, framed(Load(number, pickled)), project)


@contextmanager
def told_where_unsendable(project: Project) -> Iterator[None]:
    """A plug-in's kind may be anything.

    Raises:
        ScenarioError: it cannot be pickled.
    """
    try:
        yield
    except Exception as problem:
        message = f"'{project.shown}' cannot be sent to a worker: {problem}"
        raise ScenarioError(message, hint="play it with --in-process") from problem


def surroundings(folder: bytes | None = None) -> Surroundings:
    """Those of this process, as they are now, but for another `folder`; None: it is its own."""
    try:
        own = str(Path.cwd())
    except OSError:  # it is gone
        own = ""
    path = tuple(os.fsencode(entry) for entry in sys.path)
    return Surroundings(encoded_environment(os.environ), os.fsencode(own) if folder is None else folder, path)
