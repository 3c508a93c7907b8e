"""A failed expectation of a dialogue, to its file with what happened in the place of it.

What is written is spliced into the text where the expectation stands, so that all else stays as its author wrote it.
Then the new text is read: the dialogue must say just that, and nothing else otherwise. A form of YAML in which that
does not come out (an anchor that others use, say) is left to its author.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from realtime_scenarios.core import Span
from realtime_scenarios.document import Document, Place, Pointer
from realtime_scenarios.document.files import unsaved
from realtime_scenarios.document.place import value_at
from realtime_scenarios.expectations import Verdict, check
from realtime_scenarios.expectations.happened import Happened, Unexpectable, happened
from realtime_scenarios.expectations.verdict import scope_of
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.played import unpacked
from realtime_scenarios.project import load
from realtime_scenarios.studio.authoring import findings_of_buffer, path_in
from realtime_scenarios.studio.files import ScenarioFolder
from realtime_scenarios.studio.line_ends import plain
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.testing import Outcome, outcome_page
from realtime_scenarios.suite.record import yaml_value
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts.judge import as_left


class Updated(Struct, frozen=True):
    """A file as it is, by its tag, and as it would be; `line` is where the expectation stands."""

    file: str
    etag: str
    line: int
    before: str
    after: str

    def data(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "etag": self.etag,
            "line": self.line,
            "before": self.before,
            "after": self.after,
        }


class _Edit(Struct, frozen=True):
    """A stretch of a file, and what comes in its place."""

    span: Span
    text: str


def outcome_with_updates(outcome: Outcome) -> dict[str, Any]:
    """An outcome as the page shows it, with what can be updated in it."""
    page = outcome_page(outcome)
    told = zip(page["verdicts"], outcome.result.verdicts, strict=True)
    return {**page, "verdicts": [{**data, "update": update_data(outcome, verdict)} for data, verdict in told]}


def update_data(outcome: Outcome, verdict: Verdict) -> dict[str, Any] | None:
    """Whether a verdict's expectation can be made to say what happened, and why not; None: it is none, or it holds."""
    wanted = None if verdict.passed else _expectation_at(outcome.case.dialogue, verdict.place.pointer)
    if wanted is None:
        return None
    told = _happened_instead(outcome, *wanted)
    return {"can": isinstance(told, Happened), "why": told.reason if isinstance(told, Unexpectable) else None}


def updated(outcome: Outcome, number: int, folder: ScenarioFolder) -> Updated:
    """The file as it would be, if the expectation of that verdict (from 0) said what happened.

    Raises:
        Refusal: 404, there is no such verdict; 409, its file has changed since; 422, what happened cannot be expected,
            or cannot be written there.
    """
    verdicts = outcome.result.verdicts
    verdict = verdicts[number] if 0 <= number < len(verdicts) else None
    wanted = None if verdict is None else _expectation_at(outcome.case.dialogue, verdict.place.pointer)
    if verdict is None or wanted is None:
        raise Refusal(404, "there is no such expectation in this run")
    expectation, turn = wanted
    told = _happened_instead(outcome, expectation, turn)
    if isinstance(told, Unexpectable):
        raise Refusal(422, f"it cannot be updated: {told.reason}", "change it in the editor")
    place = expectation.place
    assert isinstance(place.document, Document)
    file = place.span.file
    name = path_in(folder.folder, file)
    if name is None:
        raise Refusal(422, f"'{file}' lies outside of the scenario's folder", "change it where it is")
    opened = folder.opened(name)
    if opened.text != plain(place.document.texts[file]):
        raise Refusal(409, f"'{name}' has changed since the dialogue was played", "run it again")
    after = _spliced(opened.text, list(_edits(place, told)))
    if not _says(outcome, folder.path_of(name), after, expectation, told, turn):
        message = f"nothing can be put in the place of line {place.span.line} as it is written"
        raise Refusal(422, message, "change it in the editor")
    mistakes = [
        found
        for found in findings_of_buffer(outcome.case.project.path, folder.path_of(name), after)
        if found.severity == "error"
    ]
    if mistakes:
        raise Refusal(422, f"then {mistakes[0].message}", mistakes[0].hint or "change it in the editor")
    return Updated(name, opened.etag, place.span.line, opened.text, after)


def _expectation_at(dialogue: Dialogue, pointer: Pointer) -> tuple[Expectation, int | None] | None:
    """The expectation at that place, and its turn; the turn None: it is one of the whole dialogue."""
    of_turns = ((each, number) for number, turn in enumerate(dialogue.turns, 1) for each in turn.expect)
    of_all = ((each, None) for each in dialogue.expect)
    return next((found for found in (*of_turns, *of_all) if found[0].place.pointer == pointer), None)


def _happened_instead(outcome: Outcome, wanted: Expectation, turn: int | None) -> Happened | Unexpectable:
    if outcome.case.dialogue.values:
        return Unexpectable("the dialogue is played for several values")
    return happened(wanted, scope_of(_trace_at(outcome, turn), turn))


def _trace_at(outcome: Outcome, turn: int | None) -> Trace:
    """The trace as the turn left it, with what the tables held then."""
    trace = outcome.result.trace
    if outcome.play is None:
        return trace
    played = unpacked(outcome.play)
    taken = played.turns[turn - 1 if turn is not None else -1]
    looked = taken.looked if turn is not None else played.looked
    secrets = outcome.result.secrets
    then = as_left(outcome.case.project.scenario, trace, taken.events, looked)
    ask = then.query
    return then if ask is None else replace(then, query=lambda text: secrets.hidden_in(list(ask(text))))


def _edits(place: Place, told: Happened) -> Iterator[_Edit]:
    """What is changed in the text, so that there stands what happened."""
    if told.key != place.pointer[-1]:
        yield _Edit(place.key_span, told.key)
    yield from _edits_of_value(place, place.value, told.value)


def _edits_of_value(place: Place, before: Any, after: Any) -> Iterator[_Edit]:
    """Only what differs, key by key, where the keys are the same."""
    if type(before) is type(after) and before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for key in before:
            yield from _edits_of_value(place / key, before[key], after[key])
    else:
        yield _Edit(place.span, yaml_value(after))


def _spliced(text: str, edits: list[_Edit]) -> str:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        first = starts[edit.span.line - 1] + edit.span.column - 1
        end = starts[edit.span.end_line - 1] + edit.span.end_column - 1
        text = f"{text[:first]}{edit.text}{text[end:]}"
    return text


def _says(outcome: Outcome, path: Path, text: str, before: Expectation, told: Happened, turn: int | None) -> bool:
    """Whether the dialogues would be as they are but for the expectation, which would say what happened, and hold."""
    place = before.place
    item = place.pointer[:-1]
    with unsaved({path.resolve(): text}):
        dialogues = load(outcome.case.project.path).dialogues  # which are read when somebody asks for them
    anew = next((each for each in dialogues if each.id == outcome.case.dialogue.id), None)
    if anew is None or not isinstance(anew.place.document, Document):
        return False
    if anew.place.document.data != _with_item(place.document.data, item, str(place.pointer[-1]), told):
        return False
    found = _expectation_at(anew, (*item, told.key))
    return found is not None and check(found[0], _trace_at(outcome, turn), turn).passed


def _with_item(data: Any, item: Pointer, key: str, told: Happened) -> Any:
    """The data with what happened in the place of the expectation below `key` of that item."""
    anew = copy.deepcopy(data)
    around = value_at(item[:-1], anew)
    around[item[-1]] = {
        (told.key if name == key else name): (told.value if name == key else value)
        for name, value in around[item[-1]].items()
    }
    return anew
