"""A conversation with a caller who has no script, and that failed, to the shortest written dialogue that still fails.

Turns are left out one at a time, as long as what is left fails by the same line and comes to the same last turn: what
the agent says and does there is what it was. So a thing that did not happen is not missing merely because nobody got so
far. Candidates are dialogues like any other, read from a file, and played by the same model.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.document import Place
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.each import filled
from realtime_scenarios.model.persona import Persona
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite.lines import line_of
from realtime_scenarios.suite.record import SECRET_STAND_IN, dialogue_keys, yaml_text
from realtime_scenarios.trace import SessionEnded, Trace, UserSaid
from realtime_scenarios.verdicts import DialogueResult

Play = Callable[[Sequence[Case]], Sequence[DialogueResult]]
"""Plays cases, and gives what came of each, in their order."""

_Step = Mapping[str, Any]
"""A turn of a candidate, as it is written."""


class Shortened(Struct, frozen=True):
    """A dialogue as the text of a list item for `dialogues`, and how many turns there were before and are now.

    `note` is what has to be known of it, as a sentence; None: it fails as it stands, also by the script.
    """

    text: str
    before: int
    after: int
    note: str | None = None


class _Wanted(Struct, frozen=True):
    """By what a candidate must fail: the expectation that it has, or else a verdict with this message."""

    expected: Mapping[str, Any] | None
    message: str
    at: int | None


def shortened(case: Case, result: DialogueResult, play: Play, replay: Play) -> Shortened | None:
    """The shortest dialogue; None: the conversation was never held, so that there is nothing to write.

    `result` is what came of the case. `play` has the model answer that answered, `replay` makes the moves as written.
    """
    dialogue, trace = case.dialogue, result.trace
    if dialogue.caller is None or not any(isinstance(event, UserSaid) for event in trace):
        return None
    steps = _steps(dialogue, result.dialogue)
    wanted = _wanted(dialogue, result)
    if wanted is None or any("image" in step or isinstance(step.get("user"), dict) for step in steps):
        return _written(
            case, result, wanted, len(steps), "it is as it was: nothing in it could be left out by rule", replay
        )
    with tempfile.TemporaryDirectory(prefix="scenario-shorten-") as folder:
        search = _Search(case, wanted, Path(folder), play)
        found = search.shortest(steps, trace)
    if found is None:
        note = "it is as it was: without the caller, by the same lines, it does not fail"
        return _written(case, result, wanted, len(steps), note, replay)
    return _written(case, found, wanted, len(steps), None, replay)


def unshortened(case: Case, result: DialogueResult, replay: Play, note: str) -> Shortened | None:
    """The whole conversation as a written dialogue."""
    if not any(isinstance(event, UserSaid) for event in result.trace):
        return None
    return _written(case, result, _wanted(case.dialogue, result), _turns_of(result.trace), note, replay)


def _steps(dialogue: Dialogue, played: Dialogue) -> list[_Step]:
    """The turns that were taken: those that are written, and what the caller said then."""
    written = [filled(turn.place.value, dialogue.values) for turn in dialogue.turns]
    lines = [turn.user for turn in played.turns[len(dialogue.turns) :]]
    return [*written, *({} if line is None else {"user": line} for line in lines)]


def _wanted(dialogue: Dialogue, result: DialogueResult) -> _Wanted | None:
    """By what it failed first; of a caller who did not come to their end, what the agent should have said.

    None: there is nothing that a dialogue without the caller could fail by.
    """
    assert dialogue.caller is not None
    own = dialogue.place.pointer
    endings: list[Verdict] = []
    for verdict in result.failures:
        pointer = verdict.place.pointer
        if verdict.place.document is not dialogue.place.document or pointer[: len(own)] != own:
            return _Wanted(None, verdict.message, verdict.at)
        step = pointer[len(own) : len(own) + 1]
        if step == ("expect",):
            written = Place(dialogue.place.document, pointer[: len(own) + 2]).value
            return _Wanted(filled(written, dialogue.values), verdict.message, verdict.at)
        if step == ("caller",) and pointer != dialogue.caller.place.pointer:
            endings.append(verdict)
        else:
            return _Wanted(None, verdict.message, verdict.at)
    return _unsettled(dialogue.caller, dialogue, endings[0]) if endings else None


def _unsettled(persona: Persona, dialogue: Dialogue, ending: Verdict) -> _Wanted | None:
    """What must have been said, or not, for the caller to end as they are to."""
    if ending.place.pointer[-1] == "ends":
        last = persona.wants[-1].until
        key = "never_said"
    else:
        last = next((want.until for want in persona.wants if want.place.pointer == ending.place.pointer), None)
        key = "said"
    return None if last is None else _Wanted({key: filled(last.written, dialogue.values)}, ending.message, None)


class _Search:
    def __init__(self, case: Case, wanted: _Wanted, folder: Path, play: Play) -> None:
        self._case = case
        self._wanted = wanted
        self._file = folder / "candidates.yaml"
        self._play = play

    def shortest(self, steps: Sequence[_Step], trace: Trace) -> DialogueResult | None:
        """What came of the shortest candidate; None: not even all of the steps fail alike."""
        for kept in self._beginnings(steps, trace):
            last = _last_turn_lines(trace, len(kept))
            (result,) = self._results([kept])
            if self._is_alike(result, kept, last):
                break
        else:
            return None
        while len(kept) > 1:
            smaller = [[*kept[:at], *kept[at + 1 :]] for at in range(len(kept) - 1)]
            pairs = zip(smaller, self._results(smaller), strict=True)
            still = next(((each, came) for each, came in pairs if self._is_alike(came, each, last)), None)
            if still is None:
                break
            kept, result = still
        return result

    def _beginnings(self, steps: Sequence[_Step], trace: Trace) -> Iterator[list[_Step]]:
        """All up to the turn with the event in question, where that is a line of the caller; and all of it."""
        at = next((event.turn for event in trace if event.seq == self._wanted.at), len(steps))
        if 0 < at < len(steps) and steps[at - 1].keys() == {"user"}:
            yield list(steps[:at])
        if steps and steps[-1].keys() == {"user"}:
            yield list(steps)

    def _is_alike(self, result: DialogueResult | None, steps: Sequence[_Step], last: Sequence[str]) -> bool:
        if result is None or result.error is not None or _last_turn_lines(result.trace, len(steps)) != last:
            return False
        if self._wanted.expected is None:
            return any(verdict.message == self._wanted.message for verdict in result.failures)
        return any(verdict.place.pointer[2:3] == ("expect",) for verdict in result.failures)

    def _results(self, candidates: Sequence[Sequence[_Step]]) -> list[DialogueResult | None]:
        """What came of each; None: it cannot be played."""
        dialogues = [self._candidate(steps, number) for number, steps in enumerate(candidates)]
        project = self._case.project
        self._file.write_text(yaml_text({"scenario": str(project.path.resolve()), "dialogues": dialogues}), "utf-8")
        cases = cases_of([load(project.path, only=self._file)])
        known = dict(zip((case.dialogue.id for case in cases), self._play(cases), strict=False))
        return [known.get(each["id"]) for each in dialogues]

    def _candidate(self, steps: Sequence[_Step], number: int) -> dict[str, Any]:
        """The steps as turns. The last one is a caller's who has that one line, so that their decisions hold in all."""
        dialogue = self._case.dialogue
        written = filled(dialogue.place.value, dialogue.values)
        caller = {"opens": steps[-1]["user"], "limits": {"turns": 1, "patience": 0}}
        caller |= {"approvals": written["caller"]["approvals"]} if "approvals" in written["caller"] else {}
        expected = self._wanted.expected or written["expect"][0]
        before = {"turns": [dict(step) for step in steps[:-1]]} if len(steps) > 1 else {}
        return {"id": f"c{number}", **_head(dialogue), **before, "caller": caller, "expect": [expected]}


def _head(dialogue: Dialogue) -> dict[str, Any]:
    given = {"context": dict(dialogue.context) or None, "agent": dialogue.agent, "state": dialogue.state}
    now = {} if dialogue.now is None else {"now": dialogue.now.isoformat()}
    return now | {key: value for key, value in given.items() if value is not None}


def _last_turn_lines(trace: Trace, turn: int) -> list[str]:
    """What the agent said and did in a turn."""
    events = (event for event in trace.of_turn(turn) if not isinstance(event, (UserSaid, SessionEnded)))
    return [f"{line.label} {line.text}" for line in map(line_of, events)]


def _turns_of(trace: Trace) -> int:
    return max((event.turn for event in trace), default=0)


def _written(
    case: Case, result: DialogueResult, wanted: _Wanted | None, before: int, note: str | None, replay: Play
) -> Shortened:
    """The conversation as a dialogue with all moves of the agent, as it can be pasted; secrets have stand-ins."""
    name = f"{case.dialogue.script}-shortened"
    keys = dialogue_keys(result.trace, case.project.scenario, name=name)
    keys = {key: value for key, value in keys.items() if key not in ("recorded", "tags")}
    if wanted is not None and wanted.expected is not None:
        keys["expect"] = [wanted.expected]
    text = result.secrets.hidden(yaml_text([keys])).replace(MARK, SECRET_STAND_IN)
    again = _replayed(case.project, text, replay)
    if again is None or again.status != "failed":
        alone = "with the scripted provider it does not fail, so play it with the model that it failed with"
        note = alone if note is None else f"{note}; {alone}"
    return Shortened(text, before, _turns_of(result.trace), note)


def _replayed(project: Project, text: str, replay: Play) -> DialogueResult | None:
    with tempfile.TemporaryDirectory(prefix="scenario-shorten-") as folder:
        file = Path(folder) / "shortened.yaml"
        file.write_text(f"scenario: {yaml_text([str(project.path.resolve())])[2:]}dialogues:\n{text}", encoding="utf-8")
        cases = cases_of([load(project.path, only=file)])
        results = replay(cases) if cases else ()
    return results[0] if results else None
