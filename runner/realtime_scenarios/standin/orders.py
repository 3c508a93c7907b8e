"""The instructions of a single response: words that are ordered, a courtesy, or what the stand-in cannot do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from realtime_scenarios.standin.language import understood

Kind = Literal["words", "greeting", "end", "thanks", "ask for", "unknown"]

_ORDERS: list[tuple[Kind, re.Pattern[str]]] = [
    (kind, re.compile(rf"^\W*(?:please )?{pattern}", re.I))
    for order in understood()["orders_of_a_response"]
    for kind, pattern in order.items()
]
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
    for kind, pattern in _ORDERS:
        if found := pattern.match(text):
            words = (found.groupdict().get("words") or "").strip()
            return Order(kind, words if kind == "ask for" else f"{words[:1].upper()}{words[1:]}")
    return Order("unknown")
