"""The moves of a dialogue to what a model puts out: which of them one response makes, and with which arguments."""

from __future__ import annotations

from collections import deque

from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff, Move, Say
from realtime_scenarios.model.scenario import AgentSpec, HandoffSpec
from realtime_scenarios.realtime.speech import Pace

SPEAKING_PACE = Pace(words_per_delta=1, ms_per_word=400)
"""150 words a minute, as people speak: used where a dialogue says that the caller cuts in."""


def taken_for_response(moves: deque[Move]) -> list[Move]:
    """The moves of the next response, which are taken off: one `say`, one call, or a `say` that leads into a call.

    A commentary leads into either.
    """
    taken: list[Move] = []
    while moves:
        move = moves.popleft()
        taken.append(move)
        if not isinstance(move, Say) or move.interrupt is not None:
            break
        leads_into_call = bool(moves) and not isinstance(moves[0], Say)
        if move.phase != "commentary" and not leads_into_call:
            break
    return taken


def transfer_arguments(edge: HandoffSpec, agent: AgentSpec) -> dict[str, str]:
    """What the one transfer tool needs besides what the dialogue gives; nothing in the SDK's style."""
    return {} if agent.handoff_style == "sdk" else transfer_to(edge.to)


def transfer_to(destination: str) -> dict[str, str]:
    """The arguments of a transfer tool."""
    return {
        "rationale_for_transfer": "The caller needs this agent.",
        "conversation_context": "As in the conversation so far.",
        "destination_agent": destination,
    }


def expects_refusal(move: Move) -> bool:
    """Whether the dialogue wants to see it refused: then the model calls it even where it is not on the wire."""
    match move:
        case Call():
            return move.outcome in ("unknown", "refused")
        case Handoff() | EnterState():
            return bool(move.refused)
        case Say():
            return False


def is_cut_into(dialogue: Dialogue) -> bool:
    """Whether the caller cuts into what is being said, so that it must take its time."""
    moves = [move for turn in dialogue.turns for move in turn.moves or ()]
    return any(isinstance(move, Say) and move.interrupt is not None for move in moves)
