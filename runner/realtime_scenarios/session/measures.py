"""How long each turn of a conversation takes, and what the caller waits for in it."""

from __future__ import annotations

from collections.abc import Mapping

from realtime_scenarios.compiler import ConversationState
from realtime_scenarios.session.line import Line
from realtime_scenarios.trace import TurnMeasures


class Stopwatch:
    """`before` are the turns of a conversation that is gone on from."""

    def __init__(self, state: ConversationState, line: Line, before: Mapping[int, TurnMeasures]) -> None:
        self._state = state
        self._line = line
        self._before = dict(before)
        self._began = 0.0

    def turn_begins(self) -> None:
        """What the turn until now took is kept, and the next one counts from now."""
        self._before = self.measures
        self._began = self._state.clock.monotonic()
        self._state.longest_call = 0.0

    def counts_from(self, moment: float) -> None:
        """The present turn counts from then, by the session's clock in seconds: what is measured is the agent."""
        self._began = moment

    @property
    def measures(self) -> dict[int, TurnMeasures]:
        """What each turn took, the present one until now."""
        if self._state.turn == 0:
            return {}
        wire, seconds = self._line.wire, self._state.clock.monotonic() - self._began
        waited = None if wire.first_heard is None else max(0.0, round(wire.first_heard - self._began, 3))
        present = TurnMeasures(round(seconds, 3), wire.responses, wire.parallel, waited, self._state.longest_call)
        return {**self._before, self._state.turn: present}

    @property
    def waits(self) -> list[float]:
        """How many seconds the caller waited for the first words of each turn in which there were any."""
        return [each.first_words for each in self.measures.values() if each.first_words is not None]
