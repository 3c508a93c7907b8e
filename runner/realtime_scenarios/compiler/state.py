"""What one conversation knows: the object that every tool, handoff and guardrail of the SDK is given as its context."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.compiler.asking import TextModels
from realtime_scenarios.core import Clock, Secrets
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import ApprovalRule
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.trace import ContextChanged, StateEntered, TraceEvent

_NAMES = frozenset(
    ("call_id", "within", "tool", "outcome", "to", "decision", "state", "previous", "variable", "guardrail", "status")
)
"""Fields of events that hold names of the scenario and never anything that was said."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An approval that holds for the rest of the conversation."""

    approved: bool
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asking:
    """A call that a person is asked about. `name` is what the decision is remembered for."""

    call_id: str
    tool: str
    arguments: Mapping[str, Any]
    rule: ApprovalRule
    name: str


@dataclass(slots=True)
class ConversationState:
    """The living part of a conversation; one each, never shared.

    `agent` is the id of the active agent, `running` how many stubs are at work. `approvals` maps call ids to the fields
    that a person gave (secrets in plain form: only stubs read them). `listener` hears every event as it is recorded;
    `refresh` sends the active agent's tools and instructions to the model anew; `on_trip` is called when a guardrail
    trips while the agent speaks; `ask` asks a person about a call that a text model makes (calls of the voice agent are
    asked about by the SDK). `text` asks text models, None where there are none; `limits` are the time limits of those
    at work. `mcp_tools` are the tools of MCP servers, by name, with their rules.
    """

    scenario: Scenario
    clock: Clock
    stubs: StubSession
    context: dict[str, Any]
    agent: str
    turn: int = 0
    secrets: Secrets = field(default_factory=Secrets)
    events: list[TraceEvent] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    approvals: dict[str, Mapping[str, str]] = field(default_factory=dict)
    remembered: dict[str, Remembered] = field(default_factory=dict)
    running: int = 0
    trips: int = 0
    tripped_response: str | None = None
    response_id: str | None = None
    listener: Callable[[TraceEvent], None] | None = None
    refresh: Callable[[], Awaitable[None]] | None = None
    on_trip: Callable[[], None] | None = None
    ask: Callable[[Asking], Awaitable[str | None]] | None = None
    text: TextModels | None = None
    mcp_tools: dict[str, ApprovalRule | None] = field(default_factory=dict)
    limits: list[asyncio.Timeout] = field(default_factory=list)
    pending_checks: set[tuple[str, str | None]] = field(default_factory=set)

    def record(self, kind: type[TraceEvent], **fields: Any) -> None:
        """Append an event to the trace, with every secret hidden."""
        hidden = {name: value if name in _NAMES else self.secrets.hidden_in(value) for name, value in fields.items()}
        event = kind(seq=len(self.events) + 1, turn=self.turn, agent=self.agent, **hidden)
        self.events.append(event)
        if self.listener is not None:
            self.listener(event)

    def keep_secret(self, values: Mapping[str, Any]) -> None:
        """Hide from now on whatever belongs to a context variable that is declared secret."""
        for name, value in values.items():
            variable = self.scenario.context.get(name)
            if variable and variable.secret:
                for leaf in _leaves(value):
                    self.secrets.add(str(leaf))

    def update(self, changes: Mapping[str, Any]) -> None:
        """Set context variables. A variable that is not declared secret never holds one."""
        self.keep_secret(changes)
        for name, value in changes.items():
            kept = value if self.scenario.context[name].secret else self.secrets.hidden_in(value)
            if name not in self.context or self.context[name] != kept:
                self.context[name] = kept
                self.record(ContextChanged, variable=name, value=kept)

    def enter_state(self, state: str) -> None:
        previous = self.states.get(self.agent) or (self.here if self.here != state else None)
        self.states[self.agent] = state
        self.record(StateEntered, state=state, previous=previous)

    @property
    def here(self) -> str | None:
        """The state that the active agent is in; None where it has no states."""
        machine = self.scenario.agents[self.agent].states
        return self.states.get(self.agent, machine.entry) if machine else None

    def now(self) -> datetime.datetime:
        return self.clock.now()


def _leaves(value: Any) -> Iterator[str | int | float]:
    """The texts and numbers inside of a value."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _leaves(one)
