"""What a caller says in a state as the values it holds, whether they were confirmed, and how often it was in vain."""

from __future__ import annotations

import datetime
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.standin.arguments import IN_PASSING, Evidence, Filling, Memory, filled
from realtime_scenarios.standin.conversation import Called, Conversation, Said
from realtime_scenarios.standin.marks import SET_STATE_TOOL
from realtime_scenarios.standin.offers import Offer
from realtime_scenarios.standin.smalltalk import smalltalk_in
from realtime_scenarios.standin.states import since_entry
from realtime_scenarios.standin.values import amended, is_no, is_yes
from realtime_scenarios.standin.words import words_of

MOST_ASKED = 3
"""So often the same thing is asked before it is given up; then it may begin anew."""
_ASIDE = frozenset(["greeting", "thanks", "goodbye", "who", "help", "repeat"])
_CORRECTS = re.compile(
    r"\b(?:wrong|incorrect|mistake|misheard|chang\w*|correct(?:ed|ion)|actually|instead|another|different\w*)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of the caller's answers so far, the newest included.

    `confirmed`: they said yes to the values that were read back. `misses` counts the answers in vain since the last
    one that was of use. `withdrawn`: the newest was a no to the values, without another.
    """

    found: Filling = field(default_factory=Filling)
    confirmed: bool = False
    misses: int = 0
    withdrawn: bool = False


def heard_in(
    offer: Offer,
    answers: Sequence[str],
    memory: Memory,
    today: datetime.date | None,
    *,
    known: Mapping[tuple[str, ...], Any],
    reads_back: bool = False,
) -> Heard:
    """The answers taken in one after the other, each as one to the question that was open then.

    `known` are values, by path, that need no question. `reads_back`: the values were read to the caller as soon as they
    were complete.
    """
    evidence: list[Evidence] = []
    heard = Heard(filled(offer, evidence, memory, today, known))
    for text in answers:
        found = heard.found
        if found.missing is None and reads_back:
            path = offer.slots[0].path if len(offer.slots) == 1 else IN_PASSING
            ends = [amended(value, text) for value in found.arguments.values()]
            text = next(filter(None, ends), text)
            newer = [*evidence, Evidence(text, path)]
            again = filled(offer, newer, memory, today, known)
            alone = filled(offer, newer[-1:], memory, today)
            if alone.missing is None and alone.arguments == found.arguments and not corrects(text):
                heard = Heard(found, confirmed=True)  # said once more
            elif again.arguments != found.arguments and not is_plain_yes(text):
                evidence, heard = newer, Heard(again)
            elif is_yes(text) and heard.misses % (MOST_ASKED + 1) < MOST_ASKED:  # what was given up takes no yes
                heard = Heard(found, confirmed=True)
            elif is_no(text):
                evidence = []
                heard = Heard(filled(offer, evidence, memory, today), withdrawn=True)
            else:
                heard = Heard(found, misses=heard.misses + 1)
            continue
        newer = [*evidence, Evidence(text, found.missing.path if found.missing else IN_PASSING)]
        again = filled(offer, newer, memory, today, known)
        if again.arguments == found.arguments and again.missing == found.missing:
            heard = Heard(found, misses=heard.misses + 1)
        else:
            evidence, heard = newer, Heard(again)
    return heard


def answers_here(conversation: Conversation, own: Container[str], after: Container[str] = ()) -> list[str]:
    """What the caller said in this state in answer to the agent, oldest first.

    Small talk is no answer, nor is a wish that led to another tool than the state's `own`. `after`: only what was said
    after the first of these was used.
    """
    entries = since_entry(conversation)
    if after:
        used = (at for at, entry in enumerate(entries) if isinstance(entry, Called) and entry.name in after)
        entries = entries[next(used, len(entries)) :]
    return list(_answers(entries, own))


def said_on_entry(conversation: Conversation) -> str:
    """What the caller said last before the state was entered, where nothing was said or asked in between."""
    before = conversation.entries[: len(conversation.entries) - len(since_entry(conversation))]
    for at in range(len(before) - 1, -1, -1):
        entry = before[at]
        if isinstance(entry, Said):
            moves = [move for move in before[at:] if isinstance(move, Called) and move.name == SET_STATE_TOOL]
            return entry.text if entry.role == "user" and len(moves) < 2 else ""
    return ""


def corrects(text: str) -> bool:
    """Whether the words turn down what was said before, or want it changed."""
    return (is_no(text) and not is_yes(text)) or bool(_CORRECTS.search(text))


def is_plain_yes(text: str) -> bool:
    return is_yes(text) and (smalltalk_in(text) == "yes" or len(words_of(text)) < 3)


def _answers(entries: Sequence[Any], own: Container[str]) -> Iterator[str]:
    asked = False
    answer: str | None = None
    for entry in entries:
        if isinstance(entry, Said):
            if answer is not None:
                yield answer
            counts = asked and words_of(entry.text) and smalltalk_in(entry.text) not in _ASIDE
            answer = entry.text if counts and entry.role == "user" else None
            asked = asked or entry.role == "assistant"
        elif isinstance(entry, Called) and entry.name not in own:
            answer = None
    if answer is not None:
        yield answer
