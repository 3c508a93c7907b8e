"""A document held against its schema: quickly where it is right, in plain words where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from realtime_scenarios.core import Diagnostic, Span, in_reading_order
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.place import Pointer
from realtime_scenarios.document.reader import Document
from realtime_scenarios.document.schema import SchemaName, schema

if TYPE_CHECKING:
    import jsonschema
    import jsonschema_rs

    from realtime_scenarios.document.unbraced import Unbraced


def is_valid(document: Document, name: SchemaName) -> bool:
    """Whether the schema `name` allows all of the document."""
    return _fast_validator(name).is_valid(document.data)


def check(document: Document, name: SchemaName) -> list[Diagnostic]:
    """Everything in the document that the schema `name` does not allow; empty where it is valid.

    A valid document goes through the fast validator only; the slow one is asked for words where there is an error. What
    was found wrong as YAML already is not found wrong again.
    """
    if is_valid(document, name):
        return []
    from realtime_scenarios.document.wording import diagnostics_of

    errors = list(_slow_validator(name).iter_errors(document.data))
    unbraced = _unbraced(errors, document, name)
    fresh = [
        error
        for error in errors
        if not is_said_already(error, document) and not any(run.holds(tuple(error.absolute_path)) for run in unbraced)
    ]
    found = [diagnostic for error in fresh for diagnostic in diagnostics_of(error, document, schema(name))]
    found += [run.diagnostic(document) for run in unbraced]
    return _deduplicated(in_reading_order(found)) if errors else _raw_diagnostics(document, name)


def faults(document: Document, name: SchemaName) -> list[jsonschema.ValidationError]:
    """The errors of the slow validator as they are; empty where the document is valid."""
    if is_valid(document, name):
        return []
    return list(_slow_validator(name).iter_errors(document.data))


UNKNOWN = ("additionalProperties", "unevaluatedProperties")
"""What JSON Schema calls a key that may not stand where it is."""


class Unmet(Struct, frozen=True):
    """What a schema wants and does not find, in short. `missing` is the key that should be there, or empty."""

    pointer: Pointer
    what: str
    missing: str = ""


def unmet(document: Document, name: SchemaName) -> Iterator[Unmet]:
    """The errors of the fast validator, one for each key that is told: for those who compare what is told of texts."""
    for error in _fast_validator(name).iter_errors(document.data):
        pointer = tuple(error.instance_path)
        kind: Any = error.kind
        if kind.name in UNKNOWN:
            yield from (Unmet((*pointer, key), kind.name) for key in kind.unexpected)
        elif kind.name == "required":
            yield Unmet(pointer, f"required {kind.property}", kind.property)
        else:
            yield Unmet(pointer, kind.name)


def is_said_already(error: jsonschema.ValidationError, document: Document) -> bool:
    """Whether it may only be wrong because something was found wrong as YAML: there, or beside what depends on it."""
    pointer = tuple(error.absolute_path)
    if error.validator is None:
        return document.is_doubted(pointer) or document.has_left_out_inside(pointer[:-1])
    return document.is_doubted(pointer) or (error.validator == "required" and document.has_left_out_inside(pointer))


def _unbraced(errors: Iterable[jsonschema.ValidationError], document: Document, name: SchemaName) -> list[Unbraced]:
    pointers = [tuple(error.absolute_path) for error in errors]
    if not any(isinstance(step, int) for pointer in pointers for step in pointer):
        return []
    from realtime_scenarios.document.unbraced import unbraced_in

    return unbraced_in(document, pointers, lambda data: _pointers(data, name))


def _pointers(data: Any, name: SchemaName) -> Iterator[Pointer]:
    return (tuple(error.absolute_path) for error in _slow_validator(name).iter_errors(data))


def _deduplicated(found: list[Diagnostic]) -> list[Diagnostic]:
    """Where several schemas ask for a type, the one that allows the most has the say."""
    widest: dict[tuple[Span, str], Diagnostic] = {}
    for diagnostic in found:
        key = (diagnostic.span, diagnostic.name if diagnostic.name == "wrong-type" else diagnostic.message)
        if key not in widest or len(diagnostic.message) > len(widest[key].message):
            widest[key] = diagnostic
    return list(widest.values())


def _raw_diagnostics(document: Document, name: SchemaName) -> list[Diagnostic]:
    """Where only the fast validator sees a mistake, such as a number that JSON cannot write, its own words must do."""
    errors = _fast_validator(name).iter_errors(document.data)
    places = [(document.span(tuple(error.instance_path)), error.message) for error in errors]
    return [finding("bad-form", f"this value cannot stand here: {message}", span) for span, message in places]


@cache
def _fast_validator(name: SchemaName) -> jsonschema_rs.Validator:
    import jsonschema_rs

    return jsonschema_rs.validator_for(schema(name))


@cache
def _slow_validator(name: SchemaName) -> jsonschema.Validator:
    import jsonschema

    return jsonschema.Draft202012Validator(schema(name))
