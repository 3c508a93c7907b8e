"""Values held against the schema they were declared with; of a call's arguments, what the model must mend."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from realtime_scenarios.core.formats import FORMATS, form_problem, is_of_form, validator_options
from realtime_scenarios.core.json_text import parsed_json
from realtime_scenarios.core.schemas import filled, has_defaults, schemas_in
from realtime_scenarios.core.words import nearest


class ArgumentCheck:
    """A schema of arguments, or of any other value, compiled once. A `format` in it counts like any other keyword.

    Raises:
        ValueError: it is no schema; of `fits` and `problems`, the value is nothing that JSON can write.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        import jsonschema_rs  # reading most scenarios needs no schema of theirs

        self._schema = dict(schema)
        self._validator = jsonschema_rs.Draft202012Validator(self._schema, **validator_options())
        self._has_defaults = has_defaults(self._schema)

    def parsed(self, text: str) -> tuple[dict[str, Any], list[str]]:
        """The arguments, with the schema's defaults, and what is wrong with them; none where the text is no object."""
        arguments = arguments_of(text)
        if arguments is None:
            return {}, ["the arguments are not a JSON object"]
        return self.filled(arguments), self.problems(arguments)

    def filled(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, with the schema's defaults for those that were not given."""
        return filled(arguments, self._schema, self._schema) if self._has_defaults else dict(arguments)

    def fits(self, value: Any) -> bool:
        return bool(self._validator.is_valid(value))

    def problems(self, arguments: Mapping[str, Any]) -> list[str]:
        """What does not fit, each as a clause; empty where all is well. What has a default need not be given."""
        arguments = self.filled(arguments)
        if self._validator.is_valid(arguments):
            return []
        return list(dict.fromkeys(self._clauses(arguments)))

    def _clauses(self, arguments: Mapping[str, Any]) -> list[str]:
        if any("patternProperties" in schema for _, schema in schemas_in(self._schema)):
            # the other validator would search for these patterns with `re`, which may never come to an end
            return [f"the arguments: {error.message[:200]}" for error in self._validator.iter_errors(arguments)]
        errors = _wording_validator()(self._schema).iter_errors(arguments)
        return [clause for error in errors for clause in _clauses_of_error(error)] or ["the arguments do not fit"]


def check_of(schema: Mapping[str, Any]) -> ArgumentCheck:
    """The check of a schema that is declared once and used often: it is kept for as long as this very mapping is used.

    Raises:
        ValueError: it is no schema.
    """
    return _kept_check(_Same(schema))


class _Same:
    """A mapping that equals nothing but itself: comparing schemas key by key would cost what keeping them saves."""

    __slots__ = ("schema",)

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.schema is other.schema


@functools.lru_cache(maxsize=4096)
def _kept_check(same: _Same) -> ArgumentCheck:
    return ArgumentCheck(same.schema)


def arguments_of(text: str) -> dict[str, Any] | None:
    """The JSON object in the text; None where there is none. No text at all counts as an empty object."""
    try:
        data = parsed_json(text) if text.strip() else {}
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def repair_message(tool: str, problems: Sequence[str]) -> str:
    """What the model is told about arguments that do not fit."""
    wrong = "; ".join(problems)
    return f"Invalid arguments for {tool}: {wrong}. Nothing was done. Call {tool} again with arguments that fit."


@functools.cache
def _wording_validator() -> Any:
    """jsonschema's validator, for the words of errors. Patterns and formats are the fast one's: it has linear time for
    the first, and this one knows few of the second."""
    import jsonschema  # only a wrong call needs its words
    import jsonschema_rs

    def pattern(validator: Any, wanted: str, text: Any, schema: Any) -> Iterator[Any]:
        if not jsonschema_rs.is_valid({"pattern": wanted}, text, **validator_options()):
            yield jsonschema.ValidationError(f"does not match {wanted}")

    def format(validator: Any, wanted: str, text: Any, schema: Any) -> Iterator[Any]:
        if isinstance(text, str) and not is_of_form(text, wanted):
            yield jsonschema.ValidationError(f"has not the form {wanted}")

    keywords = {"pattern": pattern, "format": format}
    return jsonschema.validators.extend(jsonschema.Draft202012Validator, keywords)  # type: ignore[no-untyped-call]


def _clauses_of_error(error: Any) -> list[str]:
    where = ".".join(str(step) for step in error.absolute_path)
    name = f"argument '{where}'" if where else "the arguments"
    inside = f" in '{where}'" if where else ""
    match error.validator:
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            return [f"required argument '{key}' is missing{inside}" for key in missing]
        case "additionalProperties":
            known = error.schema.get("properties", {})
            return [_unknown_argument(key, known, inside) for key in error.instance if key not in known]
        case "enum":
            return [f"{name} must be one of {', '.join(map(json.dumps, error.validator_value))}"]
        case "type":
            wanted = error.validator_value
            kinds = " or ".join(wanted) if isinstance(wanted, list) else wanted
            return [f"{name} must be of type {kinds}"]
        case "pattern":
            return [f"{name} must match the pattern {error.validator_value}"]
        case "format" if error.validator_value in FORMATS:
            return [f"{name} {form_problem(error.instance, error.validator_value)}"]
        case _:
            return [f"{name}: {error.message[:200]}"]


def _unknown_argument(key: str, known: Mapping[str, Any], inside: str) -> str:
    guess = nearest(key, known)
    return f"unknown argument '{key}'{inside}" + (f" (did you mean '{guess}'?)" if guess else "")
