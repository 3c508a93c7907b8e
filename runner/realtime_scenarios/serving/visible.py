"""A dialogue to the part of it that can be seen from the model's end, and what cannot be.

Approvals, the context, tables, guardrails and text models are the client's own: nothing of them is on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from realtime_scenarios.expectations.calls import Called, NotCalled
from realtime_scenarios.expectations.errors import Errors
from realtime_scenarios.expectations.promises import Breaks
from realtime_scenarios.model.dialogue import Call, Dialogue, Move, Turn
from realtime_scenarios.model.expectation import EXPECTATIONS, Expectation, is_judged_where_played
from realtime_scenarios.verdicts import Unchecked

_OUT_OF_SIGHT = frozenset(
    EXPECTATIONS[key] for key in ("asked", "approval", "context", "data", "guardrail", "judge", "took")
)


@dataclass(frozen=True, slots=True)
class Visible:
    """The dialogue without what nobody at the model's end can see, which is `unchecked`."""

    dialogue: Dialogue
    unchecked: tuple[Unchecked, ...]


def visible_part(dialogue: Dialogue) -> Visible:
    """What the moves and expectations of a dialogue say about the wire."""
    unchecked: list[Unchecked] = []
    turns = tuple(_turn(turn, unchecked) for turn in dialogue.turns)
    expect = _expected(dialogue.expect, unchecked)
    return Visible(replace(dialogue, turns=turns, expect=expect), tuple(unchecked))


def ends_unseen(call: Call) -> str | None:
    """How the call is to end at the client, where the wire does not show whether it did; None: it is to be answered."""
    if call.outcome not in (None, "answered"):
        return call.outcome
    decided = call.approval[-1].kind if call.approval else "approve"
    return None if decided == "approve" else "rejected"


def _turn(turn: Turn, unchecked: list[Unchecked]) -> Turn:
    moves = turn.moves if turn.moves is None else tuple(_move(move, unchecked) for move in turn.moves)
    return replace(turn, moves=moves, expect=_expected(turn.expect, unchecked))


def _move(move: Move, unchecked: list[Unchecked]) -> Move:
    if not isinstance(move, Call):
        return move
    outcome = ends_unseen(move)
    if outcome is not None:
        reason = f"that it is {_IN_WORDS.get(outcome, outcome)} is the client's own business"
        unchecked.append(Unchecked(move.place, reason))
    elif move.approval:
        unchecked.append(Unchecked(move.place / "approval", "who approves is asked by the client"))
    if move.nested:
        unchecked.append(Unchecked(move.place / "nested", "what a text model behind a tool does is not on the wire"))
    if move.interrupt is not None:
        unchecked.append(Unchecked(move.place / "interrupt", "whether callers cut into a call is not on the wire"))
    if outcome is None and move.approval and move.returns is None:
        outcome = "answered"
    return replace(move, outcome=outcome, approval=(), asks=None, nested=(), interrupt=None)


def _expected(expected: Iterable[Expectation], unchecked: list[Unchecked]) -> tuple[Expectation, ...]:
    seen: list[Expectation] = []
    for wanted in expected:
        if _is_in_sight(wanted):
            seen.append(wanted)
        else:
            unchecked.append(Unchecked(wanted.place, "it is about what only the client knows"))
    return tuple(seen)


def _is_in_sight(wanted: Expectation) -> bool:
    if is_judged_where_played(wanted) or type(wanted) in _OUT_OF_SIGHT:
        return False
    if isinstance(wanted, (Called, NotCalled)):
        return wanted.outcome is None
    if isinstance(wanted, Breaks):
        return wanted.promise != "verbatim"
    return not isinstance(wanted, Errors) or wanted.never


_IN_WORDS = {"timed_out": "too late", "unknown": "not known"}
