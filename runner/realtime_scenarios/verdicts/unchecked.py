"""What a dialogue says that cannot be checked where the model answers by itself."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff, Move, NestedMove, Say
from realtime_scenarios.verdicts.result import Unchecked

_ORDERED = "only a scripted model can be ordered to do this"
_TRIED = "only a scripted model tries what must be refused"
_CUT_INTO = "where the caller cuts in hangs on the model's own pace"


def unchecked_in(dialogue: Dialogue) -> Iterator[Unchecked]:
    """Each move and expectation that only a scripted model can be held to, in the order of the file."""
    for turn in dialogue.turns:
        for move in turn.moves or ():
            yield from _unchecked_in_move(move)
        for expectation in turn.expect:
            if expectation.needs_scripted_model:
                yield Unchecked(expectation.place, _ORDERED)
    for expectation in dialogue.expect:
        if expectation.needs_scripted_model:
            yield Unchecked(expectation.place, _ORDERED)


def _unchecked_in_move(move: Move | NestedMove) -> Iterator[Unchecked]:
    match move:
        case Call() | Handoff() | EnterState() if move.is_provocation:
            yield Unchecked(move.place, _TRIED)
        case Say() | Call() if move.interrupt is not None:
            yield Unchecked(move.place / "interrupt", _CUT_INTO)
    if isinstance(move, Call) and not move.is_provocation:
        for nested in move.nested:
            yield from _unchecked_in_move(nested)
