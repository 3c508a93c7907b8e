"""A conversation as it was at the end of a turn: what it takes to go on from there, on another line and differently."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from realtime_scenarios.compiler import ConversationState, Remembered
from realtime_scenarios.compiler.recorder import Recorder
from realtime_scenarios.core import Clock, Secrets
from realtime_scenarios.core.json_text import copied
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.stubs.session import StubMemory
from realtime_scenarios.trace import Trace, TraceEvent


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of the conversation then, and what its stubs remembered.

    `record` is what had happened until then; what became secret only later stands in it. `now` is what time it was.
    `secrets` are all that were known. What is elsewhere is not in it: what an `http` tool, an MCP server or a module of
    the author's own remembers.
    """

    agent: str
    states: Mapping[str, str]
    context: Mapping[str, object]
    approvals: Mapping[str, Mapping[str, str]]
    remembered: Mapping[str, Remembered]
    turn: int
    now: datetime.datetime
    record: Trace
    secrets: tuple[str, ...]
    stubs: StubMemory

    @classmethod
    def of(cls, state: ConversationState, record: Trace, stubs: StubMemory) -> Moment:
        """The present one."""
        return cls(
            state.agent,
            dict(state.states),
            copied(state.context),
            dict(state.approvals),
            dict(state.remembered),
            state.turn,
            state.now(),
            record,
            state.secrets.values,
            stubs,
        )

    def state(
        self, scenario: Scenario, clock: Clock, secrets: Iterable[str], listener: Callable[[TraceEvent], None]
    ) -> ConversationState:
        """What a conversation knows that goes on from here."""
        hidden = Secrets((*self.secrets, *secrets))
        recorder = Recorder(self.record, hidden, listener)
        recorder.events.extend(self.record.events)
        return ConversationState(
            scenario,
            clock,
            hidden,
            recorder,
            copied(dict(self.context)),
            self.agent,
            dict(self.states),
            turn=self.turn,
            approvals=dict(self.approvals),
            remembered=dict(self.remembered),
        )
