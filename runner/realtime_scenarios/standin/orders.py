"""The instructions of a single response: words that are ordered, a courtesy, or what the stand-in cannot do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["words", "greeting", "end", "thanks", "ask for", "unknown"]

_SAY = r"(?:say|repeat|read|speak|(?:respond|answer|reply) with)"
_BEGIN = r"(?:say|repeat|read|speak|tell|greet|respond|answer|reply|open|begin|start|announce)"
_ORDERS: tuple[tuple[Kind, str], ...] = (
    ("words", r"ask\b[^\"“]*[\"“](?P<words>[^\"”]+)[\"”]\W*$"),
    ("words", rf"{_BEGIN}\b[^\"“«']*[\"“«'](?P<words>(?s:.+))[\"”»']\W*$"),
    ("words", rf"{_SAY}\b[^:\n]{{0,60}}:\s*(?P<words>[^\n]+)$"),
    ("end", r"(?:end the (?:call|conversation)|say your goodbyes)\b"),
    ("words", r"say (?P<words>[\w' ]{2,30}?)(?: to (?:the|your) \w+)?\W*$"),
    ("greeting", r"(?:greet|welcome)\b"),
    ("thanks", r"thank\b"),
    ("ask for", r"ask (?:the \w+ |them |him |her |me )?for (?:their|his|her|the|an?|my) (?P<words>[\w' -]{2,40}?)\W*$"),
)
_PATTERNS = [(kind, re.compile(rf"^\W*(?:please )?{pattern}", re.I)) for kind, pattern in _ORDERS]
_LONGEST = 400
"""What is longer is a prompt of its own, and no order."""


@dataclass(frozen=True, slots=True)
class Order:
    """`words` are those that are to be said, or what is to be asked for."""

    kind: Kind
    words: str = ""


def order_in(instructions: str) -> Order | None:
    """The one thing that the instructions want said or done; None where they are a prompt for an agent."""
    text = instructions.strip()
    if not 0 < len(text) <= _LONGEST or "\n#" in text or re.match(r"(?:#|you are\b|you're\b|act as\b)", text, re.I):
        return None
    for kind, pattern in _PATTERNS:
        if found := pattern.match(text):
            words = (found.groupdict().get("words") or "").strip()
            return Order(kind, words if kind == "ask for" else f"{words[:1].upper()}{words[1:]}")
    return Order("unknown")
