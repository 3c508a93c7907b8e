"""A scenario as typed, frozen data: what the YAML says, with every default filled in. Built once, by `build_scenario`.

Nothing compares them by value (`eq=False`), which spares a third of what their making costs at every start.
Durations are seconds. Mappings keep the order of the file. `place` says where a thing stands, for messages.
Texts that are templates or expressions stay text here; `runner.project.templates` compiles them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from runner.document import Place

Json = Any
"""Plain data as JSON knows it: dict, list, str, int, float, bool, None."""


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text of the author, from the file itself or from a file it names. May be a Jinja template."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """An expression that must hold (`when`, `requires`), and what the model is told when it does not.

    `message` is None where the author gave none; the runner then says which expression failed.
    """

    expression: str
    place: Place
    message: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ContextVariable:
    """A typed variable of the conversation. `schema` is the JSON Schema its values must satisfy."""

    name: str
    schema: Mapping[str, Json]
    default: Json
    description: str | None
    secret: bool
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One input that a person gives with an approval."""

    name: str
    label: str
    secret: bool
    required: bool
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class ApprovalRule:
    """When a call needs a person's yes. `when` None: always. `timeout` None: as long as the person takes.

    `remember`: `call` asks each time, `session` asks once and keeps the decision and its fields.
    `reject_message` None: a neutral sentence of the runner.
    """

    when: Condition | None
    fields: Mapping[str, Field]
    timeout: float | None
    remember: Literal["call", "session"]
    reject_message: str | None
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One answer of a stub.

    Exactly one of these says what comes back: `returns` (a value whose strings may be templates), `raises` (an error
    message for the model), `times_out` (no answer before the tool's timeout). `delay` seconds pass first.
    `set` holds expressions for context variables, run after the answer; they can read `result`.
    """

    place: Place
    returns: Json = True
    raises: str | None = None
    times_out: bool = False
    delay: float = 0.0
    set: Mapping[str, str] = field(default_factory=dict)
    when: Condition | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NothingStub:
    """Answers `true`, as the reference demos do."""

    kind: Literal["nothing"]
    answer: Answer


@dataclass(frozen=True, slots=True, eq=False)
class ReturnsStub:
    """Always the same answer (its templates may still look at the arguments)."""

    kind: Literal["returns"]
    answer: Answer


@dataclass(frozen=True, slots=True, eq=False)
class CasesStub:
    """The first case whose `when` holds; a case without `when` always does. None holds: the model is told so."""

    kind: Literal["cases"]
    cases: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SequenceStub:
    """The first call gets the first answer, the second the second; the last one repeats."""

    kind: Literal["sequence"]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, eq=False)
class QueryStub:
    """SQL over the scenario's tables. Arguments are bound by name (`:phone`); `params` adds expressions to them.

    `sql` holds one or more statements, run in one transaction; the rows of the last one are the result.
    `result`: `rows` a list of objects, `row` the first or null, `value` its first column or null.
    `empty` answers when there is no row; None: the empty result itself. `answer.returns` may be a template over
    `rows` (and `row`); when the author gave none the result itself is returned (`has_returns` False).
    """

    kind: Literal["query"]
    sql: tuple[Text, ...]
    params: Mapping[str, str]
    result: Literal["rows", "row", "value"]
    empty: Answer | None
    answer: Answer
    has_returns: bool


@dataclass(frozen=True, slots=True, eq=False)
class PythonStub:
    """`module:function`, sync or async; the module is looked up in the scenario's own folder only.

    Called with the arguments as keywords, and with `call=ToolCall` if it has a parameter of that name.
    """

    kind: Literal["python"]
    target: str
    answer: Answer


Stub = NothingStub | ReturnsStub | CasesStub | SequenceStub | QueryStub | PythonStub


@dataclass(frozen=True, slots=True, eq=False)
class ToolSpec:
    """A function that agents may call. `parameters` is the full JSON Schema of its arguments (type object).

    `timeout` is how long the stub may take in seconds before the model is told that it timed out.
    `examples` are things callers say that should lead here; they travel in the tool's description.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]
    examples: tuple[str, ...]
    requires: tuple[Condition, ...]
    approval: ApprovalRule | None
    timeout: float
    stub: Stub
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class HandoffSpec:
    """An edge of the graph. `tool_name` None: the SDK's name, `transfer_to_<agent name>`.

    `description` None: made from the target's `handoff_description`. `inputs` is the full JSON Schema of the payload,
    or None for a handoff without one. `set` holds expressions for context variables; they can read `args`.
    """

    to: str
    tool_name: str | None
    description: str | None
    examples: tuple[str, ...]
    requires: tuple[Condition, ...]
    inputs: Mapping[str, Json] | None
    set: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    to: str
    condition: str
    requires: tuple[Condition, ...]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class State:
    id: str
    description: str
    instructions: tuple[str, ...]
    examples: tuple[str, ...]
    transitions: tuple[Transition, ...]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class StateMachine:
    """States of one agent; the first one is where it starts.

    `mode`: `prompt` renders the machine into the prompt and leaves it to the model; `tracked` also gives the model a
    `set_conversation_state` tool and refuses illegal moves.
    """

    mode: Literal["prompt", "tracked"]
    states: Mapping[str, State]
    place: Place

    @property
    def entry(self) -> str:
        return next(iter(self.states))


@dataclass(frozen=True, slots=True, eq=False)
class AgentSpec:
    """One voice agent. `id` is its key in the file, `name` what the SDK and people see."""

    id: str
    name: str
    handoff_description: str | None
    instructions: Text
    tools: tuple[str, ...]
    handoffs: tuple[HandoffSpec, ...]
    guardrails: tuple[str, ...]
    states: StateMachine | None
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Guardrail:
    """What an agent must not say. Exactly one of `phrases`, `pattern`, `python` decides.

    `phrases` match whole words and ignore case; `pattern` is a regular expression; `python` is `module:function` that
    takes the text and returns a reason (a string) or None. `say` is what the agent is told to say instead, or None.
    `on_error`: what a guardrail that fails means; `open` lets the text pass, `closed` trips.
    """

    name: str
    phrases: tuple[str, ...]
    pattern: str | None
    python: str | None
    say: str | None
    on_error: Literal["open", "closed"]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class GuardrailSettings:
    """`debounce_text_length` in characters; `max_trips` is how often one turn may trip before it is ended."""

    debounce_text_length: int = 100
    max_trips: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class SessionSpec:
    """Session-wide model settings, as the SDK's RealtimeSessionModelSettings wants them.

    None everywhere means: leave it to the SDK's default. `turn_detection` "off" is push to talk.
    """

    model: str | None = None
    voice: str | None = None
    output: Literal["text", "audio"] | None = None
    speed: float | None = None
    transcription: Mapping[str, Json] | None = None
    turn_detection: Mapping[str, Json] | Literal["off"] | None = None
    noise_reduction: Literal["near_field", "far_field"] | None = None
    input_format: str | None = None
    output_format: str | None = None
    max_output_tokens: int | Literal["inf"] | None = None
    tool_choice: str | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    guardrails: GuardrailSettings = GuardrailSettings()


@dataclass(frozen=True, slots=True, eq=False)
class ProviderSpec:
    """Where the model is, as the file wishes it; the command line wins over it.

    `url`, `deployment` and `key_env` (the name of an environment variable, never a key) are None where not given.
    """

    name: str
    url: str | None
    deployment: str | None
    key_env: str | None
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of the scenario's data. `columns` map to SQL types and constraints, taken from
    the rows where the author gave none.
    """

    name: str
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, Json], ...]
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A whole scenario. `folder` is where its files may live: nothing outside of it is ever read."""

    id: str
    title: str
    description: str | None
    folder: Path
    session: SessionSpec
    provider: ProviderSpec | None
    context: Mapping[str, ContextVariable]
    start: str
    agents: Mapping[str, AgentSpec]
    tools: Mapping[str, ToolSpec]
    guardrails: Mapping[str, Guardrail]
    session_guardrails: tuple[str, ...]
    data: Mapping[str, Table]
    place: Place
