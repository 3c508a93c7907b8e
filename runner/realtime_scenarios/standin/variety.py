"""An answer that was just given, in other words: a caller must not hear one sentence three times in a row."""

from __future__ import annotations

from collections.abc import Sequence

from realtime_scenarios.standin.offers import Offer
from realtime_scenarios.standin.persons import NO_PERSON
from realtime_scenarios.standin.smalltalk import DO_NOT_KNOW, for_example
from realtime_scenarios.standin.spoken import CANCELLED, FAILED, NOT_THERE, REFUSED, TOO_SLOW

OWN_UP = "I am only an offline stand-in with fixed rules, so I may not have understood you."
_AGAIN = {
    NOT_THERE: "I have nothing on that either.",
    REFUSED: "I still cannot do that.",
    FAILED: "That still does not work.",
    TOO_SLOW: "That took too long again.",
    CANCELLED: "All right, not that either.",
    NO_PERSON: "I still cannot reach a person.",
    DO_NOT_KNOW: "I still do not know how to help with that.",
}
_MOST_LOOKED_BACK = 12


def in_other_words(text: str, before: Sequence[str], offers: Sequence[Offer]) -> str:
    """The text, or another way to say it where it was among the last things said. `before` is newest first."""
    ways = _ways(text, offers)
    times = 0
    for said in before[:_MOST_LOOKED_BACK]:
        if said not in ways:
            break
        times += 1
    return ways[times % len(ways)]


def _ways(text: str, offers: Sequence[Offer]) -> tuple[str, ...]:
    """The text first. A refusal is put differently at once, anything else is said twice before."""
    for refusal, again in _AGAIN.items():
        if text.startswith(refusal):
            rest = text[len(refusal) :].strip()
            rest = rest if refusal == NOT_THERE else ""
            example = for_example(offers)
            return text, _joined(again, rest, example), _joined(OWN_UP, rest, for_example(offers, skip=1))
    return (text, text, _joined(OWN_UP if text.endswith("?") else "Once more:", text))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
