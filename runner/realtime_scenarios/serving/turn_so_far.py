"""How far a turn of a dialogue has come that is played for a client."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from realtime_scenarios.model.dialogue import Move, Turn
from realtime_scenarios.played import Departures, ImpossibleMove


@dataclass(slots=True)
class TurnSoFar:
    """`moves` are those that are left; `number` counts from 1 as in the dialogue."""

    number: int
    turn: Turn
    moves: deque[Move]
    began: float
    impossible: list[ImpossibleMove] = field(default_factory=list)
    overruns: int = 0
    responses: int = 0
    most_calls: int = 0

    @property
    def departures(self) -> Departures:
        left = tuple(move.place.pointer for move in self.moves)
        return Departures(impossible=tuple(self.impossible), left=left, overruns=self.overruns)
