"""Values as they are read to the caller before anything is done with them, and what their authors want of that."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from realtime_scenarios.standin.briefing import StateBriefing
from realtime_scenarios.standin.contacts import spelled_in
from realtime_scenarios.standin.language import Texts, pattern
from realtime_scenarios.standin.telling import spoken_value
from realtime_scenarios.standin.tools import thing_of
from realtime_scenarios.standin.words import name_words, sentences_of

_CONFIRMS, _DENIED, _SPELLS = pattern("confirms"), pattern("is_denied"), pattern("spells")
_NAMED = re.compile(r"(?<=[a-zé,;] )(?!I\b|I['’])[A-Z][a-z]+")
_SIGNS = {"@": "at", ".": "dot", "_": "underscore"}


def wants_a_yes(state: StateBriefing, conditions: Sequence[str]) -> bool:
    """Whether the author wants what was understood to be read to the caller, and a yes to it."""
    texts = (state.description, *state.instructions, *conditions)
    found = (_CONFIRMS.search(sentence) for text in texts for sentence in sentences_of(text or ""))
    return any(match is not None and not _DENIED.search(match.string[: match.start()]) for match in found)


def read_back(values: Mapping[str, Any], texts: Texts, wanted: str = "") -> str:
    """`Customer id C-77, note: ring me. Is that right?`: the values, in English with their names where there are
    several. `wanted` is what their author says about how they are read."""
    told = []
    for name, value in values.items():
        heard = _as_heard(value, wanted, texts)
        thing = f"{'new ' if name_words(name)[:1] == ['new'] else ''}{thing_of(name)}"
        named = f"{thing}{'' if re.search('[0-9@]', heard) else ':'} {heard}"
        told.append(named if len(values) > 1 and texts.code == "en" else heard)
    text = ", ".join(told)
    return f"{text[:1].upper()}{text[1:]}. {texts.is_that_right}" if text else texts.go_on


def is_general(example: str) -> bool:
    """Whether a sample phrase holds no data of anybody's: no digits, spelled letters, names or quotations."""
    return not (re.search(r"\d|[\"“”«»:]|\b\w-\w\b", example) or spelled_in(example) or _NAMED.search(example))


def _as_heard(value: Any, wanted: str, texts: Texts) -> str:
    """A value as its author wants it read: spelled, or digit by digit; a date with its month as a word."""
    told = spoken_value(value, texts).rstrip(".?!")
    if not isinstance(value, str) or not wanted:
        return told
    if _SPELLS.search(wanted) and not re.search(r"\d", value):
        parts = [part for part in re.split(r"([@._]|\s+)", value) if part.strip()]
        return ", ".join([value, *(_SIGNS.get(part, "-".join(part.upper())) for part in parts)])
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value) and texts.code == "en":
        return f"{datetime.date.fromisoformat(value):%B %-d, %Y}"
    if texts.code == "en" and re.search(r"\d", value) and not re.search(r"[^\W\d]", value):
        return ", ".join("-".join(group) for group in re.findall(r"\d+", value))
    return told
