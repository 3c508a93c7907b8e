"""Where the caller cuts in during a turn, told so that whoever follows the line knows it when it is time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from realtime_scenarios.model.dialogue import Call, Interrupt, Say, Turn


@dataclass(frozen=True, slots=True)
class CutIns:
    """`messages` maps the number of the agent's message in the turn, from 0, to when it is cut off.

    `calls` maps a tool and the number of its call in the turn, from 0, to the seconds after which the caller does not
    wait for it any longer.
    """

    messages: Mapping[int, Interrupt] = field(default_factory=dict)
    calls: Mapping[tuple[str, int], float] = field(default_factory=dict)


def cut_ins_of(turn: Turn) -> CutIns:
    """Where the caller cuts into what the agent says and does."""
    moves = turn.moves or ()
    says = (move for move in moves if isinstance(move, Say))
    calls: dict[tuple[str, int], float] = {}
    made: Counter[str] = Counter()
    for call in (move for move in moves if isinstance(move, Call)):
        if call.interrupt is not None:
            calls[call.tool, made[call.tool]] = call.interrupt.after_seconds or 0.0
        made[call.tool] += 1
    return CutIns({number: say.interrupt for number, say in enumerate(says) if say.interrupt is not None}, calls)
