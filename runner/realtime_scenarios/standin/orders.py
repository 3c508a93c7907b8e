"""The instructions of a single response: words that are ordered, a courtesy, or what the stand-in cannot do."""

from __future__ import annotations

import re
from typing import Literal

_PLEASE = r"^\W*(?:please )?"
_WORDS = (
    re.compile(rf"{_PLEASE}ask\b[^\"“]*[\"“](?P<words>[^\"”]+)[\"”]\W*$", re.I),
    re.compile(
        rf"{_PLEASE}(?:say|repeat|read|speak|tell|greet|respond|answer|reply|open|begin|start|announce)\b[^\"“«']*"
        r"[\"“«'](?P<words>.+)[\"”»']\W*$",
        re.I | re.S,
    ),
    re.compile(
        rf"{_PLEASE}(?:say|repeat|read|speak|(?:respond|answer|reply) with)\b[^:\n]{{0,60}}:\s*(?P<words>[^\n]+)$", re.I
    ),
    re.compile(rf"{_PLEASE}say (?P<words>[\w' ]{{2,30}}?)(?: to (?:the|your) \w+)?\W*$", re.I),
)
_COURTESIES: tuple[tuple[Literal["greeting", "end", "thanks"], re.Pattern[str]], ...] = (
    ("greeting", re.compile(rf"{_PLEASE}(?:greet|welcome)\b", re.I)),
    ("end", re.compile(rf"{_PLEASE}(?:end the (?:call|conversation)|say your goodbyes)\b", re.I)),
    ("thanks", re.compile(rf"{_PLEASE}thank\b", re.I)),
)
_ASK_FOR = re.compile(
    rf"{_PLEASE}ask (?:the \w+|them|him|her|me)? ?for (?:their|his|her|the|an?|my) (?P<thing>[\w' -]{{2,40}}?)\W*$",
    re.I,
)
_LONGEST = 400
"""What is longer is a prompt of its own, and no order."""


def is_order(instructions: str) -> bool:
    """Whether the instructions want one thing said or done, and are no prompt for an agent."""
    text = instructions.strip()
    is_prompt = "\n#" in text or re.match(r"(?:#|you are\b|you're\b|act as\b)", text, re.I)
    return 0 < len(text) <= _LONGEST and not is_prompt


def ordered_words(instructions: str) -> str | None:
    """The words that a response was ordered with; None where it was not."""
    found = next(filter(None, (pattern.match(instructions) for pattern in _WORDS)), None)
    words = found["words"].strip() if found else ""
    is_whole = not words[-1:].isalnum() or (found is not None and found.re is not _WORDS[-1])
    return f"{words[:1].upper()}{words[1:]}{'' if is_whole else '.'}" if words else None


def ordered_courtesy(instructions: str) -> Literal["greeting", "end", "thanks"] | None:
    return next((kind for kind, pattern in _COURTESIES if pattern.match(instructions)), None)


def thing_to_ask_for(instructions: str) -> str | None:
    """What the caller is to be asked for: `Ask the caller for their name` is `name`; None where it is nothing."""
    found = _ASK_FOR.match(instructions)
    return found["thing"].strip() if found else None
