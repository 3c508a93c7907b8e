"""A dialogue that was played, to all verdicts on it.

Each turn is judged by the conversation as that turn left it: later events are not there yet, and a query over the
tables has the answer that it was given then. What is said of the whole conversation, by the dialogue or by the promises
of the scenario, is judged only where it came to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.expectations import Verdict, check
from realtime_scenarios.expectations.flow import GuardrailTrips
from realtime_scenarios.expectations.judge import Judge
from realtime_scenarios.expectations.promises import Breaks
from realtime_scenarios.expectations.standing import unkept_promises
from realtime_scenarios.model.dialogue import Dialogue, Say, Turn
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.secret import written_secrets
from realtime_scenarios.played import Looked, Played, QueryFailure, RowsFound, TurnPlayed
from realtime_scenarios.proof import departures, property_violations
from realtime_scenarios.trace import BY_THE_CALLER, AgentSaid, SessionEnded, Trace, TraceEvent
from realtime_scenarios.verdicts.improvised import as_played, how_it_ended
from realtime_scenarios.verdicts.masked import without_secrets
from realtime_scenarios.verdicts.moves import approval_verdicts, move_verdicts, unheard_verdicts
from realtime_scenarios.verdicts.result import DialogueResult
from realtime_scenarios.verdicts.unchecked import is_unjudged, is_unlistened, unchecked_in, unjudged_in

NOTHING_TO_CHECK = "nothing in it can be checked with this model"
"""Why a dialogue counts as skipped that was played to the end, and of which nothing was held against anything."""

ONLY_JUDGED = "only a judge looked at it, and their yes alone makes nothing checked"
"""Why one counts as skipped of which nothing but a rubric holds."""

UNANSWERED = "nobody answers in its last turn, which has no moves, and before it the model only says its lines"
"""Why one counts as skipped whose script ends before the dialogue does."""


def judged(scenario: Scenario, dialogue: Dialogue, played: Played, *, from_outside: bool = False) -> DialogueResult:
    """The result of a dialogue of this scenario that was played.

    `from_outside`: the trace shows what went over the wire to a model, and nothing of what stands behind the tools. So
    gates, properties and what a text model said are not looked at.
    """
    trace, scripted = _with_judgements(played), played.scripted
    written, dialogue = dialogue, as_played(dialogue, played.improvised)
    verdicts = [
        verdict
        for number, (turn, taken) in enumerate(zip(dialogue.turns, played.turns, strict=False), 1)
        for verdict in _turn_verdicts(scenario, dialogue, turn, number, taken, trace, scripted=scripted)
    ]
    if _is_at_its_end(played, dialogue):
        verdicts += _closing_verdicts(scenario, dialogue, played, trace, from_outside=from_outside)
        verdicts += how_it_ended(written, played)
    error = played.problem.error if played.problem is not None else None
    unchecked = tuple(unjudged_in(dialogue, trace) if scripted else unchecked_in(dialogue, trace))
    is_told = any(turn.moves is not None for turn in dialogue.turns)
    judges = {wanted.place for wanted in dialogue.expectations if isinstance(wanted, Judge)}
    caller = written.caller
    hollow = {*judges, *([caller.place] if caller is not None and not caller.wants_more_than_an_answer else [])}
    held = [verdict for verdict in verdicts if not (verdict.passed and verdict.place in hollow)]
    unanswered = scripted and is_told and _ends_unanswered(scenario, dialogue, played, held, trace)
    is_checked = (scripted and is_told) or (bool(held) and (not scripted or _is_answered(trace)))
    skipped = (
        UNANSWERED
        if unanswered
        else None
        if is_checked
        else ONLY_JUDGED
        if any(verdict.place in judges for verdict in verdicts)
        else NOTHING_TO_CHECK
    )
    result = DialogueResult(
        dialogue, tuple(verdicts), trace, error, skipped=skipped, unchecked=unchecked, dollars=played.dollars
    )
    return without_secrets(result, (*written_secrets(scenario, dialogue), *played.late))


def _with_judgements(played: Played) -> Trace:
    looked = (*(turn.looked for turn in played.turns), played.looked)
    judgements = {there.pointer: there.judgement for each in looked for there in each.judged}
    return replace(played.trace, judgements=judgements)


def _is_answered(trace: Iterable[TraceEvent]) -> bool:
    """Whether anything happened but for what the caller did: of silence alone, whatever must not happen holds."""
    return not all(isinstance(event, (*BY_THE_CALLER, SessionEnded)) for event in trace)


def _ends_unanswered(
    scenario: Scenario, dialogue: Dialogue, played: Played, held: Sequence[Verdict], trace: Trace
) -> bool:
    """Whether a script has nothing for what the caller says last, and nothing that holds can do without an answer.

    That a scripted model says its lines holds of every scenario, and so does what is expected of nothing else.
    """
    last, number = dialogue.turns[-1], len(dialogue.turns)
    if last.user is None or last.moves is not None or _is_answered(trace.of_turn(number)):
        return False
    said = {move.place for turn in dialogue.turns for move in turn.moves or () if isinstance(move, Say)}
    silent = {wanted.place for wanted in last.expect}
    for at, (turn, taken) in enumerate(zip(dialogue.turns, played.turns, strict=False), 1):
        silent |= _held_by_lines(turn.expect, at, as_left(scenario, trace, taken.events, taken.looked), taken.looked)
    whole = as_left(scenario, trace, played.turns[-1].events, played.looked)
    silent |= _held_by_lines(dialogue.expect, None, whole, played.looked)
    return all(verdict.place in said | silent for verdict in held)


def _held_by_lines(expected: Sequence[Expectation], turn: int | None, trace: Trace, looked: Looked) -> set[Place]:
    """Where what is expected would hold, too, if nothing had happened but what both said to one another."""
    lines = tuple(event for event in trace.events if isinstance(event, (*BY_THE_CALLER, AgentSaid)))
    found = _expectation_verdicts(expected, turn, replace(trace, events=lines), looked, scripted=True)
    there = {verdict.pointer for verdict in looked.verdicts}
    return {verdict.place for verdict in found if verdict.passed and verdict.place.pointer not in there}


def _is_at_its_end(played: Played, dialogue: Dialogue) -> bool:
    last = played.turns[-1] if len(played.turns) == len(dialogue.turns) else None
    return last is not None and not last.departures.end_the_play


def _turn_verdicts(
    scenario: Scenario, dialogue: Dialogue, turn: Turn, number: int, taken: TurnPlayed, trace: Trace, *, scripted: bool
) -> Iterator[Verdict]:
    then = as_left(scenario, trace, taken.events, taken.looked)
    if turn.moves is not None:
        yield from move_verdicts(turn, number, scenario, then, taken.departures if scripted else None)
    yield from approval_verdicts(turn, then, taken.departures)
    if scripted and not any(isinstance(wanted, GuardrailTrips) for wanted in (*turn.expect, *dialogue.expect)):
        yield from unheard_verdicts(turn, then.of_turn(number))
    then = _with_broken_promises(scenario, then, turn.expect)
    yield from _expectation_verdicts(turn.expect, number, then, taken.looked, scripted=scripted)


def _closing_verdicts(
    scenario: Scenario, dialogue: Dialogue, played: Played, trace: Trace, *, from_outside: bool
) -> Iterator[Verdict]:
    whole = as_left(scenario, trace, played.turns[-1].events, played.looked)
    whole = _with_broken_promises(scenario, whole, dialogue.expect)
    yield from _expectation_verdicts(dialogue.expect, None, whole, played.looked, scripted=played.scripted)
    yield from _promise_verdicts(scenario, whole, dialogue, scripted=played.scripted, from_outside=from_outside)
    if from_outside:
        return
    yield from _proof_verdicts(scenario, whole, preset=bool(dialogue.context or dialogue.agent or dialogue.state))


def _expectation_verdicts(
    expected: Sequence[Expectation], turn: int | None, trace: Trace, looked: Looked, *, scripted: bool
) -> Iterator[Verdict]:
    there = {verdict.pointer: verdict for verdict in looked.verdicts}
    for wanted in expected:
        if is_unjudged(wanted, trace):
            continue
        if not scripted and (wanted.needs_scripted_model or is_unlistened(wanted, trace, turn)):
            continue
        if (known := there.get(wanted.place.pointer)) is not None:
            yield Verdict(wanted.place, known.passed, known.message, known.at, known.diff)
        else:
            yield check(wanted, trace, turn)


def as_left(scenario: Scenario, trace: Trace, events: int, looked: Looked) -> Trace:
    """The trace as it was when it had so many events, with the answers that queries were given then."""

    def rows_of(query: str) -> list[dict[str, Any]]:
        match looked.answers.get(query):
            case RowsFound(rows):
                return [dict(row) for row in rows]
            case QueryFailure(reason):
                raise LookupError(reason)
            case None:
                raise LookupError("it is not among the names of the expectation, and so it was not run")

    query = rows_of if scenario.data else None
    return replace(trace, events=trace.events[:events], query=query, masked=looked.masked)


def _with_broken_promises(scenario: Scenario, trace: Trace, expected: Sequence[Expectation]) -> Trace:
    """The trace with what it breaks of the scenario's promises, where somebody looks for that."""
    if not any(isinstance(wanted, Breaks) for wanted in expected):
        return trace
    return replace(trace, broken=tuple(unkept.broken for unkept in unkept_promises(scenario, trace)))


def _promise_verdicts(
    scenario: Scenario, trace: Trace, dialogue: Dialogue, *, scripted: bool, from_outside: bool
) -> Iterator[Verdict]:
    """The promises that were not kept, each at the turn that broke it.

    What a script breaks on purpose is left out. Any other model was not told to.
    """
    on_purpose = {
        (number, wanted.promise)
        for number, expected in enumerate([dialogue.expect, *(turn.expect for turn in dialogue.turns)])
        for wanted in expected
        if scripted and isinstance(wanted, Breaks)
    }
    for unkept in unkept_promises(scenario, trace):
        broken, place, message = unkept.broken, unkept.place, unkept.broken.message
        if from_outside and broken.promise == "verbatim":
            continue
        if {(0, broken.promise), (broken.turn, broken.promise)} & on_purpose:
            continue
        if broken.turn > 0:
            place, message = dialogue.turns[broken.turn - 1].place, f"{message} (promised at {place.span})"
        yield Verdict(place, False, message, broken.at)


def _proof_verdicts(scenario: Scenario, trace: Trace, *, preset: bool) -> Iterator[Verdict]:
    """A verdict for each property that the conversation broke, and for what the model of the proofs does not know.

    `preset`: the dialogue begins in the middle of things, so what must have come before may have come before it.
    """
    for broken, message, seq in property_violations(scenario, trace) if scenario.properties else ():
        if not (preset and broken.before is not None):
            yield Verdict(place=broken.place, passed=False, message=message, at=seq)
    for place, message, seq in departures(scenario, trace):
        yield Verdict(place=place, passed=False, message=message, at=seq)
