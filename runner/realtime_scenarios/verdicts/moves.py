"""The moves of a turn held against what happened in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations import Verdict, mismatch
from realtime_scenarios.model.dialogue import Call, EnterState, Handoff, Move, NestedMove, Say, Turn
from realtime_scenarios.model.matcher import Matcher
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.played import Departures
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalRequested,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    Interrupted,
    StateEntered,
    StateRefused,
    ToolCalled,
    Trace,
    TraceEvent,
)
from realtime_scenarios.verdicts.arguments import argument_difference, schema_of

Deed = ToolCalled | HandedOff | HandoffRefused | StateEntered | StateRefused
_DECISIONS = {"approve": "approved", "reject": "rejected", "times_out": "timed_out"}


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the moves are held against: what a model did that was `scripted`, or that answered by itself."""

    scenario: Scenario
    trace: Trace
    events: tuple[TraceEvent, ...]
    scripted: bool


def move_verdicts(
    turn: Turn, number: int, scenario: Scenario, trace: Trace, departures: Departures | None
) -> Iterator[Verdict]:
    """One verdict a move.

    Of a scripted model the `departures` are known: each move was made as written, or it could not be. With any other
    (None) the calls, handoffs and states must have happened in this order, other calls may stand between them, what
    only a script tries is left out, and the wording is not looked at.
    """
    scripted, departed = departures is not None, departures or Departures()
    held = _Judged(scenario, trace, trace.of_turn(number), scripted)
    events = held.events
    deeds = [event for event in events if isinstance(event, Deed) and _is_the_agents_own(event)]
    not_made = {impossible.pointer: impossible.reason for impossible in departed.impossible}
    position = 0
    for move in turn.moves or ():
        pointer = move.place.pointer
        if pointer in not_made:
            yield _failed_verdict(move, not_made[pointer], deeds[position - 1].seq if position else _first_seq(events))
        elif pointer in departed.left:
            yield _failed_verdict(move, _never_reached(move, turn), _last_seq(events))
        elif isinstance(move, Say):
            if scripted:
                yield _interruption_verdict(move, events) if move.interrupt is not None else _passed_verdict(move)
        elif scripted or not move.is_provocation:
            found = _deed_of(move, deeds[position:], held)
            if isinstance(found, Missed):
                yield _failed_verdict(move, found.message, found.at)
            else:
                position = deeds.index(found) + 1
                yield _made_verdict(move, found, held)
                if isinstance(move, Call) and isinstance(found, ToolCalled):
                    nested = tuple(inner for inner in move.nested if inner.place.pointer not in not_made)
                    yield from _nested_verdicts(replace(move, nested=nested), found, held)
    yield from _departure_verdicts(departed, turn, trace, _last_seq(events))


def _departure_verdicts(departed: Departures, turn: Turn, trace: Trace, last: int | None) -> Iterator[Verdict]:
    """The departures that are about none of the agent's own moves."""
    document = turn.place.document
    own = [move.place.pointer for move in turn.moves or ()]
    for impossible in departed.impossible:
        if impossible.pointer not in own:
            yield Verdict(Place(document, impossible.pointer), passed=False, message=impossible.reason, at=last)
    for tool in departed.questions:
        message = f"the text model behind '{tool}' was asked, but the dialogue does not say what it does"
        yield Verdict(turn.place, passed=False, message=f"{message}: add `nested`", at=last)
    for pointer in departed.nested_left:
        message = "this nested move was never reached: the text model was not asked so often"
        yield Verdict(Place(document, pointer), passed=False, message=message, at=last)
    if departed.overruns:
        message = "the model was asked to answer again, but the dialogue has no move left for this turn"
        yield Verdict(turn.place, passed=False, message=message, at=last)


def approval_verdicts(turn: Turn, trace: Trace, departures: Departures) -> Iterator[Verdict]:
    """A verdict for each decision that was asked for and is not given, or is given and was not asked for."""
    for decision in departures.unasked:
        message = f"nobody asked for this decision: '{decision.tool}' was decided before it"
        decided = trace.decided(decision.call_id)
        place = Place(turn.place.document, decision.pointer)
        yield Verdict(place, passed=False, message=message, at=decided.seq if decided is not None else None)
    for request in departures.approvals:
        called = trace.called(request.call_id)
        message = f"a person was asked to approve '{request.tool}', but the dialogue gives no decision"
        yield Verdict(turn.place, passed=False, message=message, at=called.seq if called is not None else None)


def unheard_verdicts(turn: Turn, events: Sequence[TraceEvent]) -> Iterator[Verdict]:
    """A verdict on a guardrail that had the last word of a turn: a model that is not asked again misses no move."""
    if (last := last_word_of_a_guardrail(events)) is not None:
        message = f"guardrail '{last.guardrail}' tripped and ended the turn, and the dialogue expects no guardrail"
        yield Verdict(turn.place, passed=False, message=message, at=last.seq)


def last_word_of_a_guardrail(events: Sequence[TraceEvent]) -> GuardrailTripped | None:
    """The guardrail that tripped at the end of a turn, after which the agent said nothing more; None: there is none."""
    last = next((event for event in reversed(events) if isinstance(event, (AgentSaid, GuardrailTripped))), None)
    return last if isinstance(last, GuardrailTripped) else None


def _never_reached(move: Move, turn: Turn) -> str:
    """That the turn was over before a move, and what to write where a line stands right behind another one."""
    moves = turn.moves or ()
    before = next((earlier for earlier, later in pairwise(moves) if later is move), None)
    message = f"{_move_text(move)} was never reached: the turn was over before it"
    if not (isinstance(move, Say) and isinstance(before, Say)) or before.phase == "commentary":
        return message
    return f"{message} (one answer holds two lines only where the first has `phase: commentary`)"


def _interruption_verdict(move: Say, events: tuple[TraceEvent, ...]) -> Verdict:
    """Whether the caller did cut in where the dialogue says so."""
    spoken = [event for event in events if isinstance(event, AgentSaid) and move.text.startswith(event.text.strip())]
    if any(event.interrupted for event in spoken):
        return _passed_verdict(move)
    return _failed_verdict(
        move, "the caller was to cut in, but the line was over before", spoken[-1].seq if spoken else None
    )


def _cut_in_verdict(move: Call, call: ToolCalled, events: tuple[TraceEvent, ...]) -> Verdict:
    """Whether the caller did cut in while the tool worked, where the dialogue says so."""
    cut_in = any(isinstance(event, Interrupted) and event.call_id == call.call_id for event in events)
    if move.interrupt is None or cut_in:
        return _passed_verdict(move, call.seq)
    return _failed_verdict(
        move, f"the caller was to cut in while '{move.tool}' worked, but it had answered before", call.seq
    )


def _made_verdict(move: Call | Handoff | EnterState, deed: Deed, held: _Judged) -> Verdict:
    """Whether a move that was made ended as it should, and was cut into where it should be."""
    verdict = _ending_verdict(move, deed, held)
    if verdict.passed and held.scripted and isinstance(move, Call) and isinstance(deed, ToolCalled):
        return _cut_in_verdict(move, deed, held.events)
    return verdict


def _ending_verdict(move: Move, deed: Deed, held: _Judged) -> Verdict:
    """Whether a move that was made ended as it should."""
    match move, deed:
        case Call(), ToolCalled():
            return _call_verdict(move, deed, held)
        case Handoff(refused=False), HandoffRefused():
            return _failed_verdict(move, f"the handoff to '{move.to}' was refused: {deed.reason}", deed.seq)
        case Handoff(), HandedOff() if move.refused:
            return _failed_verdict(move, f"the handoff to '{move.to}' was to be refused, but it was made", deed.seq)
        case Handoff(), HandoffRefused() if deed.invalid != (move.refused == "invalid"):
            return _failed_verdict(move, f"the handoff to '{move.to}' {_other_refusal(deed)}", deed.seq)
        case EnterState(refused=False), StateRefused():
            return _failed_verdict(move, f"the state '{move.state}' was refused: {deed.reason}", deed.seq)
        case EnterState(), StateEntered() if move.refused:
            return _failed_verdict(move, f"the state '{move.state}' was to be refused, but it was entered", deed.seq)
        case EnterState(), StateRefused() if deed.invalid != (move.refused == "invalid"):
            return _failed_verdict(move, f"the state '{move.state}' {_other_refusal(deed)}", deed.seq)
        case _:
            return _passed_verdict(move, deed.seq)


def _other_refusal(deed: HandoffRefused | StateRefused) -> str:
    if deed.invalid:
        return f"was refused for its arguments, not by a gate (`refused: invalid` expects that): {deed.reason}"
    return f"was refused by a gate, not for its arguments: {deed.reason}"


_OUTCOME_WORDS = {
    "refused": "was refused",
    "unknown": "led nowhere",
    "failed": "failed",
    "timed_out": "took too long",
    "invalid": "was invalid",
}


def _call_verdict(move: Call, deed: ToolCalled, held: _Judged) -> Verdict:
    trace = held.trace
    returned, decided = trace.returned(deed.call_id), trace.decided(deed.call_id)
    if returned is None:
        return _failed_verdict(move, f"'{move.tool}' was called but never returned", deed.seq)
    expected = move.outcome or _implied_outcome(move)
    if expected == "timed_out" and decided is not None and decided.decision == "timed_out":
        expected = "rejected"  # nobody answered: for the call that is a no
    if expected is not None and returned.outcome != expected:
        message = f"'{move.tool}' was to be {expected}, but it was {returned.outcome}: {returned.output}"
        return _failed_verdict(move, message, returned.seq)
    if expected is None and returned.outcome == "rejected" and decided is not None and decided.remembered:
        message = f"the call of '{move.tool}' was rejected, as was remembered: {returned.output}"
        return _failed_verdict(move, message, returned.seq)
    is_looked_at = move.returns is not None and not move.returns.only_excludes
    unlooked = () if is_looked_at else ("failed", "timed_out", "invalid")
    if expected is None and returned.outcome in ("refused", "unknown", *unlooked):
        return _failed_verdict(
            move, f"the call of '{move.tool}' {_OUTCOME_WORDS[returned.outcome]}: {returned.output}", returned.seq
        )
    is_remembered = decided is not None and decided.remembered
    if move.approval and trace.asked(deed.call_id) is None and (held.scripted or not is_remembered):
        why = ": an earlier decision was remembered" if is_remembered else ""  # by a model that called it before, too
        message = f"nobody was asked to approve '{move.tool}', though the dialogue gives a decision{why}"
        return _failed_verdict(move, message, deed.seq)
    if move.approval and decided is not None and decided.decision != (wanted := _DECISIONS[move.approval[-1].kind]):
        message = f"the approval of '{move.tool}' was to be {wanted}, but it was {decided.decision}"
        return _failed_verdict(move, message, decided.seq)
    if move.asks is not None and (reason := _asked_otherwise(move.asks, trace.asked(deed.call_id))):
        return _failed_verdict(move, f"about '{move.tool}' {reason}", deed.seq)
    if move.returns is not None and (reason := mismatch(move.returns, returned.output)):
        return _failed_verdict(move, f"'{move.tool}' returned something else: {reason}", returned.seq)
    return _passed_verdict(move, deed.seq)


def _asked_otherwise(wanted: Matcher, asked: ApprovalRequested | None) -> str | None:
    """Why a person was not asked what was wanted; None where they were."""
    if asked is None:
        return "nobody was asked anything"
    reason = mismatch(wanted, asked.question or "", heard=True)
    return f"the person was asked something else: {reason}" if reason else None


def _nested_verdicts(move: Call, deed: ToolCalled, held: _Judged) -> Iterator[Verdict]:
    """One verdict for each call that the text model behind a call was to make."""
    inner: list[Deed] = list(held.trace.within(deed.call_id))
    position = 0
    for nested in move.nested:
        if not isinstance(nested, Call) or (nested.is_provocation and not held.scripted):
            continue
        found = _deed_of(nested, inner[position:], held)
        if not isinstance(found, ToolCalled):
            what = found.message if isinstance(found, Missed) else ""
            yield _failed_verdict(nested, f"behind '{move.tool}': {what}", deed.seq)
            return
        position = inner.index(found) + 1
        yield _call_verdict(nested, found, held)


def _implied_outcome(move: Call) -> str | None:
    """What the last decision implies about the outcome; None where it implies nothing."""
    if move.approval and move.approval[-1].kind != "approve":
        return "rejected"
    return None


@dataclass(frozen=True, slots=True)
class Missed:
    """A move that nothing in the turn is: why, and at which event."""

    message: str
    at: int | None


def _deed_of(move: Call | Handoff | EnterState, deeds: Sequence[Deed], held: _Judged) -> Deed | Missed:
    """The deed that the move is: of a script the next one, else the first that ended as it should, or at least began.

    A model that answers by itself may mend a call that was refused.
    """
    alike = [deed for deed in (deeds[:1] if held.scripted else deeds) if _is_deed_of(deed, move)]
    reasons = [_difference(move, deed, held) for deed in alike]
    wanted = [deed for deed, reason in zip(alike, reasons, strict=True) if reason is None]
    if wanted:
        return next((deed for deed in wanted if _ending_verdict(move, deed, held).passed), wanted[0])
    if alike:
        return Missed(f"{_deed_text(alike[0])} was made, but {reasons[0]}", alike[0].seq)
    return Missed(f"expected {_move_text(move)}; {_deeds_text(deeds)}", _last_seq(held.events))


def _is_deed_of(deed: Deed, move: Move) -> bool:
    """Whether the deed is the move, whatever was sent with it and however it ended."""
    match move, deed:
        case Call(), ToolCalled():
            return deed.tool == move.tool
        case Handoff(), HandedOff() | HandoffRefused():
            return deed.to == move.to
        case EnterState(), StateEntered() | StateRefused():
            return deed.state == move.state
        case _:
            return False


def _difference(move: Call | Handoff | EnterState, deed: Deed, held: _Judged) -> str | None:
    """Why what was sent with the deed is not what the move expects; None where it is."""
    schema = schema_of(move, held.scenario.agents.get(deed.agent), held.scenario)
    return argument_difference(move, _sent_with(deed, held.events), schema, held.trace.masked)


def _sent_with(deed: Deed, events: Sequence[TraceEvent]) -> Any:
    """The arguments of a deed; those of a move between states stand in the call behind it."""
    if not isinstance(deed, (StateEntered, StateRefused)):
        return deed.arguments
    calls = (event for event in events if isinstance(event, ToolCalled) and event.tool == SET_STATE_TOOL)
    return next((call.arguments for call in reversed(list(calls)) if call.seq < deed.seq), None)


def _is_the_agents_own(event: Deed) -> bool:
    """Whether the voice agent did it, as a move: not a text model's call, and not the call behind another deed."""
    return not isinstance(event, ToolCalled) or (event.tool != SET_STATE_TOOL and event.within is None)


def _move_text(move: Move) -> str:
    match move:
        case Say():
            return f"the line '{_elided(move.text)}'"
        case Call():
            return f"a call of '{move.tool}'" + (
                f" with {_elided(json.dumps(dict(move.arguments), ensure_ascii=False))}" if move.arguments else ""
            )
        case Handoff():
            return f"a handoff to '{move.to}'"
        case EnterState():
            return f"the state '{move.state}'"


def _deeds_text(deeds: Sequence[Deed]) -> str:
    if not deeds:
        return "nothing of the kind happened"
    return f"what happened was {listed(map(_deed_text, deeds))}"


def _deed_text(deed: Deed) -> str:
    match deed:
        case ToolCalled():
            return f"a call of '{deed.tool}'" + (
                f" with {_elided(json.dumps(deed.arguments, ensure_ascii=False))}" if deed.arguments else ""
            )
        case HandedOff():
            return f"a handoff to '{deed.to}'"
        case HandoffRefused():
            return f"a refused handoff to '{deed.to}'"
        case StateEntered():
            return f"the state '{deed.state}'"
        case StateRefused():
            return f"a refused move to state '{deed.state}'"


def _elided(text: str, longest: int = 80) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _passed_verdict(move: Move, at: int | None = None) -> Verdict:
    return Verdict(place=move.place, passed=True, message="", at=at)


def _failed_verdict(move: Move | NestedMove, message: str, at: int | None) -> Verdict:
    return Verdict(place=move.place, passed=False, message=message, at=at)


def _first_seq(events: tuple[TraceEvent, ...]) -> int | None:
    return events[0].seq if events else None


def _last_seq(events: tuple[TraceEvent, ...]) -> int | None:
    """The last thing that was said, which people look for first; the last event where nothing was."""
    spoken = [event.seq for event in events if isinstance(event, AgentSaid)]
    return spoken[-1] if spoken else events[-1].seq if events else None
