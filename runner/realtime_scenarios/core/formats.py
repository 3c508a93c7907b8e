"""The forms that a text can have by the `format` of its schema: which words there are, and what each one demands."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    import jsonschema_rs


class Format(Struct, frozen=True):
    """`noun` follows "is no", `sample` is a text of that form; `how` says how to write one, None: the noun says it."""

    noun: str
    sample: str
    how: str | None = None


FORMATS: Mapping[str, Format] = {
    "date": Format("date", "2026-01-31", "YYYY-MM-DD"),
    "time": Format("time of day", "10:30", "HH:MM"),
    "date-time": Format(
        "moment with its zone", "2026-01-31T10:30:00Z", "YYYY-MM-DDTHH:MM:SSZ, or with an offset such as +01:00"
    ),
    "duration": Format("duration", "PT30M", "ISO 8601 has it, such as PT30M or P2D"),
    "email": Format("email address", "a@example.com"),
    "idn-email": Format("email address", "a@example.com"),
    "hostname": Format("name of a host", "example.com"),
    "idn-hostname": Format("name of a host", "example.com"),
    "ipv4": Format("IPv4 address", "192.0.2.1"),
    "ipv6": Format("IPv6 address", "2001:db8::1"),
    "uri": Format("URI", "https://example.com", "https://example.com/path"),
    "uri-reference": Format("reference to a URI", "/path"),
    "iri": Format("IRI", "https://example.com", "https://example.com/path"),
    "iri-reference": Format("reference to an IRI", "/path"),
    "uri-template": Format("template of a URI", "https://example.com/{id}"),
    "uuid": Format("UUID", "123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-426614174000"),
    "json-pointer": Format("JSON pointer", "/a/0"),
    "relative-json-pointer": Format("relative JSON pointer", "0/a"),
    "regex": Format("regular expression", ".*"),
}
"""Every word that is checked; a validator takes any text for one of another."""

_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?")


def is_time(text: str) -> bool:
    """Whether the text is a time of day: as RFC 3339 has it, or as people say it, without seconds or a zone."""
    clock = _CLOCK.fullmatch(text) if text.isascii() else None
    if clock is None:
        return bool(_zoned_time().is_valid(text))
    hour, minute, second = (int(part or 0) for part in clock.groups())
    return hour < 24 and minute < 60 and second < 60


def is_of_form(text: str, word: str) -> bool:
    """Whether a text has the form that the word `format` names; any has, where the word is none of ours."""
    return bool(_validator_of_word(word).is_valid(text))


def format_options() -> dict[str, Any]:
    """What makes a validator of `jsonschema_rs` look at formats as we mean them. It looks at none by itself."""
    options: dict[str, Any] = {"validate_formats": True, "formats": {"time": is_time}}
    return options


def validator_options() -> dict[str, Any]:
    """What makes a validator of `jsonschema_rs` hold values against somebody's schema: patterns in linear time, and
    without asking the network or the disk for what a `$ref` names, as it does by itself."""
    import jsonschema_rs

    return {**format_options(), "pattern_options": jsonschema_rs.RegexOptions(), "retriever": _nothing_outside}


def _nothing_outside(address: str) -> Any:
    raise ValueError("a '$ref' leads to something inside the same schema")


def form_problem(text: Any, word: str) -> str:
    """What is wrong with a text that has not the form, as the rest of a sentence that begins with its name."""
    form = FORMATS[word]
    shown = " ".join(str(text).split())[:60] or "it is empty"
    return f"is no {form.noun}: {shown}" + (f"; write it as {form.how}" if form.how else "")


@functools.cache
def _validator_of_word(word: str) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"format": word}, **format_options())


@functools.cache
def _zoned_time() -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"format": "time"}, validate_formats=True)
