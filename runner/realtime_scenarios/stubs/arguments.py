"""The JSON text of a call's arguments as data that fits its schema, or as what the model must mend."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from realtime_scenarios.core import nearest, parsed_json


class ArgumentCheck:
    """A schema of arguments, compiled once."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        self._validator = jsonschema_rs.Draft202012Validator(self._schema)

    def parsed(self, text: str) -> tuple[dict[str, Any], list[str]]:
        """The arguments and what is wrong with them; empty arguments where the text is no JSON object."""
        arguments = arguments_of(text)
        if arguments is None:
            return {}, ["the arguments are not a JSON object"]
        return arguments, self.problems(arguments)

    def fits(self, arguments: Mapping[str, Any]) -> bool:
        return bool(self._validator.is_valid(arguments))

    def problems(self, arguments: Mapping[str, Any]) -> list[str]:
        """What does not fit, each as a clause; empty where all is well."""
        if self._validator.is_valid(arguments):
            return []
        return list(dict.fromkeys(self._sentences(arguments)))

    def _sentences(self, arguments: Mapping[str, Any]) -> list[str]:
        found: list[str] = []
        for error in _wording_validator()(self._schema).iter_errors(arguments):
            found += _clauses(error)
        return found or ["the arguments do not fit"]


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
    """jsonschema's validator, for the words of errors; patterns are matched by the fast one, in bounded time."""
    import jsonschema  # only a wrong call needs its words

    def pattern(validator: Any, wanted: str, text: Any, schema: Any) -> Iterator[Any]:
        if not jsonschema_rs.is_valid({"pattern": wanted}, text):
            yield jsonschema.ValidationError(f"does not match {wanted}")

    return jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]


def _clauses(error: Any) -> list[str]:
    where = ".".join(str(step) for step in error.absolute_path)
    name = f"argument '{where}'" if where else "the arguments"
    inside = f" in '{where}'" if where else ""
    match error.validator:
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            return [f"required argument '{key}' is missing{inside}" for key in missing]
        case "additionalProperties":
            known = error.schema.get("properties", {})
            return [_unknown(key, known, inside) for key in error.instance if key not in known]
        case "enum":
            return [f"{name} must be one of {', '.join(map(json.dumps, error.validator_value))}"]
        case "type":
            wanted = error.validator_value
            kinds = " or ".join(wanted) if isinstance(wanted, list) else wanted
            return [f"{name} must be of type {kinds}"]
        case "pattern":
            return [f"{name} must match the pattern {error.validator_value}"]
        case _:
            return [f"{name}: {error.message[:200]}"]


def _unknown(key: str, known: Mapping[str, Any], inside: str) -> str:
    guess = nearest(key, known)
    return f"unknown argument '{key}'{inside}" + (f" (did you mean '{guess}'?)" if guess else "")
