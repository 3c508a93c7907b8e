"""What was said and done to a dialogue file that replays at once, whatever it was kept in.

A trace of ours is a dialogue as it stands. A log of Realtime events shows only one side of it, so the draft that is
made of it is played against the scenario: what nobody can see on the wire (who was asked, what a gate refused) is what
the play says, and a move that the scenario does not allow is left out, with a note.
"""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import MistakesError, ScenarioError, UsageError
from realtime_scenarios.lint import findings
from realtime_scenarios.model import Scenario
from realtime_scenarios.model.provider import PROVIDERS
from realtime_scenarios.played import Played, unpacked
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import Project, load, project_at, project_of
from realtime_scenarios.project.beginning import Beginning, beginning
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite.record import NOTHING_ON_RECORD, StandIn, yaml_text
from realtime_scenarios.suite.saving import new_dialogue_path, save_dialogue
from realtime_scenarios.suite.supervisor import Supervisor
from realtime_scenarios.suite.wire_log import Draft, draft_of, is_wire_log, wire_events
from realtime_scenarios.trace import HandedOff, StateEntered, Trace, UserSaid, from_json_lines
from realtime_scenarios.verdicts import DialogueResult

_SOURCES = "give a trace (`run --record`), or a log of Realtime events (`run --log-events`)"


class Recording(Struct, frozen=True):
    """A dialogue file that was written. `result` is what came of its replay, with nothing checked but its moves.

    `stand_ins` are what it gives in place of secrets; `notes` what could not be carried over, a sentence each.
    """

    path: Path
    result: DialogueResult
    stand_ins: tuple[StandIn, ...] = ()
    notes: tuple[str, ...] = ()


def record(
    target: str | Path | Scenario,
    source: str | Path | Trace,
    path: str | Path,
    *,
    provider: str | None = None,
    session: str | None = None,
    agent: str | None = None,
    state: str | None = None,
    context: Mapping[str, Any] | None = None,
    now: datetime.datetime | None = None,
) -> Recording:
    """Write a dialogue file at `path`, and replay it.

    `target` is a scenario or its file. `source` is a trace, or a file: a trace as JSON lines (`run --record`), or a log
    of Realtime events, of which `session` names one where it holds several. `agent`, `state`, `context` and `now` are
    how the conversation began; None: as far as the source tells, or where the scenario begins. `provider` is whose
    model it was, None: nobody knows.

    Raises:
        UsageError: there is no such file, it cannot be read as either, or `path` is there already.
        MistakesError: mistakes keep the scenario from being run.
        ScenarioError: nothing was said, or the file cannot be written.
    """
    project = project_of(target) if isinstance(target, Scenario) else project_at(str(target), Path.cwd())
    project = load(project.path)
    if mistakes := [found for found in findings(project, warnings=False, proofs=False) if _is_about(found, project)]:
        raise MistakesError(mistakes)
    written = new_dialogue_path(str(path))
    begins = beginning(project.scenario, agent=agent, state=state, context=context, now=now)
    with Supervisor(Wishes.of(PROVIDERS.known("scripted"), os.environ)) as supervisor:
        notes: tuple[str, ...] = ()
        if isinstance(source, Trace):
            trace = source
        else:
            text = _text_of(Path(source))
            if is_wire_log(text):
                wire = draft_of(wire_events(text, session), project.scenario, agent)
                trace, notes = _played_draft(wire, begins, project, supervisor)
            else:
                trace = _trace_in(text, Path(source), begins, project.scenario, agent)
                if not any(isinstance(event, UserSaid) for event in trace):
                    raise ScenarioError(f"nobody says anything in '{source}'", hint=_SOURCES)
        saved = save_dialogue(trace, project, str(written), provider=provider)
        (finished,) = supervisor.finished(cases_of([load(project.path, only=written)]))
    return Recording(saved.path, finished.result, saved.stand_ins, notes)


def _is_about(found: Any, project: Project) -> bool:
    """Whether a mistake stands in the scenario itself; dialogues beside it are none of this one's."""
    return found.span.file not in {file.shown for file in project.dialogue_files}


def _text_of(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no '{path}'", hint="give a trace (`run --record`) or a log of events") from None
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise UsageError(f"'{path}' cannot be read: {reason}") from problem
    if not text.strip():
        raise UsageError(f"'{path}' is empty", hint=_SOURCES)
    return text


def _trace_in(text: str, path: Path, begins: Beginning, scenario: Scenario, agent: str | None) -> Trace:
    """The trace of a file, with what it began with as far as its events tell.

    Raises:
        UsageError: it is none.
    """
    try:
        events = tuple(from_json_lines(text))
    except ValueError as problem:
        raise UsageError(f"'{path}': {problem}", hint=_SOURCES) from None
    unknown = {event.agent for event in events} - set(scenario.agents)
    if unknown:
        message = f"'{path}' is of another scenario: '{scenario.id}' has no agent '{min(unknown)}'"
        raise UsageError(message, hint="name the scenario that it was recorded with")
    start = agent or (events[0].agent if events else scenario.start)
    entries = {name: spec.states.entry for name, spec in scenario.agents.items() if spec.states is not None}
    if begins.state is not None:
        entries[start] = begins.state
    elif (entry := _first_state(events, start)) is not None:
        entries[start] = entry
    context = {name: variable.default for name, variable in scenario.context.items()} | dict(begins.context)
    return Trace(events, start, context, entries=entries, began=begins.now)


def _first_state(events: Sequence[Any], agent: str) -> str | None:
    """The state that the first agent was in before it moved for the first time; None: it did not."""
    for event in events:
        if isinstance(event, HandedOff):
            return None
        if isinstance(event, StateEntered) and event.agent == agent:
            return event.previous or event.state
    return None


# A draft is played until it can be ---------------------------------------------------------------------------------


def _played_draft(
    draft: Draft, begins: Beginning, project: Project, supervisor: Supervisor
) -> tuple[Trace, tuple[str, ...]]:
    """The trace of a draft that was played to its end, without the moves that the scenario does not allow.

    Raises:
        ScenarioError: nothing is left of it, or it could not be played at all.
    """
    if not draft.turns:
        raise ScenarioError("nobody says anything in the log", hint="does it hold the events of the server?")
    notes = list(draft.notes)
    left = 3 * sum(len(turn["agent"]) for turn in draft.turns) + len(draft.turns) + 5
    with tempfile.TemporaryDirectory(prefix="scenario-record-") as folder:
        path = Path(folder) / "draft.yaml"
        while left and draft.turns:
            left -= 1
            path.write_text(yaml_text(_file_of(draft, begins, project)), encoding="utf-8")
            read = load(project.path, only=path)
            mistakes = [
                found for found in findings(read, warnings=False, proofs=False) if found.span.file != project.shown
            ]
            case = cases_of([read])[0] if read.dialogues else None
            if case is None or mistakes:
                if not _mend_mistakes(draft.turns, case, mistakes, notes):
                    raise MistakesError(mistakes)
                continue
            (finished,) = supervisor.finished([case])
            if finished.play is None:
                raise finished.result.error or ScenarioError("the log cannot be replayed: its play did not end")
            played = unpacked(finished.play)
            if not _mend(draft.turns, played, notes):
                return played.trace, tuple(notes)
    raise ScenarioError("nothing of the log can be replayed with this scenario", hint="is it a log of another one?")


def _file_of(draft: Draft, begins: Beginning, project: Project) -> dict[str, Any]:
    keys: dict[str, Any] = {"id": "draft", "agent": draft.agent}
    now = begins.now or draft.began
    keys |= {"now": now.isoformat(timespec="seconds")} if now is not None else {}
    keys |= {"state": begins.state} if begins.state is not None else {}
    keys |= {"context": dict(begins.context)} if begins.context else {}
    return {"scenario": str(project.path.resolve()), "dialogues": [{**keys, "turns": draft.turns}]}


def _mend_mistakes(turns: list[dict[str, Any]], case: Case | None, mistakes: Sequence[Any], notes: list[str]) -> bool:
    """Leave out the first move that a mistake stands in; whether there was one."""
    for mistake in mistakes if case is not None else ():
        for number, turn in enumerate(case.dialogue.turns if case is not None else ()):
            for index, move in enumerate(turn.moves or ()):
                span = move.place.span
                if span.line <= mistake.span.line <= span.end_line:
                    written = turns[number]["agent"][index]
                    if "args" in written and "call" in written and "outcome" not in written:
                        written["outcome"] = "invalid"  # what the runner answers where arguments do not fit
                    else:
                        _leave_out(turns, number, index, mistake.message, notes)
                    return True
    return False


def _mend(turns: list[dict[str, Any]], played: Played, notes: list[str]) -> bool:
    """Change the draft where its play had to stop; whether there was such a place."""
    if not played.turns:
        return False
    number = len(played.turns) - 1
    departures = played.turns[-1].departures
    if departures.impossible:
        pointer, reason = departures.impossible[0].pointer, departures.impossible[0].reason
        _leave_out(turns, number, _index_in(pointer), reason, notes)
        return True
    if departures.left:
        index = max(1, _index_in(departures.left[0]))
        moves = turns[number]["agent"]
        turns[number]["agent"], rest = moves[:index], moves[index:]
        if rest:  # it spoke twice on end: the second time without being spoken to
            turns.insert(number + 1, {"silence": "1s", "agent": rest})
        return bool(rest)
    if departures.overruns:
        turns[number]["agent"].append({"say": NOTHING_ON_RECORD})
        notes.append(f"turn {number + 1}: what the agent said in the end is not in the log; write it in its place")
        return True
    return False


def _leave_out(turns: list[dict[str, Any]], number: int, index: int, reason: str, notes: list[str]) -> None:
    moves = turns[number]["agent"]
    move = moves.pop(min(index, len(moves) - 1))
    kind = next(key for key in ("say", "call", "handoff", "state") if key in move)
    notes.append(f"turn {number + 1}: {kind} '{str(move[kind])[:60]}' is left out: {reason}")
    if not moves:
        moves.append({"say": NOTHING_ON_RECORD})


def _index_in(pointer: Sequence[Any]) -> int:
    """Which of the turn's moves a pointer leads to."""
    return int(pointer[list(pointer).index("agent") + 1])
