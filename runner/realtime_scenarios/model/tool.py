"""A tool as typed, frozen data: what it takes, who must say yes, and what answers when it is called.

Durations are seconds. `place` says where a thing stands, for messages.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from realtime_scenarios.document import Place

Json = Any
"""Plain data as JSON knows it: dict, list, str, int, float, bool, None."""


class Text(Struct, frozen=True, eq=False):
    """A text of the author, from the file itself or from a file it names. May be a Jinja template."""

    text: str
    place: Place


class Condition(Struct, frozen=True, eq=False):
    """An expression that must hold (`when`, `requires`), and what the model is told when it does not.

    `message` is None where the author gave none; the runner then says which expression failed.
    """

    expression: str
    place: Place
    message: str | None = None


class Field(Struct, frozen=True, eq=False):
    """One input that a person gives with an approval."""

    name: str
    label: str
    secret: bool
    required: bool
    place: Place


class ApprovalRule(Struct, frozen=True, eq=False):
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


class Answer(Struct, frozen=True, eq=False):
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


class NothingStub(Struct, frozen=True, eq=False):
    """Answers `true`, as the reference demos do."""

    kind: Literal["nothing"]
    answer: Answer


class ReturnsStub(Struct, frozen=True, eq=False):
    """Always the same answer (its templates may still look at the arguments)."""

    kind: Literal["returns"]
    answer: Answer


class CasesStub(Struct, frozen=True, eq=False):
    """The first case whose `when` holds; a case without `when` always does. None holds: the model is told so."""

    kind: Literal["cases"]
    cases: tuple[Answer, ...]


class SequenceStub(Struct, frozen=True, eq=False):
    """The first call gets the first answer, the second the second; the last one repeats."""

    kind: Literal["sequence"]
    answers: tuple[Answer, ...]


class QueryStub(Struct, frozen=True, eq=False):
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


class PythonStub(Struct, frozen=True, eq=False):
    """`module:function`, sync or async; the module is looked up in the scenario's own folder only.

    Called with the arguments as keywords, and with `call=ToolCall` if it has a parameter of that name.
    """

    kind: Literal["python"]
    target: str
    answer: Answer


class HttpStub(Struct, frozen=True, eq=False):
    """A request to a backend. `url`, `query`, `headers` and the strings in `json` are templates.

    `json` is unset when `has_json` is False. `offline` answers where no network is wanted; None: the tool fails there.
    `answer.returns` may be a template over `body` and `status`; when the author gave none the body itself is returned
    (`has_returns` False).
    """

    kind: Literal["http"]
    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    query: Mapping[str, Json]
    json: Json
    has_json: bool
    headers: Mapping[str, str]
    key_env: str | None
    retries: int
    offline: Answer | None
    answer: Answer
    has_returns: bool


class SupervisorStub(Struct, frozen=True, eq=False):
    """Asks the supervisor `name`. `answer.returns` may be a template over `answer`; without it, the answer itself."""

    kind: Literal["supervisor"]
    name: str
    answer: Answer
    has_returns: bool


class ModelStub(Struct, frozen=True, eq=False):
    """One question to a text model, without tools.

    `history` is how many of the last messages it reads, None all of them. `input` None: the arguments of the call.
    `output` is the JSON Schema of a structured answer, None for text. `offline` is the answer of the offline stand-in,
    `fallback` the one after the last error; None where the author gave none.
    """

    kind: Literal["model"]
    model: str | None
    instructions: Text
    history: int | None
    input: str | None
    output: Mapping[str, Json] | None
    offline: Answer | None
    retries: int
    timeout: float
    fallback: Answer | None
    answer: Answer
    has_returns: bool


class CatalogueStub(Struct, frozen=True, eq=False):
    """Functions behind one tool: `function` names the argument that chooses, `arguments` the one with the rest."""

    kind: Literal["catalogue"]
    function: str
    arguments: str
    functions: Mapping[str, ToolSpec]


Stub = (
    NothingStub
    | ReturnsStub
    | CasesStub
    | SequenceStub
    | QueryStub
    | PythonStub
    | HttpStub
    | SupervisorStub
    | ModelStub
    | CatalogueStub
)


def answers_of(stub: Stub) -> tuple[Answer, ...]:
    """The answers that the stub can give."""
    match stub:
        case CasesStub():
            return stub.cases
        case SequenceStub():
            return stub.answers
        case QueryStub():
            return (stub.answer,) if stub.empty is None else (stub.answer, stub.empty)
        case HttpStub():
            return (stub.answer,) if stub.offline is None else (stub.answer, stub.offline)
        case ModelStub():
            return tuple(one for one in (stub.answer, stub.offline, stub.fallback) if one is not None)
        case CatalogueStub():
            return tuple(answer for one in stub.functions.values() for answer in answers_of(one.stub))
        case _:
            return (stub.answer,)


class Filler(Struct, frozen=True, eq=False):
    """What is said before a slow call: one of `lines`, word for word where `exact`; no lines: anything."""

    lines: tuple[str, ...]
    exact: bool
    place: Place


class ToolSpec(Struct, frozen=True, eq=False):
    """A function that agents may call. `parameters` is the full JSON Schema of its arguments (type object).

    `timeout` is how long the stub may take in seconds before the model is told that it timed out.
    `examples` are things callers say that should lead here; they travel in the tool's description. `writes`: it changes
    something outside of the conversation.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]
    examples: tuple[str, ...]
    requires: tuple[Condition, ...]
    approval: ApprovalRule | None
    filler: Filler | None
    writes: bool
    timeout: float
    stub: Stub
    place: Place


@functools.lru_cache(maxsize=4096)
def functions_of(tool: ToolSpec) -> tuple[tuple[str | None, ToolSpec], ...]:
    """What can be called through the tool: the tool, or each function of its catalogue behind the gates of both."""
    if not isinstance(tool.stub, CatalogueStub):
        return ((None, tool),)
    return tuple(
        (
            name,
            replace(
                one,
                name=f"{tool.name}.{name}",
                requires=(*tool.requires, *one.requires),
                approval=one.approval or tool.approval,
            ),
        )
        for name, one in tool.stub.functions.items()
    )


def spec_called(tool: ToolSpec, arguments: Mapping[str, Any]) -> ToolSpec:
    """What a call with these arguments is of: the tool, or the function of its catalogue that they name."""
    if not isinstance(tool.stub, CatalogueStub):
        return tool
    wanted = arguments.get(tool.stub.function)
    return next((spec for name, spec in functions_of(tool) if name == wanted), tool)


def specs_of(tools: Mapping[str, ToolSpec]) -> dict[str, ToolSpec]:
    """Everything that can be called, by name; a function of a catalogue stands behind its tool and a dot."""
    return {spec.name: spec for tool in tools.values() for _, spec in functions_of(tool)}
