"""Where the caller cuts in during a turn, told so that whoever follows the line knows it when it is time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from realtime_scenarios.model.dialogue import Call, Interrupt, Say, Turn


@dataclass(frozen=True, slots=True)
class CutIns:
    """`answers` and `commentaries` map the number of what the agent says in the turn, from 0, to when it is cut off.

    The two are counted apart: a model that reasons may say commentary that no dialogue knows of. `calls` maps a tool
    and the number of its call in the turn, from 0, to the seconds after which the caller does not wait for it.

    `speak` has the caller begin to speak, where they cut into what is said by that, and the server ends it when it
    hears them; None: we end it for them.
    """

    answers: Mapping[int, Interrupt] = field(default_factory=dict)
    commentaries: Mapping[int, Interrupt] = field(default_factory=dict)
    calls: Mapping[tuple[str, int], float] = field(default_factory=dict)
    speak: Callable[[], None] | None = None


def cut_ins_of(turn: Turn) -> CutIns:
    """Where the caller cuts into what the agent says and does."""
    moves = turn.moves or ()
    says = [move for move in moves if isinstance(move, Say)]
    calls: dict[tuple[str, int], float] = {}
    made: Counter[str] = Counter()
    for call in (move for move in moves if isinstance(move, Call)):
        if call.interrupt is not None:
            calls[call.tool, made[call.tool]] = call.interrupt.after_seconds or 0.0
        made[call.tool] += 1
    return CutIns(
        _cut_off(say for say in says if say.phase != "commentary"),
        _cut_off(say for say in says if say.phase == "commentary"),
        calls,
    )


def _cut_off(says: Iterable[Say]) -> dict[int, Interrupt]:
    return {number: say.interrupt for number, say in enumerate(says) if say.interrupt is not None}
