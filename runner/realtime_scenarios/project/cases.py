"""What `scenario test` is told on the command line, as the dialogues to replay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from realtime_scenarios.core import Diagnostic, NothingCheckedError, Secrets, Span, UsageError, did_you_mean
from realtime_scenarios.document import Pointer
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.secret import written_secrets
from realtime_scenarios.project.loader import Project


@dataclass(frozen=True, slots=True)
class Case:
    """One dialogue of one scenario. `name` is what people type to run it alone: `airline.yaml::carry-on-size`.

    `mistakes` are those of the dialogue itself, which keep it from being played. `schedule` is by which one it is
    played, as text (`core/schedules.py`); None: everything comes as it usually does. `caller_seed` is by which a caller
    who is no script chooses their words.
    """

    name: str
    project: Project
    dialogue: Dialogue
    mistakes: tuple[Diagnostic, ...] = ()
    schedule: str | None = None
    caller_seed: int = 0

    def is_called(self, ids: frozenset[str]) -> bool:
        """Whether it is one of these; a dialogue that is played for several values may be called without them."""
        return self.dialogue.id in ids or self.dialogue.script in ids

    def agent_name(self, agent: str) -> str:
        """What people call the agent with that id."""
        spec = self.project.scenario.agents.get(agent)
        return spec.name if spec else agent


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dialogues are wanted. Everything that is set must hold; `names` None: no list of names to keep to.

    Of the scenarios in `whole`, all dialogues are wanted whatever `ids` says.
    """

    ids: frozenset[str] = frozenset()
    words: str | None = None
    tags: frozenset[str] = frozenset()
    names: frozenset[str] | None = None
    whole: frozenset[Path] = frozenset()

    def wants(self, case: Case) -> bool:
        return (
            (not self.ids or case.is_called(self.ids) or case.project.path in self.whole)
            and (self.words is None or self.words.casefold() in case.name.casefold())
            and (not self.tags or not self.tags.isdisjoint(case.dialogue.tags))
            and (self.names is None or case.name in self.names)
        )


class There(NamedTuple):
    """The `names` of all dialogues of these `scenarios`. `is_all`: there are no others.

    `is_unread`: a file has mistakes that are no dialogue's own, and nobody knows which dialogues are in it.
    """

    names: frozenset[str]
    scenarios: frozenset[str]
    is_all: bool
    is_unread: bool

    def lacks(self, name: str) -> bool:
        """Whether no dialogue is called so any more."""
        if self.is_unread or name in self.names:
            return False
        return self.is_all or name.partition("::")[0] in self.scenarios


class Target(NamedTuple):
    """What is typed for dialogues. `dialogue` is an id; None: all that are at the path."""

    path: str
    dialogue: str | None


def parsed_target(text: str) -> Target:
    """`airline.yaml::carry-on-size` as path and dialogue id."""
    path, separator, dialogue = text.partition("::")
    return Target(path, dialogue if separator else None)


def cases_of(projects: Iterable[Project]) -> list[Case]:
    """Every dialogue of the projects once, in the order of the files."""
    found: dict[tuple[Path, Pointer, str], Case] = {}
    for project in projects:
        for dialogue in _with_shown_ids(project):
            written = (dialogue.place.document.path.resolve(), dialogue.place.pointer, dialogue.id)
            found.setdefault(written, Case(f"{project.shown}::{dialogue.id}", project, dialogue))
    return list(found.values())


def playable_cases(found: Sequence[tuple[Project, Sequence[Diagnostic]]]) -> list[Case]:
    """The dialogues of these projects, of which the mistakes are known, each with its own.

    A scenario with mistakes has none; a dialogue with mistakes is there as the others are.
    """
    mistakes: dict[str, list[Diagnostic]] = defaultdict(list)
    for mistake in chain.from_iterable(own for _, own in found):
        mistakes[mistake.span.file].append(mistake)
    cases = cases_of(project for project, own in found if _is_playable_scenario(project, own))
    if not mistakes:
        return cases
    return [replace(case, mistakes=tuple(_mistakes_of(case, mistakes))) for case in cases]


def _is_playable_scenario(project: Project, mistakes: Sequence[Diagnostic]) -> bool:
    """Whether the scenario itself can be run, whatever its dialogues are like."""
    if project.built is None:
        return False
    files = {file.shown for file in project.dialogue_files}
    inside = [mistake for mistake in mistakes if mistake.span.file not in files]
    own = [span for dialogue in project.inline_dialogues if (span := dialogue.place.span)]
    return all(any(_is_within(mistake.span, span) for span in own) for mistake in inside)


def unread(project: Project) -> list[Diagnostic]:
    """The mistakes in its files that are no dialogue's own: where there are any, nobody knows all of its dialogues."""
    mistakes = project.errors
    spans = [dialogue.place.span for dialogue in project.dialogues] if mistakes else []
    return [mistake for mistake in mistakes if not any(_is_within(mistake.span, span) for span in spans)]


def broken_scripts(project: Project) -> frozenset[str]:
    """The ids, without values, of the dialogues with mistakes of their own: nobody knows for which values they are."""
    mistakes = project.errors
    found = (each.script for each in project.dialogues if any(_is_within(at.span, each.place.span) for at in mistakes))
    return frozenset(found)


def _mistakes_of(case: Case, mistakes: Mapping[str, Sequence[Diagnostic]]) -> Iterator[Diagnostic]:
    """Those of the dialogue itself. `mistakes` are all, by the files in which they stand."""
    span = case.dialogue.place.span
    return (mistake for mistake in mistakes.get(span.file, ()) if _is_within(mistake.span, span))


def _is_within(inner: Span, outer: Span) -> bool:
    return inner.file == outer.file and outer.line <= inner.line <= outer.end_line


def _with_shown_ids(project: Project) -> Iterator[Dialogue]:
    """The dialogues of a project; where one is named by a value that turns out to be secret, a number names it."""
    times: Counter[str] = Counter()
    for dialogue in project.dialogues:
        times[dialogue.script] += 1
        values = tuple(written_secrets(project.scenario, dialogue)) if dialogue.values and project.built else ()
        is_shown = Secrets(values).hidden(dialogue.id) == dialogue.id
        yield dialogue if is_shown else structs.replace(dialogue, id=f"{dialogue.script}[{times[dialogue.script]}]")


def ids_of(cases: Iterable[Case]) -> set[str]:
    """All that the dialogues may be called by."""
    return {name for case in cases for name in (case.dialogue.id, case.dialogue.script)}


def selected(cases: Sequence[Case], selection: Selection) -> list[Case]:
    """The cases that are wanted.

    Raises:
        UsageError: a dialogue is asked for by an id that does not exist.
        NothingCheckedError: nothing is left.
    """
    known = ids_of(cases)
    for unknown in sorted(selection.ids - known):
        raise UsageError(f"there is no dialogue '{unknown}'", hint=did_you_mean(unknown, sorted(known)))
    wanted = [case for case in cases if selection.wants(case)]
    if cases and not wanted:
        raise NothingCheckedError("no dialogue fits what was asked for", hint="look at -k, --tag and --last-failed")
    return wanted
