"""A text that a person gives, held against the pattern and the format that it must have."""

from __future__ import annotations

import functools
from typing import Any

from realtime_scenarios.core.formats import is_of_form, validator_options


def misfit(text: str, pattern: str | None, format: str | None) -> str | None:
    """What is wrong with the form of the text, without a word of it, as it may be secret; None where it fits.

    `pattern` must be found in the text, as JSON Schema has it; None asks for nothing.
    """
    if format is not None and not is_of_form(text, format):
        return f"it is no {format}"
    if pattern is not None and not _is_matched(pattern, text):
        return f"it does not match the pattern {pattern}"
    return None


def _is_matched(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; one that is none asks for nothing, and is told where it stands."""
    try:
        return bool(_pattern_validator(pattern).is_valid(text))
    except ValueError:
        return True


@functools.lru_cache(maxsize=256)
def _pattern_validator(pattern: str) -> Any:
    import jsonschema_rs  # only what a person gives is looked at

    return jsonschema_rs.Draft202012Validator({"type": "string", "pattern": pattern}, **validator_options())
