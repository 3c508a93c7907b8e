"""What a dialogue says that cannot be checked where the model answers by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from realtime_scenarios.expectations.flow import GuardrailTrips
from realtime_scenarios.expectations.judge import Judge
from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff, Move, NestedMove, Say
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.trace import NOT_ASKED, GuardrailChecked, GuardrailTripped, Judgement, Trace
from realtime_scenarios.verdicts.result import Unchecked

_ORDERED = "only a scripted model can be ordered to do this"
_TRIED = "only a scripted model tries what must be refused"
_UNLISTENED = "no text model classified what the agent said"
_CUT_INTO = "where the caller cuts in hangs on the model's own pace"


def unjudged_in(dialogue: Dialogue, trace: Trace) -> Iterator[Unchecked]:
    """Each expectation that asks a judge who gave no clear answer, or none at all."""
    for expectation in dialogue.expectations:
        if is_unjudged(expectation, trace):
            yield Unchecked(expectation.place, _why_unjudged(trace.judgements.get(expectation.place.json_pointer)))


def is_unjudged(expectation: Expectation, trace: Trace) -> bool:
    """Whether it asks a judge, and there is neither a yes nor a no."""
    if not isinstance(expectation, Judge):
        return False
    judgement = trace.judgements.get(expectation.place.json_pointer)
    return judgement is None or not judgement.is_clear


def _why_unjudged(judgement: Judgement | None) -> str:
    if judgement is None:
        return "the judge was not asked, since it did not come to that"
    return f"the judge is not sure: {judgement.reason}" if judgement.answer == "unsure" else judgement.reason


def unchecked_in(dialogue: Dialogue, trace: Trace) -> Iterator[Unchecked]:
    """Each move and expectation that the model which made the trace cannot be held to, in the order of the file."""
    for number, turn in enumerate(dialogue.turns, 1):
        for move in turn.moves or ():
            yield from _unchecked_in_move(move)
        yield from _unchecked_among(turn.expect, trace, number)
    yield from _unchecked_among(dialogue.expect, trace, None)


def is_unlistened(expectation: Expectation, trace: Trace, turn: int | None) -> bool:
    """Whether no guardrail is to trip in the turn (None: in any), and none did, but one was not told what it heard."""
    if not (isinstance(expectation, GuardrailTrips) and expectation.guardrail is None):
        return False
    events = trace.events if turn is None else trace.of_turn(turn)
    if any(isinstance(event, GuardrailTripped) for event in events):
        return False
    return any(isinstance(event, GuardrailChecked) and _is_unclassified(event) for event in events)


def _is_unclassified(event: GuardrailChecked) -> bool:
    """Whether a text passed that no text model looked at: there is none, or it failed."""
    return event.status == "pass" and (event.category is None or event.reason == NOT_ASKED)


def _unchecked_among(expected: Iterable[Expectation], trace: Trace, turn: int | None) -> Iterator[Unchecked]:
    for expectation in expected:
        if expectation.needs_scripted_model:
            yield Unchecked(expectation.place, _ORDERED)
        elif is_unjudged(expectation, trace):
            yield Unchecked(expectation.place, _why_unjudged(trace.judgements.get(expectation.place.json_pointer)))
        elif is_unlistened(expectation, trace, turn):
            yield Unchecked(expectation.place, _UNLISTENED)


def _unchecked_in_move(move: Move | NestedMove) -> Iterator[Unchecked]:
    match move:
        case Call() | Handoff() | EnterState() if move.is_provocation:
            yield Unchecked(move.place, _TRIED)
        case Say() | Call() if move.interrupt is not None:
            yield Unchecked(move.place / "interrupt", _CUT_INTO)
    if isinstance(move, Call) and not move.is_provocation:
        for nested in move.nested:
            yield from _unchecked_in_move(nested)
