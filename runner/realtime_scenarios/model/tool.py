"""A tool as typed, frozen data: what it takes, who must say yes, and what answers when it is called.

Durations are seconds. `place` says where a thing stands, for messages.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from realtime_scenarios.core.forms import misfit
from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubResult, ToolCall
from realtime_scenarios.model.written import Code, Written, templates_in

if TYPE_CHECKING:
    from realtime_scenarios.templates import Names

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

    def written(self, names: Names) -> Written:
        return Written(self.expression, self.place, "expression", names)


class Field(Struct, frozen=True, eq=False):
    """One input that a person gives with an approval. `pattern` and `format` None: any text will do."""

    name: str
    label: str
    secret: bool
    required: bool
    place: Place
    pattern: str | None = None
    format: str | None = None

    def misfit(self, given: Mapping[str, str]) -> str | None:
        """What is wrong with the form of what a person gave, without showing it; None where it fits, or is empty."""
        text = given.get(self.name, "")
        return misfit(text, self.pattern, self.format) if text.strip() else None


class Lookup(Struct, frozen=True, eq=False):
    """One statement that only reads the scenario's tables. Arguments are bound by name; `params` adds expressions."""

    sql: Text
    params: Mapping[str, str]
    place: Place


class ApprovalRule(Struct, frozen=True, eq=False):
    """When a call needs a person's yes. `when` None: always. `timeout` None: as long as the person takes.

    `remember`: `call` asks each time, `session` asks once and keeps the decision and its fields.
    `reject_message` None: a neutral sentence of the runner. `question` is what the person is asked, a template over
    `args`, `context` and `now`, and over the `rows` of the `query` and the first `row` where there is one; None: they
    are shown the call alone.
    """

    when: Condition | None
    fields: Mapping[str, Field]
    timeout: float | None
    remember: Literal["call", "session"]
    reject_message: str | None
    place: Place
    question: Text | None = None
    query: Lookup | None = None

    def texts(self, names: Names) -> Iterator[Written | Code]:
        """Its expressions, its template and its SQL, which may use `names`."""
        if self.when is not None:
            yield self.when.written({**names, "state": None})
        if self.query is not None:
            sql, params = self.query.sql, self.query.params
            yield Code(sql.text, sql.place, "sql", (*(names["args"] or ()), *params), only_reads=True)
            for name, text in params.items():
                yield Written(text, self.query.place / "params" / name, "expression", names)
            names = {**names, "rows": None, "row": None}
        if self.question is not None:
            yield Written(self.question.text, self.question.place, "template", names)


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

    @property
    def fails(self) -> bool:
        """Whether it is no answer at all."""
        return self.raises is not None or self.times_out

    def texts(self, names: Names) -> Iterator[Written]:
        """Its templates and expressions, which may use `names`."""
        if self.when is not None:
            yield self.when.written(names)
        told = self.place / "returns"
        yield from templates_in(self.returns, told if told.exists else self.place, names)  # a bare value has no key
        if self.raises is not None:
            yield Written(self.raises, self.place / "raises", "template", names)
        for name, text in self.set.items():
            yield Written(text, self.place / "set" / name, "expression", {**names, "result": None})


class ModelQuestion(Struct, frozen=True, eq=False):
    """One question to a text model, without tools.

    `history` is how many of the last messages it reads, None all of them. `input` None: the arguments of the call.
    `output` is the JSON Schema of a structured answer, None for text. `offline` is the answer of the offline stand-in,
    `fallback` the one after the last error; None where the author gave none.
    """

    model: str | None
    instructions: Text
    history: int | None
    input: str | None
    output: Mapping[str, Json] | None
    offline: Answer | None
    retries: int
    timeout: float
    fallback: Answer | None


class Assumptions(Struct, frozen=True, kw_only=True):
    """What a proof may assume of a stub. Nothing here has a default: what a kind does not say cannot be proved.

    `looks_outside`: something else than the model has a say in the answer: rows, code, a backend, how often it was
    asked. `may_fail`: it may come to no answer. `in_order`: of its `answers` the first is given whose `when` holds;
    otherwise it may be any of them. `effect` is what it does apart from the words of its answer: two stubs with the
    same effect do the same; None: it does nothing else.
    """

    looks_outside: bool
    may_fail: bool
    in_order: bool
    effect: Hashable | None


class Stub(Protocol):
    """What answers when a tool is called, as others know it. Each kind is a class of its own in `stubs/`."""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers that it can give, with all that they may `set`: nothing else sets context variables."""
        ...

    @property
    def assumptions(self) -> Assumptions: ...

    @property
    def supervisor(self) -> str | None:
        """The supervisor that it asks; its tools may be called before the answer."""
        ...

    @property
    def question(self) -> ModelQuestion | None:
        """The question that it asks a text model of its own."""
        ...

    @property
    def catalogue(self) -> Catalogue | None:
        """The functions that are called through it."""
        ...

    @property
    def waits(self) -> bool:
        """Whether it waits for somebody else, so that the caller hears nothing for a while."""
        ...

    @property
    def patience(self) -> float:
        """Seconds that it may take where the tool says nothing about them."""
        ...

    def texts(self, place: Place, names: Names) -> Iterator[Written | Code]:
        """All that is not plain data in the stub of the tool at `place`; `names` may be used in each of its answers."""
        ...

    async def answer(self, call: ToolCall, session: Any) -> StubResult:
        """What it answers. `session` is the `StubSession` of the conversation, which lives a floor higher.

        Raises:
            StubFailed, TemplateError: it comes to no answer; the message is for the model.
            TimeoutError: it took longer than the tool may.
        """
        ...


class Resolved(Struct, frozen=True, eq=False):
    """The function that a call means, and its own arguments, which fit."""

    function: ToolSpec
    arguments: Mapping[str, Any]


class Unresolved(Struct, frozen=True):
    """Nothing was done; `output` is for the model."""

    output: Any


class Catalogue(Protocol):
    """Functions behind one tool, each with a gate, an approval and a stub of its own."""

    @property
    def functions(self) -> Mapping[str, ToolSpec]: ...

    @property
    def arguments(self) -> str:
        """The name of the argument that holds those of the function."""
        ...

    def chosen(self, arguments: Mapping[str, Any]) -> Any:
        """The name that the arguments of a call give, whether there is such a function or not."""
        ...

    def resolved(self, arguments: Mapping[str, Any]) -> Resolved | Unresolved:
        """What a call with these arguments means, or what the model must mend or ask first."""
        ...


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
    if tool.stub.catalogue is None:
        return ((None, tool),)
    return tuple(
        (
            name,
            replace(
                function,
                name=f"{tool.name}.{name}",
                requires=(*tool.requires, *function.requires),
                approval=function.approval or tool.approval,
            ),
        )
        for name, function in tool.stub.catalogue.functions.items()
    )


def spec_called(tool: ToolSpec, arguments: Mapping[str, Any]) -> ToolSpec:
    """What a call with these arguments is of: the tool, or the function of its catalogue that they name."""
    if tool.stub.catalogue is None:
        return tool
    chosen = tool.stub.catalogue.chosen(arguments)
    return next((spec for name, spec in functions_of(tool) if name == chosen), tool)


def specs_of(tools: Mapping[str, ToolSpec]) -> dict[str, ToolSpec]:
    """Everything that can be called, by name; a function of a catalogue stands behind its tool and a dot."""
    return {spec.name: spec for tool in tools.values() for _, spec in functions_of(tool)}
