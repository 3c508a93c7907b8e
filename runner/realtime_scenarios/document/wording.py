"""What a schema validator objects to, as a diagnostic that an author understands at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml

from realtime_scenarios.core import Diagnostic, Span, did_you_mean, listed, nearest
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.conflicts import Conflict, conflict_of
from realtime_scenarios.document.look_alikes import LOOK_ALIKES, described, first_look_alike, span_of_character
from realtime_scenarios.document.place import Place, Pointer, value_at
from realtime_scenarios.document.reader import Document
from realtime_scenarios.document.schema import properties_of, subschema
from realtime_scenarios.document.things import noun_of_names, thing, thing_in_context

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
_EXAMPLES = {
    "string": "a text",
    "integer": "a whole number, such as 3",
    "number": "a number, such as 1.5",
    "boolean": "true or false",
    "array": "a list, such as [a, b]",
    "object": "a mapping, such as {key: value}",
    "null": "null",
}
_PYTHON_TYPES: dict[str, type] = {"string": str, "array": list, "object": dict}
_HINT_FOR_COMMAS = "put a text that holds a comma in quotes"
_LONGEST_EXAMPLE = 60
_MOST_OWNERS = 3
"""Of a key that belongs to more things than this, a hint does not say to which."""

_MOST_KEYS = 16
"""More keys than this are not listed in a hint."""


def diagnostics_of(error: ValidationError, document: Document, schema: dict[str, Any]) -> Iterator[Diagnostic]:
    """The diagnostics for one error; an error about several keys becomes several."""
    pointer: Pointer = tuple(error.absolute_path)
    part = error.schema if isinstance(error.schema, dict) else {}
    here = _Explanation(error, document, schema, pointer, part)
    if (conflict := conflict_of(error, schema)) is not None:
        yield from here.conflicting_kinds(conflict)
        return
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
        case None:  # the schema was `false`: there is no keyword that could have failed
            yield from here.conflicting_keys()
        case _:
            yield here.out_of_range()


class _Explanation:
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
        ended: dict[str, Any] = self._part.get("x-ended", {})
        for key in [key for key in self._value if key in ended][:1]:  # the others belong to what ended with it
            yield finding("unknown-key", f"'{key}': {ended[key]['message']}", self._key_span(key), ended[key]["hint"])
        renamed: dict[str, str] = self._part.get("x-renamed", {})
        for key in [key for key in self._value if key in renamed]:
            yield self._renamed_key(key, renamed[key])
        unknown = [key for key in self._value if key not in known and key not in ended and key not in renamed]
        pieces = self._pieces_of_text(unknown)
        for key in [key for key in unknown if key not in pieces[1:]]:
            hint = _HINT_FOR_COMMAS if key in pieces else self._hint_for_key(key, list(known))
            yield finding("unknown-key", f"unknown key '{key}' in {where}", self._key_span(key), hint)

    def _pieces_of_text(self, unknown: list[str]) -> list[str]:
        """Those of the unknown keys that are a text which fell apart at its commas; one of them holds a blank."""
        pieces = [key for key in unknown if self._value[key] is None]
        return pieces if any(" " in key for key in pieces) else []

    def _renamed_key(self, key: str, now: str) -> Diagnostic:
        """A key that had another name once. `now` is what to write, with `...` where the value goes."""
        where, value = thing_in_context(self._pointer, self._document.data), self._value[key]
        simple = value is not None and not isinstance(value, (list, dict))
        hint = f"write '{now.replace('...', _as_yaml(value)) if simple else now}'"
        return finding("unknown-key", f"unknown key '{key}' in {where}: it is now '{now}'", self._key_span(key), hint)

    def missing_keys(self) -> Iterator[Diagnostic]:
        """What is missing, unless a key that was misspelt is what was meant: that one is reported by itself."""
        otherwise = (*tuple(self._error.absolute_schema_path)[:-2], "if")
        instead = subschema(self._schema, otherwise).get("properties", {}) if self._message else {}
        wanted = [*self._limit, *instead]
        missing = [key for key in self._limit if key not in self._value and not self._document.may_have_left_out(key)]
        strangers = [key for key in self._value if key not in wanted and key not in self._known_here()]
        meant = {nearest(key, wanted) for key in strangers}
        where = thing_in_context(self._pointer, self._document.data)
        span = self._document.span(self._pointer, key=True)
        if self._message:
            if not any(meant):
                yield finding("missing-key", f"{where} {self._message}", span, self._hint)
            return
        for key in missing:
            if key not in meant:
                description = properties_of(self._schema, self._part).get(key, {}).get("description", "")
                hint = f"{key}: {description.partition('. ')[0].rstrip('.')}" if description else self._hint
                yield finding("missing-key", f"missing key '{key}' in {where}", span, hint)

    def _known_here(self) -> set[str]:
        """The keys that may stand in the mapping, as all of the schemas say that look at it."""
        steps = tuple(self._error.absolute_schema_path)[:-1]
        known: set[str] = set()
        for length in range(len(steps), -1, -1):
            part = subschema(self._schema, steps[:length])
            if isinstance(part, dict):
                known.update(properties_of(self._schema, part))
            if steps[length - 1 : length] and steps[length - 1] in ("items", "additionalProperties"):
                break
            if steps[length - 2 : length - 1] == ("properties",):
                break
        return known

    def missing_companions(self) -> Iterator[Diagnostic]:
        for key, companions in self._limit.items():
            for missing in companions:
                if key in self._value and missing not in self._value:
                    message = f"'{key}' says nothing without '{missing}' beside it"
                    yield finding("missing-key", message, self._key_span(key), f"add '{missing}', or remove '{key}'")

    def wrong_type(self) -> Diagnostic:
        wanted = self._limit
        types = [wanted] if isinstance(wanted, str) else list(wanted)
        article = listed([_TYPES[name] for name in types], joined_by="or")
        if self._value is None:
            message = f"{self._thing} must be {article}, but it has no value"
            span = self._document.span(self._pointer, key=True)
            after = self._document.line(span.end_line, span.file)[span.end_column - 1 :]
            is_comment = re.match(r":\s+#\w", after) is not None
            hint = "a '#' begins a comment: put the text in quotes" if is_comment else "give it a value"
            return finding("wrong-type", message, span, hint)
        message = f"{self._thing} must be {article}, but it is {_described_type(self._value)}"
        return finding("wrong-type", message, self._span, self._hint_for_type(types) or self._hint)

    def unknown_value(self) -> Diagnostic:
        choices = [self._limit] if self._error.validator == "const" else list(self._limit)
        words = [_as_yaml(choice) for choice in choices]
        message = f"{self._thing} must be {listed(words, joined_by='or')}, not {_quoted_value(self._value)}"
        guess = nearest(self._value, words) if isinstance(self._value, str) else None
        hint = f"did you mean '{guess}'?" if guess else self._hint or f"write {listed(words, joined_by='or')}"
        return finding("unknown-value", message, self._span, hint)

    def bad_form(self) -> Diagnostic:
        what = self._message or "does not have the right form"
        if (stray := self._stray_character("bad-form", str(self._value), self._span)) is not None:
            return stray
        return finding("bad-form", f"{self._thing} {what}: {_quoted_value(self._value)}", self._span, self._hint)

    def bad_name(self) -> Diagnostic:
        key = str(self._value)
        noun = noun_of_names(self._pointer)
        if (stray := self._stray_character("bad-name", key, self._key_span(key))) is not None:
            return stray
        message = f"'{key}' cannot be the name of {_with_article(noun)}" if noun else f"'{key}' cannot be a name here"
        return finding("bad-name", message, self._key_span(key), self._hint)

    def conflicting_keys(self) -> Iterator[Diagnostic]:
        """Keys that another one forbids: the validator met `false` in place of their schemas, but names them not."""
        steps = tuple(self._error.absolute_schema_path)
        around = subschema(self._schema, steps[:-1])
        present = value_at(self._pointer, self._document.data)
        for key in [key for key, part in around["properties"].items() if part is False and key in present]:
            what = around.get("x-message") or f"cannot stand beside '{steps[-2]}'"
            hint = around.get("x-hints", {}).get(key) or around.get("x-hint") or f"remove '{key}'"
            yield finding("conflicting-keys", f"'{key}' {what}", self._key_span(key), hint)

    def conflicting_kinds(self, conflict: Conflict) -> Iterator[Diagnostic]:
        if conflict.is_told:
            message = f"'{conflict.key}' cannot stand beside '{conflict.other}'"
            span = self._key_span(conflict.key)
            yield finding("conflicting-keys", message, span, conflict.hint or f"remove '{conflict.key}'")

    def out_of_range(self) -> Diagnostic:
        match self._error.validator:
            case "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum":
                return self._number_out_of_range()
            case "maxProperties" if self._limit == 1:
                keys = listed([f"'{key}'" for key in self._value])
                message, hint = (
                    f"{self._thing} must have one key, but it has {keys}",
                    "write each of them as an item of its own",
                )
            case "minLength" | "minItems" | "minProperties":
                known = list(properties_of(self._schema, self._part))
                hint = f"it may have: {', '.join(known)}" if known else "fill it, or remove it"
                message = f"{self._thing} must not be empty"
            case other:
                message, hint = f"{self._thing} does not fit: {other} is {self._limit}", "look it up in the reference"
        return finding("out-of-range", message, self._span, self._hint or hint)

    def _number_out_of_range(self) -> Diagnostic:
        least, most = self._part.get("minimum"), self._part.get("maximum")
        words = {
            "minimum": "at least",
            "maximum": "at most",
            "exclusiveMinimum": "more than",
            "exclusiveMaximum": "less than",
        }
        limit = f"{words[str(self._error.validator)]} {self._limit}"
        message = f"{self._thing} must be {limit}, but it is {self._value}"
        hint = f"from {least} to {most}" if least is not None and most is not None else limit
        return finding("out-of-range", message, self._span, self._hint or hint)

    def _hint_for_key(self, key: str, known: list[str]) -> str | None:
        if (meant := self._part.get("x-hints", {}).get(key)) is not None:
            return str(meant)
        if nearest(key, known):
            return did_you_mean(key, known)
        owners = {
            part["title"]
            for part in self._schema["$defs"].values()
            if key in properties_of(self._schema, part)
            and part.get("title", "JSON Schema keywords") != "JSON Schema keywords"
        }
        if 0 < len(owners) <= _MOST_OWNERS:
            return f"'{key}' belongs to {listed([_with_article(owner) for owner in sorted(owners)], joined_by='or')}"
        if len(known) > _MOST_KEYS:
            return "the reference lists the keys that may stand here"
        return did_you_mean(key, known)

    def _hint_for_type(self, types: list[str]) -> str | None:
        """How a value of the wrong type most likely was meant."""
        match self._value:
            case False | 0 if "none" in self._part.get("examples", ()):
                return "write none"
            case bool() | int() | float() if "x-instead" in self._part:  # in quotes it would mean nothing either
                return str(self._part["x-instead"])
            case bool() | int() | float() if "string" in types and self._is_free_text:
                return f'put it in quotes: "{self._source_text()}"'
            case str() if types == ["array"]:
                return f"write it as a list: [{self._value}]" if len(self._value) < 40 else "write it as a list"
            case str() if types == ["boolean"]:
                return "write true or false; yes, no, on and off are text"
            case str() if set(types) <= {"number", "integer"} and self._value.lstrip("-").replace(".", "").isdigit():
                return "write the number without quotes"
            case list() if types == ["object"]:
                return "write 'name: ...' in place of each '-'"
            case _:
                return self._hint or f"write {', or '.join(map(self._example_of, types))}"

    @property
    def _is_free_text(self) -> bool:
        """Whether a text may be any, and none of a few words."""
        return "enum" not in self._part and "enum" not in self._part.get("then", {})

    def _example_of(self, type_name: str) -> str:
        """A value of that type: the schema's own shortest example, where it has one that is short enough for a hint."""
        fitting = _PYTHON_TYPES.get(type_name)
        examples = (value for value in self._part.get("examples", ()) if fitting and isinstance(value, fitting))
        own = map(_in_one_line, examples)
        shortest = min(own, key=len, default="")
        if not 0 < len(shortest) <= _LONGEST_EXAMPLE:
            return _EXAMPLES[type_name]
        return f"{_EXAMPLES[type_name].partition(',')[0]}, such as {shortest}"

    def _source_text(self) -> str:
        line = self._document.line(self._span.line, self._span.file)
        return line[self._span.column - 1 : self._span.end_column - 1]

    def _stray_character(self, name: str, text: str, span: Span) -> Diagnostic | None:
        """The character in a name that only looks like one of those that names are made of, where it stands."""
        at = first_look_alike(text)
        if at is None:
            return None
        where = span_of_character(text, at, Place(self._document), span)
        return finding(name, f"{described(text[at])}, and names have none", where, LOOK_ALIKES[text[at]].hint)

    def _key_span(self, key: str) -> Span:
        return self._document.span((*self._pointer, key), key=True)


def _described_type(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "a mapping"


def _as_yaml(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_one_line(value: Any) -> str:
    """The value in YAML, as it may stand behind a key."""
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000, sort_keys=False).split("\n")[
        0
    ]


def _quoted_value(value: Any) -> str:
    if not isinstance(value, str):
        return _as_yaml(value) if not isinstance(value, (list, dict)) else _described_type(value)
    return f"'{value}'" if len(value) <= 60 else f"'{value[:59]}…'"


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
