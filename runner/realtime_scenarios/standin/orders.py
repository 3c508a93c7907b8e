"""The instructions of a single response: words that are ordered, a courtesy, or what the stand-in cannot do."""

from __future__ import annotations

import re
from typing import Literal

_QUOTED_WORDS = re.compile(
    r"^\W*(?:please )?(?:say|repeat|read|speak|tell|greet|respond|answer|reply|open|begin|start|"
    r"announce)\b[^\"“«']*[\"“«'](?P<words>.+)[\"”»']\W*$",
    re.I | re.S,
)
_WORDS_BEHIND_A_COLON = re.compile(
    r"^\W*(?:please )?(?:say|repeat|read|speak|respond with|answer with|"
    r"reply with)\b[^:\n]{0,60}:\s*(?P<words>[^\n]+)$",
    re.I,
)
_SAY = re.compile(
    r"^\W*(?:please )?say (?P<words>(?:hello|hi|good (?:morning|evening|afternoon|day)|goodbye|bye|"
    r"thank you|thanks|sorry|yes|no|welcome)(?: there)?)\b",
    re.I,
)
_COURTESIES: tuple[tuple[Literal["greeting", "end", "thanks"], re.Pattern[str]], ...] = (
    ("greeting", re.compile(r"^\W*(?:please )?(?:greet|welcome)\b", re.I)),
    ("end", re.compile(r"^\W*(?:please )?(?:end the (?:call|conversation)|say your goodbyes)\b", re.I)),
    ("thanks", re.compile(r"^\W*(?:please )?thank\b", re.I)),
)
_ASK_FOR = re.compile(
    r"^\W*(?:please )?ask (?:the \w+|them|him|her|me)? ?for (?:their|his|her|the|a|an|"
    r"my) (?P<thing>[\w' -]{2,40}?)\W*$",
    re.I,
)
_ASK = re.compile(r"^\W*(?:please )?ask\b[^\"“]*[\"“](?P<words>[^\"”]+)[\"”]\W*$", re.I)
_LONGEST = 400
"""What is longer is a prompt of its own, and no order."""


def is_order(instructions: str) -> bool:
    """Whether the instructions want one thing said or done, and are no prompt for an agent."""
    text = instructions.strip()
    return (
        bool(text)
        and len(text) <= _LONGEST
        and "\n#" not in text
        and not re.match(r"(?:#|you are\b|you're\b|act as\b)", text, re.I)
    )


def ordered_words(instructions: str) -> str | None:
    """The words that a response was ordered with; None where it was not."""
    for pattern in (_ASK, _QUOTED_WORDS, _WORDS_BEHIND_A_COLON, _SAY):
        if found := pattern.match(instructions):
            words = found["words"].strip()
            return f"{words[:1].upper()}{words[1:]}" + ("." if pattern is _SAY else "")
    return None


def ordered_courtesy(instructions: str) -> Literal["greeting", "end", "thanks"] | None:
    return next((kind for kind, pattern in _COURTESIES if pattern.match(instructions)), None)


def thing_to_ask_for(instructions: str) -> str | None:
    """What the caller is to be asked for: `Ask the caller for their name` is `name`; None where it is nothing."""
    found = _ASK_FOR.match(instructions)
    return found["thing"].strip() if found else None
