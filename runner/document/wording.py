"""What a schema validator objects to, as a diagnostic that an author understands at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runner.core import Diagnostic, Span, did_you_mean, listed, nearest
from runner.document.codes import finding
from runner.document.place import Pointer
from runner.document.reader import Document
from runner.document.schema import properties_of, subschema
from runner.document.things import thing, thing_in_context, value_at

if TYPE_CHECKING:
    from jsonschema import ValidationError

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_MANY = 16
"""More keys than this are not listed in a hint."""


def diagnostics_of(error: ValidationError, document: Document, schema: dict[str, Any]) -> Iterator[Diagnostic]:
    """The diagnostics for one error; an error about several keys becomes several."""
    pointer: Pointer = tuple(error.absolute_path)
    part = error.schema if isinstance(error.schema, dict) else {}
    here = _Error(error, document, schema, pointer, part)
    match error.validator:
        case "additionalProperties" | "unevaluatedProperties":
            yield from here.unknown_keys()
        case "required":
            yield from here.missing_keys()
        case "dependentRequired":
            yield from here.missing_companions()
        case "type":
            yield here.wrong_type()
        case "enum" | "const":
            yield here.unknown_value()
        case "pattern" if "propertyNames" in error.absolute_schema_path:
            yield here.bad_name()
        case "pattern":
            yield here.bad_form()
        case None:
            yield from here.conflicting_keys()
        case _:
            yield here.out_of_range()


class _Error:
    def __init__(
        self, error: ValidationError, document: Document, schema: dict[str, Any], pointer: Pointer, part: dict[str, Any]
    ) -> None:
        self._error = error
        self._document = document
        self._schema = schema
        self._pointer = pointer
        self._part = part
        self._value: Any = error.instance
        self._limit: Any = error.validator_value
        self._span = document.span(pointer)
        self._hint: str | None = part.get("x-hint")
        self._message: str | None = part.get("x-message")
        self._thing = thing(pointer, document.data)

    def unknown_keys(self) -> Iterator[Diagnostic]:
        known = properties_of(self._schema, self._part)
        where = thing_in_context(self._pointer, self._document.data)
        for key in self._value:
            if key not in known:
                hint = self._hint_for(key, list(known))
                yield finding("unknown-key", f"unknown key '{key}' in {where}", self._key_span(key), hint)

    def missing_keys(self) -> Iterator[Diagnostic]:
        """What is missing, unless a key that was misspelt is what was meant: that one is reported by itself."""
        around = subschema(self._schema, tuple(self._error.absolute_schema_path)[:-2])
        wanted = [*self._limit, *(around.get("if", {}).get("properties", {}) if self._message else ())]
        missing = [key for key in self._limit if key not in self._value]
        meant = {nearest(key, wanted) for key in self._value if key not in wanted}
        where = thing_in_context(self._pointer, self._document.data)
        span = self._document.span(self._pointer, key=True)
        if self._message:
            if not any(meant):
                yield finding("missing-key", f"{where} {self._message}", span, self._hint)
            return
        for key in missing:
            if key not in meant:
                description = properties_of(self._schema, self._part)[key].get("description", "")
                hint = f"{key}: {description.partition('. ')[0].rstrip('.')}"
                yield finding("missing-key", f"missing key '{key}' in {where}", span, hint)

    def missing_companions(self) -> Iterator[Diagnostic]:
        for key, companions in self._limit.items():
            for missing in companions:
                if key in self._value and missing not in self._value:
                    message = f"'{key}' says nothing without '{missing}' beside it"
                    yield finding("missing-key", message, self._key_span(key), f"add '{missing}', or remove '{key}'")

    def wrong_type(self) -> Diagnostic:
        wanted = self._limit
        types = [wanted] if isinstance(wanted, str) else list(wanted)
        article = listed([_TYPES[one] for one in types], joined_by="or")
        if self._value is None:
            message = f"{self._thing} must be {article}, but it has no value"
            span = self._document.span(self._pointer, key=True)
            return finding("wrong-type", message, span, self._hint or "give it a value, or remove it")
        message = f"{self._thing} must be {article}, but it is {_kind(self._value)}"
        return finding("wrong-type", message, self._span, self._hint or self._repair(types))

    def unknown_value(self) -> Diagnostic:
        choices = [self._limit] if self._error.validator == "const" else list(self._limit)
        words = [_written(choice) for choice in choices]
        message = f"{self._thing} must be {listed(words, joined_by='or')}, not {_quoted(self._value)}"
        guess = nearest(self._value, words) if isinstance(self._value, str) else None
        return finding("unknown-value", message, self._span, f"did you mean '{guess}'?" if guess else self._hint)

    def bad_form(self) -> Diagnostic:
        what = self._message or "does not have the right form"
        return finding("bad-form", f"{self._thing} {what}: {_quoted(self._value)}", self._span, self._hint)

    def bad_name(self) -> Diagnostic:
        key = str(self._value)
        noun, _, _ = thing((*self._pointer, key), self._document.data).rpartition(" ")
        message = f"'{key}' cannot be the name of {_with_article(noun)}" if noun else f"'{key}' cannot be a name here"
        return finding("bad-name", message, self._key_span(key), self._hint)

    def conflicting_keys(self) -> Iterator[Diagnostic]:
        """Keys that another one forbids: the validator met `false` in place of their schemas, but names them not."""
        steps = tuple(self._error.absolute_schema_path)
        around = subschema(self._schema, steps[:-1])
        present = value_at(self._pointer, self._document.data)
        for key in [key for key, part in around["properties"].items() if part is False and key in present]:
            what = around.get("x-message") or f"cannot stand beside '{steps[-2]}'"
            hint = around.get("x-hint") or f"remove '{key}'"
            yield finding("conflicting-keys", f"'{key}' {what}", self._key_span(key), hint)

    def out_of_range(self) -> Diagnostic:
        limit = self._limit
        match self._error.validator:
            case "minimum":
                message = f"{self._thing} must be at least {limit}, but it is {self._value}"
            case "maximum":
                message = f"{self._thing} must be at most {limit}, but it is {self._value}"
            case "exclusiveMinimum":
                message = f"{self._thing} must be more than {limit}, but it is {self._value}"
            case "maxProperties" if limit == 1:
                keys = listed([f"'{key}'" for key in self._value])
                message = f"{self._thing} must have one key, but it has {keys}"
                hint = self._hint or "write each of them as an item of its own"
                return finding("out-of-range", message, self._span, hint)
            case "minLength" | "minItems" | "minProperties":
                message = f"{self._thing} must not be empty"
            case other:
                message = f"{self._thing} does not fit: {other} is {limit}"
        return finding("out-of-range", message, self._span, self._hint)

    def _hint_for(self, key: str, known: list[str]) -> str | None:
        if nearest(key, known):
            return did_you_mean(key, known)
        owners = {
            part["title"]
            for part in self._schema["$defs"].values()
            if key in properties_of(self._schema, part) and part["title"] != "JSON Schema keywords"
        }
        if len(owners) == 1:
            return f"'{key}' belongs to {_with_article(owners.pop())}"
        return did_you_mean(key, known) if len(known) <= _MANY else "the reference lists the keys that may stand here"

    def _repair(self, types: list[str]) -> str | None:
        value = self._value
        written = self._document.line(self._span.line, self._span.file)[self._span.column - 1 :]
        if "string" in types and isinstance(value, (int, float)):
            shown = written[: self._span.end_column - self._span.column]
            return f'put it in quotes: "{shown}"' if self._span.line == self._span.end_line else "put it in quotes"
        if types == ["array"] and isinstance(value, str):
            return f"write it as a list: [{value}]" if len(value) < 40 else "write it as a list"
        if types == ["boolean"] and isinstance(value, str):
            return "write true or false; yes, no, on and off are text"
        if types == ["object"] and isinstance(value, list):
            return "write 'name: ...' in place of the '-'"
        if set(types) & {"number", "integer"} and isinstance(value, str):
            return "write the number without quotes" if value.lstrip("-").replace(".", "").isdigit() else None
        return None

    def _key_span(self, key: str) -> Span:
        return self._document.span((*self._pointer, key), key=True)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping"


def _written(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: Any) -> str:
    if not isinstance(value, str):
        return _written(value) if not isinstance(value, (list, dict)) else _kind(value)
    return f"'{value}'" if len(value) <= 60 else f"'{value[:59]}…'"


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
