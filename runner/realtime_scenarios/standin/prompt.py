"""What instructions say: facts that a caller may hear, an opening, deeds that a tool does, orders of one response."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from realtime_scenarios.standin.language import pattern, understood, word_set
from realtime_scenarios.standin.matching import Option, lines_about
from realtime_scenarios.standin.words import name_words, sentence_of, sentences_of, unwrapped, words_of

_DEEDS = {verb: {*deed["said"], *deed["done"]} for deed in understood()["deeds"] for verb in deed["said"]}
OrderKind = Literal["words", "greeting", "end", "thanks", "ask for", "unknown"]

_ORDERS: list[tuple[OrderKind, re.Pattern[str]]] = [
    (kind, re.compile(rf"^\W*(?:please )?{form}", re.I))
    for order in understood()["orders_of_a_response"]
    for kind, form in order.items()
]
_LONGEST = 400
"""What is longer is a prompt of its own, and no order."""


def fact_about(question: str, instructions: str) -> str:
    """What of the prompt answers a caller's question: sentences that say how things are, and nothing about what the
    agent is to do; empty where none does."""
    lines = [line for line in unwrapped(instructions).splitlines() if not line.lstrip().startswith("#")]
    facts: list[str] = []
    for sentence in sentences_of("\n".join(lines)):
        label = pattern("labelled").match(sentence)
        says = label or (len(sentence.split()) > 3 and pattern("states_a_fact").search(sentence))
        if says and not pattern("for_the_agent").search(sentence, label.end() if label else 0):
            facts.append(sentence)
    return " ".join(map(sentence_of, lines_about(question, facts)))


def opening_line(instructions: str) -> str | None:
    """The words that an author's instructions want said first, where they quote them."""
    found = pattern("opening").search(instructions[:4_000])
    return found["line"].strip() if found else None


def shares_a_deed(text: str, option: Option) -> bool:
    """Whether the option does what the text wants done, where that is a deed: to book is not to look a booking up."""
    wanted = next((word for word in words_of(text) if word not in word_set("before_a_deed")), "")
    return wanted not in _DEEDS or not _DEEDS[wanted].isdisjoint(_words_in(option))


@lru_cache(maxsize=256)
def _words_in(option: Option) -> frozenset[str]:
    texts = [option.description, *option.examples, *option.hints]
    return frozenset(word for text in texts for word in words_of(text)) | frozenset(name_words(option.name))


def order_in(instructions: str) -> tuple[OrderKind, str] | None:
    """The one thing that the instructions want, with the words to be said or what is to be asked for; None where they
    are a prompt for an agent."""
    text = instructions.strip()
    if not 0 < len(text) <= _LONGEST or "\n#" in text or re.match(r"(?:#|you are\b|you're\b|act as\b)", text, re.I):
        return None
    for kind, form in _ORDERS:
        if found := form.match(text):
            words = (found.groupdict().get("words") or "").strip()
            return kind, words if kind == "ask for" else f"{words[:1].upper()}{words[1:]}"
    return "unknown", ""
