"""What one conversation knows, and what the SDK hands to every tool, handoff and guardrail as its context."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.compiler.asking import TextModels
from realtime_scenarios.compiler.recorder import Recorder
from realtime_scenarios.core import Clock, Secrets
from realtime_scenarios.core.json_text import copied
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.secret import secret_values, shown_values
from realtime_scenarios.model.tool import ApprovalRule
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.trace import (
    LEFT_OUT,
    LONGEST_SHOWN,
    ContextChanged,
    ModelAsked,
    StateEntered,
    Trace,
    TraceEvent,
)


@dataclass(frozen=True, slots=True)
class Remembered:
    """An approval that holds for the rest of the conversation."""

    approved: bool
    fields: Mapping[str, str]


@dataclass(slots=True)
class ConversationState:
    """The living part of a conversation; one each, never shared. It is data: whom its tools turn to is in `Talk`.

    `agent` is the id of the active agent, `running` how many stubs are at work, `longest_call` for how many seconds one
    was in this turn. `states` maps agents to the state that
    they were left in; one that is not there is in its first. `approvals` maps call ids to the fields that a person gave
    (secrets in plain form: only stubs read them). `limits` are the time limits of the text models at work. `mcp_tools`
    are the tools of MCP servers, by name, with their rules.
    """

    scenario: Scenario
    clock: Clock
    secrets: Secrets
    recorder: Recorder
    context: dict[str, Any]
    agent: str
    states: dict[str, str]
    turn: int = 0
    approvals: dict[str, Mapping[str, str]] = field(default_factory=dict)
    remembered: dict[str, Remembered] = field(default_factory=dict)
    running: int = 0
    longest_call: float = 0.0
    trips: int = 0
    tripped_response: str | None = None
    response_id: str | None = None
    mcp_tools: dict[str, ApprovalRule | None] = field(default_factory=dict)
    limits: list[asyncio.Timeout] = field(default_factory=list)
    pending_checks: set[tuple[str, str | None]] = field(default_factory=set)

    @classmethod
    def at_the_start(
        cls,
        scenario: Scenario,
        clock: Clock,
        *,
        context: Mapping[str, Any] | None = None,
        agent: str | None = None,
        state: str | None = None,
        secrets: Iterable[str] = (),
        listener: Callable[[TraceEvent], None] | None = None,
    ) -> ConversationState:
        """A conversation before anything is said, with the scenario's own beginning where nothing else is given.

        `secrets` are never shown, and neither is what `context` gives to variables that are declared secret. `listener`
        hears every event as it is recorded.
        """
        defaults = {name: variable.default for name, variable in scenario.context.items()}
        known: dict[str, Any] = copied({**defaults, **(context or {})})
        agent = agent or scenario.start
        states = {} if state is None else {agent: state}
        entries = {spec.id: spec.states.entry for spec in scenario.agents.values() if spec.states is not None}
        hidden = Secrets((*secret_values(scenario.context, known), *secrets))
        shown = shown_values(scenario.context, known, hidden)
        begins = Trace((), agent, shown, entries=entries | states, began=clock.now())
        return cls(scenario, clock, hidden, Recorder(begins, hidden, listener), known, agent, states)

    def record(self, kind: type[TraceEvent], **fields: Any) -> None:
        """Put an event on record, in the present turn and of the active agent."""
        self.recorder.record(kind, turn=self.turn, agent=self.agent, **fields)

    def record_question(self, call_id: str | None, name: str, instructions: str, question: str) -> None:
        """Put on record what a text model is shown. `call_id` None: a guardrail asks it."""
        # secrets are hidden first: the half of one, at the cut, would be known to nobody as a secret
        shown = {"instructions": self.secrets.hidden(instructions), "question": self.secrets.hidden(question)}
        self.record(ModelAsked, call_id=call_id, name=name, **{key: _ends_of(text) for key, text in shown.items()})

    def keep_secret(self, values: Mapping[str, Any]) -> None:
        """Hide from now on whatever belongs to a context variable that is declared secret."""
        for value in secret_values(self.scenario.context, values):
            self.secrets.add(value)

    def update(self, changes: Mapping[str, Any]) -> None:
        """Set context variables. A variable that is not declared secret never holds one."""
        self.keep_secret(changes)
        for name, value in changes.items():
            kept = copied(value if self.scenario.context[name].secret else self.secrets.hidden_in(value))
            if name not in self.context or self.context[name] != kept:
                self.context[name] = kept
                shown = shown_values(self.scenario.context, {name: kept}, self.secrets)[name]
                self.record(ContextChanged, variable=name, value=shown)

    def enter_state(self, state: str, transition: str) -> None:
        """Move the active agent on, by the transition at that JSON pointer."""
        previous = self.states.get(self.agent) or (self.here if self.here != state else None)
        self.states[self.agent] = state
        self.record(StateEntered, state=state, previous=previous, transition=transition)

    @property
    def here(self) -> str | None:
        """The state that the active agent is in; None where it has no states."""
        machine = self.scenario.agents[self.agent].states
        return self.states.get(self.agent, machine.entry) if machine else None

    @property
    def has_ended_turn(self) -> bool:
        """Whether guardrails tripped so often that the turn was ended: nothing more of it is heard, or done."""
        return self.trips >= self.scenario.session.guardrails.max_trips

    def now(self) -> datetime.datetime:
        return self.clock.now()


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as its tools, handoffs and guardrails meet it: what it knows, and whom they may turn to.

    `stubs` answer calls. `text` is where text models are; None: there are none. `refresh` sends the active agent's
    tools and instructions to the model anew. `tripped` is told that a guardrail trips while the agent speaks.
    """

    state: ConversationState
    stubs: StubSession
    text: TextModels | None
    refresh: Callable[[], Awaitable[None]]
    tripped: Callable[[], None]


def _ends_of(text: str) -> str:
    """A text, or so much of its beginning and its end as a trace keeps."""
    if len(text) <= LONGEST_SHOWN:
        return text
    half = LONGEST_SHOWN // 2
    return f"{text[:half]}\n({len(text) - 2 * half} {LEFT_OUT}\n{text[-half:]}"
