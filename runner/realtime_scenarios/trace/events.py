"""What can happen in a conversation: a closed union of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from msgspec import Struct, field

from realtime_scenarios.core import Secrets

Outcome = Literal["answered", "rejected", "refused", "invalid", "failed", "timed_out", "unknown"]
"""How a call ended: the stub answered; a person said no; a gate refused it; its arguments did not fit; the stub raised;
it took too long; there is no such tool."""


class _Event(Struct, frozen=True, tag=True):
    seq: int
    """Counts from 1 over the whole conversation; the order is causal."""
    turn: int
    """Counts from 1; 0 is what happens before the first turn."""
    agent: str
    """The id of the agent that is active, as the scenario file names it."""


class UserSaid(_Event, frozen=True):
    """What the caller typed, or what was written down of what they spoke; empty where nothing could be made out.

    `said` is what they spoke in truth, None: they typed, or nobody knows. `audio_ms` is how long they spoke, None: they
    typed.
    """

    text: str
    said: str | None = None
    audio_ms: int | None = None


class UserShowed(_Event, frozen=True):
    """The caller showed a picture; `image` is the name of its file."""

    image: str


class UserSilent(_Event, frozen=True):
    """The caller is going to be silent for so many `seconds`; where they cut in before, `Interrupted` says when."""

    seconds: float


class AgentSaid(_Event, frozen=True):
    """What was said, to the end or up to where it was cut off (`interrupted`).

    `phase` is what a reasoning model says of its message: `commentary` while it works, or the `final_answer`. None: it
    says nothing of the kind. `audio_bytes` and `audio_ms` are how much sound came of it, None: it was written.
    `latency_ms` is how long the caller had been silent when it began; None: they had not spoken, or it was not the
    first that they heard.
    """

    text: str
    interrupted: bool = False
    phase: str | None = None
    audio_bytes: int | None = None
    audio_ms: int | None = None
    latency_ms: int | None = None


class ToolCalled(_Event, frozen=True):
    """`arguments` are the parsed arguments, or the raw text where they are no JSON object.

    `within` is the id of the call whose text model made this one; None: the voice agent made it, or the runner, in
    turn 0.
    """

    call_id: str
    tool: str
    arguments: Any
    within: str | None = None


class ToolReturned(_Event, frozen=True):
    """`output` is what the model was given, as text. `within`: see `ToolCalled`.

    `branch` is which of several answers of the stub it was, `gate` the condition that refused it, each as the JSON
    pointer of its place in the scenario; None: there is one answer alone, and no gate was shut.
    """

    call_id: str
    tool: str
    outcome: Outcome
    output: str
    within: str | None = None
    branch: str | None = None
    gate: str | None = None


LONGEST_SHOWN = 20_000
"""Characters that are kept of each of the texts that a text model was shown: of longer ones, both ends."""

LEFT_OUT = "characters left out)"


class ModelAsked(_Event, frozen=True):
    """A text model was shown `instructions` and a `question`, which holds as much of the conversation as it reads.

    `name` is the supervisor's, the tool's or the guardrail's. `call_id` None: a guardrail asks, about what the agent
    is saying.
    """

    call_id: str | None
    name: str
    instructions: str
    question: str

    @property
    def is_cut(self) -> bool:
        """Whether one of the texts is not kept whole."""
        return LEFT_OUT in self.instructions or LEFT_OUT in self.question


class ModelAnswered(_Event, frozen=True):
    """The text model behind the call `call_id` answered; `name` is the supervisor's or the tool's."""

    call_id: str
    name: str
    text: str


class ApprovalRequested(_Event, frozen=True):
    """A person is asked about a call; `question` is what they are asked in words, None where the rule has none."""

    call_id: str
    tool: str
    arguments: Any
    fields: tuple[str, ...]
    question: str | None = None


class ApprovalIncomplete(_Event, frozen=True):
    """Somebody approved but left the `missing` required fields empty: the call stays pending.

    `unfit` are fields whose form was wrong, each with the reason, which shows nothing of what was given.
    """

    call_id: str
    tool: str
    missing: tuple[str, ...]
    unfit: Mapping[str, str] = field(default_factory=dict)


class ApprovalDecided(_Event, frozen=True):
    """`fields` holds what was given, with secret values replaced. `remembered`: an earlier decision was used again."""

    call_id: str
    tool: str
    decision: Literal["approved", "rejected", "timed_out"]
    fields: Mapping[str, str]
    remembered: bool = False


class HandedOff(_Event, frozen=True):
    """`agent` is the one that handed off, `to` the one that is active from now on.

    `transition` is the way on of the state that was left so, as a JSON pointer; None: it belongs to no state.
    """

    call_id: str
    to: str
    arguments: Any = None
    transition: str | None = None


class HandoffRefused(_Event, frozen=True):
    """A gate refused the handoff, or its schema did (`invalid`); `reason` is what the model was told.

    `gate` is the condition that did not hold, as a JSON pointer; None: it was something else.
    """

    call_id: str
    to: str
    reason: str
    arguments: Any = None
    invalid: bool = False
    gate: str | None = None


class StateEntered(_Event, frozen=True):
    """The agent moved on to `state`. `previous` None: it says that it is in its first one, where it begins anyway.

    `transition` is the way that it took, as a JSON pointer; None where nobody knows.
    """

    state: str
    previous: str | None
    transition: str | None = None


class StateRefused(_Event, frozen=True):
    """The agent wanted to move on to `state`, and was not let; `reason` is what the model was told.

    `invalid`: what it gave did not fit. `gate` is the condition that did not hold, as a JSON pointer; None: it was
    something else.
    """

    state: str
    reason: str
    invalid: bool = False
    gate: str | None = None


class ContextChanged(_Event, frozen=True):
    variable: str
    value: Any


class Interrupted(_Event, frozen=True):
    """The caller cut in; `heard` is what had been said until then.

    `call_id` is the call that they did not wait for, None: they cut into an answer or a silence. `after` is how many
    seconds that call or silence had lasted; None: they cut into an answer.
    """

    heard: str
    call_id: str | None = None
    after: float | None = None


NOT_ASKED = "no text model was asked"
"""The reason of a guardrail that classifies where no text model is: only its phrases were looked for."""


class GuardrailChecked(_Event, frozen=True):
    """A classifying guardrail looks at an answer (`pending`), lets it pass, or stops it (`fail`).

    `category` is what its model made of the text, None while it is pending or where the model failed.
    """

    guardrail: str
    status: Literal["pending", "pass", "fail"]
    category: str | None
    reason: str


class GuardrailTripped(_Event, frozen=True):
    guardrail: str
    text: str
    reason: str


class ModelError(_Event, frozen=True):
    code: str | None
    message: str


class TranscriptionReplaced(_Event, frozen=True):
    """The service refused the transcription model `refused`; callers are written down by `model` from now on.

    `left_out` are settings that `model` does not take, `reason` is what the service said.
    """

    refused: str
    model: str
    left_out: tuple[str, ...]
    reason: str


class Reconnected(_Event, frozen=True):
    """The line was lost and is back: agent, states and context are as they were, and the model was told what was said.

    `attempts` were made in `seconds`; `reason` is why it was lost. 0 attempts: it was not; a fresh session took over
    before the server would have ended the old one.
    """

    reason: str
    attempts: int
    seconds: float


class SessionEnded(_Event, frozen=True):
    reason: str


TraceEvent = (
    UserSaid
    | UserShowed
    | UserSilent
    | AgentSaid
    | ToolCalled
    | ToolReturned
    | ModelAsked
    | ModelAnswered
    | ApprovalRequested
    | ApprovalIncomplete
    | ApprovalDecided
    | HandedOff
    | HandoffRefused
    | StateEntered
    | StateRefused
    | ContextChanged
    | Interrupted
    | GuardrailChecked
    | GuardrailTripped
    | ModelError
    | TranscriptionReplaced
    | Reconnected
    | SessionEnded
)

EVENT_TYPES: tuple[type[TraceEvent], ...] = get_args(TraceEvent)

_NEVER_SAID = frozenset(
    ("call_id", "within", "tool", "outcome", "to", "decision", "state", "previous", "variable", "guardrail", "status")
) | {"seq", "turn", "agent", "seconds", "after", "branch", "gate", "transition"}
"""Fields of events that hold names of the scenario and measures, and never anything that was said."""


def hidden_fields(fields: Mapping[str, Any], secrets: Secrets) -> dict[str, Any]:
    """The fields of an event without secrets."""
    return {name: value if name in _NEVER_SAID else secrets.hidden_in(value) for name, value in fields.items()}


BY_THE_CALLER = (UserSaid, UserShowed, UserSilent)
"""What the caller does, be it nothing."""
