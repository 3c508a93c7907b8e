"""Patterns that decide nothing: every text matches them, or none does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.slips import patterns_of
from realtime_scenarios.model.tool import specs_of

_ATOM = re.compile(r"(?P<atom>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)(?P<quantifier>[*+?]|\{\d*,?\d*\})?[?+]?", re.DOTALL)
_MAY_BE_MISSING = re.compile(r"[*?]|\{0*(?:,\d*)?\}")
_BEGINNING, _END = ("^", r"\A"), ("$", r"\Z", r"\z")
_WITHOUT_WIDTH = (*_BEGINNING, *_END, r"\b", r"\B", "(", ")")
_MAY_BE_A_LINE_FEED = (r"\n", r"\s", r"\W", r"\D", "\n", "[")
_LOOKS_AROUND = re.compile(r"\(\?(?:[=!]|<[=!])")
_UNLIKE_ANYTHING = ("", "Zq7 ~", "\u00e9_9!")
"""Texts that nothing but a pattern for everything matches all of."""


class _Atom(Struct, frozen=True):
    """A character, class, anchor or bracket of a pattern. `is_optional`: it need not be there."""

    text: str
    is_optional: bool


@rule("SC538", "pattern-without-effect", "warning")
def pattern_without_effect(subject: Subject) -> Iterator[Finding]:
    """Every text matches a pattern, or none does but the empty one.

    Problem: `.*` checks nothing and stops everything; and nothing comes after the end, so that `$50` matches no text.
    Instead: leave the pattern out, or put a `\\` before a sign that stands for itself: `\\$50`.
    """
    for pattern, place in _patterns_in(subject):
        if (finding := _finding_about(pattern, place)) is not None:
            yield finding


def _finding_about(pattern: str, place: Place) -> Finding | None:
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None  # that is told where it is read
    atoms = [_Atom(found["atom"], _is_optional(found["quantifier"])) for found in _ATOM.finditer(pattern)]
    if (sign := _misplaced_anchor(atoms)) is not None:
        where = "comes after the end" if sign in _END else "comes before the beginning"
        hint = f"put a '\\' before '{sign}' where it stands for itself"
        return Finding(f"no text matches {pattern}: nothing {where}", place.span, hint)
    if _is_for_nothing(atoms) and compiled.search("") is not None:
        return Finding(f"only the empty text matches {pattern}", place.span, "say what it is to look like")
    if "never_said" in place.pointer:
        return None  # that nothing is said at all can be asked for
    is_bounded = any(atom.text in _END for atom in atoms) and "{" in pattern
    is_for_all = not is_bounded and not _LOOKS_AROUND.search(pattern) and all(map(compiled.search, _UNLIKE_ANYTHING))
    return Finding(f"every text matches {pattern}", place.span, "say more, or leave it out") if is_for_all else None


def _is_optional(quantifier: str | None) -> bool:
    return quantifier is not None and _MAY_BE_MISSING.fullmatch(quantifier) is not None


def _misplaced_anchor(atoms: list[_Atom]) -> str | None:
    """The anchor that keeps any text from matching; None where there is none, or where it takes more to tell.

    Inside of groups nothing is looked at: they may be one way of several.
    """
    if any(atom.text == "|" for atom in atoms) or [atom.text for atom in atoms[:2]] == ["(", "?"]:
        return None
    ended: str | None = None
    has_begun = False
    depth = 0
    for atom in atoms:
        depth += {"(": 1, ")": -1}.get(atom.text, 0)
        if depth or atom.is_optional or atom.text == ")":
            continue
        if atom.text in _BEGINNING and has_begun:
            return atom.text
        if atom.text in _END:
            ended = ended or atom.text
        elif atom.text not in _WITHOUT_WIDTH:
            if ended is not None and not atom.text.startswith(_MAY_BE_A_LINE_FEED):
                return ended
            has_begun = True
    return None


def _is_for_nothing(atoms: list[_Atom]) -> bool:
    texts = {atom.text for atom in atoms}
    return texts <= {*_WITHOUT_WIDTH} and not texts.isdisjoint(_BEGINNING) and not texts.isdisjoint(_END)


def _patterns_in(subject: Subject) -> Iterator[tuple[str, Place]]:
    yield from patterns_of(subject.scenario)
    for tool in specs_of(subject.scenario.tools).values():
        for field in tool.approval.fields.values() if tool.approval is not None else ():
            if field.pattern is not None:
                yield field.pattern, field.place / "pattern"
    for dialogue in {dialogue.script: dialogue for dialogue in subject.dialogues}.values():
        yield from _matchers_below(dialogue.place, dialogue.place.value)


def _matchers_below(place: Place, value: Any) -> Iterator[tuple[str, Place]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "matches" and isinstance(inner, str):
                yield inner, place / key
            else:
                yield from _matchers_below(place / key, inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _matchers_below(place / index, inner)
