"""Texts and values held against matchers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core import listed
from realtime_scenarios.core.folding import is_found, is_heard
from realtime_scenarios.core.patterns import pattern_of
from realtime_scenarios.core.words import caseless
from realtime_scenarios.model.matcher import Matcher


def mismatch(matcher: Matcher, value: Any, *, heard: bool = False) -> str | None:
    """Why the value does not match, with what it is; None if it does.

    Texts are searched without regard to case and to how white space runs; what is `heard` by a listener, as a guardrail
    hears it (`core.folding`). `equals` is exact, and where the value is JSON text it is compared as data.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    for wanted in matcher.contains:
        if not _contains(text, wanted, heard=heard):
            return f"expected it to contain '{wanted}', but it is {shown(value)}"
    for unwanted in matcher.excludes:
        if _contains(text, unwanted, heard=heard):
            return f"expected it not to contain '{unwanted}', but it is {shown(value)}"
    if matcher.pattern is not None and not _is_matched(text, matcher.pattern, heard=heard):
        return f"expected it to match /{matcher.pattern}/, but it is {shown(value)}"
    if matcher.has_equals and not _is_equal(matcher.equals, value):
        return f"expected {shown(matcher.equals)}, but it is {shown(value)}"
    if matcher.any_of and all(mismatch(choice, value, heard=heard) for choice in matcher.any_of):
        choices = [shown(choice.written) for choice in matcher.any_of]
        return f"expected {listed(choices, joined_by='or')}, but it is {shown(value)}"
    return None


def argument_mismatch(expected: Mapping[str, Matcher], actual: Any) -> str | None:
    """Why arguments do not hold what is expected of them, one matcher an argument; None if they do."""
    if not isinstance(actual, Mapping):
        return None if not expected else f"its arguments are {shown(actual)}"
    for name, matcher in expected.items():
        if name not in actual:
            return f"it has no argument '{name}'"
        if reason := _value_mismatch(matcher, actual[name]):
            return f"argument '{name}': {reason}"
    return None


def shown(value: Any, longest: int = 160) -> str:
    """A value as people would write it, shortened."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _value_mismatch(matcher: Matcher, actual: Any) -> str | None:
    """Why an argument does not match: a bare text must be all of it, apart from case and white space."""
    words = matcher.written
    if isinstance(words, str) and isinstance(actual, str):
        return None if caseless(words) == caseless(actual) else f"expected {shown(words)}, but it is {shown(actual)}"
    return mismatch(matcher, actual)


def _is_equal(expected: Any, value: Any) -> bool:
    if isinstance(value, str) and not isinstance(expected, str):
        try:
            value = json.loads(value)
        except ValueError:
            return False
    return _is_same(expected, value)


def _is_same(expected: Any, value: Any) -> bool:
    """Equality of JSON: to Python, `True` is the number 1."""
    match expected, value:
        case Mapping(), Mapping():
            return expected.keys() == value.keys() and all(_is_same(expected[key], value[key]) for key in expected)
        case list() | tuple(), list() | tuple():
            return len(expected) == len(value) and all(map(_is_same, expected, value))
        case _:
            return bool(expected == value) and isinstance(expected, bool) == isinstance(value, bool)


def _contains(text: str, words: str, *, heard: bool) -> bool:
    return caseless(words) in caseless(text) or (heard and is_heard(words, text))


def _is_matched(text: str, pattern: str, *, heard: bool) -> bool:
    compiled = pattern_of(pattern)
    return is_found(compiled, text) if heard else compiled.is_found_in(text)
