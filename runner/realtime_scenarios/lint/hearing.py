"""Patterns about what is said, held against what is heard of it."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Iterable, Iterator
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from realtime_scenarios.core.folding import folded
from realtime_scenarios.document import Place
from realtime_scenarios.lint.rule import Finding, Subject, rule

_ABOUT_WORDS = frozenset(["said", "never_said", "opens", "nowhere", "asked", "asks", "say"])
"""Keys of dialogues whose patterns are about what somebody hears."""

_ENDS_OF_SENTENCES = ".,;:!?"
_EMPHASIS = "*`~"
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


@rule("SC850", "unheard-character", "warning")
def unheard_character(subject: Subject) -> Iterator[Finding]:
    """A pattern about what is said holds a character that nobody hears.

    Problem: guardrails and expectations hear words: emphasis, backquotes, curly quotes, soft hyphens and punctuation
    between words are folded away before a pattern is tried, so that it matches only where a text is typed just so.
    Instead: leave it out, or make it optional: `Riley,? you`.
    """
    for guardrail in subject.scenario.guardrails.values():
        if guardrail.pattern is not None:
            yield from _unheard_in(guardrail.pattern, guardrail.place / "pattern")
    for dialogue in subject.dialogues:
        for place in _patterns_at(dialogue.place, dialogue.place.value, is_about_words=False):
            yield from _unheard_in(str(place.value), place)


def _patterns_at(place: Place, value: Any, *, is_about_words: bool) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "matches" and is_about_words and isinstance(inner, str):
                yield place / key
            else:
                about_words = is_about_words or key in _ABOUT_WORDS
                yield from _patterns_at(place / key, inner, is_about_words=about_words)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _patterns_at(place / index, inner, is_about_words=is_about_words)


def _unheard_in(pattern: str, place: Place) -> Iterator[Finding]:
    unheard = unheard_characters(pattern)
    if unheard:
        shown = unheard[0] if unheard[0].isprintable() else f"U+{ord(unheard[0]):04X}"
        yield Finding(f"nobody hears the '{shown}' of this pattern", place.span, "leave it out, or make it optional")


def unheard_characters(pattern: str) -> list[str]:
    """The characters that a text must have for the pattern to match, and that folding takes out of every text."""
    try:
        with warnings.catch_warnings(action="ignore"):
            steps = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return []  # told elsewhere
    return list(dict.fromkeys(_unheard_of(steps)))


def _unheard_of(steps: Iterable[Any]) -> Iterator[str]:
    """What each match needs: choices, and what may be left out, are passed over. `steps` are those of `re`'s parser."""
    step_list = list(steps)
    for step, follower in itertools.zip_longest(step_list, step_list[1:]):
        operation, given = str(step[0]), step[1]
        if operation == "LITERAL":
            character = chr(given)
            if _is_folded_away(character) or (character in _ENDS_OF_SENTENCES and _is_blank(follower)):
                yield character
        elif operation == "SUBPATTERN":
            yield from _unheard_of(given[-1])
        elif operation in _REPEATS and given[0] > 0:
            yield from _unheard_of(given[2])


def _is_folded_away(character: str) -> bool:
    """Whether it is heard neither between letters nor between numbers. A line break in a pattern is meant as one."""
    if character.isalnum() or character.isspace():
        return False
    return character in _EMPHASIS or all(
        character not in folded(f"{beside}{character}{beside}", keeps_case=True) for beside in "a8"
    )


def _is_blank(step: Any) -> bool:
    if step is None:
        return False
    name, given = str(step[0]), step[1]
    if name in _REPEATS:
        return given[0] > 0 and len(given[2]) == 1 and _is_blank(given[2][0])
    return (name == "LITERAL" and given == ord(" ")) or (name == "IN" and str(given[0][1]) == "CATEGORY_SPACE")
