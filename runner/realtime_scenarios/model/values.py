"""Small values of a checked document - texts, durations, conditions, schemas - to what the model holds of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.core.formats import FORMATS, form_problem, validator_options
from realtime_scenarios.core.schemas import schemas_in
from realtime_scenarios.document import Document, Place, Pointer, finding
from realtime_scenarios.document.files import TEXT_LIMIT, Unreadable, path_inside, text_of
from realtime_scenarios.document.look_alikes import LOOK_ALIKES, described, first_look_alike, span_of_character
from realtime_scenarios.model.tool import Condition, Json, Text

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_JSON_TYPES: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"))


def seconds(duration: float | str) -> float:
    """The seconds of a duration: `1.5`, `400ms`, `1m30s`."""
    if isinstance(duration, str):
        return sum(float(number) * _SECONDS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|s|m|h)", duration))
    return float(duration)


def history(data: int | Literal["all"]) -> int | None:
    """How many of the last messages are read; None: all of them."""
    return None if data == "all" else data


def conditions(data: Any, place: Place) -> tuple[Condition, ...]:
    """One requirement or a list of them."""
    if isinstance(data, list):
        return tuple(condition(requirement, place / index) for index, requirement in enumerate(data))
    return () if data is None else (condition(data, place),)


def condition(data: Any, place: Place) -> Condition:
    """An expression as text, or a mapping with `when` and perhaps `message`."""
    if isinstance(data, dict):
        return Condition(data["when"], place / "when", data.get("message"))
    return Condition(data, place)


def expressions(data: Mapping[str, Any]) -> dict[str, str]:
    """Assignments as expressions: a number, true, false and null stand for themselves."""
    return {name: value if isinstance(value, str) else _literal_expression(value) for name, value in data.items()}


def full_schema(data: Mapping[str, Any]) -> dict[str, Json]:
    """Parameters as a JSON Schema of type object, whether they were written as one or in short."""
    if data.get("type") == "object":
        return dict(data)
    names = {key.removesuffix("?"): value for key, value in data.items()}
    return {
        "type": "object",
        "properties": {name: _property_schema(value) for name, value in names.items()},
        "required": [key for key in data if not key.endswith("?")],
        "additionalProperties": False,
    }


def _property_schema(data: Any) -> Any:
    if isinstance(data, str):
        return {"type": data}
    if isinstance(data, list):
        types = {name for value in data for kind, name in _JSON_TYPES if type(value) is kind}
        only = types.pop() if len(types) == 1 else None
        return {"type": only, "enum": data} if only else {"enum": data}
    return data


def _literal_expression(value: Any) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


class Source:
    """A checked document while it is built. `found` fills with what only the building of it shows."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Diagnostic] = []

    def text(self, data: Any, place: Place) -> Text:
        """A text, or what the file holds that is named in its place."""
        if isinstance(data, dict):
            return Text(self.file_text(data, place), place)
        return Text(data, place)

    def file_text(self, data: Mapping[str, str], place: Place) -> str:
        """The text of `{file: path}`; empty where it cannot be had, which is then found."""
        name, folder = data["file"], self.document.folder
        path = path_inside(folder, folder, name)
        text = path if isinstance(path, Unreadable) else text_of(path, name, TEXT_LIMIT)
        if isinstance(text, Unreadable):
            self._find_unreadable(text, name, place / "file")
            return ""
        if isinstance(path, Path):
            self.document.attached[path] = text
        return text

    def _find_unreadable(self, problem: Unreadable, name: str, place: Place) -> None:
        """What is wrong with the name of a file, down to the character that keeps it from being that of another."""
        at = first_look_alike(name)
        if at is None:
            self.find(problem.name, problem.message, place, problem.hint)
            return
        message = f"{problem.message}: {described(name[at])}"
        span = span_of_character(name, at, place)
        self.found.append(finding(problem.name, message, span, LOOK_ALIKES[name[at]].hint))

    def pattern(self, data: str, place: Place) -> str:
        """A regular expression; one that cannot be read, or not be found in linear time, is found."""
        from realtime_scenarios.core.patterns import pattern_problem  # many a scenario has none

        if problem := pattern_problem(data):
            self.find("bad-pattern", problem.message, place, problem.hint)
        return data

    def parameters(self, data: Mapping[str, Any], place: Place) -> dict[str, Json]:
        """Parameters as a JSON Schema of type object; what is wrong in it is found where the author wrote it."""
        full = full_schema(data)
        keys = {key.removesuffix("?"): key for key in data}

        def written_in_short(path: Pointer) -> Pointer:
            return (keys[str(path[1])], *path[2:]) if len(path) > 1 else path

        is_written_out = data.get("type") == "object"
        written: Callable[[Pointer], Pointer] = tuple if is_written_out else written_in_short
        holds_schemas = is_written_out or any(isinstance(value, dict) for value in data.values())
        if holds_schemas and self.json_schema(full, place, written) is not None:
            self._find_bad_defaults(full, place, written)
        return full

    def bad_default(self, name: str, default: Any, validator: Any, place: Place) -> None:
        """A default that does not fit the schema which `validator` holds values against is found."""
        error = next(iter(validator.iter_errors(default)), None)
        if error is None:
            return
        message = f"the default of '{name}' does not fit: {error.message}"
        word = error.schema_path[-1:] == ["format"] and error.kind.format
        if word in FORMATS:
            message = f"the default of '{name}' {form_problem(error.instance, word)}"
        hint = "change the default, or the schema"
        if default is None:
            hint = 'change the default, or allow it: type: [..., "null"]'
        self.find("bad-default", message, place, hint)

    def _find_bad_defaults(self, full: Mapping[str, Any], place: Place, written: Callable[[Pointer], Pointer]) -> None:
        """Values that a call would be filled with though they do not fit."""
        for path, schema in schemas_in(full):
            if path and "default" in schema:
                there = place
                for step in written((*path, "default")):
                    there = there / step
                self.bad_default(str(path[-1]), schema["default"], _validator_inside(full, schema), there)

    def json_schema(self, data: Mapping[str, Any], place: Place, written: Callable[[Pointer], Pointer] = tuple) -> Any:
        """A validator for a JSON Schema, or None where it is not one, which is then found.

        `written` says where in `place` the author wrote what stands at a path of the schema.
        """
        import jsonschema_rs

        if self._find_bad_patterns(data, place, written):
            return None
        try:
            return jsonschema_rs.validator_for(dict(data), **validator_options())
        except jsonschema_rs.ValidationError as problem:
            there = place
            for step in written(tuple(problem.instance_path)):
                there = there / step
            hint = "look the keyword up in the reference"
            self.find("bad-json-schema", f"this is no JSON Schema: {_first_line(problem.message)}", there, hint)
        except (jsonschema_rs.ReferencingError, ValueError) as problem:
            hint = "a '$ref' leads to something inside the same schema, such as '#/$defs/address'"
            self.find("bad-json-schema", f"this is no JSON Schema: {_first_line(str(problem))}", place, hint)
        return None

    def _find_bad_patterns(self, data: Mapping[str, Any], place: Place, written: Callable[[Pointer], Pointer]) -> bool:
        """Whether there was a pattern in the schema that it cannot have; each is found where it stands."""
        known = len(self.found)
        for path, pattern in _patterns_in(data):
            if _is_pattern_of_schemas(pattern):
                continue
            there = place
            for step in written(path):
                there = there / step
            before = len(self.found)
            self.pattern(pattern, there)
            if len(self.found) == before:
                hint = "a JSON Schema knows fewer signs than Python: a text begins with ^ and ends with $"
                self.find("bad-pattern", "this is no regular expression: it cannot be read", there, hint)
        return len(self.found) > known

    def find(self, name: str, message: str, place: Place, hint: str | None) -> None:
        self.found.append(finding(name, message, place.span, hint))


def _validator_inside(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """The validator of a schema inside `root`, whose definitions it may refer to."""
    import jsonschema_rs

    shared = {key: root[key] for key in ("$defs", "definitions") if key in root}
    try:
        return jsonschema_rs.validator_for({**shared, **schema}, **validator_options())
    except (jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError):
        return jsonschema_rs.validator_for({})  # it refers to what only makes sense where it stands


def _patterns_in(schema: Mapping[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """The regular expressions in a schema, values and keys, each with its path."""
    for path, part in schemas_in(schema):
        if isinstance(part.get("pattern"), str):
            yield (*path, "pattern"), part["pattern"]
        keys = part.get("patternProperties")
        for key in keys if isinstance(keys, Mapping) else ():
            yield (*path, "patternProperties", key), key


def _is_pattern_of_schemas(pattern: str) -> bool:
    """Whether the engine of schemas reads it, and nothing else into it: `a++` is `(a+)+` to that one."""
    import jsonschema_rs

    from realtime_scenarios.core.regex import is_possessive

    try:
        jsonschema_rs.validator_for({"pattern": pattern}, **validator_options())
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return not is_possessive(pattern)


def _first_line(message: str) -> str:
    line = message.splitlines()[0] if message else "it cannot be read"
    return line if len(line) <= 160 else f"{line[:159]}…"
