"""What a call must be given, and in which form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from realtime_scenarios.document import Pointer
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import Change, Subject

_OTHER_TYPE = {
    "string": "integer",
    "integer": "string",
    "number": "string",
    "boolean": "string",
    "array": "string",
    "object": "string",
}
_BOUNDS = (
    "pattern",
    "format",
    "enum",
    "const",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
)


class _Parameter(NamedTuple):
    """`key` is how it is written: in short, one that need not be given ends in `?`. `owner` is the tool or handoff.

    `around` is the mapping that it stands in, at `pointer`; `required` is where its name stands among the required
    ones, None: it is written in short, or it is not required.
    """

    owner: str
    name: str
    key: str
    around: Mapping[str, Any]
    pointer: Pointer
    required: Pointer | None
    is_short: bool

    @property
    def schema(self) -> Any:
        return self.around[self.key]

    @property
    def refused(self) -> str:
        """How a dialogue says that arguments do not fit."""
        return "`outcome: invalid`" if self.owner.startswith("'") else "`refused: invalid`"

    @property
    def place(self) -> Pointer:
        return (*self.pointer, self.key)


@kind("parameter-renamed")
def parameter_renamed(subject: Subject) -> Iterator[Change]:
    """A parameter has another name."""
    for each in _parameters(subject):
        mark = "?" if each.key.endswith("?") and each.is_short else ""
        new = f"{each.name}_2{mark}"
        renamed = {new if key == each.key else key: value for key, value in each.around.items()}
        change = subject.put(
            each.pointer,
            renamed,
            f"'{each.name}' of {each.owner} is called '{each.name}_2'",
            f"one that calls {each.owner} with it",
            span=subject.document.span(each.place, key=True),
        )
        if each.required is not None:
            yield _also(subject, change, each.required, f"{each.name}_2")
        else:
            yield change


@kind("parameter-retyped")
def parameter_retyped(subject: Subject) -> Iterator[Change]:
    """A parameter has another type."""
    for each in _parameters(subject):
        schema = each.schema
        word = schema if isinstance(schema, str) else schema.get("type") if isinstance(schema, dict) else None
        other = _OTHER_TYPE.get(word) if isinstance(word, str) else None
        if other is None:
            continue
        kept = {"description": schema["description"]} if isinstance(schema, dict) and "description" in schema else {}
        yield subject.put(
            each.place,
            {"type": other, **kept},
            f"'{each.name}' of {each.owner} is of the type {other}",
            f"one that calls {each.owner} with it",
        )


@kind("parameter-not-required")
def parameter_not_required(subject: Subject) -> Iterator[Change]:
    """A parameter need not be given."""
    for each in _parameters(subject):
        noticed = f"one that calls {each.owner} without it, with {each.refused}"
        changed = f"'{each.name}' of {each.owner} need not be given"
        if each.required is not None:
            yield subject.dropped(each.required, changed, noticed)
        elif each.is_short and not each.key.endswith("?"):
            marked = {f"{key}?" if key == each.key else key: value for key, value in each.around.items()}
            yield subject.put(each.pointer, marked, changed, noticed, span=subject.document.span(each.place, key=True))


@kind("parameter-form-dropped")
def parameter_form_dropped(subject: Subject) -> Iterator[Change]:
    """A parameter lacks its pattern, its format, its list of values or one of its bounds."""
    for each in _parameters(subject):
        noticed = f"one that calls {each.owner} with what this alone forbids, with {each.refused}"
        if isinstance(each.schema, list) and all(isinstance(value, str) for value in each.schema):
            yield subject.put(each.place, "string", f"'{each.name}' of {each.owner} may be any text", noticed)
        for pointer in forms_in(each.schema, each.place):
            yield subject.dropped(pointer, f"'{each.name}' of {each.owner} has no {pointer[-1]}", noticed)


@kind("choice-dropped")
def choice_dropped(subject: Subject) -> Iterator[Change]:
    """A parameter may not be one of the values that it could be."""
    for each in _parameters(subject):
        found = [
            ((*pointer, "enum"), schema["enum"])
            for pointer, schema in _schemas_in(each.schema, each.place)
            if isinstance(schema.get("enum"), list)
        ]
        if isinstance(each.schema, list):
            found.append((each.place, each.schema))
        for pointer, values in found:
            for index, value in enumerate(values) if len(values) > 1 else ():
                yield subject.dropped(
                    (*pointer, index),
                    f"'{each.name}' of {each.owner} may not be '{value}'",
                    f"one that calls {each.owner} with this value",
                )


def _parameters(subject: Subject) -> Iterator[_Parameter]:
    for tool in subject.tools:
        yield from _parameters_in(tool.data.get("parameters"), (*tool.pointer, "parameters"), f"'{tool.name}'")
    for edge in subject.handoffs:
        yield from _parameters_in(edge.data.get("inputs"), (*edge.pointer, "inputs"), f"the handoff {edge.name}")


def _parameters_in(data: Any, pointer: Pointer, owner: str) -> Iterator[_Parameter]:
    if not isinstance(data, dict):
        return
    if data.get("type") != "object":
        for key in data:
            yield _Parameter(owner, key.removesuffix("?"), key, data, pointer, None, is_short=True)
        return
    required = list(data.get("required", ()))
    for key in data.get("properties", {}):
        at = (*pointer, "required", required.index(key)) if key in required else None
        yield _Parameter(owner, key, key, data["properties"], (*pointer, "properties"), at, is_short=False)


def forms_in(schema: Any, pointer: Pointer) -> Iterator[Pointer]:
    """Where it stands which of the values of a type may be given, in a schema and in what lies in it."""
    for around, inner in _schemas_in(schema, pointer):
        yield from ((*around, key) for key in _BOUNDS if key in inner)


def _schemas_in(schema: Any, pointer: Pointer) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """The schema of a parameter, and those of what lies in it."""
    if isinstance(schema, dict):
        yield pointer, schema
        if isinstance(schema.get("items"), dict):
            yield from _schemas_in(schema["items"], (*pointer, "items"))
        for name, inner in schema.get("properties", {}).items() if isinstance(schema.get("properties"), dict) else ():
            yield from _schemas_in(inner, (*pointer, "properties", name))


def _also(subject: Subject, change: Change, pointer: Pointer, value: Any) -> Change:
    more = subject.put(pointer, value, change.changed, change.noticed_by)
    return Change((*change.edits, *more.edits), change.pointer, change.span, change.changed, change.noticed_by)
