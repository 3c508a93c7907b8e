"""Assertions of promptfoo as expectations, with words that meet them: its types are those of promptfoo 0.121.20."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.patterns import pattern_problem
from realtime_scenarios.core.samples import sample_text
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.matching import mismatch
from realtime_scenarios.importers.exports import Told
from realtime_scenarios.importers.sources import words
from realtime_scenarios.importers.written import without_blank_ends
from realtime_scenarios.model.matcher import matcher_of
from realtime_scenarios.templates import Template

_KEYS = frozenset(["type", "value", "threshold"])
_JUDGED = words(
    "agent-rubric answer-relevance classifier context-faithfulness context-recall context-relevance factuality g-eval"
    " conversation-relevance human is-refusal max-score model-graded-factuality moderation"
    " pi search-rubric select-best similar similar:cosine similar:dot similar:euclidean"
    " trajectory:goal-success"
)
_RUBRICS = frozenset(["llm-rubric", "model-graded-closedqa"])
_SPECIAL = re.compile(r"([\\.^$*+?{}\[\]|()])")
_ESCAPED = r"\\\1"
_CODE = ("javascript", "python", "ruby", "webhook")


class Expected(Struct, frozen=True):
    """What must be true, as a file of dialogues has it, and words of an agent that would meet it; "": any would."""

    expectation: Mapping[str, Any]
    words: str = ""


def expected_of(place: Place, values: Mapping[str, Any], tools: frozenset[str] | None, told: Told) -> list[Expected]:
    """What an assertion, or a set of them, asks for; what cannot be asked for is told.

    `values` are the variables of the test. `tools` are those of the scenario; None: they are not known.
    """
    data = place.value
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        told.at(place, "an assertion without a type")
        return []
    kind = data["type"]
    if kind == "assert-set":
        if data.get("threshold") not in (None, 1):
            told.at(place, "a set of assertions of which some must hold")
            return []
        told.rest(place, {"type", "assert", "threshold"}, "a set of assertions")
        inner = data.get("assert")
        steps = range(len(inner)) if isinstance(inner, list) else ()
        return [each for at in steps for each in expected_of(place / "assert" / at, values, tools, told)]
    if data.get("transform") or data.get("contextTransform"):
        told.at(place, f"'{kind}', which looks at what code makes of the answer")
        return []
    if data.get("weight") == 0:
        told.at(place, f"'{kind}', which has no weight")
        return []
    try:
        value = _rendered(data.get("value"), values)
        each = _texts(value) if kind == "contains-all" else [value]
        name = "contains" if kind == "contains-all" else kind
        found = [_expected(name, value, data.get("threshold"), tools) for value in each]
    except _Lost as problem:
        told.at(place, f"'{kind}': {problem}")
        return []
    told.rest(place, _KEYS - {"threshold"} if kind in _RUBRICS else _KEYS, f"'{kind}'")
    return found


class _Lost(Exception):
    """Why there is no expectation for it."""


def _rendered(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_rendered(item, values) for item in value]
    if not isinstance(value, str):
        return value
    if value.startswith(("file://", "package:")):
        raise _Lost("what it asks for stands in another file")
    try:
        return Template(value).render(values) if "{" in value else value
    except ScenarioError as problem:
        raise _Lost(f"its value cannot be made of the variables ({problem.message})") from None


def _expected(kind: str, value: Any, threshold: Any, tools: frozenset[str] | None) -> Expected:
    is_not, name = kind.startswith("not-"), kind.removeprefix("not-")
    if name in _RUBRICS:
        return Expected({"judge": _rubric(value, is_not)})
    if name in _JUDGED:
        raise _Lost("a model judges it")
    if name in _CODE:
        raise _Lost("it is code")
    if name == "latency" and not is_not:
        if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 < threshold < 10**9:
            raise _Lost("it names no time")
        return Expected({"took": {"at_most": f"{max(1, round(threshold))}ms"}})
    if name == "trajectory:tool-used":
        return _used(value, is_not, tools)
    if name not in _MATCHERS:
        raise _Lost("there is no expectation of this kind")
    matcher, heard = _MATCHERS[name](value)
    if is_not:
        if name in ("contains-all", "icontains-all"):
            raise _Lost("there is no expectation of this kind")
        return Expected({"never_said": matcher})
    return Expected({"said": matcher}, heard)


Matched = tuple[Any, str]


def _contains(value: Any) -> Matched:
    text = _text(value)
    return _as_written(text), text


def _contains_in_any_case(value: Any) -> Matched:
    text = _text(value)
    return text, text


def _contains_all_in_any_case(value: Any) -> Matched:
    texts = _texts(value)
    return {"contains": texts}, ", ".join(texts)


def _contains_any(value: Any) -> Matched:
    texts = _texts(value)
    return {"any_of": [_as_written(text) for text in texts]}, texts[0]


def _contains_any_in_any_case(value: Any) -> Matched:
    texts = _texts(value)
    return {"any_of": texts}, texts[0]


def _as_written(text: str) -> Any:
    """A matcher that minds the case, where the text has one."""
    return {"matches": _SPECIAL.sub(_ESCAPED, text)} if text.casefold() != text or text.upper() != text else text


def _equals(value: Any) -> Matched:
    text = _text(value)
    return {"equals": text}, text


def _starts_with(value: Any) -> Matched:
    text = _text(value)
    return {"matches": rf"\A{_SPECIAL.sub(_ESCAPED, text)}"}, text


def _regex(value: Any) -> Matched:
    text = _text(value)
    problem = pattern_problem(text)
    if problem is not None:
        raise _Lost(f"its pattern cannot be used here ({problem.message})")
    return {"matches": text}, sample_text(text, None, wanted="Yes") or ""


_MATCHERS: Mapping[str, Callable[[Any], Matched]] = {
    "contains": _contains,
    "icontains": _contains_in_any_case,
    "icontains-all": _contains_all_in_any_case,
    "contains-any": _contains_any,
    "icontains-any": _contains_any_in_any_case,
    "equals": _equals,
    "starts-with": _starts_with,
    "regex": _regex,
}


def _text(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise _Lost("its value is no text")
    return value


def _rubric(value: Any, is_not: bool) -> str:
    if is_not:
        raise _Lost("no rubric can be turned round: write one that says what must hold")
    if not isinstance(value, str) or not value.strip():
        raise _Lost("its rubric is no text")
    return without_blank_ends(value.strip())


def _texts(value: Any) -> list[str]:
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise _Lost("its value is no list of texts")
    return [_text(text).strip() for text in texts]


def _used(value: Any, is_not: bool, tools: frozenset[str] | None) -> Expected:
    name = value.get("name") if isinstance(value, dict) else value
    if not isinstance(name, str) or tools is None or name not in tools:
        raise _Lost("which tool of the scenario it means is not known")
    if is_not:
        return Expected({"not_called": name})
    bounds = {
        ours: value[theirs]
        for ours, theirs in (("at_least", "min"), ("at_most", "max"))
        if isinstance(value, dict) and isinstance(value.get(theirs), int) and value[theirs] > 0
    }
    return Expected({"called": {"tool": name, "times": bounds} if bounds else name})


def words_for(expected: list[Expected], place: Place) -> str | None:
    """What an agent might say so that all of it holds; None: nothing that is made of its words does."""
    together = ", ".join(dict.fromkeys(each.words for each in expected if each.words))
    for text in (together, *(each.words for each in expected if each.words)):
        if text and all(_holds(each.expectation, text, place) for each in expected):
            return text
    return None


def _holds(expectation: Mapping[str, Any], text: str, place: Place) -> bool:
    if "said" in expectation:
        return mismatch(matcher_of(expectation["said"], place), text, heard=True) is None
    if "never_said" in expectation:
        return mismatch(matcher_of(expectation["never_said"], place), text, heard=True) is not None
    return "called" not in expectation
