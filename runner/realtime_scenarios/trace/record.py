"""All that happened in a conversation, in causal order, and what can be asked of it: of a call, a turn, the end."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from realtime_scenarios.core import Secrets
from realtime_scenarios.trace.events import (
    ApprovalDecided,
    ApprovalRequested,
    ContextChanged,
    HandedOff,
    ModelAnswered,
    StateEntered,
    ToolCalled,
    ToolReturned,
    TraceEvent,
    hidden_fields,
)

AboutACall = TypeVar("AboutACall", ToolCalled, ToolReturned, ModelAnswered, ApprovalRequested, ApprovalDecided)


class CallLog:
    """What events say about a call, whether the conversation is over or goes on and `events` still grows.

    A look-up begins at the end: a call is mostly asked about when it has just been made. Where an event came twice, the
    later one counts.
    """

    __slots__ = ()

    events: Sequence[TraceEvent]

    def called(self, call_id: str) -> ToolCalled | None:
        """The call as it was made; None also for a handoff, which is no tool."""
        return self._last_event(ToolCalled, call_id)

    def returned(self, call_id: str) -> ToolReturned | None:
        """How the call ended; None while it has not."""
        return self._last_event(ToolReturned, call_id)

    def asked(self, call_id: str) -> ApprovalRequested | None:
        """What a person was asked about the call; None where nobody was."""
        return self._last_event(ApprovalRequested, call_id)

    def decided(self, call_id: str) -> ApprovalDecided | None:
        """What was decided about the call, by a person or by an earlier decision that is remembered."""
        return self._last_event(ApprovalDecided, call_id)

    def answered(self, call_id: str) -> ModelAnswered | None:
        """What the text model behind the call said in the end; None where there is none, or it failed."""
        return self._last_event(ModelAnswered, call_id)

    def within(self, call_id: str) -> tuple[ToolCalled, ...]:
        """The calls that the text model behind the call made, in order."""
        return tuple(event for event in self.events if isinstance(event, ToolCalled) and event.within == call_id)

    def _last_event(self, kind: type[AboutACall], call_id: str) -> AboutACall | None:
        for event in reversed(self.events):
            if isinstance(event, kind) and event.call_id == call_id:
                return event
        return None


class TurnMeasures(Struct, frozen=True):
    """What a turn took: seconds of the conversation's own clock, responses of the model, and the most calls that one
    of these made at once. `first_words` is how many seconds the caller waited for these; None: there were none.
    `longest_call` is for how many seconds a tool worked at a stretch.
    """

    seconds: float
    responses: int
    parallel: int
    first_words: float | None = None
    longest_call: float = 0.0


Promise = Literal["opening", "filler", "say_first", "takeover", "verbatim"]
"""What a scenario promises about every conversation: `takeover` is that whoever takes over does not stay silent."""


class BrokenPromise(Struct, frozen=True):
    """A promise that was not kept, at which event of which turn."""

    promise: Promise
    message: str
    turn: int
    at: int


class Judgement(Struct, frozen=True):
    """What a judge says of a rubric, and why. `unsure`: they cannot tell; `unavailable`: nobody could be asked."""

    answer: Literal["passes", "fails", "unsure", "unavailable"]
    reason: str

    @property
    def is_clear(self) -> bool:
        """Whether it is a yes or a no."""
        return self.answer in ("passes", "fails")


class Trace(CallLog, Struct, frozen=True, eq=False):
    """All events of one conversation, and what it began and ended with.

    `context` holds the variables as they were at the start. `query` runs one SELECT over the tables as the conversation
    left them and gives its rows; None where the scenario has no data. `entries` maps agents that have states to the
    one they begin in. `began` is when it began, None where nobody knows. `measures` are those of each turn, by its
    number. `broken` are promises of the scenario that were not kept; empty too where nobody looked. `masked` are texts
    that nobody may find and that are secret, each as it looks on this record. `judgements` are what judges said, by the
    JSON pointer of the expectation that asks.
    """

    events: tuple[TraceEvent, ...]
    start: str
    context: Mapping[str, Any] = field(default_factory=dict)
    query: Callable[[str], list[dict[str, Any]]] | None = None
    entries: Mapping[str, str] = field(default_factory=dict)
    began: datetime.datetime | None = None
    measures: Mapping[int, TurnMeasures] = field(default_factory=dict)
    broken: tuple[BrokenPromise, ...] = ()
    masked: Mapping[str, str] = field(default_factory=dict)
    judgements: Mapping[str, Judgement] = field(default_factory=dict)

    def __iter__(self) -> Iterator[TraceEvent]:
        return iter(self.events)

    def hidden(self, secrets: Secrets) -> Trace:
        """The trace without what became secret only after it was put on record."""
        if not secrets.values:
            return self
        return replace(
            self,
            events=tuple(replace(event, **hidden_fields(asdict(event), secrets)) for event in self.events),
            context=secrets.hidden_in(dict(self.context)),
        )

    def of_turn(self, turn: int) -> tuple[TraceEvent, ...]:
        return tuple(event for event in self.events if event.turn == turn)

    def agent_after(self, turn: int) -> str:
        """The id of the agent that is active when the turn is over."""
        active = self.start
        for event in self.events:
            if event.turn > turn:
                break
            if isinstance(event, HandedOff):
                active = event.to
        return active

    def state_after(self, turn: int) -> str | None:
        """The state that the active agent is in when the turn is over; None where it has none."""
        agent = self.agent_after(turn)
        entered = [
            event.state
            for event in self.events
            if isinstance(event, StateEntered) and event.turn <= turn and event.agent == agent
        ]
        return entered[-1] if entered else self.entries.get(agent)

    def context_after(self, turn: int) -> dict[str, Any]:
        """The context variables as they stand when the turn is over."""
        context = dict(self.context)
        for event in self.events:
            if event.turn > turn:
                break
            if isinstance(event, ContextChanged):
                context[event.variable] = event.value
        return context
